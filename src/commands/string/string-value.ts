// What the string commands share: which encoding a value gets, and room for numbers on their way
// into the keyspace. The encodings are what OBJECT ENCODING tells; the bytes are the same for all.

import { Encoding, NO_EXPIRY } from '../../engine/record.ts';
import type { Request } from '../../protocol/request.ts';
import { isCanonicalInteger, writeInteger } from '../../util/integer.ts';
import type { DataSession } from '../context.ts';

/** Longest value that Redis stores beside its header. */
const EMBSTR_LIMIT = 44;
/** Digits and sign of the least 64-bit integer: nothing longer can be one. */
const INTEGER_LIMIT = 20;

/** How SET stores b[start..end). Values of 21 bytes and more are never looked at. */
export function stringEncoding(b: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length > EMBSTR_LIMIT) return Encoding.raw;
  if (length <= INTEGER_LIMIT && length > 0) {
    // Most values are text; one look at the first byte spares them the scan.
    const first = b[start];
    if ((first === 0x2d || (first >= 0x30 && first <= 0x39)) && isCanonicalInteger(b, start, end)) {
      return Encoding.int;
    }
  }
  return Encoding.embstr;
}

/** Stores argument `value` under the key at argument `name`. */
export function storeString(
  session: DataSession,
  request: Request,
  name: number,
  value: number,
  expiry: number,
): void {
  const { buffer, starts, ends } = request;
  const start = starts[value];
  const end = ends[value];
  const encoding = stringEncoding(buffer, start, end);
  session.db.assignString(buffer, starts[name], ends[name], buffer, start, end, encoding, expiry);
}

/** Numbers are written here and copied into the arena at once; nobody may keep a view of it. */
export const scratch: Buffer = Buffer.alloc(32);

/** Stores a safe integer under the key b[s..e). */
export function storeInteger(
  session: DataSession,
  b: Buffer,
  s: number,
  e: number,
  value: number,
  expiry: number = NO_EXPIRY,
): void {
  const end = writeInteger(scratch, 0, value);
  session.db.setString(b, s, e, scratch, 0, end, Encoding.int, expiry);
}
