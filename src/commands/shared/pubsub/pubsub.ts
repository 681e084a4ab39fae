// PUBSUB: who listens to what.

import type { Command } from '../../../dispatch/command.ts';
import type { SubscriptionKind } from '../../../dispatch/pubsub/channel.ts';
import type { Session } from '../../../dispatch/session.ts';
import { errors } from '../../../protocol/errors.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';
import type { Request } from '../../../protocol/request.ts';
import { Glob } from '../../../util/glob.ts';
import { helpLines } from '../help-lines.ts';
import { helpReply } from '../help-reply.ts';

const facts = {
  group: 'pubsub',
  since: '2.8.0',
  flags: ['pubsub', 'loading', 'stale'],
} as const;

function replyNames(
  session: Session,
  request: Request,
  reply: ReplyWriter,
  kind: SubscriptionKind,
): void {
  if (request.count > 3) {
    reply.error(errors.unknownSubcommandOrArity(request.text(1), request.text(0)));
    return;
  }
  const glob = request.count === 3 ? new Glob(request.bytes(2)) : undefined;
  const mark = reply.deferred();
  let count = 0;
  for (const name of session.dispatcher.pubsub.names(kind)) {
    if (glob !== undefined && !glob.matches(name)) continue;
    reply.bulk(name);
    count++;
  }
  reply.finishArray(mark, count);
}

function replySubscribers(
  session: Session,
  request: Request,
  reply: ReplyWriter,
  kind: SubscriptionKind,
): void {
  const { buffer, starts, ends, count } = request;
  const pubsub = session.dispatcher.pubsub;
  reply.array((count - 2) * 2);
  for (let i = 2; i < count; i++) {
    reply.bulkRange(buffer, starts[i], ends[i]);
    reply.integer(pubsub.subscribersOf(kind, buffer, starts[i], ends[i]));
  }
}

const channels: Command = {
  ...facts,
  name: 'channels',
  summary: 'Returns the channels that somebody listens to.',
  complexity:
    'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)',
  arity: -2,
  syntax: '[pattern:pattern]',
  run: (session, request, reply) => replyNames(session, request, reply, 'channels'),
};

const shardchannels: Command = {
  ...facts,
  name: 'shardchannels',
  summary: 'Returns the shard channels that somebody listens to.',
  since: '7.0.0',
  complexity:
    'O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).',
  arity: -2,
  syntax: '[pattern:pattern]',
  run: (session, request, reply) => replyNames(session, request, reply, 'shardChannels'),
};

const numsub: Command = {
  ...facts,
  name: 'numsub',
  summary: 'Returns how many listen to each of some channels.',
  complexity: 'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
  arity: -2,
  syntax: '[channel...]',
  run: (session, request, reply) => replySubscribers(session, request, reply, 'channels'),
};

const shardnumsub: Command = {
  ...facts,
  name: 'shardnumsub',
  summary: 'Returns how many listen to each of some shard channels.',
  since: '7.0.0',
  complexity:
    'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
  arity: -2,
  syntax: '[shardchannel...]',
  run: (session, request, reply) => replySubscribers(session, request, reply, 'shardChannels'),
};

const numpat: Command = {
  ...facts,
  name: 'numpat',
  summary: 'Returns by how many different patterns somebody listens.',
  complexity: 'O(1)',
  arity: 2,
  run(session, _request, reply) {
    reply.integer(session.dispatcher.pubsub.count('patterns'));
  },
};

const help: Command = {
  ...facts,
  name: 'help',
  summary: 'Lists the subcommands.',
  since: '6.2.0',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  run(session, request, reply) {
    helpReply(request, reply, helpLines(session.dispatcher.commands.aclCommand('pubsub')));
  },
};

export const pubsub: Command = {
  name: 'pubsub',
  summary: 'Commands that look into who listens to what.',
  since: '2.8.0',
  group: 'pubsub',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [channels, help, numpat, numsub, shardchannels, shardnumsub],
};
