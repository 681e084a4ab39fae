// DEBUG POPULATE: fills the database with small strings, for tests and measurements. Not propagated.

import { Encoding, NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession } from '../context.ts';

/** Longest value that Redis stores beside its header. */
const EMBSTR_LIMIT = 44;
const MAX_COUNT = 2 ** 53;

/** `POPULATE count [prefix] [size]`: keys `prefix:i` with values `value:i`, cut or padded to the size. */
export function debugPopulate(session: DataSession, request: Request, reply: ReplyWriter): void {
  const count = request.integer(2);
  const size = request.count === 5 ? request.integer(4) : 0;
  if (!(count >= 0 && size >= 0 && count < MAX_COUNT)) {
    reply.error(errors.notPositive);
    return;
  }
  const prefix = request.count > 3 ? request.text(3) : 'key';
  const padded = Buffer.alloc(size);
  for (let i = 0; i < count; i++) {
    const key = Buffer.from(`${prefix}:${i}`, 'latin1');
    if (session.db.lookupWrite(key, 0, key.length) !== 0) continue;
    const text = Buffer.from(`value:${i}`, 'latin1');
    if (size === 0) add(session, key, text);
    else {
      padded.fill(0);
      text.copy(padded);
      add(session, key, padded);
    }
  }
  session.propagateNothing();
  reply.ok();
}

function add(session: DataSession, key: Buffer, value: Buffer): void {
  const { db } = session;
  const encoding = value.length <= EMBSTR_LIMIT ? Encoding.embstr : Encoding.raw;
  db.setString(key, 0, key.length, value, 0, value.length, encoding, NO_EXPIRY);
  // No keyspace event and not dirty, but whoever watches or tracks the key is told.
  db.changed(key, 0, key.length, 0, '', 0);
}
