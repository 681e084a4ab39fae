// The list commands that change elements in the middle: LSET, LINSERT, LREM, LTRIM.

import { key } from '../../dispatch/command.ts';
import { ListCursor } from '../../engine/list-cursor.ts';
import {
  insertElement,
  listLength,
  makeRoomInList,
  openList,
  removeElements,
  removeEqualElements,
  replaceElement,
} from '../../engine/list-value.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import { changedKey, type DataCommand, isKind, writeKey } from '../context.ts';
import { valueKey } from '../value-key.ts';

const cursor = new ListCursor();

export const lset: DataCommand = {
  name: 'lset',
  summary: 'Replaces the element at a position.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) within a node, and in the number of nodes in groups of 128',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys: key('RW', 'update'),
  syntax: 'key index:integer element',
  run(session, request, reply) {
    const ref = writeKey(session, request, 1);
    if (ref === 0) return reply.error(errors.noSuchKey);
    if (!isKind(session, ref, Kind.list, reply)) return;
    const index = request.integer(2);
    if (Number.isNaN(index)) return reply.error(errors.notInteger);
    const { buffer, starts, ends } = request;
    const target = valueKey(session, request, 1);
    if (!replaceElement(target, ref, index, buffer, starts[3], ends[3])) {
      return reply.error(errors.outOfRange);
    }
    reply.ok();
    changedKey(session, request, 1, NotifyClass.list, 'lset');
  },
};

export const linsert: DataCommand = {
  name: 'linsert',
  summary: 'Inserts an element before or after the first one that equals another.',
  since: '2.2.0',
  group: 'list',
  complexity: 'O(N) with N elements before the pivot',
  arity: 5,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys: key('RW', 'insert'),
  syntax: 'key where=<BEFORE|AFTER> pivot element',
  run(session, request, reply) {
    const after = request.is(2, 'AFTER');
    if (!after && !request.is(2, 'BEFORE')) return reply.error(errors.syntax);
    let ref = writeKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (!isKind(session, ref, Kind.list, reply)) return;
    const { buffer, starts, ends } = request;
    const target = valueKey(session, request, 1);
    ref = makeRoomInList(target, ref, ends[4] - starts[4], 1);
    const length = listLength(session.db, ref);
    openList(cursor, session.db, ref, 0, true);
    while (cursor.next()) {
      if (!cursor.equals(buffer, starts[3], ends[3])) continue;
      insertElement(target, ref, cursor, buffer, starts[4], ends[4], after);
      changedKey(session, request, 1, NotifyClass.list, 'linsert');
      return reply.integer(length + 1);
    }
    reply.integer(-1);
  },
};

export const lrem: DataCommand = {
  name: 'lrem',
  summary: 'Removes elements that equal another, from the head or from the tail on.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) with N elements looked at',
  arity: 4,
  flags: ['write'],
  categories: ['list'],
  keys: key('RW', 'delete'),
  syntax: 'key count:integer element',
  run(session, request, reply) {
    const count = request.integer(2);
    if (Number.isNaN(count)) return reply.error(errors.notInteger);
    const ref = writeKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (!isKind(session, ref, Kind.list, reply)) return;
    const { buffer, starts, ends } = request;
    const limit = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
    const target = valueKey(session, request, 1);
    const before = listLength(session.db, ref);
    const removed = removeEqualElements(target, ref, buffer, starts[3], ends[3], limit, count >= 0);
    if (removed > 0) {
      changedKey(session, request, 1, NotifyClass.list, 'lrem', removed);
      if (removed === before) session.db.removeIfEmpty(buffer, starts[1], ends[1]);
    }
    reply.integer(removed);
  },
};

export const ltrim: DataCommand = {
  name: 'ltrim',
  summary: 'Removes all elements but those from one position to another.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) with N elements removed',
  arity: 4,
  flags: ['write'],
  categories: ['list'],
  keys: key('RW', 'delete'),
  syntax: 'key start:integer stop:integer',
  run(session, request, reply) {
    let start = request.integer(2);
    let stop = request.integer(3);
    if (Number.isNaN(start) || Number.isNaN(stop)) return reply.error(errors.notInteger);
    const ref = writeKey(session, request, 1);
    if (ref === 0) return reply.ok();
    if (!isKind(session, ref, Kind.list, reply)) return;
    const { db } = session;
    const { buffer, starts, ends } = request;
    const length = listLength(db, ref);
    if (start < 0) start = Math.max(0, start + length);
    if (stop < 0) stop += length;
    stop = Math.min(stop, length - 1);
    const keepsNone = start > stop;
    const head = keepsNone ? length : start;
    const tail = keepsNone ? 0 : length - 1 - stop;
    const target = valueKey(session, request, 1);
    removeElements(target, ref, 0, head);
    removeElements(target, target.ref(), length - head - tail, tail);
    changedKey(session, request, 1, NotifyClass.list, 'ltrim', head + tail);
    if (keepsNone) db.removeIfEmpty(buffer, starts[1], ends[1]);
    reply.ok();
  },
};
