// ZRANGE in all its forms, the older commands that are special cases of it, and ZRANGESTORE.

import { type KeySpec, key, keyAt } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { SortedSet } from '../../engine/sorted-set.ts';
import { zsetForEach, zsetLength, zsetStore } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type Ref,
  readKey,
} from '../context.ts';
import { valueKey } from '../value-key.ts';
import { type Bounds, parseBounds, type RangeKind, rankRange } from './bounds.ts';
import { replyMember } from './read.ts';

/** What a command fixes before its options are read; undefined: an option may say. */
interface RangeForm {
  readonly keyAt: number;
  readonly isStore: boolean;
  readonly kind?: RangeKind;
  readonly reverse?: boolean;
}

interface RangePlan {
  readonly bounds: Bounds;
  readonly reverse: boolean;
  readonly withScores: boolean;
  readonly offset: number;
  /** Negative: all. */
  readonly limit: number;
}

function parsePlan(request: Request, form: RangeForm, reply: ReplyWriter): RangePlan | undefined {
  let { kind, reverse } = form;
  let withScores = false;
  let offset = 0;
  let limit = -1;
  for (let i = form.keyAt + 3; i < request.count; i++) {
    if (!form.isStore && request.is(i, 'WITHSCORES')) withScores = true;
    else if (request.is(i, 'LIMIT') && i + 2 < request.count) {
      offset = request.integer(i + 1);
      limit = request.integer(i + 2);
      if (Number.isNaN(offset) || Number.isNaN(limit)) return fail(reply, errors.notInteger);
      i += 2;
    } else if (reverse === undefined && request.is(i, 'REV')) reverse = true;
    else if (kind === undefined && request.is(i, 'BYLEX')) kind = 'lex';
    else if (kind === undefined && request.is(i, 'BYSCORE')) kind = 'score';
    else return fail(reply, errors.syntax);
  }
  kind ??= 'rank';
  reverse ??= false;
  if (kind === 'rank') {
    // A count of -1 means all and passes for no LIMIT, whatever the offset.
    if (limit !== -1) return fail(reply, errors.limitNeedsByScoreOrByLex);
    offset = 0;
  }
  if (withScores && kind === 'lex') return fail(reply, errors.withScoresNotByLex);
  const first = form.keyAt + 1;
  // Downwards the greater bound comes first; ranks are counted from the other end instead.
  const swapped = reverse && kind !== 'rank';
  const minAt = swapped ? first + 1 : first;
  const bounds = parseBounds(kind, request, minAt, swapped ? first : first + 1, reply);
  return bounds && { bounds, reverse, withScores, offset, limit };
}

function fail(reply: ReplyWriter, text: string): undefined {
  reply.error(text);
  return undefined;
}

/** The members of a plan: `n` from rank `start`, down or up. */
function select(
  session: DataSession,
  ref: Ref,
  request: Request,
  plan: RangePlan,
): { start: number; n: number } {
  const { bounds, reverse, offset, limit } = plan;
  let { from, to } = rankRange(session, ref, request, bounds);
  if (reverse && bounds.kind === 'rank') {
    const length = zsetLength(session.db, ref);
    [from, to] = [length - to, length - from];
  }
  const available = to - from;
  if (offset < 0 || offset >= available) return { start: 0, n: 0 };
  const rest = available - offset;
  const n = limit < 0 ? rest : Math.min(limit, rest);
  return { start: reverse ? to - 1 - offset : from + offset, n };
}

function replyRange(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  form: RangeForm,
): void {
  const plan = parsePlan(request, form, reply);
  if (plan === undefined) return;
  const ref = readKey(session, request, form.keyAt);
  if (ref === 0) return reply.array(0);
  if (!isKind(session, ref, Kind.zset, reply)) return;
  const { start, n } = select(session, ref, request, plan);
  const nested = plan.withScores && reply.protocol === 3;
  reply.array(plan.withScores && !nested ? n * 2 : n);
  zsetForEach(session.db, ref, start, n, plan.reverse, (member, score) => {
    if (nested) reply.array(2);
    replyMember(reply, member);
    if (plan.withScores) reply.double(score);
  });
}

export const zrange: DataCommand = {
  name: 'zrange',
  summary: 'Returns the members within a range of ranks, scores or names.',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(log(N)+M) with N members in the sorted set and M returned',
  arity: -4,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: key('RO', 'access'),
  syntax:
    'key start stop sortby=[BYSCORE|BYLEX]@6.2.0 [REV@6.2.0] [LIMIT (offset:integer count:integer)@6.2.0] [WITHSCORES]',
  history: [['6.2.0', 'REV, BYSCORE, BYLEX and LIMIT.']],
  run: (session, request, reply) =>
    replyRange(session, request, reply, { keyAt: 1, isStore: false }),
};

/** A command from before ZRANGE had options. */
function older(
  name: string,
  since: string,
  summary: string,
  syntax: string,
  replacedBy: string,
  form: { kind: RangeKind; reverse: boolean },
  history?: readonly (readonly [string, string])[],
): DataCommand {
  const whole: RangeForm = { keyAt: 1, isStore: false, ...form };
  return {
    name,
    summary,
    since,
    group: 'sorted-set',
    complexity: 'O(log(N)+M) with N members in the sorted set and M returned',
    arity: -4,
    flags: ['readonly'],
    categories: ['sortedset'],
    keys: key('RO', 'access'),
    syntax,
    ...(history === undefined ? {} : { history }),
    deprecated: { since: '6.2.0', replacedBy },
    run: (session, request, reply) => replyRange(session, request, reply, whole),
  };
}

export const zrevrange: DataCommand = older(
  'zrevrange',
  '1.2.0',
  'Returns the members within a range of ranks, counted from the greatest.',
  'key start:integer stop:integer [WITHSCORES]',
  '`ZRANGE` with the `REV` argument',
  { kind: 'rank', reverse: true },
);

export const zrangebyscore: DataCommand = older(
  'zrangebyscore',
  '1.0.5',
  'Returns the members with a score within a range.',
  'key min:double max:double [WITHSCORES@2.0.0] [LIMIT (offset:integer count:integer)]',
  '`ZRANGE` with the `BYSCORE` argument',
  { kind: 'score', reverse: false },
  [['2.0.0', 'WITHSCORES.']],
);

export const zrevrangebyscore: DataCommand = older(
  'zrevrangebyscore',
  '2.2.0',
  'Returns the members with a score within a range, the greatest first.',
  'key max:double min:double [WITHSCORES] [LIMIT (offset:integer count:integer)]',
  '`ZRANGE` with the `REV` and `BYSCORE` arguments',
  { kind: 'score', reverse: true },
  [['2.1.6', 'Bounds that are not part of the range.']],
);

export const zrangebylex: DataCommand = older(
  'zrangebylex',
  '2.8.9',
  'Returns the members with a name within a range, where all scores are equal.',
  'key min max [LIMIT (offset:integer count:integer)]',
  '`ZRANGE` with the `BYLEX` argument',
  { kind: 'lex', reverse: false },
);

export const zrevrangebylex: DataCommand = older(
  'zrevrangebylex',
  '2.8.9',
  'Returns the members with a name within a range, the last first.',
  'key max min [LIMIT (offset:integer count:integer)]',
  '`ZRANGE` with the `REV` and `BYLEX` arguments',
  { kind: 'lex', reverse: true },
);

const storeKeys: readonly KeySpec[] = [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')];

/** Puts a result in the place of the key at argument 1; an empty one only removes it. */
export function storeResult(
  session: DataSession,
  request: Request,
  set: SortedSet,
  longestMember: number,
  event: string,
  reply: ReplyWriter,
): void {
  const { db } = session;
  const n = set.length;
  const had = db.delete(request.buffer, request.starts[1], request.ends[1]);
  if (n > 0) {
    zsetStore(valueKey(session, request, 1), set, longestMember);
    changedKey(session, request, 1, NotifyClass.zset, event);
  } else {
    db.engine.lazyFree.add(set);
    if (had) changedKey(session, request, 1, NotifyClass.generic, 'del');
  }
  reply.integer(n);
}

export const zrangestore: DataCommand = {
  name: 'zrangestore',
  summary: 'Stores the members within a range under another key.',
  since: '6.2.0',
  group: 'sorted-set',
  complexity: 'O(log(N)+M) with N members in the sorted set and M stored',
  arity: -5,
  flags: ['write', 'denyoom'],
  categories: ['sortedset'],
  keys: storeKeys,
  syntax:
    'dst:key src:key#1 min max sortby=[BYSCORE|BYLEX] [REV] [LIMIT (offset:integer count:integer)]',
  run(session, request, reply) {
    const plan = parsePlan(request, { keyAt: 2, isStore: true }, reply);
    if (plan === undefined) return;
    const ref = readKey(session, request, 2);
    if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
    const set = new SortedSet(session.db.engine.newDict());
    let longest = 0;
    if (ref !== 0) {
      const { start, n } = select(session, ref, request, plan);
      zsetForEach(session.db, ref, start, n, plan.reverse, ({ bytes, start: s, end }, score) => {
        longest = Math.max(longest, end - s);
        set.set(bytes, s, end, score);
      });
    }
    storeResult(session, request, set, longest, 'zrangestore', reply);
  },
};
