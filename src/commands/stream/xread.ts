// XREAD and XREADGROUP: entries after an id, of several streams at once, waiting for one if need be. A
// group's reader is given each entry once; what was given is pending until acknowledged, and asking with
// an id other than '>' reads what is pending for the consumer again.

import { type Blocked, blocked } from '../../dispatch/blocking.ts';
import type { KeySpec } from '../../dispatch/command.ts';
import type { Stream } from '../../engine/stream.ts';
import { StreamCursor } from '../../engine/stream-cursor.ts';
import type { Consumer, ConsumerGroup } from '../../engine/stream-groups.ts';
import { compareIds, StreamId } from '../../engine/stream-id.ts';
import { advanceGroup } from '../../engine/stream-lag.ts';
import { OrderPlace } from '../../engine/stream-order.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { replyEntries, replyEntry, replyEntryOf, replyId } from './entry-reply.ts';
import { type ReadPlan, readPlan } from './read-arguments.ts';
import { idArgument, isSign, readStream, writeStream } from './stream-arguments.ts';
import { ensureConsumer, propagateClaim, propagateGroupId } from './stream-effects.ts';

const cursor = new StreamCursor();
const last = new StreamId();
const place = new OrderPlace();

/** A wait for streams. '$' means the id at its beginning, however often the command runs again. */
interface StreamWait extends Blocked {
  readonly ids: readonly StreamId[];
}

/** The wait that this run of the command belongs to. */
function waitUnderWay(session: DataSession): StreamWait | undefined {
  if (!session.reexecuting || session.blockedOn === undefined) return undefined;
  const { blocked: wait } = session.blockedOn;
  return 'ids' in wait ? (wait as StreamWait) : undefined;
}

/** The ids to read after, the greatest for '>'; undefined after an error reply. */
function resolveIds(
  session: DataSession,
  request: Request,
  plan: ReadPlan,
  wait: StreamWait | undefined,
  reply: ReplyWriter,
): StreamId[] | undefined {
  const fail = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  const isGroup = plan.groupAt > 0;
  const ids: StreamId[] = [];
  for (let n = 0; n < plan.keys; n++) {
    const keyAt = plan.keysAt + n;
    const idAt = keyAt + plan.keys;
    const stream = readStream(session, request, keyAt, reply);
    if (stream === null) return undefined;
    if (isGroup && stream?.groups.get(request.text(plan.groupAt)) === undefined) {
      return fail(errors.xreadgroupNoGroup(request.text(keyAt), request.text(plan.groupAt)));
    }
    const id = new StreamId();
    ids.push(id);
    if (isSign(request, idAt, '$')) {
      if (isGroup) return fail(errors.xreadgroupLastId);
      if (wait !== undefined) id.assign(wait.ids[n]);
      else if (stream !== undefined) id.assign(stream.lastId);
    } else if (isSign(request, idAt, '>')) {
      if (!isGroup) return fail(errors.xreadNewId);
      id.assign(StreamId.greatest());
    } else if (!idArgument(request, idAt, id, reply)) return undefined;
  }
  return ids;
}

/** One reply under way: opened with the first stream that has something to say. */
class StreamsReply {
  readonly #reply: ReplyWriter;
  #mark = 0;
  count = 0;

  constructor(reply: ReplyWriter) {
    this.#reply = reply;
  }

  /** The stream at argument `keyAt` follows. */
  begin(request: Request, keyAt: number): void {
    const reply = this.#reply;
    if (this.count === 0) this.#mark = reply.deferred();
    this.count++;
    // A map where there are maps; before, pairs and not the flat list that maps become there.
    if (reply.protocol === 2) reply.array(2);
    reply.bulkRange(request.buffer, request.starts[keyAt], request.ends[keyAt]);
  }

  end(): void {
    if (this.#reply.protocol === 2) this.#reply.finishArray(this.#mark, this.count);
    else this.#reply.finishMap(this.#mark, this.count);
  }
}

function readAfter(
  session: DataSession,
  request: Request,
  keyAt: number,
  plan: ReadPlan,
  after: StreamId,
  streams: StreamsReply,
  reply: ReplyWriter,
): void {
  const stream = readStream(session, request, keyAt, reply);
  if (stream === undefined || stream === null || stream.length === 0) return;
  if (!stream.lastLivingId(last) || compareIds(last, after) <= 0) return;
  streams.begin(request, keyAt);
  const start = StreamId.of(after);
  start.increment();
  replyEntries(reply, cursor, stream, start, undefined, false, plan.count);
}

function readForGroup(
  session: DataSession,
  request: Request,
  keyAt: number,
  plan: ReadPlan,
  after: StreamId,
  streams: StreamsReply,
  reply: ReplyWriter,
): void {
  const stream = writeStream(session, request, keyAt, reply);
  const group = stream?.groups.get(request.text(plan.groupAt));
  if (stream === undefined || stream === null || group === undefined) return;
  const isNew = after.isGreatest;
  let serves = !isNew;
  if (isNew && stream.lastLivingId(last)) serves = compareIds(last, group.lastId) > 0;
  const name = request.text(plan.groupAt + 1);
  const { consumer, created } = ensureConsumer(session, request, keyAt, group, name);
  const key = request.bytes(keyAt);
  // Otherwise the first entry that is claimed for it tells of the consumer.
  if (created && plan.noAck) {
    session.propagateAs(['XGROUP', 'CREATECONSUMER', key, group.name, name]);
  }
  consumer.seenMs = session.server.nowMs();
  if (!serves) return;
  streams.begin(request, keyAt);
  if (isNew) deliver(session, key, stream, group, consumer, plan, reply);
  else replyPending(session, stream, consumer, after, plan.count, reply);
  session.db.engine.dirty++;
}

/** Gives the group's next entries to the consumer. */
function deliver(
  session: DataSession,
  key: Buffer,
  stream: Stream,
  group: ConsumerGroup,
  consumer: Consumer,
  plan: ReadPlan,
  reply: ReplyWriter,
): void {
  const nowMs = session.server.nowMs();
  const mark = reply.deferred();
  let n = 0;
  const start = StreamId.of(group.lastId);
  start.increment();
  cursor.open(stream, start, undefined);
  while ((plan.count === 0 || n < plan.count) && cursor.next()) {
    n++;
    advanceGroup(stream, group, cursor.id);
    replyEntry(reply, cursor);
    if (plan.noAck) continue;
    // XGROUP SETID can make the group read what is pending already.
    let entry = group.pending.find(cursor.id);
    if (entry === undefined) entry = group.addPending(cursor.id, nowMs, 1);
    else {
      entry.deliveredMs = nowMs;
      entry.deliveries = 1;
    }
    group.assign(entry, consumer);
    consumer.activeMs = nowMs;
    propagateClaim(session, key, group, entry);
  }
  reply.finishArray(mark, n);
  if (plan.noAck && n > 0) propagateGroupId(session, key, group);
}

/** What is pending for the consumer after an id, delivered once more. */
function replyPending(
  session: DataSession,
  stream: Stream,
  consumer: Consumer,
  after: StreamId,
  count: number,
  reply: ReplyWriter,
): void {
  const { pending } = consumer;
  const start = StreamId.of(after);
  start.increment();
  const mark = reply.deferred();
  let n = 0;
  pending.seek(start, place);
  for (let entry = pending.at(place); entry !== undefined; entry = pending.at(place)) {
    if (count > 0 && n === count) break;
    if (replyEntryOf(reply, cursor, stream, entry)) {
      entry.deliveredMs = session.server.nowMs();
      entry.deliveries++;
    } else {
      // The entry is gone; that it is pending is not.
      reply.array(2);
      replyId(reply, entry);
      reply.nullArray();
    }
    n++;
    pending.forward(place);
  }
  reply.finishArray(mark, n);
}

const replyNullArray = (reply: ReplyWriter): void => reply.nullArray();

function read(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  isGroup: boolean,
): Blocked | undefined {
  const plan = readPlan(session, request, isGroup, reply);
  if (plan === undefined) return undefined;
  const wait = waitUnderWay(session);
  const ids = resolveIds(session, request, plan, wait, reply);
  if (ids === undefined) return undefined;
  // A replica must not choose the entries again: what it is sent are the effects.
  if (isGroup) session.propagateNothing();
  const streams = new StreamsReply(reply);
  const readOne = isGroup ? readForGroup : readAfter;
  for (let n = 0; n < plan.keys; n++) {
    readOne(session, request, plan.keysAt + n, plan, ids[n], streams, reply);
  }
  if (isGroup) session.db.engine.settle();
  if (streams.count > 0) {
    streams.end();
    return undefined;
  }
  if (plan.deadlineMs === undefined || session.denyBlocking) {
    reply.nullArray();
    return undefined;
  }
  if (wait !== undefined) return wait;
  const keys: Buffer[] = [];
  for (let n = 0; n < plan.keys; n++) keys.push(request.copy(plan.keysAt + n));
  const options: StreamWait = {
    keys,
    kind: 'stream',
    deadlineMs: plan.deadlineMs,
    onTimeout: replyNullArray,
    unblockOnDeletedKey: isGroup,
    ids,
  };
  return blocked(options);
}

const STREAMS_FIND = { last: -1, step: 1, limit: 2 } as const;

function streamsSpec(from: number): readonly KeySpec[] {
  return [{ flags: ['RO', 'access'], begin: { keyword: 'STREAMS', from }, find: STREAMS_FIND }];
}

export const xread: DataCommand = {
  name: 'xread',
  summary: 'Returns the entries of several streams after given ids, waiting for one if need be.',
  since: '5.0.0',
  group: 'stream',
  arity: -4,
  flags: ['blocking', 'readonly'],
  categories: ['stream'],
  keys: streamsSpec(1),
  syntax: '[COUNT count:integer] [BLOCK milliseconds:integer] STREAMS (key... id...)',
  run: (session, request, reply) => read(session, request, reply, false),
};

export const xreadgroup: DataCommand = {
  name: 'xreadgroup',
  summary: 'Returns entries that a group has not read yet to one of its consumers, or its pending.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(M) with M entries returned; an XADD pays for the readers that it wakes',
  arity: -7,
  flags: ['blocking', 'write'],
  categories: ['stream'],
  keys: streamsSpec(4),
  syntax:
    'GROUP group-block=(group consumer) [COUNT count:integer] [BLOCK milliseconds:integer] [NOACK] STREAMS (key... id...)',
  run: (session, request, reply) => read(session, request, reply, true),
};
