// WAIT and WAITAOF on a node without replicas: nobody acknowledges anything, so a client that asks
// for more than nobody waits until its time is over.

import { type Blocked, blocked } from '../../dispatch/blocking.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { EXPIRY_OVERFLOW, expiryArgument, MILLISECONDS } from '../expiry-argument.ts';

/** The wall clock time at which the timeout of argument `i` ends, 0 for never; -1 after an error reply. */
function deadline(session: DataSession, request: Request, i: number, reply: ReplyWriter): number {
  const timeoutMs = request.integer(i);
  const atMs = expiryArgument(request, i, MILLISECONDS, session.server.nowMs());
  if (Number.isNaN(timeoutMs)) reply.error(errors.timeoutNotInteger);
  else if (timeoutMs < 0) reply.error(errors.timeoutNegative);
  else if (atMs === EXPIRY_OVERFLOW) reply.error(errors.timeoutOutOfRange);
  else return timeoutMs === 0 ? 0 : atMs;
  return -1;
}

export const wait: DataCommand = {
  name: 'wait',
  summary: 'Waits until replicas have acknowledged the writes of this connection.',
  since: '3.0.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 3,
  flags: [],
  categories: ['connection'],
  syntax: 'numreplicas:integer timeout:integer',
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  run(session, request, reply): Blocked | undefined {
    const replicas = request.integer(1);
    if (Number.isNaN(replicas)) {
      reply.error(errors.notInteger);
      return undefined;
    }
    const deadlineMs = deadline(session, request, 2, reply);
    if (deadlineMs < 0) return undefined;
    if (replicas <= 0 || session.denyBlocking) {
      reply.integer(0);
      return undefined;
    }
    return blocked({ keys: [], kind: 'wait', deadlineMs, onTimeout: (late) => late.integer(0) });
  },
};

function replyNobody(reply: ReplyWriter): void {
  reply.array(2);
  reply.integer(0);
  reply.integer(0);
}

export const waitaof: DataCommand = {
  name: 'waitaof',
  summary: 'Waits until the writes of this connection are on disk, here and on replicas.',
  since: '7.2.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 4,
  flags: ['noscript'],
  categories: ['connection'],
  syntax: 'numlocal:integer numreplicas:integer timeout:integer',
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  run(session, request, reply): Blocked | undefined {
    const local = request.integer(1);
    const replicas = request.integer(2);
    if (Number.isNaN(local)) {
      reply.error(errors.notInteger);
      return undefined;
    }
    if (local < 0 || local > 1) {
      reply.error(errors.notBetween(0, 1));
      return undefined;
    }
    if (Number.isNaN(replicas) || replicas < 0) {
      reply.error(errors.notPositive);
      return undefined;
    }
    const deadlineMs = deadline(session, request, 3, reply);
    if (deadlineMs < 0) return undefined;
    if (local > 0) {
      reply.error(errors.waitaofWithoutAof);
      return undefined;
    }
    if (replicas === 0 || session.denyBlocking) {
      replyNobody(reply);
      return undefined;
    }
    return blocked({ keys: [], kind: 'wait', deadlineMs, onTimeout: replyNobody });
  },
};
