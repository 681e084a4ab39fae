// XINFO: what a stream, its groups and their consumers are.

import { keyAt } from '../../dispatch/command.ts';
import type { Stream } from '../../engine/stream.ts';
import { StreamCursor } from '../../engine/stream-cursor.ts';
import {
  type Consumer,
  type ConsumerGroup,
  NEVER,
  type PendingEntry,
  READ_UNKNOWN,
} from '../../engine/stream-groups.ts';
import { groupLag } from '../../engine/stream-lag.ts';
import { OrderPlace, type StreamOrder } from '../../engine/stream-order.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { helpReply } from '../shared/help-reply.ts';
import { replyEntries, replyEntry, replyId } from './entry-reply.ts';
import { readStream } from './stream-arguments.ts';

const cursor = new StreamCursor();
const place = new OrderPlace();
/** Entries and pending entries that FULL shows unless COUNT says otherwise. */
const FULL_COUNT = 10;

function namedInteger(reply: ReplyWriter, name: string, value: number | undefined): void {
  reply.text(name);
  if (value === undefined) reply.null();
  else reply.integer(value);
}

/** The stream at argument 2; undefined after an error reply. */
function existingStream(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): Stream | undefined {
  const stream = readStream(session, request, 2, reply);
  if (stream === undefined) reply.error(errors.noSuchKey);
  return stream ?? undefined;
}

/** How many entries FULL shows, 0: all; undefined without FULL, NaN after an error reply. */
function fullCount(request: Request, reply: ReplyWriter): number | undefined {
  const { count } = request;
  if (count === 3) return undefined;
  const isFull = (count === 4 || count === 6) && request.is(3, 'FULL');
  if (!isFull || (count === 6 && !request.is(4, 'COUNT'))) {
    reply.error(errors.unknownSubcommandOrArity(request.text(1), 'xinfo'));
    return Number.NaN;
  }
  if (count === 4) return FULL_COUNT;
  const n = request.integer(5);
  if (Number.isNaN(n)) reply.error(errors.notInteger);
  return n < 0 ? FULL_COUNT : n;
}

function replyFirst(reply: ReplyWriter, stream: Stream, reverse: boolean): void {
  cursor.open(stream, undefined, undefined, reverse);
  if (cursor.next()) replyEntry(reply, cursor);
  else reply.null();
}

function replyStream(stream: Stream, full: number | undefined, reply: ReplyWriter): void {
  reply.map(full === undefined ? 10 : 9);
  namedInteger(reply, 'length', stream.length);
  namedInteger(reply, 'radix-tree-keys', stream.nodes.size);
  namedInteger(reply, 'radix-tree-nodes', stream.radixTreeNodes());
  reply.text('last-generated-id');
  replyId(reply, stream.lastId);
  reply.text('max-deleted-entry-id');
  replyId(reply, stream.maxDeletedId);
  namedInteger(reply, 'entries-added', stream.entriesAdded);
  reply.text('recorded-first-entry-id');
  replyId(reply, stream.firstId);
  if (full === undefined) {
    namedInteger(reply, 'groups', stream.groups.size);
    reply.text('first-entry');
    replyFirst(reply, stream, false);
    reply.text('last-entry');
    replyFirst(reply, stream, true);
    return;
  }
  reply.text('entries');
  replyEntries(reply, cursor, stream, undefined, undefined, false, full);
  reply.text('groups');
  reply.array(stream.groups.size);
  for (const group of stream.groups.sorted()) replyFullGroup(stream, group, full, reply);
}

function replyProgress(stream: Stream, group: ConsumerGroup, reply: ReplyWriter): void {
  reply.text('last-delivered-id');
  replyId(reply, group.lastId);
  const { entriesRead } = group;
  namedInteger(reply, 'entries-read', entriesRead === READ_UNKNOWN ? undefined : entriesRead);
  namedInteger(reply, 'lag', groupLag(stream, group));
}

function replyFullGroup(
  stream: Stream,
  group: ConsumerGroup,
  count: number,
  reply: ReplyWriter,
): void {
  reply.map(7);
  reply.text('name');
  reply.text(group.name);
  replyProgress(stream, group, reply);
  namedInteger(reply, 'pel-count', group.pending.size);
  reply.text('pending');
  replyPending(group.pending, count, true, reply);
  reply.text('consumers');
  reply.array(group.consumers.size);
  for (const consumer of group.consumers.sorted()) {
    reply.map(5);
    reply.text('name');
    reply.text(consumer.name);
    namedInteger(reply, 'seen-time', consumer.seenMs);
    namedInteger(reply, 'active-time', consumer.activeMs);
    namedInteger(reply, 'pel-count', consumer.pending.size);
    reply.text('pending');
    replyPending(consumer.pending, count, false, reply);
  }
}

function replyPending(
  pending: StreamOrder<PendingEntry>,
  count: number,
  withConsumer: boolean,
  reply: ReplyWriter,
): void {
  const n = count === 0 ? pending.size : Math.min(count, pending.size);
  reply.array(n);
  pending.toFirst(place);
  for (let i = 0; i < n; i++) {
    const entry = pending.at(place) as PendingEntry;
    pending.forward(place);
    reply.array(withConsumer ? 4 : 3);
    replyId(reply, entry);
    if (withConsumer) reply.text(entry.consumer?.name ?? '');
    reply.integer(entry.deliveredMs);
    reply.integer(entry.deliveries);
  }
}

const stream: DataCommand = {
  name: 'stream',
  summary: 'Returns what a stream is: its length, ids and counters, or everything.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(N) with N nodes of the stream',
  arity: -3,
  flags: ['readonly'],
  categories: ['stream'],
  keys: [keyAt(2, 'RO', 'access')],
  syntax: 'key full-block=[FULL [COUNT count:integer]]',
  history: [
    ['6.0.0', 'FULL.'],
    ['7.0.0', 'The greatest deleted id, entries added and read, the first id, and lags.'],
    ['7.2.0', 'The active time; the seen time is that of any attempt.'],
  ],
  run(session, request, reply) {
    const found = existingStream(session, request, reply);
    if (found === undefined) return;
    const full = fullCount(request, reply);
    if (!Number.isNaN(full)) replyStream(found, full, reply);
  },
};

const groups: DataCommand = {
  name: 'groups',
  summary: 'Returns the consumer groups of a stream.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(N) with N groups',
  arity: 3,
  flags: ['readonly'],
  categories: ['stream'],
  keys: [keyAt(2, 'RO', 'access')],
  syntax: 'key',
  history: [['7.0.0', 'Entries read, and the lag.']],
  run(session, request, reply) {
    const found = existingStream(session, request, reply);
    if (found === undefined) return;
    reply.array(found.groups.size);
    for (const group of found.groups.sorted()) {
      reply.map(6);
      reply.text('name');
      reply.text(group.name);
      namedInteger(reply, 'consumers', group.consumers.size);
      namedInteger(reply, 'pending', group.pending.size);
      replyProgress(found, group, reply);
    }
  },
};

function replyConsumer(consumer: Consumer, nowMs: number, reply: ReplyWriter): void {
  const { activeMs, seenMs } = consumer;
  reply.map(4);
  reply.text('name');
  reply.text(consumer.name);
  namedInteger(reply, 'pending', consumer.pending.size);
  namedInteger(reply, 'idle', Math.max(0, nowMs - seenMs));
  namedInteger(reply, 'inactive', activeMs === NEVER ? NEVER : nowMs - activeMs);
}

const consumers: DataCommand = {
  name: 'consumers',
  summary: 'Returns the consumers of a group.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(N) with N consumers',
  arity: 4,
  flags: ['readonly'],
  categories: ['stream'],
  keys: [keyAt(2, 'RO', 'access')],
  syntax: 'key group',
  tips: ['nondeterministic_output'],
  history: [['7.2.0', 'The inactive time.']],
  run(session, request, reply) {
    const found = existingStream(session, request, reply);
    if (found === undefined) return;
    const group = found.groups.get(request.text(3));
    if (group === undefined) {
      return reply.error(errors.noGroup(request.text(3), request.text(2)));
    }
    const nowMs = session.server.nowMs();
    reply.array(group.consumers.size);
    for (const consumer of group.consumers.sorted()) replyConsumer(consumer, nowMs, reply);
  },
};

const helpLines = [
  'CONSUMERS <key> <groupname>',
  '    The consumers of a group.',
  'GROUPS <key>',
  '    The consumer groups of a stream.',
  'STREAM <key> [FULL [COUNT <count>]',
  '    The stream: length, ids and counters, or everything.',
];

const help: DataCommand = {
  name: 'help',
  summary: 'Lists the subcommands.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  categories: ['stream'],
  run(_session, request, reply) {
    helpReply(request, reply, helpLines);
  },
};

export const xinfo: DataCommand = {
  name: 'xinfo',
  summary: 'Commands that look into streams.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [consumers, groups, help, stream],
};
