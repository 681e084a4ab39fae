// What only looks at sorted sets: scores, ranks, counts and the walk with a cursor.

import { key } from '../../dispatch/command.ts';
import type { ListpackEntry } from '../../engine/listpack.ts';
import { Kind } from '../../engine/record.ts';
import type { SortedSet } from '../../engine/sorted-set.ts';
import { zsetForEach, zsetLength, zsetRank, zsetScore } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { formatDouble } from '../../util/double.ts';
import { replyCollectionScan, type ScannedKind } from '../collection-scan.ts';
import { type DataCommand, type DataSession, isKind, type Ref, readKey } from '../context.ts';
import { parseBounds, type RangeKind, rankRange } from './bounds.ts';

export function replyMember(reply: ReplyWriter, member: ListpackEntry): void {
  reply.bulkRange(member.bytes, member.start, member.end);
}

function scoreOf(session: DataSession, ref: Ref, request: Request, i: number): number | undefined {
  return zsetScore(session.db, ref, request.buffer, request.starts[i], request.ends[i]);
}

export const zscore: DataCommand = {
  name: 'zscore',
  summary: 'Returns the score of a member.',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key member',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
    const score = ref === 0 ? undefined : scoreOf(session, ref, request, 2);
    if (score === undefined) reply.null();
    else reply.double(score);
  },
};

export const zmscore: DataCommand = {
  name: 'zmscore',
  summary: 'Returns the scores of several members.',
  since: '6.2.0',
  group: 'sorted-set',
  complexity: 'O(N) with N members asked for',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key member...',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
    reply.array(request.count - 2);
    for (let i = 2; i < request.count; i++) {
      const score = ref === 0 ? undefined : scoreOf(session, ref, request, i);
      if (score === undefined) reply.null();
      else reply.double(score);
    }
  },
};

export const zcard: DataCommand = {
  name: 'zcard',
  summary: 'Returns how many members a sorted set has.',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: key('RO'),
  syntax: 'key',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
    reply.integer(ref === 0 ? 0 : zsetLength(session.db, ref));
  },
};

function rank(session: DataSession, request: Request, reply: ReplyWriter, reverse: boolean): void {
  if (request.count > 4) return reply.error(errors.wrongArity(reverse ? 'zrevrank' : 'zrank'));
  const withScore = request.count === 4;
  if (withScore && !request.is(3, 'WITHSCORE')) return reply.error(errors.syntax);
  const ref = readKey(session, request, 1);
  if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
  const { buffer, starts, ends } = request;
  const found = ref === 0 ? undefined : zsetRank(session.db, ref, buffer, starts[2], ends[2]);
  if (found === undefined) {
    if (withScore) reply.nullArray();
    else reply.null();
    return;
  }
  if (withScore) reply.array(2);
  reply.integer(reverse ? zsetLength(session.db, ref) - 1 - found : found);
  if (withScore) reply.double(scoreOf(session, ref, request, 2) as number);
}

export const zrank: DataCommand = {
  name: 'zrank',
  summary: "Returns a member's place in ascending order, from 0.",
  since: '2.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N))',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key member [WITHSCORE]',
  history: [['7.2.0', 'WITHSCORE.']],
  run: (session, request, reply) => rank(session, request, reply, false),
};

export const zrevrank: DataCommand = {
  name: 'zrevrank',
  summary: "Returns a member's place in descending order, from 0.",
  since: '2.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N))',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key member [WITHSCORE]',
  history: [['7.2.0', 'WITHSCORE.']],
  run: (session, request, reply) => rank(session, request, reply, true),
};

function count(session: DataSession, request: Request, reply: ReplyWriter, kind: RangeKind): void {
  const bounds = parseBounds(kind, request, 2, 3, reply);
  if (bounds === undefined) return;
  const ref = readKey(session, request, 1);
  if (ref === 0) return reply.integer(0);
  if (!isKind(session, ref, Kind.zset, reply)) return;
  const { from, to } = rankRange(session, ref, request, bounds);
  reply.integer(Math.max(0, to - from));
}

export const zcount: DataCommand = {
  name: 'zcount',
  summary: 'Returns how many members have a score within a range.',
  since: '2.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) with N members in the sorted set',
  arity: 4,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key min:double max:double',
  run: (session, request, reply) => count(session, request, reply, 'score'),
};

export const zlexcount: DataCommand = {
  name: 'zlexcount',
  summary: 'Returns how many members have a name within a range, where all scores are equal.',
  since: '2.8.9',
  group: 'sorted-set',
  complexity: 'O(log(N)) with N members in the sorted set',
  arity: 4,
  flags: ['readonly', 'fast'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key min max',
  run: (session, request, reply) => count(session, request, reply, 'lex'),
};

const scannedZset: ScannedKind = {
  kind: Kind.zset,
  bulks: 2,
  packed(db, ref, matches, reply) {
    let n = 0;
    zsetForEach(db, ref, 0, zsetLength(db, ref), false, (member, score) => {
      if (!matches(member)) return;
      replyMember(reply, member);
      reply.text(formatDouble(score));
      n++;
    });
    return n;
  },
  tableOf: (object) => (object as SortedSet).members,
  element(object, member, reply) {
    const { members } = object as SortedSet;
    const start = members.keyStart(member);
    reply.bulkRange(members.keyPage(member), start, start + members.keyLength(member));
    reply.text(formatDouble((object as SortedSet).scoreOf(member)));
  },
};

export const zscan: DataCommand = {
  name: 'zscan',
  summary: 'Returns some members with their scores and a cursor to go on from; 0 begins and ends.',
  since: '2.8.0',
  group: 'sorted-set',
  complexity: 'O(COUNT) a call, O(N) for the whole walk with N members',
  arity: -3,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]',
  tips: ['nondeterministic_output'],
  run: (session, request, reply) => replyCollectionScan(session, request, reply, scannedZset),
};
