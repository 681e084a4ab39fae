// Taking elements off an end: LPOP, RPOP, LMPOP and the forms that wait for one, BLPOP, BRPOP and
// BLMPOP. What waited is propagated as the pop that it became.

import { key } from '../../dispatch/command.ts';
import { listLength, removeElements, removeEnd } from '../../engine/list-value.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { type DataCommand, type DataSession, isKind, type Ref, writeKey } from '../context.ts';
import {
  keysBeforeTimeout,
  multiPopKeys,
  type PopPlan,
  type Poppable,
  popOneOrWait,
  popSeveral,
  popSeveralOrWait,
} from '../multi-pop.ts';
import { valueKey } from '../value-key.ts';
import { type End, elementsPopped, LEFT, RIGHT } from './list-arguments.ts';
import { replyFirst, replyRange } from './read.ts';

/** Replies with the element at an end and removes it. */
function popOne(
  session: DataSession,
  request: Request,
  i: number,
  ref: Ref,
  from: End,
  reply: ReplyWriter,
): void {
  const length = listLength(session.db, ref);
  replyFirst(session, ref, from === LEFT, reply);
  removeEnd(valueKey(session, request, i), ref, from === LEFT);
  elementsPopped(session, request, i, from, 1, length === 1);
}

/** Replies with up to `n` elements from an end and removes them; how many. */
function popMany(
  session: DataSession,
  request: Request,
  i: number,
  ref: Ref,
  from: End,
  n: number,
  reply: ReplyWriter,
): number {
  const length = listLength(session.db, ref);
  const taken = Math.min(n, length);
  const atHead = from === LEFT;
  replyRange(session, ref, atHead ? 0 : length - 1, taken, atHead, reply);
  removeElements(valueKey(session, request, i), ref, atHead ? 0 : length - taken, taken);
  elementsPopped(session, request, i, from, taken, taken === length);
  return taken;
}

function pop(session: DataSession, request: Request, reply: ReplyWriter, from: End): void {
  const hasCount = request.count > 2;
  const n = hasCount ? request.integer(2) : 1;
  if (request.count > 3) reply.error(errors.wrongArity(from === LEFT ? 'lpop' : 'rpop'));
  else if (!(n >= 0)) reply.error(errors.notPositive);
  else {
    const ref = writeKey(session, request, 1);
    if (ref === 0) {
      if (hasCount) reply.nullArray();
      else reply.null();
    } else if (isKind(session, ref, Kind.list, reply)) {
      if (!hasCount) popOne(session, request, 1, ref, from, reply);
      else if (n === 0) reply.array(0);
      else popMany(session, request, 1, ref, from, n, reply);
    }
  }
}

export const lpop: DataCommand = {
  name: 'lpop',
  summary: 'Removes and returns elements at the head of a list.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) with N elements returned',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['list'],
  keys: key('RW', 'access', 'delete'),
  syntax: 'key [count:integer@6.2.0]',
  history: [['6.2.0', 'The count.']],
  run: (session, request, reply) => pop(session, request, reply, LEFT),
};

export const rpop: DataCommand = {
  name: 'rpop',
  summary: 'Removes and returns elements at the tail of a list.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) with N elements returned',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['list'],
  keys: key('RW', 'access', 'delete'),
  syntax: 'key [count:integer@6.2.0]',
  history: [['6.2.0', 'The count.']],
  run: (session, request, reply) => pop(session, request, reply, RIGHT),
};

/** Pops from the first key that holds a list; false when none does. Errors count as done. */
function popFromFirst(
  session: DataSession,
  request: Request,
  { first, last, from, count }: PopPlan<End>,
  reply: ReplyWriter,
): boolean {
  for (let i = first; i < last; i++) {
    const ref = writeKey(session, request, i);
    if (ref === 0) continue;
    if (!isKind(session, ref, Kind.list, reply)) return true;
    const name = from === LEFT ? 'LPOP' : 'RPOP';
    reply.array(2);
    reply.bulkRange(request.buffer, request.starts[i], request.ends[i]);
    if (count === -1) {
      popOne(session, request, i, ref, from, reply);
      session.propagateAs([name, request.bytes(i)]);
    } else {
      const taken = popMany(session, request, i, ref, from, count, reply);
      session.propagateAs([name, request.bytes(i), taken]);
    }
    return true;
  }
  return false;
}

function endOf(request: Request, i: number): End | undefined {
  if (request.is(i, 'LEFT')) return LEFT;
  return request.is(i, 'RIGHT') ? RIGHT : undefined;
}

const lists: Poppable<End> = { kind: 'list', endOf, popFromFirst };

export const lmpop: DataCommand = {
  name: 'lmpop',
  summary: 'Removes and returns elements of the first list of several that exists.',
  since: '7.0.0',
  group: 'list',
  complexity: 'O(N+M) with N keys and M elements returned',
  arity: -4,
  flags: ['write'],
  categories: ['list'],
  keys: multiPopKeys(1),
  syntax: 'numkeys:integer key... where=<LEFT|RIGHT> [COUNT count:integer]',
  run: (session, request, reply) => popSeveral(session, request, lists, reply),
};

export const blpop: DataCommand = {
  name: 'blpop',
  summary: 'Removes and returns the head of the first list of several, waiting for one if need be.',
  since: '2.0.0',
  group: 'list',
  complexity: 'O(N) with N keys',
  arity: -3,
  flags: ['write', 'blocking'],
  categories: ['list'],
  keys: keysBeforeTimeout,
  syntax: 'key... timeout:double',
  history: [['6.0.0', 'Timeouts with decimals.']],
  run: (session, request, reply) => popOneOrWait(session, request, lists, LEFT, reply),
};

export const brpop: DataCommand = {
  name: 'brpop',
  summary: 'Removes and returns the tail of the first list of several, waiting for one if need be.',
  since: '2.0.0',
  group: 'list',
  complexity: 'O(N) with N keys',
  arity: -3,
  flags: ['write', 'blocking'],
  categories: ['list'],
  keys: keysBeforeTimeout,
  syntax: 'key... timeout:double',
  history: [['6.0.0', 'Timeouts with decimals.']],
  run: (session, request, reply) => popOneOrWait(session, request, lists, RIGHT, reply),
};

export const blmpop: DataCommand = {
  name: 'blmpop',
  summary: 'Removes and returns elements of the first list of several, waiting for one if need be.',
  since: '7.0.0',
  group: 'list',
  complexity: 'O(N+M) with N keys and M elements returned',
  arity: -5,
  flags: ['write', 'blocking'],
  categories: ['list'],
  keys: multiPopKeys(2),
  syntax: 'timeout:double numkeys:integer key... where=<LEFT|RIGHT> [COUNT count:integer]',
  run: (session, request, reply) => popSeveralOrWait(session, request, lists, reply),
};
