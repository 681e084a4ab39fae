// Taking the oldest entries off a stream, by length or by id. Whole nodes go at once; what is left of
// the work inside one node is done only when the trimming is to be exact. As streamTrim in t_stream.c.

import { LISTPACK_END, nextEntry } from './listpack.ts';
import type { Stream } from './stream.ts';
import { compareIds, StreamId } from './stream-id.ts';
import { countAt, EntryFlag, type StreamNode } from './stream-node.ts';
import { OrderPlace } from './stream-order.ts';

export interface StreamTrimming {
  /** Keep this many entries; undefined: trim by `minId`. */
  readonly maxLength: number | undefined;
  /** Keep entries from this id on. */
  readonly minId: StreamId;
  /** Whole nodes only. */
  readonly approximate: boolean;
  /** Remove no more entries than this; 0: no limit. */
  readonly limit: number;
}

const id = new StreamId();

/** Trims; how many entries were removed. */
export function trimStream(stream: Stream, trimming: StreamTrimming): number {
  const { maxLength, minId, approximate, limit } = trimming;
  const { nodes } = stream;
  const place = new OrderPlace();
  let removed = 0;
  let whole = 0;
  let rest: StreamNode | undefined;
  let next: StreamNode | undefined;
  for (let node = nodes.first; node !== undefined; node = next) {
    nodes.forward(place);
    next = nodes.at(place);
    const length = stream.length - removed;
    if (maxLength !== undefined && length <= maxLength) break;
    if (limit > 0 && removed + node.count > limit) break;
    const isWhole =
      maxLength !== undefined ? length - node.count >= maxLength : isBelow(node, next, minId);
    if (!isWhole) {
      rest = node;
      break;
    }
    removed += node.count;
    whole++;
  }
  stream.removeFirstNodes(whole);
  if (rest !== undefined && !approximate) removed += trimNode(stream, rest, maxLength, minId);
  if (removed > 0) stream.findFirst();
  return removed;
}

/** Whether all entries of a node are older than `minId`; the node after it mostly tells. */
function isBelow(node: StreamNode, next: StreamNode | undefined, minId: StreamId): boolean {
  if (next !== undefined && compareIds(next, minId) <= 0) return true;
  return !node.lastEntryId(id) || compareIds(id, minId) < 0;
}

/** Flags the first entries of a node; how many. */
function trimNode(
  stream: Stream,
  node: StreamNode,
  maxLength: number | undefined,
  minId: StreamId,
): number {
  const b = node.buffer;
  const positions: number[] = [];
  let p = node.masterAt;
  const masterPairs = countAt(b, p);
  for (let i = masterPairs + 2; i > 0; i--) p = nextEntry(b, p);
  while (b[p] !== LISTPACK_END) {
    const flags = b[p];
    let at = node.readId(p + 2, id);
    const isDone =
      maxLength !== undefined
        ? stream.length - positions.length <= maxLength
        : compareIds(id, minId) >= 0;
    if (isDone) break;
    if ((flags & EntryFlag.deleted) === 0) positions.push(p);
    let elements = masterPairs + 1;
    if ((flags & EntryFlag.sameFields) === 0) {
      elements = countAt(b, at) * 2 + 1;
      at = nextEntry(b, at);
    }
    for (let i = elements; i > 0; i--) at = nextEntry(b, at);
    p = at;
  }
  if (positions.length > 0) stream.markDeleted(node, positions);
  return positions.length;
}
