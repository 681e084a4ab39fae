// Intersection, union and difference of sets, replied, counted or stored: SINTER, SINTERCARD,
// SINTERSTORE, SUNION, SUNIONSTORE, SDIFF, SDIFFSTORE.

import { type KeySpec, keyAt, keysToEnd } from '../../dispatch/command.ts';
import type { Database } from '../../engine/database.ts';
import type { ListpackEntry } from '../../engine/listpack.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Encoding, Kind, NO_EXPIRY } from '../../engine/record.ts';
import { SetBuilder } from '../../engine/set-builder.ts';
import { forEachMember, isMember, setSize } from '../../engine/set-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { isCanonicalInteger } from '../../util/integer.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type Ref,
  readKey,
  writeKey,
} from '../context.ts';
import { valueKey } from '../value-key.ts';
import { replyAllMembers, replyMember } from './read.ts';

const builder = new SetBuilder();

/** The sets at arguments [first, last), 0 for one that is absent; undefined after an error reply. */
function readSets(
  session: DataSession,
  request: Request,
  first: number,
  last: number,
  reply: ReplyWriter,
): Ref[] | undefined {
  const refs: Ref[] = [];
  for (let i = first; i < last; i++) {
    const ref = readKey(session, request, i);
    if (ref !== 0 && !isKind(session, ref, Kind.set, reply)) return undefined;
    refs.push(ref);
  }
  // Looking one up may have deleted it as expired, which ends the refs before it.
  return refs.map((ref, i) => (ref === 0 ? 0 : valueKey(session, request, first + i).ref()));
}

/** Whether every one of the sets has the member. */
function allHave(
  db: Database,
  refs: readonly Ref[],
  { bytes, start, end }: ListpackEntry,
): boolean {
  for (let i = 1; i < refs.length; i++) {
    if (refs[i] !== refs[0] && !isMember(db, refs[i], bytes, start, end)) return false;
  }
  return true;
}

/** Visits the intersection of sets that all exist until the visitor returns false. */
function intersect(
  db: Database,
  refs: Ref[],
  visit: (member: ListpackEntry) => boolean | void,
): void {
  // The smallest is walked, and what a small set lacks costs least to find out.
  refs.sort((a, b) => setSize(db, a) - setSize(db, b));
  forEachMember(db, refs[0], (member) => (allHave(db, refs, member) ? visit(member) : true));
}

/** Builds the difference of the first set and all others. */
function subtract(db: Database, refs: readonly Ref[]): void {
  builder.startEmpty(db, Encoding.intset);
  const [first, ...rest] = refs;
  const others = rest.filter((ref) => ref !== 0);
  if (first === 0 || others.includes(first)) return;
  const size = setSize(db, first);
  const total = others.reduce((sum, ref) => sum + setSize(db, ref), size);
  // Looking every member up in every set is cheaper where there is much in common; half price for it.
  if ((size * (others.length + 1)) / 2 <= total) {
    others.sort((a, b) => setSize(db, b) - setSize(db, a));
    forEachMember(db, first, ({ bytes, start, end }) => {
      for (const other of others) if (isMember(db, other, bytes, start, end)) return;
      builder.add(bytes, start, end);
    });
    return;
  }
  forEachMember(db, first, ({ bytes, start, end }) => {
    builder.add(bytes, start, end);
  });
  for (const other of others) {
    forEachMember(db, other, ({ bytes, start, end }) => {
      builder.remove(bytes, start, end);
    });
    if (builder.size === 0) break;
  }
}

/** Builds the union of all sets. */
function unite(db: Database, refs: readonly Ref[]): void {
  builder.startEmpty(db, Encoding.intset);
  for (const ref of refs) {
    if (ref === 0) continue;
    forEachMember(db, ref, ({ bytes, start, end }) => {
      builder.add(bytes, start, end);
    });
  }
}

/** Makes what was built the value of the key at argument 1, or deletes it when that is empty. */
function storeBuilt(
  session: DataSession,
  request: Request,
  event: string,
  reply: ReplyWriter,
): void {
  const { db } = session;
  const { buffer, starts, ends } = request;
  const { size } = builder;
  if (size === 0) {
    builder.discard();
    reply.integer(0);
    if (db.delete(buffer, starts[1], ends[1])) {
      changedKey(session, request, 1, NotifyClass.generic, 'del');
    }
    return;
  }
  const old = writeKey(session, request, 1);
  const hadExpiry = old !== 0 && db.expiry(old) !== NO_EXPIRY;
  // Ref 0: whatever the key was, it is replaced as a whole.
  builder.store(valueKey(session, request, 1), 0);
  if (hadExpiry) db.setExpiry(buffer, starts[1], ends[1], NO_EXPIRY);
  reply.integer(size);
  changedKey(session, request, 1, NotifyClass.set, event);
}

function replyBuilt(reply: ReplyWriter): void {
  reply.set(builder.size);
  builder.visitAll((member) => replyMember(reply, member));
  builder.discard();
}

const targetAndSources = (target: 'RW' | 'OW'): readonly KeySpec[] => [
  keyAt(1, target, 'update'),
  { flags: ['RO', 'access'], begin: { index: 2 }, find: { last: -1, step: 1, limit: 0 } },
];

export const sinter: DataCommand = {
  name: 'sinter',
  summary: 'Returns the members that all of the sets have.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N*M) with N members in the smallest set and M sets',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: keysToEnd(['RO', 'access']),
  syntax: 'key...',
  tips: ['nondeterministic_output_order'],
  run(session, request, reply) {
    const refs = readSets(session, request, 1, request.count, reply);
    if (refs === undefined) return;
    if (refs.includes(0)) return reply.set(0);
    const mark = reply.deferred();
    let n = 0;
    intersect(session.db, refs, (member) => {
      replyMember(reply, member);
      n++;
    });
    reply.finishSet(mark, n);
  },
};

export const sintercard: DataCommand = {
  name: 'sintercard',
  summary: 'Counts the members that all of the sets have, up to a limit.',
  since: '7.0.0',
  group: 'set',
  complexity: 'O(N*M) with N members in the smallest set and M sets',
  arity: -3,
  flags: ['readonly'],
  categories: ['set'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { keynum: 0, first: 1, step: 1 } }],
  syntax: 'numkeys:integer key... [LIMIT limit:integer]',
  run(session, request, reply) {
    const numkeys = request.integer(1);
    if (!(numkeys > 0)) return reply.error(errors.numkeysNotPositive);
    const last = 2 + numkeys;
    if (last > request.count) return reply.error(errors.tooManyKeys);
    let limit = 0;
    for (let i = last; i < request.count; i += 2) {
      if (i + 1 === request.count || !request.is(i, 'LIMIT')) return reply.error(errors.syntax);
      limit = request.integer(i + 1);
      if (!(limit >= 0)) return reply.error(errors.limitIsNegative);
    }
    const refs = readSets(session, request, 2, last, reply);
    if (refs === undefined) return;
    let n = 0;
    if (!refs.includes(0)) intersect(session.db, refs, () => ++n !== limit);
    reply.integer(n);
  },
};

export const sinterstore: DataCommand = {
  name: 'sinterstore',
  summary: 'Stores the members that all of the sets have in another.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N*M) with N members in the smallest set and M sets',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['set'],
  keys: targetAndSources('RW'),
  syntax: 'destination:key key#1...',
  run(session, request, reply) {
    const { db } = session;
    const refs = readSets(session, request, 2, request.count, reply);
    if (refs === undefined) return;
    let onlyIntegers = true;
    if (refs.includes(0)) builder.startEmpty(db, Encoding.listpack);
    else {
      refs.sort((a, b) => setSize(db, a) - setSize(db, b));
      const first = db.encoding(refs[0]);
      builder.startEmpty(db, first === Encoding.intset ? first : Encoding.listpack);
      intersect(db, refs, ({ bytes, start, end }) => {
        onlyIntegers &&= isCanonicalInteger(bytes, start, end);
        builder.add(bytes, start, end);
      });
      if (onlyIntegers && builder.size > 0) builder.preferIntset();
    }
    storeBuilt(session, request, 'sinterstore', reply);
  },
};

/** SUNION and SDIFF, to the client or into a key. */
function combine(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  build: (db: Database, refs: readonly Ref[]) => void,
  event: string | undefined,
): void {
  const refs = readSets(session, request, event === undefined ? 1 : 2, request.count, reply);
  if (refs === undefined) return;
  if (event === undefined && refs.length === 1) {
    replyAllMembers(session, refs[0], reply);
    return;
  }
  build(session.db, refs);
  if (event === undefined) replyBuilt(reply);
  else storeBuilt(session, request, event, reply);
}

export const sunion: DataCommand = {
  name: 'sunion',
  summary: 'Returns the members that any of the sets has.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members in all sets',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: keysToEnd(['RO', 'access']),
  syntax: 'key...',
  tips: ['nondeterministic_output_order'],
  run: (session, request, reply) => combine(session, request, reply, unite, undefined),
};

export const sunionstore: DataCommand = {
  name: 'sunionstore',
  summary: 'Stores the members that any of the sets has in another.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members in all sets',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['set'],
  keys: targetAndSources('OW'),
  syntax: 'destination:key key#1...',
  run: (session, request, reply) => combine(session, request, reply, unite, 'sunionstore'),
};

export const sdiff: DataCommand = {
  name: 'sdiff',
  summary: 'Returns the members of the first set that none of the others has.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members in all sets',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: keysToEnd(['RO', 'access']),
  syntax: 'key...',
  tips: ['nondeterministic_output_order'],
  run: (session, request, reply) => combine(session, request, reply, subtract, undefined),
};

export const sdiffstore: DataCommand = {
  name: 'sdiffstore',
  summary: 'Stores the members of the first set that none of the others has in another.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members in all sets',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['set'],
  keys: targetAndSources('OW'),
  syntax: 'destination:key key#1...',
  run: (session, request, reply) => combine(session, request, reply, subtract, 'sdiffstore'),
};
