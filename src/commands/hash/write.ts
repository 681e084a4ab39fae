// The hash commands that set and delete fields: HSET, HMSET, HSETNX, HDEL.

import { key } from '../../dispatch/command.ts';
import {
  deleteFields,
  hashLength,
  readField,
  setField,
  setFields,
} from '../../engine/hash-value.ts';
import { ListpackEntry } from '../../engine/listpack.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, isKind, writeKey } from '../context.ts';
import { valueKey } from '../value-key.ts';

const existing = new ListpackEntry();

/** Sets all fields of a request; how many are new, or -1 after an error reply. */
function setAll(session: DataSession, request: Request, name: string, reply: ReplyWriter): number {
  const { buffer, starts, ends, count } = request;
  if (count % 2 === 1) {
    reply.error(errors.wrongArity(name));
    return -1;
  }
  const ref = writeKey(session, request, 1);
  if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return -1;
  const created = setFields(valueKey(session, request, 1), ref, buffer, starts, ends, 2, count);
  changedKey(session, request, 1, NotifyClass.hash, 'hset', (count - 2) / 2);
  return created;
}

export const hset: DataCommand = {
  name: 'hset',
  summary: 'Sets fields of a hash; makes the hash if need be. Returns how many fields are new.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) with N fields set',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: key('RW', 'update'),
  syntax: 'key data=(field value)...',
  history: [['4.0.0', 'Several fields at once.']],
  run(session, request, reply) {
    const created = setAll(session, request, 'hset', reply);
    if (created >= 0) reply.integer(created);
  },
};

export const hmset: DataCommand = {
  name: 'hmset',
  summary: 'Sets fields of a hash.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) with N fields set',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: key('RW', 'update'),
  syntax: 'key data=(field value)...',
  deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
  run(session, request, reply) {
    if (setAll(session, request, 'hmset', reply) >= 0) reply.ok();
  },
};

export const hsetnx: DataCommand = {
  name: 'hsetnx',
  summary: 'Sets a field that does not exist yet.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: key('RW', 'insert'),
  syntax: 'key field value',
  run(session, request, reply) {
    const ref = writeKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return;
    const { buffer: b, starts, ends } = request;
    if (ref !== 0 && readField(session.db, ref, b, starts[2], ends[2], existing)) {
      return reply.integer(0);
    }
    const target = valueKey(session, request, 1);
    setField(target, ref, b, starts[2], ends[2], b, starts[3], ends[3]);
    reply.integer(1);
    changedKey(session, request, 1, NotifyClass.hash, 'hset');
  },
};

export const hdel: DataCommand = {
  name: 'hdel',
  summary: 'Deletes fields; the hash goes with the last of them.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) with N fields named',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['hash'],
  keys: key('RW', 'delete'),
  syntax: 'key field...',
  history: [['2.4.0', 'Several fields at once.']],
  run(session, request, reply) {
    const ref = writeKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (!isKind(session, ref, Kind.hash, reply)) return;
    const { buffer, starts, ends, count } = request;
    const before = hashLength(session.db, ref);
    const target = valueKey(session, request, 1);
    const deleted = deleteFields(target, ref, buffer, starts, ends, 2, count);
    if (deleted > 0) {
      changedKey(session, request, 1, NotifyClass.hash, 'hdel', deleted);
      if (deleted === before) session.db.removeIfEmpty(buffer, starts[1], ends[1]);
    }
    reply.integer(deleted);
  },
};
