// The set commands that add, remove and move members: SADD, SREM, SMOVE.

import { key, keyAt } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Encoding, Kind } from '../../engine/record.ts';
import { SetBuilder } from '../../engine/set-builder.ts';
import { isMember, removeMembers, setSize } from '../../engine/set-value.ts';
import type { Request } from '../../protocol/request.ts';
import { isCanonicalInteger } from '../../util/integer.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type Ref,
  writeKey,
} from '../context.ts';
import { valueKey } from '../value-key.ts';

const builder = new SetBuilder();

/** The form of a new set, by its first member and the number to come. */
function firstEncoding(session: DataSession, request: Request, i: number, n: number): number {
  const { buffer, starts, ends } = request;
  const { setMaxIntsetEntries, setMaxListpackEntries } = session.db.engine.settings;
  if (n <= setMaxIntsetEntries && isCanonicalInteger(buffer, starts[i], ends[i])) {
    return Encoding.intset;
  }
  return n <= setMaxListpackEntries ? Encoding.listpack : Encoding.hashtable;
}

/** Adds the arguments [first, last) to the set of the key at argument `keyAt`; how many are new. */
function addMembers(
  session: DataSession,
  request: Request,
  keyIndex: number,
  ref: Ref,
  first: number,
  last: number,
): number {
  const { db } = session;
  const { buffer, starts, ends } = request;
  const n = last - first;
  if (ref === 0) builder.startEmpty(db, firstEncoding(session, request, first, n));
  else {
    // Nothing is copied for a member that is there; of a table nothing is copied at all.
    if (n === 1 && !db.isObject(ref) && isMember(db, ref, buffer, starts[first], ends[first]))
      return 0;
    builder.startFrom(db, ref);
    builder.expect(n);
  }
  let added = 0;
  for (let i = first; i < last; i++) if (builder.add(buffer, starts[i], ends[i])) added++;
  builder.store(valueKey(session, request, keyIndex), ref);
  return added;
}

export const sadd: DataCommand = {
  name: 'sadd',
  summary: 'Adds members to a set; makes the set if need be. Returns how many are new.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members added',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['set'],
  keys: key('RW', 'insert'),
  syntax: 'key member...',
  history: [['2.4.0', 'Several members at once.']],
  run(session, request, reply) {
    const ref = writeKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.set, reply)) return;
    const added = addMembers(session, request, 1, ref, 2, request.count);
    if (added > 0) changedKey(session, request, 1, NotifyClass.set, 'sadd', added);
    reply.integer(added);
  },
};

export const srem: DataCommand = {
  name: 'srem',
  summary: 'Removes members; the set goes with the last of them.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members named',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['set'],
  keys: key('RW', 'delete'),
  syntax: 'key member...',
  history: [['2.4.0', 'Several members at once.']],
  run(session, request, reply) {
    const ref = writeKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (!isKind(session, ref, Kind.set, reply)) return;
    const { buffer, starts, ends, count } = request;
    const before = setSize(session.db, ref);
    const target = valueKey(session, request, 1);
    const removed = removeMembers(target, ref, buffer, starts, ends, 2, count);
    if (removed > 0) {
      changedKey(session, request, 1, NotifyClass.set, 'srem', removed);
      if (removed === before) session.db.removeIfEmpty(buffer, starts[1], ends[1]);
    }
    reply.integer(removed);
  },
};

function isSameKey({ buffer, starts, ends }: Request): boolean {
  return buffer.compare(buffer, starts[1], ends[1], starts[2], ends[2]) === 0;
}

export const smove: DataCommand = {
  name: 'smove',
  summary: 'Moves a member from one set to another.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'fast'],
  categories: ['set'],
  keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
  syntax: 'source:key destination:key#1 member',
  run(session, request, reply) {
    const { db } = session;
    const { buffer, starts, ends } = request;
    const target = writeKey(session, request, 2);
    const source = writeKey(session, request, 1);
    if (source === 0) return reply.integer(0);
    if (!isKind(session, source, Kind.set, reply)) return;
    if (target !== 0 && !isKind(session, target, Kind.set, reply)) return;
    if (isSameKey(request)) {
      return reply.integer(isMember(db, source, buffer, starts[3], ends[3]) ? 1 : 0);
    }
    const from = valueKey(session, request, 1);
    if (removeMembers(from, source, buffer, starts, ends, 3, 4) === 0) return reply.integer(0);
    changedKey(session, request, 1, NotifyClass.set, 'srem');
    db.removeIfEmpty(buffer, starts[1], ends[1]);
    // The removal may have moved the target.
    const to = valueKey(session, request, 2, 1).ref();
    if (addMembers(session, request, 2, to, 3, 4) > 0) {
      changedKey(session, request, 2, NotifyClass.set, 'sadd');
    }
    reply.integer(1);
  },
};
