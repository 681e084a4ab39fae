// Strings that are changed in place: SETRANGE, SETBIT, BITFIELD, PFADD. They are `raw` from then on.

import { Encoding, NO_EXPIRY } from '../../engine/record.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession, Ref } from '../context.ts';

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * The string at argument `i` with room for `length` bytes, new ones zero; created when `ref` is 0.
 * `ref` must come from `writeKey`. The change itself is the caller's to make and to tell.
 */
export function makeRoom(
  session: DataSession,
  request: Request,
  i: number,
  ref: Ref,
  length: number,
): Ref {
  const db = session.db;
  const { buffer, starts, ends } = request;
  if (ref === 0) {
    db.setString(buffer, starts[i], ends[i], EMPTY, 0, 0, Encoding.raw, NO_EXPIRY);
  } else if (db.valueLength(ref) >= length) {
    if (db.encoding(ref) !== Encoding.raw) db.setEncoding(ref, Encoding.raw);
    return ref;
  }
  return db.growString(buffer, starts[i], ends[i], length);
}
