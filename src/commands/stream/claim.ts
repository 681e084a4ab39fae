// XCLAIM and XAUTOCLAIM: what is pending for one consumer becomes another's. What is pending though its
// entry is gone ends here.

import { key } from '../../dispatch/command.ts';
import type { Stream } from '../../engine/stream.ts';
import { StreamCursor } from '../../engine/stream-cursor.ts';
import type { Consumer, ConsumerGroup, PendingEntry } from '../../engine/stream-groups.ts';
import { compareIds, StreamId } from '../../engine/stream-id.ts';
import { OrderPlace } from '../../engine/stream-order.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { replyEntryOf, replyId } from './entry-reply.ts';
import { idArgument, intervalStart, isId, readStream, writeStream } from './stream-arguments.ts';
import {
  countChanges,
  ensureConsumer,
  propagateClaim,
  propagateGroupId,
} from './stream-effects.ts';

const cursor = new StreamCursor();
const place = new OrderPlace();
const NOT_GIVEN = -1;

interface ClaimOptions {
  readonly ids: StreamId[];
  /** Wall clock. */
  deliveredMs: number;
  deliveries: number;
  force: boolean;
  justId: boolean;
  readonly lastId: StreamId;
}

interface Target {
  readonly stream: Stream;
  readonly group: ConsumerGroup;
}

/** The group at arguments 1 and 2, to be changed; undefined after an error reply. */
function claimTarget(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): Target | undefined {
  const seen = readStream(session, request, 1, reply);
  if (seen === null) return undefined;
  const stream = seen === undefined ? undefined : writeStream(session, request, 1, reply);
  const group = stream?.groups.get(request.text(2));
  if (stream && group) return { stream, group };
  reply.error(errors.noKeyOrGroup(request.text(1), request.text(2)));
  return undefined;
}

/** The least idle time at argument 4; NaN after an error reply. */
function minIdle(request: Request, name: string, reply: ReplyWriter): number {
  const ms = request.integer(4);
  if (Number.isNaN(ms)) reply.error(errors.claimMinIdle(name));
  return Math.max(0, ms);
}

/** XCLAIM's ids and options; undefined after an error reply. */
function claimOptions(
  request: Request,
  nowMs: number,
  reply: ReplyWriter,
): ClaimOptions | undefined {
  const options: ClaimOptions = {
    ids: [],
    deliveredMs: NOT_GIVEN,
    deliveries: NOT_GIVEN,
    force: false,
    justId: false,
    lastId: new StreamId(),
  };
  let i = 5;
  for (; i < request.count; i++) {
    const id = new StreamId();
    if (!isId(request, i, id)) break;
    options.ids.push(id);
  }
  for (; i < request.count; i++) {
    const more = i + 1 < request.count;
    if (request.is(i, 'FORCE')) options.force = true;
    else if (request.is(i, 'JUSTID')) options.justId = true;
    else if (more && request.is(i, 'LASTID')) {
      if (!idArgument(request, ++i, options.lastId, reply)) return undefined;
    } else if (!more || !valueOption(request, i++, options, nowMs)) {
      reply.error(claimError(request, more ? i - 1 : i, more));
      return undefined;
    }
  }
  // A time ahead of ours is a clock's mistake, and no reason to refuse.
  if (!(options.deliveredMs >= 0 && options.deliveredMs <= nowMs)) options.deliveredMs = nowMs;
  return options;
}

const VALUE_OPTIONS = ['IDLE', 'TIME', 'RETRYCOUNT'];

/** Takes an option with an integer; false when it is none, or the integer is none. */
function valueOption(request: Request, i: number, options: ClaimOptions, nowMs: number): boolean {
  const value = request.integer(i + 1);
  if (Number.isNaN(value)) return false;
  if (request.is(i, 'IDLE')) options.deliveredMs = nowMs - value;
  else if (request.is(i, 'TIME')) options.deliveredMs = value;
  else if (request.is(i, 'RETRYCOUNT')) {
    options.deliveries = Math.max(NOT_GIVEN, Math.min(value, Number.MAX_SAFE_INTEGER));
  } else return false;
  return true;
}

function claimError(request: Request, i: number, more: boolean): string {
  const option = VALUE_OPTIONS.find((word) => request.is(i, word));
  return more && option !== undefined
    ? errors.xclaimOption(option)
    : errors.xclaimUnknownOption(request.text(i));
}

/** The entry is no longer there, and so nothing of it is pending. */
function dropPending(
  session: DataSession,
  keyName: Buffer,
  group: ConsumerGroup,
  entry: PendingEntry,
): void {
  propagateClaim(session, keyName, group, entry);
  group.removePending(entry);
}

/** Gives a pending entry to the consumer. */
function take(
  group: ConsumerGroup,
  entry: PendingEntry,
  consumer: Consumer,
  deliveredMs: number,
  nowMs: number,
): void {
  entry.deliveredMs = deliveredMs;
  group.assign(entry, consumer);
  consumer.activeMs = nowMs;
}

function claim(session: DataSession, request: Request, reply: ReplyWriter): void {
  const target = claimTarget(session, request, reply);
  if (target === undefined) return;
  const { stream, group } = target;
  const minIdleMs = minIdle(request, 'XCLAIM', reply);
  if (Number.isNaN(minIdleMs)) return;
  const nowMs = session.server.nowMs();
  const options = claimOptions(request, nowMs, reply);
  if (options === undefined) return;
  session.propagateNothing();
  const keyName = request.bytes(1);
  let movesLast = compareIds(options.lastId, group.lastId) > 0;
  if (movesLast) group.lastId.assign(options.lastId);
  const { consumer } = ensureConsumer(session, request, 1, group, request.text(3));
  consumer.seenMs = nowMs;
  const mark = reply.deferred();
  let claimed = 0;
  let changes = 0;
  for (const id of options.ids) {
    let entry = group.pending.find(id);
    if (!stream.has(id)) {
      if (entry === undefined) continue;
      dropPending(session, keyName, group, entry);
      movesLast = false;
      changes++;
      continue;
    }
    if (entry === undefined) {
      if (!options.force) continue;
      entry = group.addPending(id, nowMs, 1);
    } else if (minIdleMs > 0 && nowMs - entry.deliveredMs < minIdleMs) continue;
    take(group, entry, consumer, options.deliveredMs, nowMs);
    if (options.deliveries >= 0) entry.deliveries = options.deliveries;
    else if (!options.justId) entry.deliveries++;
    if (options.justId) replyId(reply, id);
    else replyEntryOf(reply, cursor, stream, id);
    claimed++;
    changes++;
    propagateClaim(session, keyName, group, entry);
    movesLast = false;
  }
  if (movesLast) {
    propagateGroupId(session, keyName, group);
    changes++;
  }
  countChanges(session, changes);
  reply.finishArray(mark, claimed);
}

export const xclaim: DataCommand = {
  name: 'xclaim',
  summary: 'Gives pending entries of a group to another of its consumers.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(log(N)) with N pending entries of the group',
  arity: -6,
  flags: ['write', 'fast'],
  categories: ['stream'],
  keys: key('RW', 'update'),
  syntax:
    'key group consumer min-idle-time id... [IDLE ms:integer] [TIME unix-time-milliseconds:unix-time] [RETRYCOUNT count:integer] [FORCE] [JUSTID] [LASTID lastid]',
  tips: ['nondeterministic_output'],
  run: claim,
};

/** XAUTOCLAIM looks at this many entries for each that it may claim. */
const ATTEMPTS = 10;
const DEFAULT_COUNT = 100;
/** Redis's own: what it remembers an entry by must fit an address space. */
const COUNT_LIMIT: number = 2 ** 59;

interface AutoClaimOptions {
  readonly minIdleMs: number;
  readonly start: StreamId;
  count: number;
  justId: boolean;
}

/** XAUTOCLAIM's arguments; undefined after an error reply. */
function autoClaimOptions(request: Request, reply: ReplyWriter): AutoClaimOptions | undefined {
  const fail = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  const minIdleMs = minIdle(request, 'XAUTOCLAIM', reply);
  const start = new StreamId();
  if (Number.isNaN(minIdleMs) || !intervalStart(request, 5, start, reply)) return undefined;
  const options = { minIdleMs, start, count: DEFAULT_COUNT, justId: false };
  for (let i = 6; i < request.count; i++) {
    if (i + 1 < request.count && request.is(i, 'COUNT')) {
      options.count = request.integer(++i);
      if (!(options.count > 0 && options.count < COUNT_LIMIT)) return fail(errors.claimCount);
    } else if (request.is(i, 'JUSTID')) options.justId = true;
    else return fail(errors.syntax);
  }
  return options;
}

function autoClaim(session: DataSession, request: Request, reply: ReplyWriter): void {
  const options = autoClaimOptions(request, reply);
  if (options === undefined) return;
  const target = claimTarget(session, request, reply);
  if (target === undefined) return;
  const { stream, group } = target;
  const { pending } = group;
  session.propagateNothing();
  const nowMs = session.server.nowMs();
  const keyName = request.bytes(1);
  const { consumer } = ensureConsumer(session, request, 1, group, request.text(3));
  consumer.seenMs = nowMs;
  // The reply begins with where the search ended, so it is written after it.
  const claimed: PendingEntry[] = [];
  const gone: PendingEntry[] = [];
  let { count } = options;
  pending.seek(options.start, place);
  for (let attempts = count * ATTEMPTS; attempts > 0 && count > 0; attempts--) {
    const entry = pending.at(place);
    if (entry === undefined) break;
    if (!stream.has(entry)) {
      dropPending(session, keyName, group, entry);
      gone.push(entry);
      count--;
      pending.seek(entry, place);
      continue;
    }
    pending.forward(place);
    if (options.minIdleMs > 0 && nowMs - entry.deliveredMs < options.minIdleMs) continue;
    take(group, entry, consumer, nowMs, nowMs);
    if (!options.justId) entry.deliveries++;
    claimed.push(entry);
    count--;
    propagateClaim(session, keyName, group, entry);
  }
  countChanges(session, claimed.length + gone.length);
  reply.array(3);
  replyId(reply, pending.at(place) ?? ZERO);
  reply.array(claimed.length);
  for (const entry of claimed) {
    if (options.justId) replyId(reply, entry);
    else replyEntryOf(reply, cursor, stream, entry);
  }
  reply.array(gone.length);
  for (const entry of gone) replyId(reply, entry);
}

const ZERO = new StreamId();

export const xautoclaim: DataCommand = {
  name: 'xautoclaim',
  summary: 'Gives what was pending for long to another consumer of the group.',
  since: '6.2.0',
  group: 'stream',
  complexity: 'O(N) with N entries claimed at most',
  arity: -6,
  flags: ['write', 'fast'],
  categories: ['stream'],
  keys: key('RW', 'delete'),
  syntax: 'key group consumer min-idle-time start [COUNT count:integer] [JUSTID]',
  tips: ['nondeterministic_output'],
  history: [['7.0.0', 'The ids that were no longer there end the reply.']],
  run: autoClaim,
};
