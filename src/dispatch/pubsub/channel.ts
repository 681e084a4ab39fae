// The shared side of a subscription: a channel or pattern with everyone who listens to it. It exists
// for as long as somebody does.

import type { Glob } from '../../util/glob.ts';

export class Channel<S> {
  /** Owned by the table it is in. */
  readonly name: Buffer;
  /** Compiled once; undefined for a plain channel. */
  readonly glob: Glob | undefined;
  /** In the order of subscription. */
  readonly subscribers: Set<S> = new Set();

  constructor(name: Buffer, glob: Glob | undefined) {
    this.name = name;
    this.glob = glob;
  }
}

/** A slot of a JavaScript Set, once on each side. */
const SLOT_BYTES = 64;

/** What one session listens to. */
export class SessionSubscriptions<S> {
  readonly channels: Set<Channel<S>> = new Set();
  readonly patterns: Set<Channel<S>> = new Set();
  readonly shardChannels: Set<Channel<S>> = new Set();

  /** What the replies of SUBSCRIBE and PSUBSCRIBE count; shard channels are counted alone. */
  get count(): number {
    return this.channels.size + this.patterns.size;
  }

  get total(): number {
    return this.count + this.shardChannels.size;
  }

  /** The session's part of the memory, for CLIENT LIST. */
  get memoryBytes(): number {
    return this.total * SLOT_BYTES;
  }
}

/** Kinds of subscription, under the names of the sets that hold them. */
export type SubscriptionKind = 'channels' | 'patterns' | 'shardChannels';
