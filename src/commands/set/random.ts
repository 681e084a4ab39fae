// SRANDMEMBER and SPOP. What SPOP drew is propagated as the SREM of those members, in batches, or as
// the deletion of the key when it drew them all.

import { key } from '../../dispatch/command.ts';
import type { Dict } from '../../engine/dict.ts';
import { intsetCount, intsetRemoveAt } from '../../engine/intset.ts';
import { ListpackEntry, listpackCount, seekEntry } from '../../engine/listpack.ts';
import { deleteEntries } from '../../engine/listpack-edit.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Encoding, Kind } from '../../engine/record.ts';
import { SetBuilder } from '../../engine/set-builder.ts';
import {
  forEachInTable,
  forEachMember,
  loadInteger,
  loadSetMember,
  removePacked,
  setSize,
  storePackedSet,
} from '../../engine/set-value.ts';
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
  writeKey,
} from '../context.ts';
import { repeat, sampleAscending, sampleMembers, tuplePositions } from '../random-sample.ts';
import { valueKey } from '../value-key.ts';
import { replyAllMembers, replyMember } from './read.ts';

const member = new ListpackEntry();
const builder = new SetBuilder();
const LEAST_INT64 = -(2n ** 63n);
/** Members of one propagated SREM. */
const BATCH = 1024;
/** SPOP keeps the few members that stay instead of drawing the many that go, beyond this ratio. */
const KEEP_RATIO = 5;

/** Sets `member` to one of the set's, every one as likely. */
function draw(session: DataSession, ref: Ref): void {
  const { db, server } = session;
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    loadSetMember(dict, dict.randomRef(db.engine.random), member);
    return;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  if (db.encoding(ref) === Encoding.intset) {
    loadInteger(page, start, server.random.below(intsetCount(page, start)), member);
    return;
  }
  const index = server.random.below(listpackCount(page, start));
  member.load(page, seekEntry(page, start, index));
}

function drawRepeatedly(session: DataSession, ref: Ref, n: number, reply: ReplyWriter): void {
  const { db, server } = session;
  reply.array(n);
  if (n > 1 && db.encoding(ref) === Encoding.listpack) {
    const page = db.page(ref);
    const positions = tuplePositions(page, db.valueStart(ref), 1);
    repeat(session, reply, n, () => {
      member.load(page, positions[server.random.below(positions.length)]);
      replyMember(reply, member);
    });
    return;
  }
  repeat(session, reply, n, () => {
    draw(session, ref);
    replyMember(reply, member);
  });
}

/** `n` different members of a set that has more; `visit` sees each, and in packed forms its index. */
function drawDifferent(
  session: DataSession,
  ref: Ref,
  n: number,
  visit: (entry: ListpackEntry, place: number) => void,
): void {
  const { db, server } = session;
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    const refs = sampleMembers(dict, server.random, n);
    for (let i = 0; i < n; i++) {
      loadSetMember(dict, refs[i], member);
      visit(member, i);
    }
    return;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  if (db.encoding(ref) === Encoding.intset) {
    sampleAscending(server.random, intsetCount(page, start), n, (i) => {
      loadInteger(page, start, i, member);
      visit(member, i);
    });
    return;
  }
  const positions = tuplePositions(page, start, 1);
  sampleAscending(server.random, positions.length, n, (i) => {
    member.load(page, positions[i]);
    visit(member, positions[i]);
  });
}

export const srandmember: DataCommand = {
  name: 'srandmember',
  summary: 'Returns members drawn at random; with a count below zero one may come again.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members returned',
  arity: -2,
  flags: ['readonly'],
  categories: ['set'],
  keys: key('RO', 'access'),
  syntax: 'key [count:integer@2.6.0]',
  tips: ['nondeterministic_output'],
  history: [['2.6.0', 'The count.']],
  run(session, request, reply) {
    if (request.count > 3) return reply.error(errors.syntax);
    const hasCount = request.count === 3;
    const count = hasCount ? request.integer(2) : 1;
    if (Number.isNaN(count)) return reply.error(errors.notInteger);
    if (hasCount && request.int64(2) === LEAST_INT64) {
      return reply.error(errors.notBelowLeastInt64);
    }
    const ref = readKey(session, request, 1);
    if (ref === 0) return hasCount ? reply.array(0) : reply.null();
    if (!isKind(session, ref, Kind.set, reply)) return;
    if (!hasCount) {
      draw(session, ref);
      return replyMember(reply, member);
    }
    const size = setSize(session.db, ref);
    if (count < 0 || count === 1) return drawRepeatedly(session, ref, Math.abs(count), reply);
    const n = Math.min(count, size);
    reply.array(n);
    if (n === size) forEachMember(session.db, ref, (entry) => replyMember(reply, entry));
    else drawDifferent(session, ref, n, (entry) => replyMember(reply, entry));
  },
};

/** Collects what SPOP removed and propagates it batch by batch. */
class Removals {
  readonly #session: DataSession;
  readonly #key: Buffer;
  #batch: Buffer[] = [];

  constructor(session: DataSession, key: Buffer) {
    this.#session = session;
    this.#key = key;
  }

  add({ bytes, start, end }: ListpackEntry): void {
    this.#batch.push(Buffer.from(bytes.subarray(start, end)));
    if (this.#batch.length === BATCH) this.flush();
  }

  flush(): void {
    if (this.#batch.length === 0) return;
    this.#session.propagateAs(['SREM', this.#key, ...this.#batch]);
    this.#batch = [];
  }
}

function popOne(session: DataSession, request: Request, ref: Ref, reply: ReplyWriter): void {
  const { db } = session;
  const target = valueKey(session, request, 1);
  const size = setSize(db, ref);
  draw(session, ref);
  const { bytes, start, end } = member;
  reply.bulkRange(bytes, start, end);
  // Copied while it is there, and only if somebody is going to read it.
  if (session.dispatcher.propagation.active) {
    const popped = Buffer.from(bytes.subarray(start, end));
    session.propagateAs(['SREM', request.bytes(1), popped]);
  }
  if (db.isObject(ref)) (db.object(ref) as Dict).delete(bytes, start, end);
  else {
    const encoding = db.encoding(ref);
    removePacked(db.page(ref), db.valueStart(ref), encoding, bytes, start, end);
    storePackedSet(target, ref, encoding, db.page(ref), db.valueStart(ref));
  }
  changedKey(session, request, 1, NotifyClass.set, 'spop');
  if (size === 1) db.removeIfEmpty(target.b, target.s, target.e);
}

/** Removes all members at once: the reply is the set, and the key goes. */
function popAll(session: DataSession, request: Request, ref: Ref, reply: ReplyWriter): void {
  const { db, server } = session;
  const { buffer, starts, ends } = request;
  const size = setSize(db, ref);
  replyAllMembers(session, ref, reply);
  changedKey(session, request, 1, NotifyClass.set, 'spop', size);
  db.delete(buffer, starts[1], ends[1]);
  db.notify(buffer, starts[1], ends[1], NotifyClass.generic, 'del');
  const word = server.settings.lazyfreeLazyServerDel ? 'UNLINK' : 'DEL';
  session.propagateAs([word, request.bytes(1)]);
}

/** Removes `n` members of a packed set that has more. */
function popPacked(
  session: DataSession,
  request: Request,
  ref: Ref,
  n: number,
  take: (entry: ListpackEntry) => void,
): void {
  const { db } = session;
  const places: number[] = [];
  drawDifferent(session, ref, n, (entry, place) => {
    take(entry);
    places.push(place);
  });
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const encoding = db.encoding(ref);
  if (encoding === Encoding.listpack) deleteEntries(page, start, places, n);
  else for (const index of places.reverse()) intsetRemoveAt(page, start, index);
  storePackedSet(valueKey(session, request, 1), ref, encoding, page, start);
}

/** Removes `n` members of a table that has more. */
function popFromTable(
  session: DataSession,
  request: Request,
  dict: Dict,
  n: number,
  take: (entry: ListpackEntry) => void,
): void {
  const { db } = session;
  const stay = dict.count - n;
  const { random } = db.engine;
  const drawAndDelete = (visit: (entry: ListpackEntry) => void): void => {
    loadSetMember(dict, dict.randomRef(random), member);
    visit(member);
    dict.delete(member.bytes, member.start, member.end);
  };
  if (stay * KEEP_RATIO > n) {
    for (let i = 0; i < n; i++) drawAndDelete(take);
    return;
  }
  builder.startEmpty(db, Encoding.listpack);
  for (let i = 0; i < stay; i++) {
    drawAndDelete(({ bytes, start, end }) => builder.add(bytes, start, end));
  }
  forEachInTable(dict, take);
  builder.store(valueKey(session, request, 1), 0);
}

function popMany(
  session: DataSession,
  request: Request,
  ref: Ref,
  n: number,
  reply: ReplyWriter,
): void {
  const { db } = session;
  const removals = new Removals(session, request.copy(1));
  const take = (entry: ListpackEntry): void => {
    replyMember(reply, entry);
    removals.add(entry);
  };
  reply.set(n);
  if (db.isObject(ref)) popFromTable(session, request, db.object(ref) as Dict, n, take);
  else popPacked(session, request, ref, n, take);
  changedKey(session, request, 1, NotifyClass.set, 'spop', n);
  removals.flush();
}

export const spop: DataCommand = {
  name: 'spop',
  summary: 'Removes members drawn at random and returns them.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members returned',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['set'],
  keys: key('RW', 'access', 'delete'),
  syntax: 'key [count:integer@3.2.0]',
  tips: ['nondeterministic_output'],
  history: [['3.2.0', 'The count.']],
  run(session, request, reply) {
    if (request.count > 3) return reply.error(errors.syntax);
    const hasCount = request.count === 3;
    const count = hasCount ? request.integer(2) : 1;
    if (!(count >= 0)) return reply.error(errors.notPositive);
    const ref = writeKey(session, request, 1);
    if (ref === 0) return hasCount ? reply.set(0) : reply.null();
    if (!isKind(session, ref, Kind.set, reply)) return;
    if (!hasCount) popOne(session, request, ref, reply);
    else if (count === 0) reply.set(0);
    else if (count >= setSize(session.db, ref)) popAll(session, request, ref, reply);
    else popMany(session, request, ref, count, reply);
  },
};
