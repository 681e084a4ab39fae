// Unions, intersections and differences of sorted sets and sets (whose members all have score 1).

import { type KeySpec, keyAt } from '../../dispatch/command.ts';
import type { ListpackEntry } from '../../engine/listpack.ts';
import { Kind } from '../../engine/record.ts';
import { forEachMember, isMember, setSize } from '../../engine/set-value.ts';
import { SortedSet } from '../../engine/sorted-set.ts';
import { zsetForEach, zsetLength, zsetScore } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { type DataCommand, type DataSession, type Ref, readKey } from '../context.ts';
import { storeResult } from './range.ts';

type Operation = 'union' | 'inter' | 'diff';

interface Source {
  /** 0: no such key, an empty set. */
  readonly ref: Ref;
  readonly isSet: boolean;
  readonly size: number;
  weight: number;
}

interface CombinePlan {
  readonly sources: Source[];
  readonly aggregate: 'SUM' | 'MIN' | 'MAX';
  readonly withScores: boolean;
  /** ZINTERCARD's limit; 0: none. */
  readonly limit: number;
}

interface CombineForm {
  readonly name: string;
  readonly operation: Operation;
  readonly isStore: boolean;
  readonly isCount: boolean;
}

/** What a combination has found so far. */
class Result {
  readonly set: SortedSet;
  longest = 0;

  constructor(session: DataSession) {
    this.set = new SortedSet(session.db.engine.newDict());
  }

  put(b: Buffer, s: number, e: number, score: number): void {
    this.longest = Math.max(this.longest, e - s);
    this.set.set(b, s, e, score);
  }
}

function fail(reply: ReplyWriter, text: string): undefined {
  reply.error(text);
  return undefined;
}

/** Reads `numkeys key…` and the options behind; undefined after an error reply. */
function parsePlan(
  session: DataSession,
  request: Request,
  numkeysAt: number,
  form: CombineForm,
  reply: ReplyWriter,
): CombinePlan | undefined {
  const numkeys = request.integer(numkeysAt);
  if (Number.isNaN(numkeys)) return fail(reply, errors.notInteger);
  if (numkeys < 1) {
    return fail(reply, errors.atLeastOneKey(form.name));
  }
  const options = numkeysAt + 1 + numkeys;
  if (options > request.count) return fail(reply, errors.syntax);
  const sources: Source[] = [];
  for (let i = numkeysAt + 1; i < options; i++) {
    const source = sourceAt(session, request, i);
    if (source === undefined) return fail(reply, errors.wrongType);
    sources.push(source);
  }
  const takesWeights = form.operation !== 'diff' && !form.isCount;
  let aggregate: CombinePlan['aggregate'] = 'SUM';
  let withScores = false;
  let limit = 0;
  for (let i = options; i < request.count; i++) {
    const left = request.count - i - 1;
    if (takesWeights && left >= numkeys && request.is(i, 'WEIGHTS')) {
      for (const source of sources) {
        source.weight = request.double(++i);
        if (Number.isNaN(source.weight)) return fail(reply, errors.weightNotFloat);
      }
    } else if (takesWeights && left >= 1 && request.is(i, 'AGGREGATE')) {
      const word = (['SUM', 'MIN', 'MAX'] as const).find((w) => request.is(i + 1, w));
      if (word === undefined) return fail(reply, errors.syntax);
      aggregate = word;
      i++;
    } else if (!form.isStore && !form.isCount && request.is(i, 'WITHSCORES')) withScores = true;
    else if (form.isCount && left >= 1 && request.is(i, 'LIMIT')) {
      limit = request.integer(++i);
      if (!(limit >= 0)) return fail(reply, errors.limitIsNegative);
    } else return fail(reply, errors.syntax);
  }
  return { sources, aggregate, withScores, limit };
}

function sourceAt(session: DataSession, request: Request, i: number): Source | undefined {
  const { db } = session;
  const ref = readKey(session, request, i);
  if (ref === 0) return { ref, isSet: false, size: 0, weight: 1 };
  const kind = db.kind(ref);
  if (kind === Kind.zset) return { ref, isSet: false, size: zsetLength(db, ref), weight: 1 };
  if (kind === Kind.set) return { ref, isSet: true, size: setSize(db, ref), weight: 1 };
  return undefined;
}

function forEachIn(
  session: DataSession,
  source: Source,
  visit: (member: ListpackEntry, score: number) => boolean | void,
): void {
  if (source.size === 0) return;
  if (source.isSet) forEachMember(session.db, source.ref, (member) => visit(member, 1));
  else zsetForEach(session.db, source.ref, 0, source.size, false, visit);
}

function scoreIn(
  session: DataSession,
  source: Source,
  b: Buffer,
  s: number,
  e: number,
): number | undefined {
  if (source.size === 0) return undefined;
  if (!source.isSet) return zsetScore(session.db, source.ref, b, s, e);
  return isMember(session.db, source.ref, b, s, e) ? 1 : undefined;
}

/** Infinity times zero counts as zero. */
function weighted(score: number, weight: number): number {
  const product = score * weight;
  return Number.isNaN(product) ? 0 : product;
}

function join(a: number, b: number, how: CombinePlan['aggregate']): number {
  if (how === 'SUM') {
    const sum = a + b;
    return Number.isNaN(sum) ? 0 : sum;
  }
  // What is no number leaves `a`, and so does the other zero.
  if (Number.isNaN(b) || a === b) return a;
  return how === 'MIN' ? Math.min(a, b) : Math.max(a, b);
}

/** Smallest first, in Redis's order: it decides what sums of infinities and of fractions come to. */
function bySize(sources: readonly Source[]): Source[] {
  return [...sources].sort((a, b) => a.size - b.size);
}

function union(session: DataSession, { sources, aggregate }: CombinePlan): Result {
  const result = new Result(session);
  for (const source of bySize(sources)) {
    forEachIn(session, source, ({ bytes, start, end }, own) => {
      const score = weighted(own, source.weight);
      const before = result.set.score(bytes, start, end);
      const joined = before === undefined ? score : join(before, score, aggregate);
      // To the set a zero of the other sign is the same score, to whoever reads it not.
      if (joined === before && !Object.is(joined, before)) result.set.delete(bytes, start, end);
      result.put(bytes, start, end, joined);
    });
  }
  return result;
}

function intersect(session: DataSession, plan: CombinePlan): Result {
  const { aggregate } = plan;
  const result = new Result(session);
  const [smallest, ...others] = bySize(plan.sources);
  forEachIn(session, smallest, ({ bytes, start, end }, own) => {
    let score = weighted(own, smallest.weight);
    for (const other of others) {
      const theirs = scoreIn(session, other, bytes, start, end);
      if (theirs === undefined) return true;
      // Here the product goes into the sum even if it is no number, which makes the sum zero.
      score = join(score, theirs * other.weight, aggregate);
    }
    result.put(bytes, start, end, score);
    return true;
  });
  return result;
}

/** Members that all sources have, `limit` at most (0: all); only counted, so nothing is built. */
function countCommon(session: DataSession, { sources, limit }: CombinePlan): number {
  const [smallest, ...others] = bySize(sources);
  let n = 0;
  forEachIn(session, smallest, ({ bytes, start, end }) => {
    if (others.every((o) => scoreIn(session, o, bytes, start, end) !== undefined)) n++;
    return limit === 0 || n < limit;
  });
  return n;
}

function subtract(session: DataSession, { sources }: CombinePlan): Result {
  const result = new Result(session);
  const [first, ...others] = sources;
  forEachIn(session, first, ({ bytes, start, end }, score) => {
    const isElsewhere = others.some((o) => scoreIn(session, o, bytes, start, end) !== undefined);
    if (!isElsewhere) result.put(bytes, start, end, score);
  });
  return result;
}

function combine(session: DataSession, operation: Operation, plan: CombinePlan): Result {
  if (operation === 'union') return union(session, plan);
  return operation === 'inter' ? intersect(session, plan) : subtract(session, plan);
}

const sourceKeys = (index: number): KeySpec => ({
  flags: ['RO', 'access'],
  begin: { index },
  find: { keynum: 0, first: 1, step: 1 },
});

const WEIGHTS = '[WEIGHTS weight:integer...] [AGGREGATE <SUM|MIN|MAX>]';

function reading(operation: Operation, summary: string, complexity: string): DataCommand {
  const form = { name: `z${operation}`, operation, isStore: false, isCount: false };
  return {
    name: form.name,
    summary,
    since: '6.2.0',
    group: 'sorted-set',
    complexity,
    arity: -3,
    flags: ['readonly'],
    categories: ['sortedset'],
    keys: [sourceKeys(1)],
    syntax: `numkeys:integer key... ${operation === 'diff' ? '' : `${WEIGHTS} `}[WITHSCORES]`,
    run(session, request, reply) {
      const plan = parsePlan(session, request, 1, form, reply);
      if (plan === undefined) return;
      const { set } = combine(session, operation, plan);
      const nested = plan.withScores && reply.protocol === 3;
      reply.array(plan.withScores && !nested ? set.length * 2 : set.length);
      if (set.length > 0) set.tree.seek(0);
      for (let left = set.length; left > 0; left--) {
        const { ref, score } = set.tree;
        const start = set.members.keyStart(ref);
        if (nested) reply.array(2);
        reply.bulkRange(set.members.keyPage(ref), start, start + set.members.keyLength(ref));
        if (plan.withScores) reply.double(score);
        if (left > 1) set.tree.forward();
      }
      session.db.engine.lazyFree.add(set);
    },
  };
}

function storing(
  operation: Operation,
  since: string,
  summary: string,
  complexity: string,
): DataCommand {
  const form = { name: `z${operation}store`, operation, isStore: true, isCount: false };
  return {
    name: form.name,
    summary,
    since,
    group: 'sorted-set',
    complexity,
    arity: -4,
    flags: ['write', 'denyoom'],
    categories: ['sortedset'],
    keys: [keyAt(1, 'OW', 'update'), sourceKeys(2)],
    syntax: `destination:key numkeys:integer key#1...${operation === 'diff' ? '' : ` ${WEIGHTS}`}`,
    run(session, request, reply) {
      const plan = parsePlan(session, request, 2, form, reply);
      if (plan === undefined) return;
      const { set, longest } = combine(session, operation, plan);
      storeResult(session, request, set, longest, form.name, reply);
    },
  };
}

const UNION_COST = 'O(N)+O(M*log(M)) with N members in all sources and M in the result';
const INTER_COST =
  'O(N*K)+O(M*log(M)) with N members in the smallest of K sources and M in the result';
const DIFF_COST =
  'O(L+(N-K)*log(N)) with L members in all sources, N in the first and K in the result';

export const zunion: DataCommand = reading(
  'union',
  'Returns the union of sorted sets.',
  UNION_COST,
);
export const zinter: DataCommand = reading(
  'inter',
  'Returns the intersection of sorted sets.',
  INTER_COST,
);
export const zdiff: DataCommand = reading(
  'diff',
  'Returns the members of the first sorted set that no other has.',
  DIFF_COST,
);
export const zunionstore: DataCommand = storing(
  'union',
  '2.0.0',
  'Stores the union of sorted sets under another key.',
  UNION_COST,
);
export const zinterstore: DataCommand = storing(
  'inter',
  '2.0.0',
  'Stores the intersection of sorted sets under another key.',
  INTER_COST,
);
export const zdiffstore: DataCommand = storing(
  'diff',
  '6.2.0',
  'Stores the members of the first sorted set that no other has under another key.',
  DIFF_COST,
);

const cardForm: CombineForm = {
  name: 'zintercard',
  operation: 'inter',
  isStore: false,
  isCount: true,
};

export const zintercard: DataCommand = {
  name: 'zintercard',
  summary: 'Returns how many members the intersection of sorted sets has.',
  since: '7.0.0',
  group: 'sorted-set',
  complexity: 'O(N*K) with N members in the smallest of K sources',
  arity: -3,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: [sourceKeys(1)],
  syntax: 'numkeys:integer key... [LIMIT limit:integer]',
  run(session, request, reply) {
    const plan = parsePlan(session, request, 1, cardForm, reply);
    if (plan === undefined) return;
    reply.integer(countCommon(session, plan));
  },
};
