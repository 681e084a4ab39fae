// The large form of a list: packed nodes of some KiB each, in a counted order. Sizes of nodes, plain
// nodes for huge elements, compression of the inner nodes and the joining of small ones follow
// Redis 7.2 (quicklist.c), because DEBUG OBJECT, OBJECT ENCODING and RDB files show them. Reading goes
// through ListCursor; what is here changes the list.

import type { ListCursor } from './list-cursor.ts';
import { clampFill, exceedsFill } from './list-limits.ts';
import {
  LISTPACK_END,
  LISTPACK_HEADER,
  listpackBytes,
  nextEntry,
  previousEntry,
  seekEntry,
} from './listpack.ts';
import { deleteEntries, entrySize, skipEntries, writeEntry } from './listpack-edit.ts';
import { NodePlace, QuicklistChunks } from './quicklist-chunks.ts';
import { joinedBytes, QuicklistNode } from './quicklist-node.ts';
import type { EngineSettings } from './settings.ts';
import type { StoredObject } from './stored-object.ts';

/** What an element is assumed to take beyond its text. */
const ENTRY_OVERHEAD_BYTES = 8;
const DEPTH_MAX = 65535;
const LIST_OVERHEAD_BYTES = 160;
/** Most room that a new node gets because the one before it was that large. */
const NODE_ROOM_BYTES = 8192;
/** Elements of this many bytes get a plain node, unless DEBUG QUICKLIST-PACKED-THRESHOLD says otherwise. */
const PACKED_THRESHOLD = 1 << 30;

export interface QuicklistFacts {
  readonly nodes: number;
  readonly averagePerNode: number;
  readonly fill: number;
  readonly compressDepth: number;
  readonly uncompressedBytes: number;
}

export class Quicklist implements StoredObject {
  accountedBytes = 0;
  readonly fill: number;
  readonly compressDepth: number;
  /** The order of the nodes, for cursors and for saving. */
  readonly nodes: QuicklistChunks = new QuicklistChunks();
  readonly #settings: EngineSettings;

  constructor(fill: number, compressDepth: number, settings: EngineSettings) {
    this.fill = clampFill(fill);
    this.compressDepth = Math.max(0, Math.min(DEPTH_MAX, compressDepth));
    this.#settings = settings;
  }

  get length(): number {
    return this.nodes.elements;
  }

  get memoryBytes(): number {
    return LIST_OVERHEAD_BYTES + this.nodes.bytes;
  }

  /** The only node, when it is a listpack: the list may then become one. */
  get onlyListpack(): QuicklistNode | undefined {
    const node = this.nodes.first;
    return this.nodes.nodeCount === 1 && node?.plain === false ? node : undefined;
  }

  pushTail(v: Uint8Array, vs: number, ve: number): void {
    const last = this.nodes.ownLast();
    if (last !== undefined && this.#allows(last, ve - vs)) {
      const room = last.buffer.length;
      last.append(v, vs, ve);
      this.nodes.adjustLast(1, last.buffer.length - room);
      return;
    }
    if (last !== undefined) this.nodes.adjustLast(0, last.trim());
    this.nodes.push(this.#nodeOf(v, vs, ve, false, last));
    this.#settle();
  }

  pushHead(v: Uint8Array, vs: number, ve: number): void {
    const first = this.nodes.ownFirst();
    if (first !== undefined && this.#allows(first, ve - vs)) {
      const room = first.buffer.length;
      first.prepend(v, vs, ve);
      this.nodes.adjustFirst(1, first.buffer.length - room);
      return;
    }
    if (first !== undefined) this.nodes.adjustFirst(0, first.trim());
    this.nodes.unshift(this.#nodeOf(v, vs, ve, true, first));
    this.#settle();
  }

  /** Removes the first element. */
  removeHead(): void {
    const node = this.nodes.ownFirst() as QuicklistNode;
    if (node.count === 1) {
      this.nodes.shift();
      this.#settleAfterRemoval();
      return;
    }
    const p = node.start + LISTPACK_HEADER;
    node.openGap(p, nextEntry(node.buffer, p), 0, -1);
    this.nodes.adjustFirst(-1, 0);
  }

  /** Removes the last element. */
  removeTail(): void {
    const node = this.nodes.ownLast() as QuicklistNode;
    if (node.count === 1) {
      this.nodes.pop();
      this.#settleAfterRemoval();
      return;
    }
    const end = node.start + node.bytes - 1;
    node.openGap(previousEntry(node.buffer, node.start, end), end, 0, -1);
    this.nodes.adjustLast(-1, 0);
  }

  /** Appends a copy of the listpack at b[start] as a node. */
  appendListpack(b: Buffer, start: number): void {
    this.nodes.push(QuicklistNode.ofListpack(b, start));
    this.#settle();
  }

  /** Appends one element as a plain node. */
  appendPlain(v: Uint8Array, vs: number, ve: number): void {
    this.nodes.push(QuicklistNode.plainOf(v, vs, ve));
    this.#settle();
  }

  /** Puts v in the place of element `index`, which must exist. */
  replaceAt(index: number, v: Uint8Array, vs: number, ve: number): void {
    const place = new NodePlace();
    const within = this.nodes.seek(index, place);
    const node = this.nodes.own(place);
    const large = this.#isLarge(ve - vs);
    if (node.plain && large) {
      this.nodes.remove(place);
      this.#insertNode(QuicklistNode.plainOf(v, vs, ve), place);
      return;
    }
    this.#decompress(node, place);
    if (node.plain || large) {
      // From plain to packed or back: the new element goes in behind the old one, which then leaves.
      const offset = node.plain ? 0 : seekEntry(node.buffer, node.start, within) - node.start;
      this.insertBeside(place, offset, v, vs, ve, true);
      this.removeRange(index, 1);
      return;
    }
    const p = seekEntry(node.buffer, node.start, within);
    const room = node.buffer.length;
    const at = node.openGap(p, nextEntry(node.buffer, p), entrySize(v, vs, ve), 0);
    writeEntry(node.buffer, at, v, vs, ve);
    this.nodes.adjust(place, 0, node.buffer.length - room);
    this.#settle(place);
  }

  /**
   * Inserts v before or after the element whose entry begins at `offset` in the listpack of the node at
   * `place` (0 in a plain node). The place means nothing afterwards.
   */
  insertBeside(
    place: NodePlace,
    offset: number,
    v: Uint8Array,
    vs: number,
    ve: number,
    after: boolean,
  ): void {
    const node = this.nodes.own(place);
    this.#decompress(node, place);
    const entry = node.start + offset;
    const p = after && !node.plain ? nextEntry(node.buffer, entry) : entry;
    if (this.#allows(node, ve - vs)) {
      this.#insertInto(node, place, p, v, vs, ve);
    } else if (
      node.plain ||
      (after ? node.buffer[p] === LISTPACK_END : p === node.start + LISTPACK_HEADER)
    ) {
      this.#insertAtEdge(place, v, vs, ve, after);
    } else {
      this.#insertBySplit(place, p, v, vs, ve, after);
    }
    this.#settleNear(place);
  }

  /** Before the first or after the last entry of a full node: into its neighbour or a node of its own. */
  #insertAtEdge(place: NodePlace, v: Uint8Array, vs: number, ve: number, after: boolean): void {
    const beside = this.nodes.neighbour(place, after ? 1 : -1);
    if (beside === undefined || !this.#allows(beside, ve - vs)) {
      this.nodes.insert(this.#nodeOf(v, vs, ve, !after), place, after);
      return;
    }
    if (after) this.nodes.forward(place);
    else this.nodes.backward(place);
    const node = this.nodes.own(place);
    this.#decompress(node, place);
    const p = after ? node.start + LISTPACK_HEADER : node.start + node.bytes - 1;
    this.#insertInto(node, place, p, v, vs, ve);
  }

  /** In the middle of a full node: splits it before `p` and puts v at the seam. */
  #insertBySplit(
    place: NodePlace,
    p: number,
    v: Uint8Array,
    vs: number,
    ve: number,
    after: boolean,
  ): void {
    this.#split(place, p);
    if (this.#isLarge(ve - vs)) {
      this.nodes.insert(QuicklistNode.plainOf(v, vs, ve), place, false);
      return;
    }
    if (after) {
      const second = this.nodes.at(place);
      this.#insertInto(second, place, second.start + LISTPACK_HEADER, v, vs, ve);
      this.nodes.backward(place);
    } else {
      this.nodes.backward(place);
      const first = this.nodes.at(place);
      this.#insertInto(first, place, first.start + first.bytes - 1, v, vs, ve);
      this.nodes.forward(place);
    }
    this.#joinAround(place);
  }

  #insertInto(
    node: QuicklistNode,
    place: NodePlace,
    p: number,
    v: Uint8Array,
    vs: number,
    ve: number,
  ): void {
    const room = node.buffer.length;
    node.insert(p, v, vs, ve);
    this.nodes.adjust(place, 1, node.buffer.length - room);
  }

  /** Inserts a node before `place`, or at the end when that is behind the last. */
  #insertNode(node: QuicklistNode, place: NodePlace): void {
    if (this.nodes.isEnd(place)) {
      this.nodes.push(node);
      this.nodes.toLast(place);
    } else this.nodes.insert(node, place, false);
    this.#settle(place);
  }

  /** Splits the raw node at `place` before the entry at `p`; `place` is then the second half's. */
  #split(place: NodePlace, p: number): void {
    const node = this.nodes.at(place);
    const { buffer, start, bytes, count } = node;
    const second = QuicklistNode.ofListpack(buffer, start);
    let first = 0;
    for (let q = start + LISTPACK_HEADER; q < p; q = nextEntry(buffer, q)) first++;
    second.openGap(LISTPACK_HEADER, p - start, 0, -first);
    second.trim();
    node.openGap(p, start + bytes - 1, 0, first - count);
    node.trim();
    this.nodes.adjust(place, first - count, node.buffer.length - buffer.length);
    this.nodes.insert(second, place, true);
  }

  /**
   * Joins small neighbours of the node at `place` after a split, in the order in which Redis tries
   * them: the two before it, the two behind it, then itself with either side.
   */
  #joinAround(place: NodePlace): void {
    const { nodes } = this;
    let steps = 0;
    while (steps < 2 && nodes.backward(place)) steps++;
    if (steps === 2 && this.#joinWithNext(place)) steps = 1;
    for (; steps > 0; steps--) nodes.forward(place);
    if (nodes.forward(place)) {
      this.#joinWithNext(place);
      nodes.backward(place);
    }
    if (nodes.backward(place) && !this.#joinWithNext(place)) nodes.forward(place);
    this.#joinWithNext(place);
  }

  /** Joins the node at `place` with the next when the two fit into one, which then is at `place`. */
  #joinWithNext(place: NodePlace): boolean {
    const a = this.nodes.at(place);
    const b = this.nodes.neighbour(place, 1);
    if (b === undefined || a.plain || b.plain) return false;
    if (exceedsFill(this.fill, joinedBytes(a, b), a.count + b.count)) return false;
    const node = QuicklistNode.joined(a, b);
    this.nodes.remove(place);
    this.nodes.remove(place);
    if (this.nodes.isEnd(place)) {
      this.nodes.push(node);
      this.nodes.toLast(place);
    } else this.nodes.insert(node, place, false);
    return true;
  }

  /** Removes elements [index, index + n); the range must lie in the list. */
  removeRange(index: number, n: number): void {
    const { nodes } = this;
    if (n === 0) return;
    const place = new NodePlace();
    let offset = nodes.seek(index, place);
    let left = n;
    while (left > 0) {
      if (offset === 0) left -= nodes.removeChunks(place, left);
      if (left === 0) break;
      const node = nodes.at(place);
      const gone = Math.min(left, node.count - offset);
      left -= gone;
      if (gone === node.count) {
        nodes.remove(place);
      } else {
        this.#removeWithin(place, offset, gone);
        this.#settle(place);
        if (left > 0) nodes.forward(place);
      }
      offset = 0;
    }
    this.#settleAfterRemoval();
  }

  #removeWithin(place: NodePlace, offset: number, n: number): void {
    const node = this.nodes.own(place);
    this.#decompress(node, place);
    const from = seekEntry(node.buffer, node.start, offset);
    const end = node.start + node.bytes - 1;
    const to = offset + n === node.count ? end : skipEntries(node.buffer, from, n);
    node.openGap(from, to, 0, -n);
    this.nodes.adjust(place, -n, 0);
  }

  /** Removes up to `limit` elements equal to v that an unmoved cursor meets; how many. */
  removeEqual(cursor: ListCursor, v: Uint8Array, vs: number, ve: number, limit: number): number {
    let removed = 0;
    while (removed < limit && cursor.next()) {
      if (!cursor.equals(v, vs, ve)) continue;
      removed += this.#removeEqualInNode(cursor, v, vs, ve, limit - removed);
    }
    if (removed > 0) this.#settleAfterRemoval();
    return removed;
  }

  /** Removes the match that the cursor is at and those after it in its node; the cursor leaves the node. */
  #removeEqualInNode(
    cursor: ListCursor,
    v: Uint8Array,
    vs: number,
    ve: number,
    limit: number,
  ): number {
    const { place } = cursor;
    const node = this.nodes.own(place);
    const positions: number[] = [];
    do {
      if (cursor.equals(v, vs, ve)) positions.push(cursor.offset);
    } while (positions.length < limit && cursor.nextInNode());
    const n = positions.length;
    if (n === node.count) {
      this.nodes.remove(place);
      cursor.leaveNode(true);
      return n;
    }
    this.#decompress(node, place);
    if (!cursor.forward) positions.reverse();
    for (let i = 0; i < n; i++) positions[i] += node.start;
    deleteEntries(node.buffer, node.start, positions, n);
    node.bytes = listpackBytes(node.buffer, node.start);
    node.count -= n;
    this.nodes.adjust(place, -n, 0);
    this.#settle(place);
    cursor.leaveNode(false);
    return n;
  }

  /** The whole as DEBUG OBJECT shows it. */
  facts(): QuicklistFacts {
    let uncompressedBytes = 0;
    this.forEachNode((node) => {
      uncompressedBytes += node.bytes;
    });
    const nodes = this.nodes.nodeCount;
    return {
      nodes,
      averagePerNode: nodes === 0 ? 0 : this.length / nodes,
      fill: this.fill,
      compressDepth: this.compressDepth,
      uncompressedBytes,
    };
  }

  forEachNode(visit: (node: QuicklistNode) => void): void {
    if (this.nodes.nodeCount === 0) return;
    const place = { chunk: 0, node: 0 };
    do visit(this.nodes.at(place));
    while (this.nodes.forward(place));
  }

  free(budget: number): boolean {
    return this.nodes.free(budget);
  }

  /** In time of the nodes' number: both have them until one changes them. */
  clone(): Quicklist {
    const copy = new Quicklist(this.fill, this.compressDepth, this.#settings);
    this.nodes.shareWith(copy.nodes);
    return copy;
  }

  #isLarge(length: number): boolean {
    return length >= (this.#settings.listPackedThreshold ?? PACKED_THRESHOLD);
  }

  #allows(node: QuicklistNode, length: number): boolean {
    if (node.plain || this.#isLarge(length)) return false;
    return !exceedsFill(this.fill, node.bytes + length + ENTRY_OVERHEAD_BYTES, node.count + 1);
  }

  /** A node for one element, with as much room as the full node beside it needed (`full`: none is). */
  #nodeOf(
    v: Uint8Array,
    vs: number,
    ve: number,
    atHead: boolean,
    full?: QuicklistNode,
  ): QuicklistNode {
    if (this.#isLarge(ve - vs)) return QuicklistNode.plainOf(v, vs, ve);
    const room = full === undefined || full.plain ? 0 : Math.min(full.bytes, NODE_ROOM_BYTES);
    return QuicklistNode.ofElement(v, vs, ve, atHead, room);
  }

  #decompress(node: QuicklistNode, place: NodePlace): void {
    if (!node.compressed) return;
    const own = this.nodes.own(place);
    const room = own.buffer.length;
    own.decompress();
    this.nodes.adjust(place, 0, own.buffer.length - room);
  }

  #compress(place: NodePlace): void {
    if (this.nodes.at(place).compressed) return;
    const node = this.nodes.own(place);
    const room = node.buffer.length;
    node.compress();
    this.nodes.adjust(place, 0, node.buffer.length - room);
  }

  /** The node at `place` and those beside it may have changed. */
  #settleNear(place: NodePlace): void {
    if (this.compressDepth === 0) return;
    this.#settle(place);
    const { chunk, node } = place;
    if (this.nodes.backward(place)) this.#settle(place);
    place.chunk = chunk;
    place.node = node;
    if (this.nodes.forward(place)) this.#settle(place);
  }

  /**
   * Keeps the outermost `compressDepth` nodes of either end raw and those inside compressed, given that
   * at most the ends have moved by one node and the node at `changed` is raw.
   */
  #settle(changed?: NodePlace): void {
    const depth = this.compressDepth;
    const { nodes } = this;
    if (depth === 0 || nodes.nodeCount < depth * 2) return;
    const inner = changed === undefined ? undefined : nodes.at(changed);
    const front = new NodePlace();
    const back = new NodePlace();
    nodes.toLast(back);
    let outside = false;
    for (let i = 0; i < depth; i++) {
      const a = nodes.at(front);
      const b = nodes.at(back);
      this.#decompress(a, front);
      this.#decompress(b, back);
      outside ||= a === inner || b === inner;
      nodes.forward(front);
      nodes.backward(back);
    }
    if (nodes.nodeCount === depth * 2) return;
    if (changed !== undefined && !outside) this.#compress(changed);
    this.#compress(front);
    this.#compress(back);
  }

  /** Several nodes may have left at once, so more than one may have come to lie outside. */
  #settleAfterRemoval(): void {
    if (this.compressDepth === 0 || this.nodes.nodeCount === 0) return;
    if (this.nodes.nodeCount >= this.compressDepth * 2) {
      this.#settle();
      return;
    }
    const place = new NodePlace();
    do this.#decompress(this.nodes.at(place), place);
    while (this.nodes.forward(place));
  }
}
