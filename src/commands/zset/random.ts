// ZRANDMEMBER. A count above zero draws different members, one below zero may draw a member again.
// With scores RESP3 nests pairs, RESP2 has them in turn.

import { key } from '../../dispatch/command.ts';
import { Kind } from '../../engine/record.ts';
import type { SortedSet } from '../../engine/sorted-set.ts';
import { zsetForEach, zsetLength } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import { type DataCommand, type DataSession, isKind, type Ref, readKey } from '../context.ts';
import { repeat, sampleAscending, sampleMembers } from '../random-sample.ts';
import { replyMember } from './read.ts';

const LEAST_INT64 = -(2n ** 63n);
const HALF_INT64 = 2 ** 62;

/** Replies with the member of rank `rank`. */
function replyRank(
  session: DataSession,
  ref: Ref,
  rank: number,
  withScores: boolean,
  reply: ReplyWriter,
): void {
  zsetForEach(session.db, ref, rank, 1, false, (member, score) => {
    if (withScores && reply.protocol === 3) reply.array(2);
    replyMember(reply, member);
    if (withScores) reply.double(score);
  });
}

function replyRecord(set: SortedSet, record: Ref, withScores: boolean, reply: ReplyWriter): void {
  const { members } = set;
  const start = members.keyStart(record);
  if (withScores && reply.protocol === 3) reply.array(2);
  reply.bulkRange(members.keyPage(record), start, start + members.keyLength(record));
  if (withScores) reply.double(set.scoreOf(record));
}

/** `n` draws, each from all members. */
function drawRepeatedly(
  session: DataSession,
  ref: Ref,
  n: number,
  withScores: boolean,
  reply: ReplyWriter,
): void {
  const { db, server } = session;
  const size = zsetLength(db, ref);
  if (!db.isObject(ref)) {
    repeat(session, reply, n, () =>
      replyRank(session, ref, server.random.below(size), withScores, reply),
    );
    return;
  }
  const set = db.object(ref) as SortedSet;
  const random = (): number => server.random.uint32();
  repeat(session, reply, n, () =>
    replyRecord(set, set.members.randomRef(random), withScores, reply),
  );
}

/** `n` different members of a sorted set that has more. */
function drawDifferent(
  session: DataSession,
  ref: Ref,
  n: number,
  withScores: boolean,
  reply: ReplyWriter,
): void {
  const { db, server } = session;
  if (!db.isObject(ref)) {
    const size = zsetLength(db, ref);
    sampleAscending(server.random, size, n, (rank) =>
      replyRank(session, ref, rank, withScores, reply),
    );
    return;
  }
  const set = db.object(ref) as SortedSet;
  const records = sampleMembers(set.members, server.random, n);
  for (let i = 0; i < n; i++) replyRecord(set, records[i], withScores, reply);
}

export const zrandmember: DataCommand = {
  name: 'zrandmember',
  summary: 'Returns members drawn at random, with their scores if wanted.',
  since: '6.2.0',
  group: 'sorted-set',
  complexity: 'O(N) with N members returned',
  arity: -2,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax: 'key options=[count:integer [WITHSCORES]]',
  tips: ['nondeterministic_output'],
  run(session, request, reply) {
    const hasCount = request.count > 2;
    const count = hasCount ? request.integer(2) : 1;
    if (Number.isNaN(count)) return reply.error(errors.notInteger);
    if (hasCount && request.int64(2) === LEAST_INT64) {
      return reply.error(errors.notBelowLeastInt64);
    }
    const withScores = request.count === 4 && request.is(3, 'WITHSCORES');
    if (request.count > 3 && !withScores) return reply.error(errors.syntax);
    if (withScores && Math.abs(count) >= HALF_INT64) return reply.error(errors.valueOutOfRange);
    const ref = readKey(session, request, 1);
    if (ref === 0) return hasCount ? reply.array(0) : reply.null();
    if (!isKind(session, ref, Kind.zset, reply)) return;
    const size = zsetLength(session.db, ref);
    const n = count < 0 ? -count : Math.min(count, size);
    if (hasCount) reply.array(withScores && reply.protocol === 2 ? n * 2 : n);
    if (count < 0 || n === 1) drawRepeatedly(session, ref, n, withScores, reply);
    else if (n < size) drawDifferent(session, ref, n, withScores, reply);
    else {
      zsetForEach(session.db, ref, 0, n, false, (member, score) => {
        if (withScores && reply.protocol === 3) reply.array(2);
        replyMember(reply, member);
        if (withScores) reply.double(score);
      });
    }
  },
};
