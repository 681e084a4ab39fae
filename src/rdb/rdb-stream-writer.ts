// Writes a stream: its nodes as they lie in memory, what it knows of itself, and its consumer groups. Any
// number of versions ago the same, but for counters that version 10 added and a time that 11 did.

import type { Stream } from '../engine/stream.ts';
import type { Consumer, ConsumerGroup } from '../engine/stream-groups.ts';
import { StreamId } from '../engine/stream-id.ts';
import { OrderPlace } from '../engine/stream-order.ts';
import type { RdbOutput } from './rdb-output.ts';

const WITH_COUNTERS = 10;
const WITH_ACTIVE_TIME = 11;
const ID_BYTES = 16;

/** A stream on its way: node by node, and then the rest at once. */
export class StreamCursor {
  readonly #version: number;
  readonly #next: StreamId = new StreamId();
  readonly #place: OrderPlace = new OrderPlace();
  #stream: Stream;
  #isCopy = false;

  constructor(out: RdbOutput, stream: Stream, version: number) {
    this.#stream = stream;
    this.#version = version;
    out.length(stream.nodes.size);
  }

  /** Writes nodes of about `budget` entries; true when the stream is complete. */
  step(out: RdbOutput, budget: number): boolean {
    const { nodes } = this.#stream;
    const place = this.#place;
    nodes.seek(this.#next, place);
    for (let left = budget; left > 0; nodes.forward(place)) {
      const node = nodes.at(place);
      if (node === undefined) {
        writeRest(out, this.#stream, this.#version);
        return true;
      }
      out.length(ID_BYTES);
      writeKey(out, node);
      out.string(node.buffer, 0, node.bytes);
      left -= node.count + node.deleted;
      // Found again by its id: the copy may keep the same nodes in other chunks.
      this.#next.assign(node);
      this.#next.increment();
    }
    return false;
  }

  /** The stream is about to change: it is copied as it is now. */
  detach(): void {
    if (this.#isCopy) return;
    this.#isCopy = true;
    this.#stream = this.#stream.clone();
  }
}

function writeRest(out: RdbOutput, stream: Stream, version: number): void {
  out.length(stream.length);
  writeId(out, stream.lastId);
  if (version >= WITH_COUNTERS) {
    writeId(out, stream.firstId);
    writeId(out, stream.maxDeletedId);
    out.length(stream.entriesAdded);
  }
  out.length(stream.groups.size);
  for (const group of stream.groups.sorted()) writeGroup(out, group, version);
}

function writeGroup(out: RdbOutput, group: ConsumerGroup, version: number): void {
  out.text(group.name);
  writeId(out, group.lastId);
  if (version >= WITH_COUNTERS) {
    // Unknown is -1, which a length holds as the largest number there is.
    if (group.entriesRead < 0) out.lengthHalves(-1, -1);
    else out.length(group.entriesRead);
  }
  out.length(group.pending.size);
  group.pending.visit((entry) => {
    writeKey(out, entry);
    out.milliseconds(entry.deliveredMs);
    out.length(entry.deliveries);
  });
  out.length(group.consumers.size);
  for (const consumer of group.consumers.sorted()) writeConsumer(out, consumer, version);
}

function writeConsumer(out: RdbOutput, consumer: Consumer, version: number): void {
  out.text(consumer.name);
  out.milliseconds(consumer.seenMs);
  if (version >= WITH_ACTIVE_TIME) out.milliseconds(consumer.activeMs);
  out.length(consumer.pending.size);
  consumer.pending.visit((entry) => writeKey(out, entry));
}

function writeKey(out: RdbOutput, id: StreamId): void {
  out.halvesBE(id.msHigh, id.msLow);
  out.halvesBE(id.seqHigh, id.seqLow);
}

function writeId(out: RdbOutput, id: StreamId): void {
  out.lengthHalves(id.msHigh, id.msLow);
  out.lengthHalves(id.seqHigh, id.seqLow);
}
