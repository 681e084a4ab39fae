// Reading a stream: its entries between two ids, in either direction. A cursor is made once and opened
// anew; it reads where the entries lie, and any change of the stream ends it.

import { LISTPACK_END, ListpackEntry, nextEntry, previousEntry } from './listpack.ts';
import type { Stream } from './stream.ts';
import { compareIds, StreamId } from './stream-id.ts';
import { countAt, EntryFlag, type StreamNode } from './stream-node.ts';
import { OrderPlace, type StreamOrder } from './stream-order.ts';

const LEAST = new StreamId();
const GREATEST: StreamId = StreamId.greatest();

export class StreamCursor {
  /** Of the current entry. Whoever keeps it copies it. */
  readonly id: StreamId = new StreamId();
  /** Names and values of the current entry. */
  pairs = 0;
  /** What `readPair` read last. */
  readonly field: ListpackEntry = new ListpackEntry();
  readonly value: ListpackEntry = new ListpackEntry();
  /** Where the current entry is: for deleting it. */
  node: StreamNode | undefined = undefined;
  entryAt = 0;

  #nodes!: StreamOrder<StreamNode>;
  readonly #place: OrderPlace = new OrderPlace();
  readonly #start: StreamId = new StreamId();
  readonly #end: StreamId = new StreamId();
  #reverse = false;
  #withDeleted = false;
  /** Begun with the node: forwards, `#at` is in an entry. */
  #inEntry = false;
  /** What is read next. */
  #at = 0;
  /** Elements between `#at` and the count that ends the entry. */
  #left = 0;
  #same = false;
  #masterPairs = 0;
  /** The master's names, and the one that `readPair` comes to next. */
  #masterFields = 0;
  #masterAt = 0;

  /** Both ends inclusive; undefined: no limit. */
  open(
    stream: Stream,
    start: StreamId | undefined,
    end: StreamId | undefined,
    reverse = false,
    withDeleted = false,
  ): void {
    this.#nodes = stream.nodes;
    this.#start.assign(start ?? LEAST);
    this.#end.assign(end ?? GREATEST);
    this.#reverse = reverse;
    this.#withDeleted = withDeleted;
    this.node = undefined;
    const from = reverse ? this.#end : this.#start;
    this.#nodes.seek(from, this.#place);
    // The id may lie inside the node before.
    if (this.#nodes.at(this.#place)?.equals(from)) this.#enter();
    else if (this.#nodes.backward(this.#place) || !reverse) this.#enter();
  }

  #enter(): void {
    const node = this.#nodes.at(this.#place);
    this.node = node;
    if (node === undefined) return;
    const b = node.buffer;
    let p = node.masterAt;
    this.#masterPairs = countAt(b, p);
    p = nextEntry(b, p);
    this.#masterFields = p;
    this.#inEntry = false;
    if (this.#reverse) {
      this.entryAt = node.bytes - 1;
      return;
    }
    for (let i = this.#masterPairs; i > 0; i--) p = nextEntry(b, p);
    this.#at = nextEntry(b, p);
  }

  /** Goes to the next entry of the range; false at its end. */
  next(): boolean {
    while (this.node !== undefined) {
      const isFound = this.#reverse ? this.#stepBackward() : this.#stepForward();
      if (!isFound) continue;
      if (this.#reverse) {
        if (compareIds(this.id, this.#end) > 0) continue;
        if (compareIds(this.id, this.#start) >= 0) return true;
      } else {
        if (compareIds(this.id, this.#start) < 0) continue;
        if (compareIds(this.id, this.#end) <= 0) return true;
      }
      this.node = undefined;
    }
    return false;
  }

  /** To the following entry of the node; false when it is deleted or another node comes first. */
  #stepForward(): boolean {
    const node = this.node as StreamNode;
    const b = node.buffer;
    let p = this.#at;
    if (this.#inEntry) {
      for (let i = this.#left; i > 0; i--) p = nextEntry(b, p);
      p = nextEntry(b, p);
    }
    if (b[p] === LISTPACK_END) {
      this.#nodes.forward(this.#place);
      this.#enter();
      return false;
    }
    return this.#readHead(node, p);
  }

  #stepBackward(): boolean {
    const node = this.node as StreamNode;
    const b = node.buffer;
    let p = previousEntry(b, 0, this.entryAt);
    const elements = countAt(b, p);
    if (elements === 0) {
      if (this.#nodes.backward(this.#place)) this.#enter();
      else this.node = undefined;
      return false;
    }
    for (let i = elements; i > 0; i--) p = previousEntry(b, 0, p);
    return this.#readHead(node, p);
  }

  #readHead(node: StreamNode, p: number): boolean {
    const b = node.buffer;
    const flags = b[p];
    this.entryAt = p;
    this.#inEntry = true;
    let at = node.readId(p + 2, this.id);
    this.#same = (flags & EntryFlag.sameFields) !== 0;
    if (this.#same) {
      this.pairs = this.#masterPairs;
      this.#left = this.pairs;
      this.#masterAt = this.#masterFields;
    } else {
      this.pairs = countAt(b, at);
      this.#left = this.pairs * 2;
      at = nextEntry(b, at);
    }
    this.#at = at;
    return this.#withDeleted || (flags & EntryFlag.deleted) === 0;
  }

  /** Reads the next name and value of the entry; `pairs` times at most. */
  readPair(): void {
    const b = (this.node as StreamNode).buffer;
    if (this.#same) {
      this.#masterAt = this.field.load(b, this.#masterAt);
      this.#left--;
    } else {
      this.#at = this.field.load(b, this.#at);
      this.#left -= 2;
    }
    this.#at = this.value.load(b, this.#at);
  }
}
