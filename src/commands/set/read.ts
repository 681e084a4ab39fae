// The set commands that look at one set: SCARD, SISMEMBER, SMISMEMBER, SMEMBERS, SSCAN.

import { key } from '../../dispatch/command.ts';
import type { Dict } from '../../engine/dict.ts';
import { ListpackEntry } from '../../engine/listpack.ts';
import { Kind } from '../../engine/record.ts';
import { forEachMember, isMember, loadSetMember, setSize } from '../../engine/set-value.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import { replyCollectionScan, type ScannedKind } from '../collection-scan.ts';
import { type DataCommand, type DataSession, isKind, type Ref, readKey } from '../context.ts';

const member = new ListpackEntry();

export function replyMember(reply: ReplyWriter, { bytes, start, end }: ListpackEntry): void {
  reply.bulkRange(bytes, start, end);
}

export const scard: DataCommand = {
  name: 'scard',
  summary: 'Returns the number of members.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['set'],
  keys: key('RO'),
  syntax: 'key',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (isKind(session, ref, Kind.set, reply)) reply.integer(setSize(session.db, ref));
  },
};

export const sismember: DataCommand = {
  name: 'sismember',
  summary: 'Tells whether something is a member.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['set'],
  keys: key('RO'),
  syntax: 'key member',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (!isKind(session, ref, Kind.set, reply)) return;
    const { buffer, starts, ends } = request;
    reply.integer(isMember(session.db, ref, buffer, starts[2], ends[2]) ? 1 : 0);
  },
};

export const smismember: DataCommand = {
  name: 'smismember',
  summary: 'Tells of several things whether each is a member.',
  since: '6.2.0',
  group: 'set',
  complexity: 'O(N) with N things asked for',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['set'],
  keys: key('RO', 'access'),
  syntax: 'key member...',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.set, reply)) return;
    const { buffer, starts, ends, count } = request;
    reply.array(count - 2);
    for (let i = 2; i < count; i++) {
      const is = ref !== 0 && isMember(session.db, ref, buffer, starts[i], ends[i]);
      reply.integer(is ? 1 : 0);
    }
  },
};

/** Replies with a whole set (0: an empty one). */
export function replyAllMembers(session: DataSession, ref: Ref, reply: ReplyWriter): void {
  reply.set(ref === 0 ? 0 : setSize(session.db, ref));
  if (ref !== 0) forEachMember(session.db, ref, (entry) => replyMember(reply, entry));
}

export const smembers: DataCommand = {
  name: 'smembers',
  summary: 'Returns all members.',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) with N members',
  arity: 2,
  flags: ['readonly'],
  categories: ['set'],
  keys: key('RO', 'access'),
  syntax: 'key',
  tips: ['nondeterministic_output_order'],
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.set, reply)) return;
    replyAllMembers(session, ref, reply);
  },
};

const scannedSet: ScannedKind = {
  kind: Kind.set,
  bulks: 1,
  packed(db, ref, matches, reply) {
    let n = 0;
    forEachMember(db, ref, (entry) => {
      if (!matches(entry)) return;
      replyMember(reply, entry);
      n++;
    });
    return n;
  },
  tableOf: (object) => object as Dict,
  element(object, one, reply) {
    loadSetMember(object as Dict, one, member);
    replyMember(reply, member);
  },
};

export const sscan: DataCommand = {
  name: 'sscan',
  summary: 'Returns some members and a cursor to go on from; 0 begins and ends the walk.',
  since: '2.8.0',
  group: 'set',
  complexity: 'O(COUNT) a call, O(N) for the whole walk with N members',
  arity: -3,
  flags: ['readonly'],
  categories: ['set'],
  keys: key('RO', 'access'),
  syntax: 'key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]',
  tips: ['nondeterministic_output'],
  run: (session, request, reply) => replyCollectionScan(session, request, reply, scannedSet),
};
