// Consumer groups of a stream: how far a group has read, and which entries it delivered to whom without
// an acknowledgement yet. A pending entry is one object that stands in two orders, the group's and its
// consumer's. It may outlive the stream's entry. Replies and propagation are the commands' business.

import { StreamId } from './stream-id.ts';
import { StreamOrder } from './stream-order.ts';

/** `entriesRead` when nobody can tell. */
export const READ_UNKNOWN = -1;
/** `activeMs` of a consumer that was never given anything. */
export const NEVER = -1;

// Objects on the JavaScript heap, as measured on Node 20.
const PENDING_BYTES = 112;
const CONSUMER_BYTES = 320;
const GROUP_BYTES = 560;

/** A consumer with less than one in so many of a group's entries has them removed one by one. */
const FEW = 16;

/** Bytes of all groups of a stream: one sum, so that nothing has to be added up to know it. */
export class GroupAccount {
  bytes = 0;
}

export class PendingEntry extends StreamId {
  deliveredMs: number;
  deliveries: number;
  /** Undefined only while a claim that makes the entry is under way. */
  consumer: Consumer | undefined;

  constructor(id: StreamId, deliveredMs: number, deliveries: number) {
    super(id.msHigh, id.msLow, id.seqHigh, id.seqLow);
    this.deliveredMs = deliveredMs;
    this.deliveries = deliveries;
    this.consumer = undefined;
  }
}

export class Consumer {
  /** latin1. */
  readonly name: string;
  /** When it last asked for anything. */
  seenMs: number;
  /** When it was last given anything. */
  activeMs: number = NEVER;
  readonly pending: StreamOrder<PendingEntry> = new StreamOrder();

  constructor(name: string, seenMs: number) {
    this.name = name;
    this.seenMs = seenMs;
  }
}

/** Things by latin1 name, listed in the order of their bytes. */
export class NamedMap<T extends { readonly name: string }> {
  readonly #map: Map<string, T> = new Map();
  #sorted: T[] | undefined;

  get size(): number {
    return this.#map.size;
  }

  get(name: string): T | undefined {
    return this.#map.get(name);
  }

  add(item: T): void {
    this.#map.set(item.name, item);
    this.#sorted = undefined;
  }

  delete(name: string): void {
    this.#map.delete(name);
    this.#sorted = undefined;
  }

  /** Ascending; latin1 compares as its bytes do. */
  sorted(): readonly T[] {
    this.#sorted ??= [...this.#map.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#sorted;
  }
}

export class ConsumerGroup {
  /** latin1. */
  readonly name: string;
  readonly lastId: StreamId = new StreamId();
  /** How many of the entries ever added are read, up to `lastId`; READ_UNKNOWN. */
  entriesRead: number;
  readonly pending: StreamOrder<PendingEntry> = new StreamOrder();
  readonly consumers: NamedMap<Consumer> = new NamedMap();
  readonly #account: GroupAccount;

  constructor(name: string, lastId: StreamId, entriesRead: number, account: GroupAccount) {
    this.name = name;
    this.lastId.assign(lastId);
    this.entriesRead = entriesRead;
    this.#account = account;
    account.bytes += GROUP_BYTES + name.length;
  }

  /** The consumer must be new. */
  addConsumer(name: string, seenMs: number): Consumer {
    const consumer = new Consumer(name, seenMs);
    this.consumers.add(consumer);
    this.#account.bytes += CONSUMER_BYTES + name.length;
    return consumer;
  }

  /** Removes a consumer with all that is pending for it; how much that was. */
  deleteConsumer(consumer: Consumer): number {
    const pending = consumer.pending.size;
    if (pending * FEW < this.pending.size) {
      consumer.pending.visit((entry) => void this.pending.remove(entry));
    } else this.pending.removeWhere((entry) => entry.consumer === consumer);
    this.consumers.delete(consumer.name);
    this.#account.bytes -= CONSUMER_BYTES + consumer.name.length + pending * PENDING_BYTES;
    return pending;
  }

  /** A new pending entry without a consumer; `assign` must follow. */
  addPending(id: StreamId, deliveredMs: number, deliveries: number): PendingEntry {
    const entry = new PendingEntry(id, deliveredMs, deliveries);
    this.pending.add(entry);
    this.#account.bytes += PENDING_BYTES;
    return entry;
  }

  /** Makes the consumer the one that the entry is pending for. */
  assign(entry: PendingEntry, consumer: Consumer): void {
    if (entry.consumer === consumer) return;
    entry.consumer?.pending.remove(entry);
    entry.consumer = consumer;
    consumer.pending.add(entry);
  }

  removePending(entry: PendingEntry): void {
    this.pending.remove(entry);
    entry.consumer?.pending.remove(entry);
    this.#account.bytes -= PENDING_BYTES;
  }

  /** The group leaves its stream. */
  unaccount(): void {
    let bytes = GROUP_BYTES + this.name.length + this.pending.size * PENDING_BYTES;
    for (const { name } of this.consumers.sorted()) bytes += CONSUMER_BYTES + name.length;
    this.#account.bytes -= bytes;
  }

  /** Lets go of about `n` pending entries; true when nothing is left. */
  free(n: number): boolean {
    if (!this.pending.free(n)) return false;
    for (const consumer of this.consumers.sorted()) {
      if (!consumer.pending.free(n)) return false;
    }
    return true;
  }

  /** An equal group that counts on another stream's account. */
  clone(account: GroupAccount): ConsumerGroup {
    const copy = new ConsumerGroup(this.name, this.lastId, this.entriesRead, account);
    for (const consumer of this.consumers.sorted()) {
      copy.addConsumer(consumer.name, consumer.seenMs).activeMs = consumer.activeMs;
    }
    this.pending.visit((entry) => {
      const same = copy.addPending(entry, entry.deliveredMs, entry.deliveries);
      const owner = copy.consumers.get(entry.consumer?.name ?? '');
      if (owner !== undefined) copy.assign(same, owner);
    });
    return copy;
  }
}
