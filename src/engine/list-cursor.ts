// One walk over a list, whatever its form: a listpack in the arena or the nodes of a quicklist. It
// reads only; nodes under compression are expanded into a buffer of the cursor's own and stay as they
// are. Any change of the list ends the walk, except through Quicklist.removeEqual.

import { sameBytes } from '../util/bytes.ts';
import {
  entryEquals,
  LISTPACK_END,
  LISTPACK_HEADER,
  ListpackEntry,
  NONE,
  nextEntry,
  previousEntry,
  seekEntry,
} from './listpack.ts';
import type { Quicklist } from './quicklist.ts';
import { NodePlace } from './quicklist-chunks.ts';
import type { QuicklistNode } from './quicklist-node.ts';
import { Scratch } from './scratch.ts';

const NOTHING: Buffer = Buffer.alloc(0);

export class ListCursor {
  forward = true;
  /** Where the current node is, in a quicklist. */
  readonly place: NodePlace = new NodePlace();

  #list: Quicklist | undefined;
  #buffer: Buffer = NOTHING;
  /** Where the listpack or plain element begins in the buffer. */
  #base = 0;
  /** The current entry; NONE at the end of the walk. */
  #p = NONE;
  /** Length of a plain element; NONE in a listpack. */
  #plain = NONE;
  /** The first `next` stays where the walk was opened. */
  #fresh = true;
  readonly #entry: ListpackEntry = new ListpackEntry();
  #expanded: Scratch | undefined;

  /** Begins at element `index` (negative: from the end) of the listpack at b[start]. */
  openListpack(b: Buffer, start: number, index: number, forward: boolean): void {
    this.#list = undefined;
    this.#buffer = b;
    this.#base = start;
    this.#plain = NONE;
    this.#fresh = true;
    this.forward = forward;
    this.#p = seekEntry(b, start, index);
  }

  /** Begins at element `index` (negative: from the end) of a quicklist. */
  openQuicklist(list: Quicklist, index: number, forward: boolean): void {
    const at = index < 0 ? index + list.length : index;
    this.#list = list;
    this.#fresh = true;
    this.forward = forward;
    this.#p = NONE;
    if (at < 0 || at >= list.length) return;
    const within = list.nodes.seek(at, this.place);
    const node = list.nodes.at(this.place);
    this.#enter(node);
    this.#p = node.plain ? this.#base : seekEntry(this.#buffer, this.#base, within);
  }

  #enter(node: QuicklistNode): void {
    this.#plain = node.plain ? node.bytes : NONE;
    if (node.compressed) {
      this.#expanded ??= new Scratch();
      this.#buffer = this.#expanded.reserve(node.bytes);
      node.expand(this.#buffer);
      this.#base = 0;
    } else {
      this.#buffer = node.buffer;
      this.#base = node.start;
    }
  }

  /** Moves to the next element in the walk's direction; false at its end. */
  next(): boolean {
    if (this.#p === NONE) return false;
    if (this.#fresh) {
      this.#fresh = false;
      return true;
    }
    return this.nextInNode() || this.#nextNode();
  }

  /** Like `next`, but false at the end of the node; the cursor then stays at its last element. */
  nextInNode(): boolean {
    if (this.#plain !== NONE) return false;
    const p = this.forward
      ? nextEntry(this.#buffer, this.#p)
      : previousEntry(this.#buffer, this.#base, this.#p);
    if (p === NONE || this.#buffer[p] === LISTPACK_END) return false;
    this.#p = p;
    return true;
  }

  #nextNode(): boolean {
    const nodes = this.#list?.nodes;
    if (
      nodes === undefined ||
      !(this.forward ? nodes.forward(this.place) : nodes.backward(this.place))
    ) {
      this.#p = NONE;
      return false;
    }
    this.#atEdge(nodes.at(this.place));
    return true;
  }

  /** Enters a node at the end where the walk comes in. */
  #atEdge(node: QuicklistNode): void {
    this.#enter(node);
    if (node.plain) this.#p = this.#base;
    else if (this.forward) this.#p = this.#base + LISTPACK_HEADER;
    else this.#p = previousEntry(this.#buffer, this.#base, this.#base + node.bytes - 1);
  }

  /** Goes on with the node after this one; `removed`: `place` no longer is the node left, but the one behind it. */
  leaveNode(removed: boolean): void {
    const nodes = (this.#list as Quicklist).nodes;
    let there: boolean;
    if (removed && this.forward) there = !nodes.isEnd(this.place);
    else there = this.forward ? nodes.forward(this.place) : nodes.backward(this.place);
    this.#fresh = true;
    if (there) this.#atEdge(nodes.at(this.place));
    else this.#p = NONE;
  }

  /**
   * The current element and those behind it in this node, as far as they are short strings, at most `most`:
   * spans[2i] and spans[2i + 1] become start and end of each in `buffer`. How many; the cursor then is at the
   * last. A walk towards the tail only.
   */
  takeShortStrings(spans: Int32Array, most: number): number {
    if (this.#plain !== NONE) return 0;
    const b = this.#buffer;
    let p = this.#p;
    let n = 0;
    while (n < most) {
      const h = b[p];
      if (h < 0x80 || h >= 0xc0) break;
      this.#p = p;
      spans[2 * n] = p + 1;
      p += 1 + (h & 0x3f);
      spans[2 * n + 1] = p++;
      n++;
    }
    return n;
  }

  /** What `takeShortStrings` points into. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Where the current entry begins, counted from the start of its listpack. */
  get offset(): number {
    return this.#p - this.#base;
  }

  equals(v: Uint8Array, vs: number, ve: number): boolean {
    if (this.#plain === NONE) return entryEquals(this.#buffer, this.#p, v, vs, ve);
    return this.#plain === ve - vs && sameBytes(this.#buffer, this.#p, v, vs, ve - vs);
  }

  /** The current element; valid until the cursor moves. */
  load(): ListpackEntry {
    if (this.#plain === NONE) this.#entry.load(this.#buffer, this.#p);
    else this.#entry.set(this.#buffer, this.#p, this.#p + this.#plain);
    return this.#entry;
  }
}
