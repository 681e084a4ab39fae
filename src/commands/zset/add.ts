// ZADD and ZINCRBY, which are one command in two notations.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { zsetScore, zsetSetFound } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type Ref,
  writeKey,
} from '../context.ts';
import { valueKey } from '../value-key.ts';

const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
const CH = 16;
const INCR = 32;

const words: readonly (readonly [string, number])[] = [
  ['NX', NX],
  ['XX', XX],
  ['CH', CH],
  ['INCR', INCR],
  ['GT', GT],
  ['LT', LT],
];

/** Argument of the first score. The options' bits are left in `optionBits`. */
function parseOptions(request: Request): number {
  let i = 2;
  for (; i < request.count; i++) {
    // Scores begin with a digit, a sign or a point far more often than options are given.
    if (request.buffer[request.starts[i]] < 0x41) break;
    const option = words.find(([word]) => request.is(i, word));
    if (option === undefined) break;
    optionBits |= option[1];
  }
  return i;
}

let optionBits = 0;

function optionError(bits: number, pairs: number, words: number): string | undefined {
  if (words % 2 !== 0 || pairs === 0) return errors.syntax;
  if ((bits & NX) !== 0 && (bits & XX) !== 0) return errors.zaddXxAndNx;
  const exclusive = [GT, LT, NX].filter((bit) => (bits & bit) !== 0).length;
  if (exclusive > 1) return errors.zaddGtLtAndNx;
  if ((bits & INCR) !== 0 && pairs > 1) return errors.zaddIncrSinglePair;
  return undefined;
}

function add(session: DataSession, request: Request, reply: ReplyWriter, given: number): void {
  optionBits = given;
  const first = parseOptions(request);
  const bits = optionBits;
  const left = request.count - first;
  const error = optionError(bits, Math.floor(left / 2), left);
  if (error !== undefined) return reply.error(error);
  // All scores are read before anything changes.
  for (let i = first; i < request.count; i += 2) {
    if (Number.isNaN(request.double(i))) return reply.error(errors.notFloat);
  }
  const found = writeKey(session, request, 1);
  if (found !== 0 && !isKind(session, found, Kind.zset, reply)) return;
  const incr = (bits & INCR) !== 0;
  if (found === 0 && (bits & XX) !== 0) {
    if (incr) reply.null();
    else reply.integer(0);
    return;
  }
  tally.added = tally.updated = 0;
  tally.score = Number.NaN;
  for (let i = first; i < request.count; i += 2) {
    // Earlier pairs may have moved the value: its place is looked up anew.
    const ref = i === first ? found : valueKey(session, request, 1).ref();
    if (!addOne(session, request, ref, i, bits)) return reply.error(errors.scoreNotANumber);
  }
  const changes = tally.added + tally.updated;
  if (changes > 0) {
    changedKey(session, request, 1, NotifyClass.zset, incr ? 'zincr' : 'zadd', changes);
  }
  if (!incr) reply.integer((bits & CH) !== 0 ? changes : tally.added);
  else if (Number.isNaN(tally.score)) reply.null();
  else reply.double(tally.score);
}

/** What became of the pairs of one command; `score` is the last one that was not passed over. */
const tally = { added: 0, updated: 0, score: Number.NaN };

/** Adds or updates the pair at argument `i` of the value at `ref`; false when the sum is no number. */
function addOne(
  session: DataSession,
  request: Request,
  ref: Ref,
  i: number,
  bits: number,
): boolean {
  const { db } = session;
  const { buffer, starts, ends } = request;
  const ks = valueKey(session, request, 1);
  const s = starts[i + 1];
  const e = ends[i + 1];
  const old = ref === 0 ? undefined : zsetScore(db, ref, buffer, s, e);
  let score = request.double(i);
  if (old === undefined) {
    if ((bits & XX) !== 0) return true;
    zsetSetFound(ks, ref, buffer, s, e, score);
    tally.added++;
    tally.score = score;
    return true;
  }
  if ((bits & NX) !== 0) return true;
  if ((bits & INCR) !== 0) {
    score += old;
    if (Number.isNaN(score)) return false;
  }
  if ((bits & LT) !== 0 && score >= old) return true;
  if ((bits & GT) !== 0 && score <= old) return true;
  tally.score = score;
  if (score === old) return true;
  zsetSetFound(ks, ref, buffer, s, e, score);
  tally.updated++;
  return true;
}

export const zadd: DataCommand = {
  name: 'zadd',
  summary: 'Adds members with their scores, or changes the scores of those that are there.',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) a member with N members in the sorted set',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['sortedset'],
  keys: key('RW', 'update'),
  syntax:
    'key condition=[NX|XX]@3.0.2 comparison=[GT|LT]@6.2.0 [change=CH@3.0.2] [increment=INCR@3.0.2] data=(score:double member)...',
  history: [
    ['2.4.0', 'Several members.'],
    ['3.0.2', 'NX, XX, CH and INCR.'],
    ['6.2.0', 'GT and LT.'],
  ],
  run: (session, request, reply) => add(session, request, reply, 0),
};

export const zincrby: DataCommand = {
  name: 'zincrby',
  summary: "Adds to a member's score, which is 0 for a member that is not there.",
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) with N members in the sorted set',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['sortedset'],
  keys: key('RW', 'access', 'update'),
  syntax: 'key increment:integer member',
  run: (session, request, reply) => add(session, request, reply, INCR),
};
