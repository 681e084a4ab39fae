// The order of a quicklist's nodes, counted: nodes in chunks of a bounded number, each chunk with the
// sum of its elements and bytes. Finding the element at an index skips whole chunks, so LINDEX in the
// middle of 50 million elements (60 000 nodes) looks at some hundred sums, where a linked list would
// follow tens of thousands of links. It knows nothing of what a node holds.

import { assert } from '../util/assert.ts';
import type { QuicklistNode } from './quicklist-node.ts';

const CHUNK_NODES = 128;
const CHUNK_OVERHEAD_BYTES = 96;

class Chunk {
  nodes: QuicklistNode[];
  elements = 0;
  bytes = CHUNK_OVERHEAD_BYTES;

  constructor(nodes: QuicklistNode[]) {
    this.nodes = nodes;
    for (const node of nodes) {
      this.elements += node.count;
      this.bytes += node.memoryBytes;
    }
  }

  clone(): Chunk {
    const copy = new Chunk([]);
    copy.nodes = this.nodes.slice();
    copy.elements = this.elements;
    copy.bytes = this.bytes;
    return copy;
  }
}

/** The place of a node. Any insertion or removal makes it meaningless. */
export class NodePlace {
  chunk = 0;
  node = 0;
}

export class QuicklistChunks {
  elements = 0;
  bytes = 0;
  nodeCount = 0;
  #chunks: Chunk[] = [];

  get first(): QuicklistNode | undefined {
    return this.#chunks[0]?.nodes[0];
  }

  get last(): QuicklistNode | undefined {
    return this.#chunks.at(-1)?.nodes.at(-1);
  }

  at(place: NodePlace): QuicklistNode {
    return this.#chunks[place.chunk].nodes[place.node];
  }

  /** The node at `place`, to be changed: from now on no other list has it. */
  own(place: NodePlace): QuicklistNode {
    const chunk = this.#chunks[place.chunk];
    const node = chunk.nodes[place.node];
    if (!node.isShared) return node;
    const copy = node.clone();
    chunk.nodes[place.node] = copy;
    this.adjust(place, 0, copy.memoryBytes - node.memoryBytes);
    return copy;
  }

  /** The first node, to be changed. */
  ownFirst(): QuicklistNode | undefined {
    const node = this.first;
    if (node?.isShared !== true) return node;
    return this.own(new NodePlace());
  }

  /** The last node, to be changed. */
  ownLast(): QuicklistNode | undefined {
    const node = this.last;
    if (node?.isShared !== true) return node;
    const place = new NodePlace();
    this.toLast(place);
    return this.own(place);
  }

  /** Lets an empty order have all nodes of this one as well; whoever changes one first copies it. */
  shareWith(other: QuicklistChunks): void {
    for (const { nodes } of this.#chunks) for (const node of nodes) node.isShared = true;
    other.#chunks = this.#chunks.map((chunk) => chunk.clone());
    other.elements = this.elements;
    other.bytes = this.bytes;
    other.nodeCount = this.nodeCount;
  }

  toFirst(place: NodePlace): void {
    place.chunk = 0;
    place.node = 0;
  }

  toLast(place: NodePlace): void {
    place.chunk = this.#chunks.length - 1;
    place.node = this.#chunks[place.chunk].nodes.length - 1;
  }

  /** Moves to the next node; false at the end. */
  forward(place: NodePlace): boolean {
    if (place.node + 1 < this.#chunks[place.chunk].nodes.length) {
      place.node++;
      return true;
    }
    if (place.chunk + 1 >= this.#chunks.length) return false;
    place.chunk++;
    place.node = 0;
    return true;
  }

  /** Moves to the node before; false at the start. */
  backward(place: NodePlace): boolean {
    if (place.node > 0) {
      place.node--;
      return true;
    }
    if (place.chunk === 0) return false;
    place.chunk--;
    place.node = this.#chunks[place.chunk].nodes.length - 1;
    return true;
  }

  neighbour(place: NodePlace, direction: 1 | -1): QuicklistNode | undefined {
    const nodes = this.#chunks[place.chunk].nodes;
    const i = place.node + direction;
    if (i >= 0 && i < nodes.length) return nodes[i];
    const other = this.#chunks[place.chunk + direction]?.nodes;
    return direction > 0 ? other?.[0] : other?.at(-1);
  }

  /** Sets `place` to the node of element `index` (in range); the element's index within the node. */
  seek(index: number, place: NodePlace): number {
    const chunks = this.#chunks;
    if (index === 0) {
      this.toFirst(place);
      return 0;
    }
    if (index === this.elements - 1) {
      this.toLast(place);
      return this.at(place).count - 1;
    }
    let left = index;
    let c = 0;
    if (index < this.elements >> 1) {
      while (left >= chunks[c].elements) left -= chunks[c++].elements;
    } else {
      c = chunks.length - 1;
      let before = this.elements - chunks[c].elements;
      while (before > index) before -= chunks[--c].elements;
      left -= before;
    }
    const nodes = chunks[c].nodes;
    let n = 0;
    while (left >= nodes[n].count) left -= nodes[n++].count;
    place.chunk = c;
    place.node = n;
    return left;
  }

  /** Corrects the sums after the node at `place` changed by these amounts. */
  adjust(place: NodePlace, elements: number, bytes: number): void {
    const chunk = this.#chunks[place.chunk];
    chunk.elements += elements;
    chunk.bytes += bytes;
    this.elements += elements;
    this.bytes += bytes;
  }

  adjustFirst(elements: number, bytes: number): void {
    const chunk = this.#chunks[0];
    chunk.elements += elements;
    chunk.bytes += bytes;
    this.elements += elements;
    this.bytes += bytes;
  }

  adjustLast(elements: number, bytes: number): void {
    const chunk = this.#chunks[this.#chunks.length - 1];
    chunk.elements += elements;
    chunk.bytes += bytes;
    this.elements += elements;
    this.bytes += bytes;
  }

  push(node: QuicklistNode): void {
    const chunk = this.#chunks.at(-1);
    this.#count(node);
    if (chunk === undefined || chunk.nodes.length >= CHUNK_NODES) {
      this.#chunks.push(this.#fresh([node]));
      return;
    }
    chunk.nodes.push(node);
    chunk.elements += node.count;
    chunk.bytes += node.memoryBytes;
  }

  unshift(node: QuicklistNode): void {
    const chunk = this.#chunks[0];
    this.#count(node);
    if (chunk === undefined || chunk.nodes.length >= CHUNK_NODES) {
      this.#chunks.unshift(this.#fresh([node]));
      return;
    }
    chunk.nodes.unshift(node);
    chunk.elements += node.count;
    chunk.bytes += node.memoryBytes;
  }

  /** Inserts before the node at `place`, or after it; `place` then is the new node's. */
  insert(node: QuicklistNode, place: NodePlace, after: boolean): void {
    let chunk = this.#chunks[place.chunk];
    this.#count(node);
    if (chunk.nodes.length >= CHUNK_NODES) {
      const half = new Chunk(chunk.nodes.splice(CHUNK_NODES >> 1));
      chunk.elements -= half.elements;
      chunk.bytes -= half.bytes - CHUNK_OVERHEAD_BYTES;
      this.bytes += CHUNK_OVERHEAD_BYTES;
      this.#chunks.splice(place.chunk + 1, 0, half);
      if (place.node >= chunk.nodes.length) {
        place.node -= chunk.nodes.length;
        place.chunk++;
        chunk = half;
      }
    }
    if (after) place.node++;
    chunk.nodes.splice(place.node, 0, node);
    chunk.elements += node.count;
    chunk.bytes += node.memoryBytes;
  }

  /** Removes the node at `place`, which then is the next node's, or one behind the last. */
  remove(place: NodePlace): void {
    const chunk = this.#chunks[place.chunk];
    const [node] = chunk.nodes.splice(place.node, 1);
    chunk.elements -= node.count;
    chunk.bytes -= node.memoryBytes;
    this.elements -= node.count;
    this.bytes -= node.memoryBytes;
    this.nodeCount--;
    if (chunk.nodes.length === 0) this.#dropChunks(place.chunk, 1);
    else if (place.node < chunk.nodes.length) return;
    else place.chunk++;
    place.node = 0;
  }

  shift(): void {
    this.#forget(0, this.#chunks[0].nodes.shift());
  }

  pop(): void {
    const c = this.#chunks.length - 1;
    this.#forget(c, this.#chunks[c].nodes.pop());
  }

  #forget(c: number, node: QuicklistNode | undefined): void {
    assert(node !== undefined, 'no chunk is empty');
    const chunk = this.#chunks[c];
    chunk.elements -= node.count;
    chunk.bytes -= node.memoryBytes;
    this.elements -= node.count;
    this.bytes -= node.memoryBytes;
    this.nodeCount--;
    if (chunk.nodes.length === 0) this.#dropChunks(c, 1);
  }

  /** Whether `place` is behind the last node. */
  isEnd(place: NodePlace): boolean {
    return place.chunk >= this.#chunks.length;
  }

  /** Removes the whole chunks from `place` on that have at most `limit` elements together; how many they had. */
  removeChunks(place: NodePlace, limit: number): number {
    if (place.node !== 0) return 0;
    let removed = 0;
    let c = place.chunk;
    for (; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c];
      if (removed + chunk.elements > limit) break;
      removed += chunk.elements;
      this.bytes -= chunk.bytes - CHUNK_OVERHEAD_BYTES;
      this.nodeCount -= chunk.nodes.length;
    }
    this.elements -= removed;
    this.#dropChunks(place.chunk, c - place.chunk);
    return removed;
  }

  /** Lets go of about `budget` elements from the end; true when nothing is left. */
  free(budget: number): boolean {
    let left = budget;
    while (left > 0 && this.#chunks.length > 0) {
      const chunk = this.#chunks.pop() as Chunk;
      left -= chunk.elements;
      this.elements -= chunk.elements;
      this.bytes -= chunk.bytes;
      this.nodeCount -= chunk.nodes.length;
    }
    return this.#chunks.length === 0;
  }

  #count(node: QuicklistNode): void {
    this.elements += node.count;
    this.bytes += node.memoryBytes;
    this.nodeCount++;
  }

  #fresh(nodes: QuicklistNode[]): Chunk {
    this.bytes += CHUNK_OVERHEAD_BYTES;
    return new Chunk(nodes);
  }

  #dropChunks(c: number, n: number): void {
    this.bytes -= n * CHUNK_OVERHEAD_BYTES;
    if (n > 0) this.#chunks.splice(c, n);
  }
}
