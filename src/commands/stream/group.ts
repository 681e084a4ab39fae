// XGROUP and XACK: groups come and go, and what they delivered is acknowledged.

import { key, keyAt } from '../../dispatch/command.ts';
import { Encoding, Kind } from '../../engine/record.ts';
import { Stream } from '../../engine/stream.ts';
import { type ConsumerGroup, READ_UNKNOWN } from '../../engine/stream-groups.ts';
import { StreamId } from '../../engine/stream-id.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { helpReply } from '../shared/help-reply.ts';
import {
  counterArgument,
  FIRST_SEQUENCE,
  idArgument,
  idArguments,
  isSign,
  parseId,
  readStream,
  writeStream,
} from './stream-arguments.ts';
import { countChanges, ensureConsumer, entriesChanged, groupChanged } from './stream-effects.ts';

interface GroupOptions {
  mkstream: boolean;
  entriesRead: number;
}

/** The options of CREATE and SETID; undefined after an error reply. */
function groupOptions(
  request: Request,
  forCreate: boolean,
  reply: ReplyWriter,
): GroupOptions | undefined {
  const options: GroupOptions = { mkstream: false, entriesRead: READ_UNKNOWN };
  const most = forCreate ? 8 : 7;
  let i = 5;
  while (i < request.count) {
    if (forCreate && request.is(i, 'MKSTREAM')) {
      options.mkstream = true;
      i++;
    } else if (i + 1 < request.count && request.is(i, 'ENTRIESREAD')) {
      options.entriesRead = counterArgument(request.integer(i + 1));
      if (!(options.entriesRead >= READ_UNKNOWN)) {
        const isNegative = options.entriesRead < READ_UNKNOWN;
        reply.error(isNegative ? errors.entriesReadNegative : errors.notInteger);
        return undefined;
      }
      i += 2;
    } else break;
  }
  if (i === request.count && request.count <= most) return options;
  reply.error(errors.unknownSubcommandOrArity(request.text(1), 'xgroup'));
  return undefined;
}

/** The stream that a subcommand needs; undefined after an error reply. */
function existingStream(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): Stream | undefined {
  const stream = writeStream(session, request, 2, reply);
  if (stream === undefined) reply.error(errors.xgroupNoKey);
  return stream ?? undefined;
}

/** The group that a subcommand needs; undefined after an error reply. */
function existingGroup(
  stream: Stream,
  request: Request,
  reply: ReplyWriter,
): ConsumerGroup | undefined {
  const group = stream.groups.get(request.text(3));
  if (group === undefined) reply.error(errors.noGroup(request.text(3), request.text(2)));
  return group;
}

function createGroup(session: DataSession, request: Request, reply: ReplyWriter): void {
  const options = groupOptions(request, true, reply);
  if (options === undefined) return;
  const existing = writeStream(session, request, 2, reply);
  if (existing === null) return;
  if (existing === undefined && !options.mkstream) return reply.error(errors.xgroupNoKey);
  const stream = existing ?? new Stream();
  const id = new StreamId();
  if (isSign(request, 4, '$')) id.assign(stream.lastId);
  else if (!idArgument(request, 4, id, reply)) return;
  const name = request.text(3);
  if (stream.groups.get(name) !== undefined) return reply.error(errors.groupExists);
  stream.addGroup(name, id, options.entriesRead);
  reply.ok();
  if (existing !== undefined) return groupChanged(session, request, 2, 'xgroup-create');
  const { buffer, starts, ends } = request;
  session.db.setObject(buffer, starts[2], ends[2], Kind.stream, Encoding.stream, stream);
  entriesChanged(session, request, 2, 'xgroup-create');
}

const create: DataCommand = {
  name: 'create',
  summary: 'Creates a consumer group.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  arity: -5,
  flags: ['write', 'denyoom'],
  categories: ['stream'],
  keys: [keyAt(2, 'RW', 'insert')],
  syntax: "key group id-selector=<id|new-id='$'> [MKSTREAM] [ENTRIESREAD entries-read:integer]",
  history: [['7.0.0', 'ENTRIESREAD.']],
  run: createGroup,
};

const createconsumer: DataCommand = {
  name: 'createconsumer',
  summary: 'Creates a consumer in a group.',
  since: '6.2.0',
  group: 'stream',
  complexity: 'O(1)',
  arity: 5,
  flags: ['write', 'denyoom'],
  categories: ['stream'],
  keys: [keyAt(2, 'RW', 'insert')],
  syntax: 'key group consumer',
  run(session, request, reply) {
    const stream = existingStream(session, request, reply);
    const group = stream && existingGroup(stream, request, reply);
    if (group === undefined) return;
    const { created } = ensureConsumer(session, request, 2, group, request.text(4));
    reply.integer(created ? 1 : 0);
  },
};

const delconsumer: DataCommand = {
  name: 'delconsumer',
  summary: 'Removes a consumer from a group, with what is pending for it.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  arity: 5,
  flags: ['write'],
  categories: ['stream'],
  keys: [keyAt(2, 'RW', 'delete')],
  syntax: 'key group consumer',
  run(session, request, reply) {
    const stream = existingStream(session, request, reply);
    const group = stream && existingGroup(stream, request, reply);
    if (group === undefined) return;
    const consumer = group.consumers.get(request.text(4));
    if (consumer === undefined) return reply.integer(0);
    const pending = group.deleteConsumer(consumer);
    groupChanged(session, request, 2, 'xgroup-delconsumer');
    reply.integer(pending);
  },
};

const destroy: DataCommand = {
  name: 'destroy',
  summary: 'Removes a consumer group.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(N) with N consumers of the group',
  arity: 4,
  flags: ['write'],
  categories: ['stream'],
  keys: [keyAt(2, 'RW', 'delete')],
  syntax: 'key group',
  run(session, request, reply) {
    const stream = existingStream(session, request, reply);
    if (stream === undefined) return;
    const group = stream.groups.get(request.text(3));
    if (group === undefined) return reply.integer(0);
    stream.removeGroup(group);
    groupChanged(session, request, 2, 'xgroup-destroy');
    // Who waits for the group's entries is to be told that there is no group.
    const { buffer, starts, ends } = request;
    session.dispatcher.blocking.signal(session.db.index, buffer, starts[2], ends[2]);
    reply.integer(1);
  },
};

const setid: DataCommand = {
  name: 'setid',
  summary: 'Sets up to which id a group has read.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  arity: -5,
  flags: ['write'],
  categories: ['stream'],
  keys: [keyAt(2, 'RW', 'update')],
  syntax: "key group id-selector=<id|new-id='$'> [ENTRIESREAD entriesread{entries-read}:integer]",
  history: [['7.0.0', 'ENTRIESREAD.']],
  run(session, request, reply) {
    const options = groupOptions(request, false, reply);
    if (options === undefined) return;
    const stream = existingStream(session, request, reply);
    if (stream === undefined) return;
    const group = existingGroup(stream, request, reply);
    if (group === undefined) return;
    const { buffer, starts, ends } = request;
    const id = new StreamId();
    if (isSign(request, 4, '$')) id.assign(stream.lastId);
    // Here, and only here, '-' and '+' are ids.
    else if (parseId(buffer, starts[4], ends[4], FIRST_SEQUENCE, true, false, id) === 'invalid') {
      return reply.error(errors.streamInvalidId);
    }
    group.lastId.assign(id);
    group.entriesRead = options.entriesRead;
    reply.ok();
    groupChanged(session, request, 2, 'xgroup-setid');
  },
};

const helpLines = [
  'CREATE <key> <groupname> <id|$> [option]',
  '    Create a consumer group that reads after an id. Options:',
  '    * MKSTREAM',
  '      Create the stream too, if there is none.',
  '    * ENTRIESREAD entries_read',
  '      How many entries count as read; for replication.',
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    Create a consumer.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Remove a consumer, with what is pending for it.',
  'DESTROY <key> <groupname>',
  '    Remove a group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Set up to which id the group has read.',
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

export const xgroup: DataCommand = {
  name: 'xgroup',
  summary: 'Commands on consumer groups.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [create, createconsumer, delconsumer, destroy, help, setid],
};

export const xack: DataCommand = {
  name: 'xack',
  summary: 'Acknowledges entries that were delivered to a consumer of a group.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1) for each id',
  arity: -4,
  flags: ['write', 'fast'],
  categories: ['stream'],
  keys: key('RW', 'update'),
  syntax: 'key group id...',
  run(session, request, reply) {
    const seen = readStream(session, request, 1, reply);
    if (seen === null) return;
    if (seen?.groups.get(request.text(2)) === undefined) return reply.integer(0);
    const ids = idArguments(request, 3, reply);
    if (ids === undefined) return;
    const group = writeStream(session, request, 1, reply)?.groups.get(request.text(2));
    let acknowledged = 0;
    for (const id of ids) {
      const entry = group?.pending.find(id);
      if (entry === undefined) continue;
      group?.removePending(entry);
      acknowledged++;
    }
    countChanges(session, acknowledged);
    reply.integer(acknowledged);
  },
};
