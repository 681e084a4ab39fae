// PUBLISH and SPUBLISH. They go to the replicas, whose clients listen too, though they change nothing;
// they do not go to the AOF.

import { type Command, key } from '../../../dispatch/command.ts';

const facts = {
  group: 'pubsub',
  arity: 3,
  flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
} as const;

export const publish: Command = {
  ...facts,
  name: 'publish',
  summary: 'Sends a message to a channel and returns how many received it.',
  since: '2.0.0',
  complexity:
    'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).',
  syntax: 'channel message',
  run(session, request, reply) {
    const receivers = session.dispatcher.pubsub.publish(request.bytes(1), request.bytes(2));
    session.propagateMessage();
    reply.integer(receivers);
  },
};

export const spublish: Command = {
  ...facts,
  name: 'spublish',
  summary: 'Sends a message to a shard channel and returns how many received it.',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of clients subscribed to the receiving shard channel.',
  keys: key('not_key'),
  syntax: 'shardchannel message',
  run(session, request, reply) {
    const receivers = session.dispatcher.pubsub.publishShard(request.bytes(1), request.bytes(2));
    session.propagateMessage();
    reply.integer(receivers);
  },
};
