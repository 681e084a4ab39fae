// Taking members out: by name, and by ranges of ranks, scores or names.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { zsetDelete, zsetDeleteRange } from '../../engine/zset-value.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, isKind, writeKey } from '../context.ts';
import { valueKey } from '../value-key.ts';
import { parseBounds, type RangeKind, rankRange } from './bounds.ts';

/** Reports that `n` members left; the key goes with the last. */
export function membersRemoved(
  session: DataSession,
  request: Request,
  i: number,
  event: string,
  n: number,
): void {
  changedKey(session, request, i, NotifyClass.zset, event, n);
  session.db.removeIfEmpty(request.buffer, request.starts[i], request.ends[i]);
}

export const zrem: DataCommand = {
  name: 'zrem',
  summary: 'Removes members.',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(M*log(N)) with N members in the sorted set and M removed',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['sortedset'],
  keys: key('RW', 'delete'),
  syntax: 'key member...',
  history: [['2.4.0', 'Several members.']],
  run(session, request, reply) {
    const found = writeKey(session, request, 1);
    if (found === 0) return reply.integer(0);
    if (!isKind(session, found, Kind.zset, reply)) return;
    const name = valueKey(session, request, 1);
    const { buffer, starts, ends } = request;
    let removed = 0;
    for (let i = 2; i < request.count; i++) {
      if (zsetDelete(name, name.ref(), buffer, starts[i], ends[i])) removed++;
    }
    if (removed > 0) membersRemoved(session, request, 1, 'zrem', removed);
    reply.integer(removed);
  },
};

function removeRange(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  kind: RangeKind,
  event: string,
): void {
  const bounds = parseBounds(kind, request, 2, 3, reply);
  if (bounds === undefined) return;
  const ref = writeKey(session, request, 1);
  if (ref === 0) return reply.integer(0);
  if (!isKind(session, ref, Kind.zset, reply)) return;
  const { from, to } = rankRange(session, ref, request, bounds);
  const n = Math.max(0, to - from);
  if (n > 0) {
    zsetDeleteRange(valueKey(session, request, 1), ref, from, n);
    membersRemoved(session, request, 1, event, n);
  }
  reply.integer(n);
}

export const zremrangebyrank: DataCommand = {
  name: 'zremrangebyrank',
  summary: 'Removes the members within a range of ranks.',
  since: '2.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N)+M) with N members in the sorted set and M removed',
  arity: 4,
  flags: ['write'],
  categories: ['sortedset'],
  keys: key('RW', 'delete'),
  syntax: 'key start:integer stop:integer',
  run: (session, request, reply) => removeRange(session, request, reply, 'rank', 'zremrangebyrank'),
};

export const zremrangebyscore: DataCommand = {
  name: 'zremrangebyscore',
  summary: 'Removes the members with a score within a range.',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(log(N)+M) with N members in the sorted set and M removed',
  arity: 4,
  flags: ['write'],
  categories: ['sortedset'],
  keys: key('RW', 'delete'),
  syntax: 'key min:double max:double',
  run: (session, request, reply) =>
    removeRange(session, request, reply, 'score', 'zremrangebyscore'),
};

export const zremrangebylex: DataCommand = {
  name: 'zremrangebylex',
  summary: 'Removes the members with a name within a range, where all scores are equal.',
  since: '2.8.9',
  group: 'sorted-set',
  complexity: 'O(log(N)+M) with N members in the sorted set and M removed',
  arity: 4,
  flags: ['write'],
  categories: ['sortedset'],
  keys: key('RW', 'delete'),
  syntax: 'key min max',
  run: (session, request, reply) => removeRange(session, request, reply, 'lex', 'zremrangebylex'),
};
