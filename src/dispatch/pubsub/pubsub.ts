// Channels, patterns and shard channels: who listens, and the way of a message to all of them. A
// message is encoded once for each protocol and the same bytes go to every receiver. What a command
// replies is the commands' business; how bytes reach a connection is `deliver`'s.

import { Glob } from '../../util/glob.ts';
import type { KeyedHash } from '../../util/hash.ts';
import { ByteMap } from '../byte-map.ts';
import type { SubscriptionKind } from './channel.ts';
import { Channel, SessionSubscriptions } from './channel.ts';
import { Message } from './messages.ts';

/** A session as pub/sub needs it. */
export interface Subscriber {
  readonly resp: 2 | 3;
  /** Set by PubSub alone; undefined exactly when the session listens to nothing. */
  subscriptions: SubscriptionCounts | undefined;
}

export interface SubscriptionCounts {
  readonly channels: { readonly size: number };
  readonly patterns: { readonly size: number };
  readonly shardChannels: { readonly size: number };
}

const MESSAGE = Buffer.from('message');
const PATTERN_MESSAGE = Buffer.from('pmessage');
const SHARD_MESSAGE = Buffer.from('smessage');

export class PubSub<S extends Subscriber> {
  readonly #tables: Readonly<Record<SubscriptionKind, ByteMap<Channel<S>>>>;
  readonly #sessions = new Map<S, SessionSubscriptions<S>>();
  readonly #deliver: (session: S, bytes: Buffer) => void;

  /** `deliver` queues whole messages behind what the session is owed, and keeps the bytes unchanged. */
  constructor(hash: KeyedHash, deliver: (session: S, bytes: Buffer) => void) {
    this.#tables = {
      channels: new ByteMap(hash),
      patterns: new ByteMap(hash),
      shardChannels: new ByteMap(hash),
    };
    this.#deliver = deliver;
  }

  // --- figures for INFO and PUBSUB ---

  count(kind: SubscriptionKind): number {
    return this.#tables[kind].size;
  }

  /** Sessions that listen to anything. */
  get clients(): number {
    return this.#sessions.size;
  }

  /** Tables and channels; what sessions hold is counted with the sessions. */
  get memoryBytes(): number {
    const { channels, patterns, shardChannels } = this.#tables;
    return channels.memoryBytes + patterns.memoryBytes + shardChannels.memoryBytes;
  }

  /** Bytes that a session's subscriptions take. */
  memoryOf(session: S): number {
    return this.#sessions.get(session)?.memoryBytes ?? 0;
  }

  /** How many listen to this very channel. */
  subscribersOf(kind: SubscriptionKind, b: Buffer, start = 0, end: number = b.length): number {
    return this.#tables[kind].get(b, start, end)?.subscribers.size ?? 0;
  }

  /** Every name somebody listens to; the buffers must not be changed. */
  *names(kind: SubscriptionKind): IterableIterator<Buffer> {
    for (const { value } of this.#tables[kind]) yield value.name;
  }

  // --- one session ---

  subscriptionsOf(session: S): SessionSubscriptions<S> | undefined {
    return this.#sessions.get(session);
  }

  /** Everything the session listens to. */
  forEachOf(session: S, visit: (name: Buffer, isPattern: boolean) => void): void {
    const own = this.#sessions.get(session);
    if (own === undefined) return;
    for (const pattern of own.patterns) visit(pattern.name, true);
    for (const channel of own.channels) visit(channel.name, false);
    for (const channel of own.shardChannels) visit(channel.name, false);
  }

  /** False when it did so before. */
  subscribe(session: S, kind: SubscriptionKind, b: Buffer, start: number, end: number): boolean {
    const table = this.#tables[kind];
    let channel = table.get(b, start, end);
    if (channel?.subscribers.has(session)) return false;
    if (channel === undefined) {
      const name = Buffer.from(b.subarray(start, end));
      channel = new Channel(name, kind === 'patterns' ? new Glob(name) : undefined);
      table.add(channel, name);
    }
    channel.subscribers.add(session);
    let own = this.#sessions.get(session);
    if (own === undefined) {
      own = new SessionSubscriptions();
      this.#sessions.set(session, own);
      session.subscriptions = own;
    }
    own[kind].add(channel);
    return true;
  }

  /** False when it did not listen to that. */
  unsubscribe(session: S, kind: SubscriptionKind, b: Buffer, start: number, end: number): boolean {
    const channel = this.#tables[kind].get(b, start, end);
    if (!channel?.subscribers.has(session)) return false;
    this.#leave(session, kind, channel);
    this.#forgetIfSilent(session);
    return true;
  }

  /** The session is gone or reset: it leaves everything, without a word. */
  unsubscribeAll(session: S): void {
    const own = this.#sessions.get(session);
    if (own === undefined) return;
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      for (const channel of own[kind]) this.#leave(session, kind, channel);
    }
    this.#forgetIfSilent(session);
  }

  #leave(session: S, kind: SubscriptionKind, channel: Channel<S>): void {
    this.#sessions.get(session)?.[kind].delete(channel);
    channel.subscribers.delete(session);
    // Gone with its last listener: otherwise clients could fill the tables with channels.
    if (channel.subscribers.size === 0) this.#tables[kind].delete(channel.name);
  }

  #forgetIfSilent(session: S): void {
    if (this.#sessions.get(session)?.total !== 0) return;
    this.#sessions.delete(session);
    session.subscriptions = undefined;
  }

  // --- messages ---

  /** True when a message on some channel could reach somebody: what a producer asks before it builds one. */
  get hasListeners(): boolean {
    return this.#tables.channels.size > 0 || this.#tables.patterns.size > 0;
  }

  /** Sends to the channel's listeners and to those of every pattern that matches; how many receptions. */
  publish(channel: Buffer, message: Uint8Array): number {
    let receivers = this.#sendTo(this.#tables.channels.get(channel), MESSAGE, channel, message);
    if (this.#tables.patterns.size === 0) return receivers;
    for (const { value } of this.#tables.patterns) {
      if (!value.glob!.matches(channel)) continue;
      const encoded = new Message(PATTERN_MESSAGE, value.name, channel, message);
      receivers += this.#sendAll(value, encoded);
    }
    return receivers;
  }

  /** Shard channels know no patterns. */
  publishShard(channel: Buffer, message: Uint8Array): number {
    const target = this.#tables.shardChannels.get(channel);
    return this.#sendTo(target, SHARD_MESSAGE, channel, message);
  }

  #sendTo(
    target: Channel<S> | undefined,
    word: Buffer,
    channel: Buffer,
    message: Uint8Array,
  ): number {
    if (target === undefined) return 0;
    return this.#sendAll(target, new Message(word, channel, message));
  }

  #sendAll(target: Channel<S>, message: Message): number {
    for (const session of target.subscribers) this.#deliver(session, message.bytes(session.resp));
    return target.subscribers.size;
  }
}
