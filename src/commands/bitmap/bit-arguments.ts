// Bit offsets and what they are checked against.

import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { parseInteger } from '../../util/integer.ts';
import type { DataSession } from '../context.ts';

const HASH = 0x23;

/**
 * The bit offset at argument `i`; with `fieldBits` also in the form `#n`, the n-th field of that
 * width. -1 after an error reply.
 */
export function bitOffset(
  session: DataSession,
  request: Request,
  i: number,
  fieldBits: number,
  reply: ReplyWriter,
): number {
  const start = request.starts[i];
  const inFields = fieldBits > 0 && request.buffer[start] === HASH && request.length(i) > 0;
  const value = parseInteger(request.buffer, start + (inFields ? 1 : 0), request.ends[i]);
  const offset = inFields ? value * fieldBits : value;
  const limit = session.server.settings.protoMaxBulkLen * 8;
  if (offset >= 0 && (offset < limit || session.role === 'master')) return offset;
  reply.error(errors.bitOffset);
  return -1;
}
