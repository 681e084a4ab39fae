// The timeout of a blocking command: seconds with decimals, or whole milliseconds; 0 for ever.

import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import { parseLongDouble } from '../util/long-double.ts';
import type { DataSession } from './context.ts';

/** Deadlines are int64 milliseconds. */
const LIMIT_MS = 2 ** 63;
export const BAD_TIMEOUT = -1;

/** When the wait of argument `i` ends by the wall clock in ms, 0 for never; BAD_TIMEOUT after an error reply. */
export function blockingDeadline(
  session: DataSession,
  request: Request,
  i: number,
  reply: ReplyWriter,
): number {
  const seconds = request.double(i);
  const ms = Math.ceil(seconds * 1000);
  const now = session.server.nowMs();
  if (Number.isNaN(seconds)) return longDeadline(session, request, i, reply);
  if (ms < 0) reply.error(errors.timeoutNegative);
  else if (ms >= LIMIT_MS - now) reply.error(errors.timeoutOutOfRange);
  else return ms === 0 ? 0 : ms + now;
  return BAD_TIMEOUT;
}

/** The same for what no double holds: Redis reads a long double, whose exponents reach further. */
function longDeadline(
  session: DataSession,
  request: Request,
  i: number,
  reply: ReplyWriter,
): number {
  const value = parseLongDouble(request.buffer, request.starts[i], request.ends[i]);
  if (value === undefined) reply.error(errors.timeoutNotFloat);
  else if (value.exponent < 0) return value.mantissa > 0n ? session.server.nowMs() + 1 : 0;
  else reply.error(value.mantissa > 0n ? errors.timeoutOutOfRange : errors.timeoutNegative);
  return BAD_TIMEOUT;
}

/** The same for whole milliseconds (XREAD). */
export function blockingDeadlineMs(
  session: DataSession,
  request: Request,
  i: number,
  reply: ReplyWriter,
): number {
  const ms = request.integer(i);
  const now = session.server.nowMs();
  if (Number.isNaN(ms)) reply.error(errors.timeoutNotInteger);
  else if (ms < 0) reply.error(errors.timeoutNegative);
  else if (ms >= LIMIT_MS - now) reply.error(errors.timeoutOutOfRange);
  else return ms === 0 ? 0 : ms + now;
  return BAD_TIMEOUT;
}
