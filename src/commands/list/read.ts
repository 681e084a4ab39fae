// The list commands that only read: LLEN, LINDEX, LRANGE, LPOS.

import { key } from '../../dispatch/command.ts';
import { ListCursor } from '../../engine/list-cursor.ts';
import { listLength, openList } from '../../engine/list-value.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { type DataCommand, type DataSession, isKind, type Ref, readKey } from '../context.ts';
import { replyElement } from './list-arguments.ts';

const cursor = new ListCursor();
/** Elements that are found first and then written together, in three quarters of the time of one by one. */
const SPANS = 64;
const spans = new Int32Array(2 * SPANS);
const LEAST_INT64 = -(2n ** 63n);

/** Replies with `n` elements from `index` on, towards the tail or towards the head. */
export function replyRange(
  session: DataSession,
  ref: Ref,
  index: number,
  n: number,
  forward: boolean,
  reply: ReplyWriter,
): void {
  reply.array(n);
  openList(cursor, session.db, ref, index, forward);
  for (let left = n; left > 0 && cursor.next(); ) {
    const strings = forward ? cursor.takeShortStrings(spans, Math.min(left, SPANS)) : 0;
    if (strings === 0) replyElement(reply, cursor);
    else reply.shortBulks(cursor.buffer, spans, strings);
    left -= Math.max(strings, 1);
  }
}

/** Replies with the element at an end. */
export function replyFirst(
  session: DataSession,
  ref: Ref,
  atHead: boolean,
  reply: ReplyWriter,
): void {
  openList(cursor, session.db, ref, atHead ? 0 : -1, atHead);
  if (cursor.next()) replyElement(reply, cursor);
}

export const llen: DataCommand = {
  name: 'llen',
  summary: 'Returns the length of a list.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['list'],
  keys: key('RO'),
  syntax: 'key',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (isKind(session, ref, Kind.list, reply)) reply.integer(listLength(session.db, ref));
  },
};

export const lindex: DataCommand = {
  name: 'lindex',
  summary: 'Returns the element at a position; negative ones count from the tail.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) within a node, and in the number of nodes in groups of 128',
  arity: 3,
  flags: ['readonly'],
  categories: ['list'],
  keys: key('RO', 'access'),
  syntax: 'key index:integer',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.null();
    if (!isKind(session, ref, Kind.list, reply)) return;
    const index = request.integer(2);
    if (Number.isNaN(index)) return reply.error(errors.notInteger);
    openList(cursor, session.db, ref, index, true);
    if (cursor.next()) replyElement(reply, cursor);
    else reply.null();
  },
};

export const lrange: DataCommand = {
  name: 'lrange',
  summary: 'Returns the elements from one position to another.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(S+N) with S the way to the first and N elements returned',
  arity: 4,
  flags: ['readonly'],
  categories: ['list'],
  keys: key('RO', 'access'),
  syntax: 'key start:integer stop:integer',
  run(session, request, reply) {
    let start = request.integer(2);
    let stop = request.integer(3);
    if (Number.isNaN(start) || Number.isNaN(stop)) return reply.error(errors.notInteger);
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.array(0);
    if (!isKind(session, ref, Kind.list, reply)) return;
    const length = listLength(session.db, ref);
    if (start < 0) start = Math.max(0, start + length);
    if (stop < 0) stop += length;
    stop = Math.min(stop, length - 1);
    if (start > stop) return reply.array(0);
    replyRange(session, ref, start, stop - start + 1, true, reply);
  },
};

interface PositionOptions {
  /** The first match to report, from 1. */
  readonly rank: number;
  readonly forward: boolean;
  /** -1: one match, as a plain reply; 0: all. */
  readonly count: number;
  /** 0: no limit. */
  readonly maxlen: number;
}

function positionOptions(request: Request, reply: ReplyWriter): PositionOptions | undefined {
  let rank = 1;
  let count = -1;
  let maxlen = 0;
  let error: string | undefined;
  for (let i = 3; i < request.count && error === undefined; i += 2) {
    const value = i + 1 < request.count ? request.integer(i + 1) : Number.NaN;
    if (i + 1 === request.count) error = errors.syntax;
    else if (request.is(i, 'RANK')) {
      rank = value;
      if (Number.isNaN(value)) error = errors.notInteger;
      else if (value === 0) error = errors.rankIsZero;
      else if (request.int64(i + 1) === LEAST_INT64) error = errors.notBelowLeastInt64;
    } else if (request.is(i, 'COUNT')) {
      count = value;
      if (!(value >= 0)) error = errors.countIsNegative;
    } else if (request.is(i, 'MAXLEN')) {
      maxlen = value;
      if (!(value >= 0)) error = errors.maxlenIsNegative;
    } else error = errors.syntax;
  }
  if (error !== undefined) {
    reply.error(error);
    return undefined;
  }
  return { rank: Math.abs(rank), forward: rank > 0, count, maxlen };
}

/** Walks from an end and writes the positions found, or nothing; how many. */
function replyPositions(
  session: DataSession,
  ref: Ref,
  request: Request,
  { rank, forward, count, maxlen }: PositionOptions,
  reply: ReplyWriter,
): number {
  const { buffer, starts, ends } = request;
  const length = listLength(session.db, ref);
  const limit = maxlen === 0 ? length : Math.min(maxlen, length);
  const wanted = count === -1 ? 1 : count === 0 ? length : count;
  openList(cursor, session.db, ref, forward ? 0 : -1, forward);
  let matches = 0;
  let found = 0;
  for (let i = 0; i < limit && found < wanted && cursor.next(); i++) {
    if (!cursor.equals(buffer, starts[2], ends[2]) || ++matches < rank) continue;
    reply.integer(forward ? i : length - i - 1);
    found++;
  }
  return found;
}

export const lpos: DataCommand = {
  name: 'lpos',
  summary: 'Returns where an element is in a list: one position or several.',
  since: '6.0.6',
  group: 'list',
  complexity: 'O(N) with N elements looked at',
  arity: -3,
  flags: ['readonly'],
  categories: ['list'],
  keys: key('RO', 'access'),
  syntax: 'key element [RANK rank:integer] [COUNT num-matches:integer] [MAXLEN len:integer]',
  run(session, request, reply) {
    const options = positionOptions(request, reply);
    if (options === undefined) return;
    const one = options.count === -1;
    const ref = readKey(session, request, 1);
    if (ref === 0) return one ? reply.null() : reply.array(0);
    if (!isKind(session, ref, Kind.list, reply)) return;
    const mark = reply.deferred();
    const found = replyPositions(session, ref, request, options, reply);
    if (!one) reply.finishArray(mark, found);
    else if (found === 0) reply.null();
  },
};
