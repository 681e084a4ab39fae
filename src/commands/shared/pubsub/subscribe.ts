// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites. They have no reply of their own: each channel
// is confirmed by a message, which is a push in RESP3 and comes even where replies are switched off.

import { type Command, keysToEnd } from '../../../dispatch/command.ts';
import type { SubscriptionKind } from '../../../dispatch/pubsub/channel.ts';
import type { PubSub } from '../../../dispatch/pubsub/pubsub.ts';
import type { Session } from '../../../dispatch/session.ts';
import { errors } from '../../../protocol/errors.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';
import type { Request } from '../../../protocol/request.ts';

const facts = {
  group: 'pubsub',
  since: '2.0.0',
  flags: ['pubsub', 'noscript', 'loading', 'stale'],
} as const;

/** What the confirmations count: shard channels apart from all others. */
function countOf(pubsub: PubSub<Session>, session: Session, kind: SubscriptionKind): number {
  const own = pubsub.subscriptionsOf(session);
  if (own === undefined) return 0;
  return kind === 'shardChannels' ? own.shardChannels.size : own.count;
}

/** Runs `write` with replies on: a confirmation is a message and not subject to CLIENT REPLY. */
function unsuppressed(reply: ReplyWriter, write: () => void): void {
  const { suppressed } = reply;
  if (suppressed) reply.suppressed = false;
  write();
  if (suppressed) reply.suppressed = true;
}

function confirm(reply: ReplyWriter, word: string, name: Buffer | undefined, count: number): void {
  reply.push(3);
  reply.text(word);
  if (name === undefined) reply.null();
  else reply.bulk(name);
  reply.integer(count);
}

function subscribeTo(
  session: Session,
  request: Request,
  reply: ReplyWriter,
  kind: SubscriptionKind,
): void {
  const [word] = words[kind];
  // A script expects one reply a command. MULTI does too, but has always let these through.
  const inTransaction = session.transaction !== undefined && kind !== 'shardChannels';
  if (session.denyBlocking && !inTransaction) {
    reply.error(errors.subscriptionDenied(word.toUpperCase()));
    return;
  }
  const pubsub = session.dispatcher.pubsub;
  unsuppressed(reply, () => {
    for (let i = 1; i < request.count; i++) {
      pubsub.subscribe(session, kind, request.buffer, request.starts[i], request.ends[i]);
      confirm(reply, word, request.bytes(i), countOf(pubsub, session, kind));
    }
  });
}

function unsubscribeFrom(
  session: Session,
  request: Request,
  reply: ReplyWriter,
  kind: SubscriptionKind,
): void {
  const pubsub = session.dispatcher.pubsub;
  const word = words[kind][1];
  unsuppressed(reply, () => {
    for (let i = 1; i < request.count; i++) {
      pubsub.unsubscribe(session, kind, request.buffer, request.starts[i], request.ends[i]);
      confirm(reply, word, request.bytes(i), countOf(pubsub, session, kind));
    }
    if (request.count > 1) return;
    const all = [...(pubsub.subscriptionsOf(session)?.[kind] ?? [])];
    for (const { name } of all) {
      pubsub.unsubscribe(session, kind, name, 0, name.length);
      confirm(reply, word, name, countOf(pubsub, session, kind));
    }
    // Somebody waits for an answer even when there was nothing to leave.
    if (all.length === 0) confirm(reply, word, undefined, countOf(pubsub, session, kind));
  });
}

const words = {
  channels: ['subscribe', 'unsubscribe'],
  patterns: ['psubscribe', 'punsubscribe'],
  shardChannels: ['ssubscribe', 'sunsubscribe'],
} as const satisfies Record<SubscriptionKind, readonly [string, string]>;

export const subscribe: Command = {
  ...facts,
  name: 'subscribe',
  summary: 'Begins to listen to channels.',
  complexity: 'O(N) where N is the number of channels to subscribe to.',
  arity: -2,
  syntax: 'channel...',
  run: (session, request, reply) => subscribeTo(session, request, reply, 'channels'),
};

export const unsubscribe: Command = {
  ...facts,
  name: 'unsubscribe',
  summary: 'Stops listening to channels, to all when none is named.',
  complexity: 'O(N) where N is the number of channels to unsubscribe.',
  arity: -1,
  syntax: '[channel...]',
  run: (session, request, reply) => unsubscribeFrom(session, request, reply, 'channels'),
};

export const psubscribe: Command = {
  ...facts,
  name: 'psubscribe',
  summary: 'Begins to listen to all channels that match a pattern.',
  complexity: 'O(N) where N is the number of patterns to subscribe to.',
  arity: -2,
  syntax: 'pattern:pattern...',
  run: (session, request, reply) => subscribeTo(session, request, reply, 'patterns'),
};

export const punsubscribe: Command = {
  ...facts,
  name: 'punsubscribe',
  summary: 'Stops listening by patterns, by all when none is named.',
  complexity: 'O(N) where N is the number of patterns to unsubscribe.',
  arity: -1,
  syntax: '[pattern:pattern...]',
  run: (session, request, reply) => unsubscribeFrom(session, request, reply, 'patterns'),
};

export const ssubscribe: Command = {
  ...facts,
  name: 'ssubscribe',
  summary: 'Begins to listen to shard channels.',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels to subscribe to.',
  arity: -2,
  keys: keysToEnd(['not_key']),
  syntax: 'shardchannel...',
  run: (session, request, reply) => subscribeTo(session, request, reply, 'shardChannels'),
};

export const sunsubscribe: Command = {
  ...facts,
  name: 'sunsubscribe',
  summary: 'Stops listening to shard channels, to all when none is named.',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels to unsubscribe.',
  arity: -1,
  keys: keysToEnd(['not_key']),
  syntax: '[shardchannel...]',
  run: (session, request, reply) => unsubscribeFrom(session, request, reply, 'shardChannels'),
};
