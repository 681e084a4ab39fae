// XADD and XTRIM: entries come at the end and go from the front.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Encoding, Kind } from '../../engine/record.ts';
import { STREAM_NODE_LIMIT_BYTES, Stream } from '../../engine/stream.ts';
import { compareIds, StreamId } from '../../engine/stream-id.ts';
import { trimStream } from '../../engine/stream-trim.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { replyId } from './entry-reply.ts';
import { writeStream } from './stream-arguments.ts';
import { entriesChanged } from './stream-effects.ts';
import { argumentsOf, TrimArguments } from './trim-arguments.ts';

// One command runs at a time, and it parses before it does anything else.
const args = new TrimArguments();
const id = new StreamId();

/** Sets `id` to that of the entry to add; false when it would not be greater than the last. */
function chooseId(session: DataSession, last: StreamId): boolean {
  if (args.idForm === 'whole') id.assign(args.id);
  else {
    if (args.idForm === undefined) {
      // A clock that was set back is no reason to go back.
      id.setTime(session.server.nowMs());
      if (compareIds(id, last) <= 0) id.assign(last);
    } else id.assign(args.id);
    if (id.sameTime(last)) {
      if (args.idForm === 'anySequence' && last.hasLastSequence) return false;
      id.assign(last).increment();
    }
  }
  return compareIds(id, last) > 0;
}

function isTooLarge(request: Request, first: number): boolean {
  const { starts, ends, count } = request;
  if (ends[count - 1] - starts[first] <= STREAM_NODE_LIMIT_BYTES) return false;
  let bytes = 0;
  for (let i = first; i < count; i++) bytes += ends[i] - starts[i];
  return bytes > STREAM_NODE_LIMIT_BYTES;
}

function add(session: DataSession, request: Request, reply: ReplyWriter): void {
  const idAt = args.parse(session, request, true, reply);
  if (idAt === 0) return;
  const first = idAt + 1;
  const values = request.count - first;
  if (values < 2 || values % 2 === 1) return reply.error(errors.wrongArity('xadd'));
  if (args.idForm === 'whole' && args.id.isZero) return reply.error(errors.streamIdIsZero);
  const existing = writeStream(session, request, 1, reply);
  if (existing === null) return;
  if (existing === undefined && args.noMkstream) return reply.null();
  const stream = existing ?? new Stream();
  if (stream.lastId.isGreatest) return reply.error(errors.streamIdsExhausted);
  if (!chooseId(session, stream.lastId)) return reply.error(errors.streamIdTooSmall);
  if (isTooLarge(request, first)) return reply.error(errors.streamEntryTooLarge);

  stream.append(id, request, first, values / 2, session.server.engine.settings);
  if (existing === undefined) {
    const { buffer, starts, ends } = request;
    session.db.setObject(buffer, starts[1], ends[1], Kind.stream, Encoding.stream, stream);
  }
  replyId(reply, id);
  entriesChanged(session, request, 1, 'xadd');
  if (args.thresholdAt > 0) trimAfterAdd(session, request, stream);
  if ((args.idForm === 'whole' && !args.approximate) || !session.dispatcher.propagation.active) {
    return;
  }
  const whole = argumentsOf(request);
  whole[idAt] = id.toString();
  args.rewrite(whole, stream);
  session.propagateAs(whole);
}

/** The entry that was just added may go as well (MAXLEN 0). */
function trimAfterAdd(session: DataSession, request: Request, stream: Stream): void {
  const { db } = session;
  if (trimStream(stream, args) === 0) return;
  db.engine.touchObject(stream);
  db.engine.settle();
  const { buffer, starts, ends } = request;
  db.notify(buffer, starts[1], ends[1], NotifyClass.stream, 'xtrim');
}

export const xadd: DataCommand = {
  name: 'xadd',
  summary: 'Adds an entry to a stream, and may trim the stream. Creates the stream if need be.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1) to add, O(N) to trim with N entries removed',
  arity: -5,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['stream'],
  keys: [
    {
      notes: 'Updates rather than inserts, since it may trim.',
      flags: ['RW', 'update'],
      begin: { index: 1 },
      find: { last: 0, step: 1, limit: 0 },
    },
  ],
  syntax:
    "key [NOMKSTREAM@6.2.0] trim=[strategy=<MAXLEN|MINID@6.2.0> operator=[equal='='|approximately='~'] threshold [LIMIT count:integer@6.2.0]] id-selector=<auto-id='*'|id> data=(field value)...",
  tips: ['nondeterministic_output'],
  history: [
    ['6.2.0', 'NOMKSTREAM, MINID and LIMIT.'],
    ['7.0.0', 'Ids of the form ms-*.'],
  ],
  run: add,
};

export const xtrim: DataCommand = {
  name: 'xtrim',
  summary: 'Removes the oldest entries of a stream, by number or by id.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(N) with N entries removed; whole nodes of entries go at once',
  arity: -4,
  flags: ['write'],
  categories: ['stream'],
  keys: key('RW', 'delete'),
  syntax:
    "key trim=(strategy=<MAXLEN|MINID@6.2.0> operator=[equal='='|approximately='~'] threshold [LIMIT count:integer@6.2.0])",
  tips: ['nondeterministic_output'],
  history: [['6.2.0', 'MINID and LIMIT.']],
  run(session, request, reply) {
    if (args.parse(session, request, false, reply) === 0) return;
    const stream = writeStream(session, request, 1, reply);
    if (stream === null) return;
    const removed = stream === undefined ? 0 : trimStream(stream, args);
    reply.integer(removed);
    if (stream === undefined || removed === 0) return;
    entriesChanged(session, request, 1, 'xtrim', removed);
    if (!args.approximate || !session.dispatcher.propagation.active) return;
    const whole = argumentsOf(request);
    args.rewrite(whole, stream);
    session.propagateAs(whole);
  },
};
