// WAIT and WAITAOF: a client waits until its writes so far are on replicas, or on disks. Both run again
// whenever a replica or the disk has got further.

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

/** A wait for replicas, which are asked where they are. */
function waitForReplicas(
  session: DataSession,
  kind: 'wait' | 'waitaof',
  deadlineMs: number,
  answer: (reply: ReplyWriter) => void,
): Blocked {
  const { masterSide: master } = session.server.host.replication;
  // Run again, it is still the same wait.
  if (!session.reexecuting) master.await(1);
  const onEnd = (): void => master.await(-1);
  return blocked({ keys: [], kind, deadlineMs, onTimeout: answer, onEnd });
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
    const { role, masterSide: master } = session.server.host.replication;
    if (role === 'replica') {
      reply.error(errors.waitOnReplica);
      return undefined;
    }
    const replicas = request.integer(1);
    if (Number.isNaN(replicas)) {
      reply.error(errors.notInteger);
      return undefined;
    }
    const deadlineMs = deadline(session, request, 2, reply);
    if (deadlineMs < 0) return undefined;
    const offset = master.writeOffset(session);
    const answer = (to: ReplyWriter): void => to.integer(master.countExecuted(offset));
    if (master.countExecuted(offset) >= replicas || session.denyBlocking) {
      answer(reply);
      return undefined;
    }
    return waitForReplicas(session, 'wait', deadlineMs, answer);
  },
};

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
    const error = refuseWaitaof(local, replicas);
    if (error !== undefined) {
      reply.error(error);
      return undefined;
    }
    const deadlineMs = deadline(session, request, 3, reply);
    if (deadlineMs < 0) return undefined;
    const { role, masterSide: master } = session.server.host.replication;
    if (role === 'replica') {
      reply.error(errors.waitaofOnReplica);
      return undefined;
    }
    // It may be turned off while somebody waits.
    if (local > 0 && master.durableOffset < 0) {
      reply.error(errors.waitaofWithoutAof);
      return undefined;
    }
    const offset = master.writeOffset(session);
    const onDisk = (): number => (master.durableOffset >= offset ? 1 : 0);
    const answer = (to: ReplyWriter): void => {
      to.array(2);
      to.integer(onDisk());
      to.integer(master.countDurable(offset));
    };
    const isDone = onDisk() >= local && master.countDurable(offset) >= replicas;
    if (isDone || session.denyBlocking) {
      answer(reply);
      return undefined;
    }
    return waitForReplicas(session, 'waitaof', deadlineMs, answer);
  },
};

function refuseWaitaof(local: number, replicas: number): string | undefined {
  if (Number.isNaN(local)) return errors.notInteger;
  if (local < 0 || local > 1) return errors.notBetween(0, 1);
  return Number.isNaN(replicas) || replicas < 0 ? errors.notPositive : undefined;
}
