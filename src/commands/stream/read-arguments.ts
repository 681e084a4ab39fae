// The arguments of XREAD and XREADGROUP.

import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { BAD_TIMEOUT, blockingDeadlineMs } from '../blocking-timeout.ts';
import type { DataSession } from '../context.ts';

export interface ReadPlan {
  /** 0: all. */
  readonly count: number;
  /** Wall clock, 0 for ever; undefined: does not wait. */
  readonly deadlineMs: number | undefined;
  /** Arguments [keysAt, keysAt + keys) are keys, as many behind are their ids. */
  readonly keysAt: number;
  readonly keys: number;
  /** Argument of the group's name, the consumer's follows; 0: XREAD. */
  readonly groupAt: number;
  readonly noAck: boolean;
}

/** Reads the arguments; undefined after an error reply. */
export function readPlan(
  session: DataSession,
  request: Request,
  isGroup: boolean,
  reply: ReplyWriter,
): ReadPlan | undefined {
  const fail = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  let count = 0;
  let deadlineMs: number | undefined;
  let groupAt = 0;
  let noAck = false;
  for (let i = 1; i < request.count; i++) {
    const more = request.count - 1 - i;
    if (more > 0 && request.is(i, 'BLOCK')) {
      deadlineMs = blockingDeadlineMs(session, request, ++i, reply);
      if (deadlineMs === BAD_TIMEOUT) return undefined;
    } else if (more > 0 && request.is(i, 'COUNT')) {
      count = Math.max(0, request.integer(++i));
      if (Number.isNaN(count)) return fail(errors.notInteger);
    } else if (more > 0 && request.is(i, 'STREAMS')) {
      if (more % 2 === 1) {
        const name = isGroup ? 'xreadgroup' : 'xread';
        return fail(errors.streamsUnbalanced(name, isGroup ? '>' : '$'));
      }
      if (isGroup && groupAt === 0) return fail(errors.xreadgroupWithoutGroup);
      return { count, deadlineMs, keysAt: i + 1, keys: more / 2, groupAt, noAck };
    } else if (more > 1 && request.is(i, 'GROUP')) {
      if (!isGroup) return fail(errors.xreadGroup);
      groupAt = i + 1;
      i += 2;
    } else if (request.is(i, 'NOACK')) {
      if (!isGroup) return fail(errors.xreadNoack);
      noAck = true;
    } else return fail(errors.syntax);
  }
  return fail(errors.syntax);
}
