// What a client is told about a command that does not exist, cut where Redis cuts it.

import { errors } from '../protocol/errors.ts';
import type { Request } from '../protocol/request.ts';
import type { CommandTable } from './command-table.ts';

const MAX_SHOWN = 128;
const LINE_BREAKS = /[\r\n]/g;

/** The whole error text for a request that `table` has no command for. */
export function unknownCommandText(table: CommandTable, request: Request): string {
  const container = table.find(request.buffer, request.starts[0], request.ends[0]);
  if (container !== undefined && request.count > 1) {
    return clean(errors.unknownSubcommand(shown(request, 1), request.text(0)));
  }
  let args = '';
  for (let i = 1; i < request.count && args.length < MAX_SHOWN; i++) {
    const room = MAX_SHOWN - args.length;
    args += `'${head(request, i, room)}' `;
  }
  return clean(errors.unknownCommand(shown(request, 0), args));
}

function shown(request: Request, i: number): string {
  return head(request, i, MAX_SHOWN);
}

/** At most `room` bytes, and none from a NUL on: the text was made for C's printf. */
function head(request: Request, i: number, room: number): string {
  const text = request.buffer.toString(
    'latin1',
    request.starts[i],
    Math.min(request.ends[i], request.starts[i] + room),
  );
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

function clean(text: string): string {
  return text.replace(LINE_BREAKS, ' ');
}
