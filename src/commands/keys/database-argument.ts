// Database numbers as arguments: MOVE, COPY, SWAPDB. Redis reads them as 32-bit integers and says so
// when they are none.

import type { Database } from '../../engine/database.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession } from '../context.ts';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** Argument `i` as a 32-bit integer; NaN when it is none. */
export function int32Argument(request: Request, i: number): number {
  const value = request.integer(i);
  return value >= INT32_MIN && value <= INT32_MAX ? value : Number.NaN;
}

/** The database that argument `i` names; undefined after an error reply. */
export function databaseArgument(
  session: DataSession,
  request: Request,
  i: number,
  reply: ReplyWriter,
): Database | undefined {
  const value = request.integer(i);
  if (Number.isNaN(value)) {
    reply.error(errors.notInteger);
    return undefined;
  }
  if (value < INT32_MIN || value > INT32_MAX) {
    reply.error(errors.notBetween(INT32_MIN, INT32_MAX));
    return undefined;
  }
  const db = value < 0 ? undefined : session.server.engine.databases[value];
  if (db === undefined) reply.error(errors.dbOutOfRange);
  return db;
}
