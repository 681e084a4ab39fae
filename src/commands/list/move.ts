// An element from one list to another, or to the other end of its own: LMOVE, RPOPLPUSH and the forms
// that wait for an element, BLMOVE and BRPOPLPUSH.

import { type Blocked, blocked } from '../../dispatch/blocking.ts';
import { keyAt } from '../../dispatch/command.ts';
import { ListCursor } from '../../engine/list-cursor.ts';
import { listLength, openList, pushElements, removeEnd } from '../../engine/list-value.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { Scratch } from '../../engine/scratch.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { BAD_TIMEOUT, blockingDeadline } from '../blocking-timeout.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type Ref,
  writeKey,
} from '../context.ts';
import { valueKey } from '../value-key.ts';
import { type End, elementsPopped, endArgument, LEFT, RIGHT } from './list-arguments.ts';

const cursor = new ListCursor();
/** The element on its way: the lists that it leaves and enters may move in memory. */
const scratch = new Scratch();
const starts = new Int32Array(1);
const ends = new Int32Array(1);

/** Moves an element from the list at argument 1 (which exists) to argument 2; false after an error reply. */
function move(
  session: DataSession,
  request: Request,
  source: Ref,
  from: End,
  to: End,
  reply: ReplyWriter,
): boolean {
  const { db } = session;
  if (!isKind(session, source, Kind.list, reply)) return false;
  const target = writeKey(session, request, 2);
  if (target !== 0 && !isKind(session, target, Kind.list, reply)) return false;
  // Looking the target up may have deleted it as expired, which moves others.
  const sourceKey = valueKey(session, request, 1);
  const ref = sourceKey.ref();
  openList(cursor, db, ref, from === LEFT ? 0 : -1, from === LEFT);
  cursor.next();
  const element = cursor.load();
  ends[0] = element.end - element.start;
  const moved = scratch.reserve(ends[0]);
  element.bytes.copy(moved, 0, element.start, element.end);
  removeEnd(sourceKey, ref, from === LEFT);
  const targetKey = valueKey(session, request, 2, 1);
  const targetRef = targetKey.ref();
  pushElements(targetKey, targetRef, moved, starts, ends, 0, 1, to === LEFT);
  changedKey(session, request, 2, NotifyClass.list, to === LEFT ? 'lpush' : 'rpush', 0);
  reply.bulkRange(moved, 0, ends[0]);
  const left = sourceKey.ref();
  elementsPopped(session, request, 1, from, 1, listLength(db, left) === 0);
  return true;
}

function moveNow(
  session: DataSession,
  request: Request,
  from: End,
  to: End,
  reply: ReplyWriter,
): void {
  const source = writeKey(session, request, 1);
  if (source === 0) reply.null();
  else move(session, request, source, from, to, reply);
}

const replyNullArray = (reply: ReplyWriter): void => reply.nullArray();

/** Moves now if there is something to move, else waits; undefined: replied. */
function moveOrWait(
  session: DataSession,
  request: Request,
  from: End,
  to: End,
  timeoutAt: number,
  reply: ReplyWriter,
): Blocked | undefined {
  const deadlineMs = blockingDeadline(session, request, timeoutAt, reply);
  if (deadlineMs === BAD_TIMEOUT) return undefined;
  const source = writeKey(session, request, 1);
  if (source !== 0) {
    if (!move(session, request, source, from, to, reply)) return undefined;
    const keys = [request.bytes(1), request.bytes(2)];
    if (timeoutAt === 3) session.propagateAs(['RPOPLPUSH', ...keys]);
    else session.propagateAs(['LMOVE', ...keys, request.bytes(3), request.bytes(4)]);
    return undefined;
  }
  if (session.denyBlocking) {
    reply.null();
    return undefined;
  }
  return blocked({
    keys: [request.copy(1)],
    kind: 'list',
    deadlineMs,
    onTimeout: replyNullArray,
  });
}

const keys = [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')];

export const lmove: DataCommand = {
  name: 'lmove',
  summary: 'Moves an element from an end of one list to an end of another and returns it.',
  since: '6.2.0',
  group: 'list',
  complexity: 'O(1)',
  arity: 5,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys,
  syntax: 'source:key destination:key#1 wherefrom=<LEFT|RIGHT> whereto=<LEFT|RIGHT>',
  run(session, request, reply) {
    const from = endArgument(request, 3, reply);
    if (from === 0) return;
    const to = endArgument(request, 4, reply);
    if (to !== 0) moveNow(session, request, from, to, reply);
  },
};

export const rpoplpush: DataCommand = {
  name: 'rpoplpush',
  summary: 'Moves the tail of one list to the head of another and returns it.',
  since: '1.2.0',
  group: 'list',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys,
  syntax: 'source:key destination:key#1',
  deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
  run: (session, request, reply) => moveNow(session, request, RIGHT, LEFT, reply),
};

export const blmove: DataCommand = {
  name: 'blmove',
  summary: 'Moves an element from one list to another, waiting for one if need be.',
  since: '6.2.0',
  group: 'list',
  complexity: 'O(1)',
  arity: 6,
  flags: ['write', 'denyoom', 'blocking'],
  categories: ['list'],
  keys,
  syntax: 'source:key destination:key#1 wherefrom=<LEFT|RIGHT> whereto=<LEFT|RIGHT> timeout:double',
  run(session, request, reply) {
    const from = endArgument(request, 3, reply);
    if (from === 0) return undefined;
    const to = endArgument(request, 4, reply);
    return to === 0 ? undefined : moveOrWait(session, request, from, to, 5, reply);
  },
};

export const brpoplpush: DataCommand = {
  name: 'brpoplpush',
  summary: 'Moves the tail of one list to the head of another, waiting for one if need be.',
  since: '2.2.0',
  group: 'list',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'blocking'],
  categories: ['list'],
  keys,
  syntax: 'source:key destination:key#1 timeout:double',
  history: [['6.0.0', 'Timeouts with decimals.']],
  deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
  run: (session, request, reply) => moveOrWait(session, request, RIGHT, LEFT, 3, reply),
};
