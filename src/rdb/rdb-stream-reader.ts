// Reads a stream: its packed nodes, what it knows of itself, and its consumer groups. A pending entry is
// told twice, by the group with its figures and by its consumer with the id alone; both must agree. The
// stream is built on the way and handed over whole, since its parts refer to each other.

import { isListpack } from '../engine/listpack-check.ts';
import { Encoding, Kind } from '../engine/record.ts';
import { Stream } from '../engine/stream.ts';
import { type Consumer, type ConsumerGroup, READ_UNKNOWN } from '../engine/stream-groups.ts';
import { StreamId } from '../engine/stream-id.ts';
import { addedUpTo } from '../engine/stream-lag.ts';
import { StreamNode } from '../engine/stream-node.ts';
import { RdbType } from './rdb-format.ts';
import type { RdbValueHandler } from './rdb-handler.ts';
import { NONE, type RdbSource, RdbString } from './rdb-source.ts';
import { isStreamListpack } from './stream-listpack-check.ts';

/** Where in a stream the reader is. Each state reads one item and tells the next. */
const At = {
  nodeCount: 0,
  node: 1,
  facts: 2,
  group: 3,
  pending: 4,
  consumerCount: 5,
  consumer: 6,
  consumerPending: 7,
  done: 8,
} as const;

const ID_BYTES = 16;

export class RdbStreamReader {
  readonly #source: RdbSource;
  readonly #handler: RdbValueHandler;
  readonly #name: RdbString = new RdbString();
  readonly #blob: RdbString = new RdbString();
  readonly #number = { value: 0 };
  readonly #id: StreamId = new StreamId();
  #type = 0;
  #at: number = At.nodeCount;
  #stream: Stream = new Stream();
  #group: ConsumerGroup | undefined;
  #consumer: Consumer | undefined;
  #living = 0;
  /** Nodes or groups, pending entries, consumers that are yet to come. */
  #left = 0;
  #pendingLeft = 0;
  #consumersLeft = 0;

  constructor(source: RdbSource, handler: RdbValueHandler) {
    this.#source = source;
    this.#handler = handler;
  }

  begin(type: number): void {
    this.#type = type;
    this.#at = At.nodeCount;
    this.#stream = new Stream();
    this.#living = 0;
  }

  /** Reads on; true when the stream is complete. */
  step(): boolean {
    while (this.#at !== At.done) {
      if (!this.#item() || this.#source.failure !== undefined) return false;
      this.#source.commit();
    }
    this.#handler.object(Kind.stream, Encoding.stream, this.#stream);
    return true;
  }

  #item(): boolean {
    switch (this.#at) {
      case At.nodeCount:
        return this.#nodeCount();
      case At.node:
        return this.#node();
      case At.facts:
        return this.#facts();
      case At.group:
        return this.#groupHead();
      case At.pending:
        return this.#pending();
      case At.consumerCount:
        return this.#consumerCount();
      case At.consumer:
        return this.#consumerHead();
      default:
        return this.#consumerPending();
    }
  }

  #nodeCount(): boolean {
    const count = this.#source.count();
    if (count === NONE) return false;
    this.#left = count;
    this.#at = count > 0 ? At.node : At.facts;
    return true;
  }

  #node(): boolean {
    const source = this.#source;
    if (!source.string(this.#name) || !source.string(this.#blob)) return false;
    if (this.#name.length !== ID_BYTES) return this.#refuse('the id of a node has not 16 bytes');
    readKey(this.#name.bytes, this.#name.start, this.#id);
    const { bytes, start, end } = this.#blob;
    if (!isListpack(bytes, start, end) || !isStreamListpack(bytes, start)) {
      return this.#refuse('Stream listpack integrity check failed.');
    }
    if (this.#stream.nodes.find(this.#id) !== undefined) return this.#refuse('a node comes twice');
    const node = StreamNode.ofListpack(this.#id, this.#blob.copy());
    this.#stream.addNode(node);
    this.#living += node.count;
    if (--this.#left === 0) this.#at = At.facts;
    return true;
  }

  #facts(): boolean {
    const source = this.#source;
    const stream = this.#stream;
    const length = source.count();
    if (length === NONE || !this.#readId(stream.lastId)) return false;
    if (length !== this.#living) return this.#refuse('its length is not that of its nodes');
    stream.length = length;
    if (this.#type === RdbType.streamListpacks) {
      stream.entriesAdded = length;
      stream.findFirst();
    } else {
      if (!this.#readId(stream.firstId) || !this.#readId(stream.maxDeletedId)) return false;
      const added = source.count();
      if (added === NONE) return false;
      stream.entriesAdded = added;
    }
    const groups = source.count();
    if (groups === NONE) return false;
    this.#left = groups;
    this.#at = groups > 0 ? At.group : At.done;
    return true;
  }

  #groupHead(): boolean {
    const source = this.#source;
    const stream = this.#stream;
    if (!source.string(this.#name) || !this.#readId(this.#id)) return false;
    let read: number;
    if (this.#type === RdbType.streamListpacks) read = addedUpTo(stream, this.#id);
    else {
      read = source.count();
      if (read === NONE) return false;
      // The count is signed and -1 means unknown; as a length it has all bits set.
      if ((source.lengthHigh & source.lengthLow) === -1) read = READ_UNKNOWN;
    }
    const pending = source.count();
    if (pending === NONE) return false;
    const name = this.#name.text();
    if (stream.groups.get(name) !== undefined) return this.#refuse('a group comes twice');
    this.#group = stream.addGroup(name, this.#id, read);
    this.#pendingLeft = pending;
    this.#at = pending > 0 ? At.pending : At.consumerCount;
    return true;
  }

  #pending(): boolean {
    const source = this.#source;
    if (!source.has(ID_BYTES)) return false;
    readKey(source.buffer, source.at, this.#id);
    source.at += ID_BYTES;
    if (!source.int64(this.#number)) return false;
    const deliveries = source.count();
    if (deliveries === NONE) return false;
    const group = this.#group as ConsumerGroup;
    if (group.pending.find(this.#id) !== undefined) {
      return this.#refuse('a pending entry comes twice');
    }
    group.addPending(this.#id, this.#number.value, deliveries);
    if (--this.#pendingLeft === 0) this.#at = At.consumerCount;
    return true;
  }

  #consumerCount(): boolean {
    const count = this.#source.count();
    if (count === NONE) return false;
    this.#consumersLeft = count;
    if (count > 0) {
      this.#at = At.consumer;
      return true;
    }
    return this.#endGroup();
  }

  #consumerHead(): boolean {
    const source = this.#source;
    const group = this.#group as ConsumerGroup;
    if (!source.string(this.#name) || !source.int64(this.#number)) return false;
    const seenMs = this.#number.value;
    // Before version 11 nobody told when a consumer was last given anything.
    if (this.#type === RdbType.streamListpacks3 && !source.int64(this.#number)) return false;
    const activeMs = this.#number.value;
    const pending = source.count();
    if (pending === NONE) return false;
    const name = this.#name.text();
    if (group.consumers.get(name) !== undefined)
      return this.#refuse('Duplicate stream consumer detected.');
    this.#consumer = group.addConsumer(name, seenMs);
    this.#consumer.activeMs = activeMs;
    this.#pendingLeft = pending;
    if (pending > 0) {
      this.#at = At.consumerPending;
      return true;
    }
    return this.#endConsumer();
  }

  #consumerPending(): boolean {
    const source = this.#source;
    if (!source.has(ID_BYTES)) return false;
    readKey(source.buffer, source.at, this.#id);
    source.at += ID_BYTES;
    const group = this.#group as ConsumerGroup;
    const entry = group.pending.find(this.#id);
    if (entry === undefined || entry.consumer !== undefined) {
      return this.#refuse('an entry is pending for a consumer and not, or twice, in its group');
    }
    group.assign(entry, this.#consumer as Consumer);
    return --this.#pendingLeft > 0 || this.#endConsumer();
  }

  #endConsumer(): boolean {
    if (--this.#consumersLeft === 0) return this.#endGroup();
    this.#at = At.consumer;
    return true;
  }

  #endGroup(): boolean {
    const group = this.#group as ConsumerGroup;
    let owned = 0;
    for (const consumer of group.consumers.sorted()) owned += consumer.pending.size;
    if (owned !== group.pending.size) return this.#refuse('an entry is pending for no consumer');
    this.#at = --this.#left > 0 ? At.group : At.done;
    return true;
  }

  /** Two lengths of up to 64 bits. */
  #readId(into: StreamId): boolean {
    const source = this.#source;
    if (source.count() === NONE) return false;
    const { lengthHigh, lengthLow } = source;
    if (source.count() === NONE) return false;
    into.msHigh = lengthHigh;
    into.msLow = lengthLow;
    into.seqHigh = source.lengthHigh;
    into.seqLow = source.lengthLow;
    return true;
  }

  #refuse(reason: string): boolean {
    this.#source.fail(
      reason.startsWith('a ') || reason.startsWith('its ') ? `stream: ${reason}` : reason,
    );
    return false;
  }
}

/** An id as it lies in keys: two numbers of 64 bits, big endian. */
function readKey(b: Buffer, at: number, into: StreamId): void {
  into.msHigh = b.readInt32BE(at);
  into.msLow = b.readInt32BE(at + 4);
  into.seqHigh = b.readInt32BE(at + 8);
  into.seqLow = b.readInt32BE(at + 12);
}
