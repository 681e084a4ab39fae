// Writes a stream: its nodes as they lie in memory, what it knows of itself, and its consumer groups. Any
// number of versions ago the same, but for counters that version 10 added and a time that 11 did.

import type { Stream } from '../engine/stream.ts';
import type { Consumer, ConsumerGroup } from '../engine/stream-groups.ts';
import type { StreamId } from '../engine/stream-id.ts';
import type { RdbOutput } from './rdb-output.ts';

const WITH_COUNTERS = 10;
const WITH_ACTIVE_TIME = 11;
const ID_BYTES = 16;

/** Writes the whole stream, and answers true. */
export function writeStream(out: RdbOutput, stream: Stream, version: number): true {
  out.length(stream.nodes.size);
  stream.nodes.visit((node) => {
    out.length(ID_BYTES);
    writeKey(out, node);
    out.string(node.buffer, 0, node.bytes);
  });
  out.length(stream.length);
  writeId(out, stream.lastId);
  if (version >= WITH_COUNTERS) {
    writeId(out, stream.firstId);
    writeId(out, stream.maxDeletedId);
    out.length(stream.entriesAdded);
  }
  out.length(stream.groups.size);
  for (const group of stream.groups.sorted()) writeGroup(out, group, version);
  return true;
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
