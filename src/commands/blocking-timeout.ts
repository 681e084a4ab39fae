// The timeout of a blocking command: seconds with decimals, or whole milliseconds; 0 for ever.

import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
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
  if (Number.isNaN(seconds)) reply.error(errors.timeoutNotFloat);
  else if (ms < 0) reply.error(errors.timeoutNegative);
  else if (ms >= LIMIT_MS - now) reply.error(errors.timeoutOutOfRange);
  else return ms === 0 ? 0 : ms + now;
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
