// The hash commands that read: HGET, HMGET, HGETALL, HKEYS, HVALS, HLEN, HSTRLEN, HEXISTS, HSCAN.

import { key } from '../../dispatch/command.ts';
import type { Dict } from '../../engine/dict.ts';
import { forEachField, hashLength, loadMember, readField } from '../../engine/hash-value.ts';
import { ListpackEntry } from '../../engine/listpack.ts';
import { Kind } from '../../engine/record.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { replyCollectionScan, type ScannedKind } from '../collection-scan.ts';
import { type DataCommand, type DataSession, isKind, type Ref, readKey } from '../context.ts';

const field = new ListpackEntry();
const value = new ListpackEntry();

export function replyText(reply: ReplyWriter, entry: ListpackEntry): void {
  reply.bulkRange(entry.bytes, entry.start, entry.end);
}

/** Sets `value` to the field of argument `i`; false when the hash (0: none) has no such field. */
function read(session: DataSession, ref: Ref, request: Request, i: number): boolean {
  if (ref === 0) return false;
  return readField(session.db, ref, request.buffer, request.starts[i], request.ends[i], value);
}

export const hget: DataCommand = {
  name: 'hget',
  summary: 'Returns the value of a field.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: key('RO', 'access'),
  syntax: 'key field',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return;
    if (read(session, ref, request, 2)) replyText(reply, value);
    else reply.null();
  },
};

export const hmget: DataCommand = {
  name: 'hmget',
  summary: 'Returns the values of several fields.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) with N fields asked for',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: key('RO', 'access'),
  syntax: 'key field...',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return;
    reply.array(request.count - 2);
    for (let i = 2; i < request.count; i++) {
      if (read(session, ref, request, i)) replyText(reply, value);
      else reply.null();
    }
  },
};

export const hgetall: DataCommand = {
  name: 'hgetall',
  summary: 'Returns all fields with their values.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) with N fields in the hash',
  arity: 2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: key('RO', 'access'),
  syntax: 'key',
  tips: ['nondeterministic_output_order'],
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.map(0);
    if (!isKind(session, ref, Kind.hash, reply)) return;
    reply.map(hashLength(session.db, ref));
    forEachField(session.db, ref, (name, content) => {
      replyText(reply, name);
      replyText(reply, content);
    });
  },
};

export const hkeys: DataCommand = {
  name: 'hkeys',
  summary: 'Returns all fields.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) with N fields in the hash',
  arity: 2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: key('RO', 'access'),
  syntax: 'key',
  tips: ['nondeterministic_output_order'],
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.array(0);
    if (!isKind(session, ref, Kind.hash, reply)) return;
    reply.array(hashLength(session.db, ref));
    forEachField(session.db, ref, (name) => replyText(reply, name));
  },
};

export const hvals: DataCommand = {
  name: 'hvals',
  summary: 'Returns the values of all fields.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) with N fields in the hash',
  arity: 2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: key('RO', 'access'),
  syntax: 'key',
  tips: ['nondeterministic_output_order'],
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.array(0);
    if (!isKind(session, ref, Kind.hash, reply)) return;
    reply.array(hashLength(session.db, ref));
    forEachField(session.db, ref, (_, content) => replyText(reply, content));
  },
};

export const hlen: DataCommand = {
  name: 'hlen',
  summary: 'Returns the number of fields.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: key('RO'),
  syntax: 'key',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (isKind(session, ref, Kind.hash, reply)) reply.integer(hashLength(session.db, ref));
  },
};

export const hstrlen: DataCommand = {
  name: 'hstrlen',
  summary: 'Returns the length of the value of a field.',
  since: '3.2.0',
  group: 'hash',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: key('RO'),
  syntax: 'key field',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return;
    reply.integer(read(session, ref, request, 2) ? value.end - value.start : 0);
  },
};

export const hexists: DataCommand = {
  name: 'hexists',
  summary: 'Tells whether a field exists.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: key('RO'),
  syntax: 'key field',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return;
    reply.integer(read(session, ref, request, 2) ? 1 : 0);
  },
};

const scannedHash: ScannedKind = {
  kind: Kind.hash,
  bulks: 2,
  packed(db, ref, matches, reply) {
    let n = 0;
    forEachField(db, ref, (name, content) => {
      if (!matches(name)) return;
      replyText(reply, name);
      replyText(reply, content);
      n++;
    });
    return n;
  },
  tableOf: (object) => object as Dict,
  element(object, member, reply) {
    loadMember(object as Dict, member, field, value);
    replyText(reply, field);
    replyText(reply, value);
  },
};

export const hscan: DataCommand = {
  name: 'hscan',
  summary: 'Returns some fields with their values and a cursor to go on from; 0 begins and ends.',
  since: '2.8.0',
  group: 'hash',
  complexity: 'O(COUNT) a call, O(N) for the whole walk with N fields in the hash',
  arity: -3,
  flags: ['readonly'],
  categories: ['hash'],
  keys: key('RO', 'access'),
  syntax: 'key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]',
  tips: ['nondeterministic_output'],
  run: (session, request, reply) => replyCollectionScan(session, request, reply, scannedHash),
};
