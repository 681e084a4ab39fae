// How far behind a consumer group is. Counting would take as long as the stream is; two counters tell it
// as long as no entry was deleted in the middle. Where they cannot, the answer is that nobody knows.

import type { Stream } from './stream.ts';
import { type ConsumerGroup, READ_UNKNOWN } from './stream-groups.ts';
import { compareIds, type StreamId } from './stream-id.ts';

/** Whether an entry from `start` on may have been deleted by XDEL. */
function hasGapFrom(stream: Stream, start: StreamId): boolean {
  const { maxDeletedId } = stream;
  if (stream.length === 0 || maxDeletedId.isZero) return false;
  if (compareIds(stream.firstId, maxDeletedId) > 0) return false;
  return compareIds(start, maxDeletedId) <= 0;
}

/** How many entries were ever added up to `id`; READ_UNKNOWN. */
export function addedUpTo(stream: Stream, id: StreamId): number {
  const { entriesAdded, length, firstId, lastId, maxDeletedId } = stream;
  if (entriesAdded === 0) return 0;
  const toLast = compareIds(id, lastId);
  if (toLast === 0 || (length === 0 && toLast < 0)) return entriesAdded;
  if (toLast > 0) return READ_UNKNOWN;
  if (maxDeletedId.isZero || compareIds(maxDeletedId, firstId) < 0) {
    const toFirst = compareIds(id, firstId);
    if (toFirst < 0) return entriesAdded - length;
    if (toFirst === 0) return entriesAdded - length + 1;
  }
  return READ_UNKNOWN;
}

/** Entries that the group has yet to be given; undefined when nobody knows. */
export function groupLag(stream: Stream, group: ConsumerGroup): number | undefined {
  if (stream.entriesAdded === 0) return 0;
  if (group.entriesRead !== READ_UNKNOWN && !hasGapFrom(stream, group.lastId)) {
    return stream.entriesAdded - group.entriesRead;
  }
  const read = addedUpTo(stream, group.lastId);
  return read === READ_UNKNOWN ? undefined : stream.entriesAdded - read;
}

/** The group was given the entry `id`; false when it had it before. */
export function advanceGroup(stream: Stream, group: ConsumerGroup, id: StreamId): boolean {
  if (compareIds(id, group.lastId) <= 0) return false;
  if (group.entriesRead !== READ_UNKNOWN && !hasGapFrom(stream, id)) group.entriesRead++;
  else if (stream.entriesAdded > 0) group.entriesRead = addedUpTo(stream, id);
  group.lastId.assign(id);
  return true;
}
