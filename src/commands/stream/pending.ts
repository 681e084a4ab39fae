// XPENDING: what was delivered to the consumers of a group and not acknowledged yet.

import { key } from '../../dispatch/command.ts';
import type { ConsumerGroup } from '../../engine/stream-groups.ts';
import { compareIds, StreamId } from '../../engine/stream-id.ts';
import { OrderPlace } from '../../engine/stream-order.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { replyId } from './entry-reply.ts';
import { intervalEnd, intervalStart, readStream } from './stream-arguments.ts';

const place = new OrderPlace();

interface PendingRange {
  readonly minIdleMs: number;
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  /** latin1. */
  readonly consumer: string | undefined;
}

/** The arguments of the long form; undefined after an error reply. */
function pendingRange(request: Request, reply: ReplyWriter): PendingRange | undefined {
  const fail = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  let at = 3;
  let minIdleMs = 0;
  if (request.is(3, 'IDLE')) {
    minIdleMs = request.integer(4);
    if (Number.isNaN(minIdleMs)) return fail(errors.notInteger);
    if (request.count < 8) return fail(errors.syntax);
    at = 5;
  }
  const count = Math.max(0, request.integer(at + 2));
  if (Number.isNaN(count)) return fail(errors.notInteger);
  const start = new StreamId();
  const end = new StreamId();
  if (!intervalStart(request, at, start, reply)) return undefined;
  if (!intervalEnd(request, at + 1, end, reply)) return undefined;
  const consumer = at + 3 < request.count ? request.text(at + 3) : undefined;
  return { minIdleMs, start, end, count, consumer };
}

function replySummary(group: ConsumerGroup, reply: ReplyWriter): void {
  const { first, last, size } = group.pending;
  reply.array(4);
  reply.integer(size);
  if (first === undefined || last === undefined) {
    reply.null();
    reply.null();
    reply.nullArray();
    return;
  }
  replyId(reply, first);
  replyId(reply, last);
  const consumers = group.consumers.sorted().filter(({ pending }) => pending.size > 0);
  reply.array(consumers.length);
  for (const { name, pending } of consumers) {
    reply.array(2);
    reply.text(name);
    reply.bulkInteger(pending.size);
  }
}

function replyRange(
  session: DataSession,
  group: ConsumerGroup,
  range: PendingRange,
  reply: ReplyWriter,
): void {
  const consumer = range.consumer === undefined ? group : group.consumers.get(range.consumer);
  if (consumer === undefined) return reply.array(0);
  const { pending } = consumer;
  const nowMs = session.server.nowMs();
  const mark = reply.deferred();
  let n = 0;
  pending.seek(range.start, place);
  for (let entry = pending.at(place); entry !== undefined; entry = pending.at(place)) {
    if (n === range.count || compareIds(entry, range.end) > 0) break;
    pending.forward(place);
    const idleMs = nowMs - entry.deliveredMs;
    if (range.minIdleMs !== 0 && idleMs < range.minIdleMs) continue;
    n++;
    reply.array(4);
    replyId(reply, entry);
    reply.text(entry.consumer?.name ?? '');
    reply.integer(Math.max(0, idleMs));
    reply.integer(entry.deliveries);
  }
  reply.finishArray(mark, n);
}

export const xpending: DataCommand = {
  name: 'xpending',
  summary: 'Returns what is pending in a group: in all, or entry by entry.',
  since: '5.0.0',
  group: 'stream',
  complexity:
    'O(N) with N entries returned, or looked at because of IDLE; in all, O(C) with C consumers',
  arity: -3,
  flags: ['readonly'],
  categories: ['stream'],
  keys: key('RO', 'access'),
  syntax:
    'key group filters=[[IDLE min-idle-time:integer@6.2.0] start end count:integer [consumer]]',
  tips: ['nondeterministic_output'],
  history: [['6.2.0', 'IDLE, and ends that are excluded.']],
  run(session, request, reply) {
    const { count } = request;
    if (count !== 3 && (count < 6 || count > 9)) return reply.error(errors.syntax);
    const range = count === 3 ? undefined : pendingRange(request, reply);
    if (count !== 3 && range === undefined) return;
    const stream = readStream(session, request, 1, reply);
    if (stream === null) return;
    const group = stream?.groups.get(request.text(2));
    if (group === undefined) {
      return reply.error(errors.noKeyOrGroup(request.text(1), request.text(2)));
    }
    if (range === undefined) replySummary(group, reply);
    else replyRange(session, group, range, reply);
  },
};
