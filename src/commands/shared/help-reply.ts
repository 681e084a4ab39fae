// The reply of every HELP subcommand: a header that names the container as it was typed, the lines,
// and a footer about HELP itself.

import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';

export function helpReply(request: Request, reply: ReplyWriter, lines: readonly string[]): void {
  const container = request.text(0).toUpperCase();
  reply.array(lines.length + 3);
  reply.simple(`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) reply.simple(line);
  reply.simple('HELP');
  reply.simple('    Print this help.');
}
