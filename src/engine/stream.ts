// A stream: entries that are only ever added at the end, under ids that only ever grow, in packed nodes
// ordered by the id of their first entry. Deleting flags an entry or drops its node. What it knows beyond
// its entries (greatest deleted id, entries ever added) is there so that groups can tell how far behind
// they are without counting; see stream-lag.ts. Reading is StreamCursor's. Model: t_stream.c of Redis 7.2.

import type { StoredObject } from './stored-object.ts';
import { StreamCursor } from './stream-cursor.ts';
import { ConsumerGroup, GroupAccount, NamedMap } from './stream-groups.ts';
import { compareIds, StreamId } from './stream-id.ts';
import { type FieldSource, StreamNode } from './stream-node.ts';
import { StreamOrder } from './stream-order.ts';

/** A stream with nothing in it. */
const STREAM_OVERHEAD_BYTES = 800;
/** Bytes of an entry's texts in all, and of a node. */
export const STREAM_NODE_LIMIT_BYTES: number = 1 << 30;

export interface StreamNodeLimits {
  /** 0: STREAM_NODE_LIMIT_BYTES. */
  readonly streamNodeMaxBytes: number;
  /** 0: no limit. */
  readonly streamNodeMaxEntries: number;
}

/** Shared by the stream's own searches, which never overlap. */
const cursor = new StreamCursor();

export class Stream implements StoredObject {
  accountedBytes = 0;
  length = 0;
  /** Of the first living entry; 0-0 in an empty stream. */
  readonly firstId: StreamId = new StreamId();
  /** The greatest id ever given; ids to come are greater. */
  readonly lastId: StreamId = new StreamId();
  /** The greatest id that XDEL deleted. */
  readonly maxDeletedId: StreamId = new StreamId();
  entriesAdded = 0;
  readonly nodes: StreamOrder<StreamNode> = new StreamOrder();
  readonly groups: NamedMap<ConsumerGroup> = new NamedMap();
  readonly #account: GroupAccount = new GroupAccount();
  #nodeBytes = 0;

  get memoryBytes(): number {
    return STREAM_OVERHEAD_BYTES + this.#nodeBytes + this.#account.bytes;
  }

  /** Adds an entry; `id` must be greater than `lastId`. */
  append(
    id: StreamId,
    source: FieldSource,
    first: number,
    pairs: number,
    limits: StreamNodeLimits,
  ): void {
    const last = this.nodes.last === undefined ? undefined : this.#own(this.nodes.last);
    if (last !== undefined && hasRoom(last, source, first, pairs, limits)) {
      const before = last.buffer.length;
      last.append(id, source, first, pairs);
      this.#nodeBytes += last.buffer.length - before;
    } else {
      if (last !== undefined) {
        const before = last.buffer.length;
        last.trim();
        this.#nodeBytes += last.buffer.length - before;
      }
      this.addNode(StreamNode.ofEntry(id, source, first, pairs));
    }
    this.length++;
    this.entriesAdded++;
    this.lastId.assign(id);
    if (this.length === 1) this.firstId.assign(id);
  }

  /** For `append` and for loading; counters are the caller's. */
  addNode(node: StreamNode): void {
    this.nodes.add(node);
    this.#nodeBytes += node.memoryBytes;
  }

  /** Removes a node with the entries that live in it. */
  removeNode(node: StreamNode): void {
    this.length -= node.count;
    this.#nodeBytes -= node.memoryBytes;
    this.nodes.remove(node);
  }

  /** Removes so many nodes from the front, with the entries that live in them. */
  removeFirstNodes(count: number): void {
    this.nodes.removeFirst(count, (node) => {
      this.length -= node.count;
      this.#nodeBytes -= node.memoryBytes;
    });
  }

  /** Flags entries of a node as deleted; positions in the node are gone then. */
  markDeleted(node: StreamNode, positions: readonly number[]): void {
    const own = this.#own(node);
    const before = own.buffer.length;
    own.markDeleted(positions);
    this.#nodeBytes += own.buffer.length - before;
    this.length -= positions.length;
  }

  /** The node, to be changed: from now on no other stream has it. */
  #own(node: StreamNode): StreamNode {
    if (!node.isShared) return node;
    const copy = node.clone();
    this.nodes.replace(copy);
    this.#nodeBytes += copy.memoryBytes - node.memoryBytes;
    return copy;
  }

  has(id: StreamId): boolean {
    cursor.open(this, id, id);
    return cursor.next();
  }

  /** Deletes one entry; false when it is not there. `firstId` may be wrong then, see `findFirst`. */
  delete(id: StreamId): boolean {
    cursor.open(this, id, id);
    if (!cursor.next()) return false;
    const { node, entryAt } = cursor as { node: StreamNode; entryAt: number };
    if (node.count === 1) this.removeNode(node);
    else this.markDeleted(node, [entryAt]);
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId.assign(id);
    return true;
  }

  /** Sets `firstId` anew after entries were deleted. */
  findFirst(): void {
    cursor.open(this, undefined, undefined);
    if (cursor.next()) this.firstId.assign(cursor.id);
    else this.firstId.setTime(0);
  }

  /** Sets `into` to the id of the first entry, deleted or not; to the greatest id if there is none. */
  firstStoredId(into: StreamId): void {
    cursor.open(this, undefined, undefined, false, true);
    into.assign(cursor.next() ? cursor.id : StreamId.greatest());
  }

  /** Sets `into` to the id of the last living entry; false when there is none. */
  lastLivingId(into: StreamId): boolean {
    cursor.open(this, undefined, undefined, true);
    if (!cursor.next()) return false;
    into.assign(cursor.id);
    return true;
  }

  /** The group must be new. */
  addGroup(name: string, lastId: StreamId, entriesRead: number): ConsumerGroup {
    const group = new ConsumerGroup(name, lastId, entriesRead, this.#account);
    this.groups.add(group);
    return group;
  }

  removeGroup(group: ConsumerGroup): void {
    group.unaccount();
    this.groups.delete(group.name);
  }

  /** Nodes of the radix tree that Redis would keep the nodes in: XINFO STREAM shows it. */
  radixTreeNodes(): number {
    return countRadixNodes(this.nodes);
  }

  free(budget: number): boolean {
    if (!this.nodes.free(budget)) return false;
    for (const group of this.groups.sorted()) {
      if (!group.free(budget)) return false;
    }
    return true;
  }

  /** In time of the number of nodes and pending entries: both have the nodes until one changes them. */
  clone(): Stream {
    const copy = new Stream();
    this.nodes.visit((node) => {
      node.isShared = true;
    });
    copy.nodes.copyFrom(this.nodes);
    copy.#nodeBytes = this.#nodeBytes;
    copy.length = this.length;
    copy.entriesAdded = this.entriesAdded;
    copy.firstId.assign(this.firstId);
    copy.lastId.assign(this.lastId);
    copy.maxDeletedId.assign(this.maxDeletedId);
    for (const group of this.groups.sorted()) copy.groups.add(group.clone(copy.#account));
    return copy;
  }
}

function hasRoom(
  node: StreamNode,
  source: FieldSource,
  first: number,
  pairs: number,
  limits: StreamNodeLimits,
): boolean {
  const { streamNodeMaxBytes, streamNodeMaxEntries } = limits;
  // Deleted entries take their place as well.
  if (streamNodeMaxEntries > 0 && node.count + node.deleted >= streamNodeMaxEntries) return false;
  let bytes = node.bytes;
  for (let i = first; i < first + 2 * pairs; i++) bytes += source.ends[i] - source.starts[i];
  const isLimited = streamNodeMaxBytes > 0 && streamNodeMaxBytes <= STREAM_NODE_LIMIT_BYTES;
  return bytes < (isLimited ? streamNodeMaxBytes : STREAM_NODE_LIMIT_BYTES);
}

const KEY_BYTES = 16;

/**
 * Counts the nodes of a radix tree over 16-byte keys, from how far neighbours agree: one for each key's
 * end, one where keys part, and one for every run of bytes in between.
 */
function countRadixNodes(nodes: StreamOrder<StreamNode>): number {
  if (nodes.size === 0) return 1;
  let count = nodes.size;
  /** Depths of the partings on the way to the key before. */
  const partings: number[] = [];
  let before: StreamNode | undefined;
  const attach = (child: number, parent: number): void => {
    if (child - parent > 1) count++;
  };
  nodes.visit((node) => {
    if (before !== undefined) {
      const depth = commonBytes(before, node);
      let child = KEY_BYTES;
      for (let top = partings.at(-1); top !== undefined && top > depth; top = partings.at(-1)) {
        attach(child, top);
        child = top;
        partings.pop();
      }
      attach(child, depth);
      if (partings.at(-1) !== depth) {
        partings.push(depth);
        count++;
      }
    }
    before = node;
  });
  let child = KEY_BYTES;
  for (let top = partings.pop(); top !== undefined; top = partings.pop()) {
    attach(child, top);
    child = top;
  }
  return child > 0 ? count + 1 : count;
}

function commonBytes(a: StreamId, b: StreamId): number {
  if (a.msHigh !== b.msHigh) return Math.clz32(a.msHigh ^ b.msHigh) >>> 3;
  if (a.msLow !== b.msLow) return 4 + (Math.clz32(a.msLow ^ b.msLow) >>> 3);
  if (a.seqHigh !== b.seqHigh) return 8 + (Math.clz32(a.seqHigh ^ b.seqHigh) >>> 3);
  return 12 + (Math.clz32(a.seqLow ^ b.seqLow) >>> 3);
}
