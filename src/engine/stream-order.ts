// Things in the order of their ids: a stream's nodes, the pending entries of a group and of each of its
// consumers. A sorted array of sorted arrays: ids nearly always arrive in ascending order and leave from
// the front, which costs nothing here, and anything in between costs one short move. Not a map: nothing
// is kept twice, an item carries its id.

import { compareIds, type StreamId } from './stream-id.ts';

/** Items a chunk: a splice moves 2 KiB at most, and ten million items are 40 000 chunks. */
const CHUNK_ITEMS = 256;

/** A place in an order: an item, or behind the last. Any change of the order ends it. */
export class OrderPlace {
  chunk = 0;
  index = 0;
}

export class StreamOrder<T extends StreamId> {
  size = 0;
  /** None is empty. */
  #chunks: T[][] = [];
  readonly #place: OrderPlace = new OrderPlace();

  get first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  get last(): T | undefined {
    return this.#chunks.at(-1)?.at(-1);
  }

  /** Puts `place` on the first item not below `id`. */
  seek(id: StreamId, place: OrderPlace): void {
    const chunks = this.#chunks;
    // The last chunk that begins at or below the id is the only one that can hold it.
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds(chunks[middle][0], id) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === 0) {
      place.chunk = 0;
      place.index = 0;
      return;
    }
    const chunk = chunks[low - 1];
    let from = 0;
    let to = chunk.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compareIds(chunk[middle], id) < 0) from = middle + 1;
      else to = middle;
    }
    place.chunk = from === chunk.length ? low : low - 1;
    place.index = from === chunk.length ? 0 : from;
  }

  at(place: OrderPlace): T | undefined {
    return this.#chunks[place.chunk]?.[place.index];
  }

  toFirst(place: OrderPlace): void {
    place.chunk = 0;
    place.index = 0;
  }

  forward(place: OrderPlace): void {
    if (++place.index < this.#chunks[place.chunk].length) return;
    place.chunk++;
    place.index = 0;
  }

  /** To the item before; false, and the place stays, at the first. */
  backward(place: OrderPlace): boolean {
    if (place.index > 0) place.index--;
    else if (place.chunk > 0) {
      place.chunk--;
      place.index = this.#chunks[place.chunk].length - 1;
    } else return false;
    return true;
  }

  find(id: StreamId): T | undefined {
    // What is looked up is often about to be added.
    const { last } = this;
    if (last === undefined || compareIds(last, id) < 0) return undefined;
    const place = this.#place;
    this.seek(id, place);
    const item = this.at(place);
    return item?.equals(id) ? item : undefined;
  }

  /** Adds an item whose id is not there yet. */
  add(item: T): void {
    const chunks = this.#chunks;
    this.size++;
    const tail = chunks.at(-1);
    if (tail === undefined || compareIds(tail[tail.length - 1], item) < 0) {
      // What grows at its end fills every chunk.
      if (tail !== undefined && tail.length < CHUNK_ITEMS) tail.push(item);
      else chunks.push([item]);
      return;
    }
    const place = this.#place;
    this.seek(item, place);
    // Before the first of a chunk is behind the last of the chunk before it.
    if (place.index === 0 && place.chunk > 0) {
      place.chunk--;
      place.index = chunks[place.chunk].length;
    }
    const chunk = chunks[place.chunk];
    chunk.splice(place.index, 0, item);
    if (chunk.length > CHUNK_ITEMS) {
      chunks.splice(place.chunk + 1, 0, chunk.splice(CHUNK_ITEMS >>> 1));
    }
  }

  /** Puts `item` in the place of the one with its id, which must be there. */
  replace(item: T): void {
    const place = this.#place;
    this.seek(item, place);
    this.#chunks[place.chunk][place.index] = item;
  }

  /** Takes over all items of another order, in place of its own. */
  copyFrom(other: StreamOrder<T>): void {
    this.#chunks = other.#chunks.map((chunk) => chunk.slice());
    this.size = other.size;
  }

  /** Removes the item with this id; undefined when there is none. */
  remove(id: StreamId): T | undefined {
    const place = this.#place;
    this.seek(id, place);
    const item = this.at(place);
    if (item === undefined || !item.equals(id)) return undefined;
    this.#removeAt(place.chunk, place.index);
    return item;
  }

  #removeAt(at: number, index: number): void {
    const chunks = this.#chunks;
    const chunk = chunks[at];
    this.size--;
    if (index === 0) chunk.shift();
    else chunk.splice(index, 1);
    if (chunk.length === 0) {
      if (at === 0) chunks.shift();
      else chunks.splice(at, 1);
      return;
    }
    // Random removals must not leave a chunk an item behind.
    if (chunk.length < CHUNK_ITEMS >>> 2 && !this.#joinNext(at) && at > 0) this.#joinNext(at - 1);
  }

  /** Joins a chunk with the next one if both are small; false when they stay apart. */
  #joinNext(at: number): boolean {
    const chunks = this.#chunks;
    const next = chunks[at + 1];
    if (next === undefined || chunks[at].length + next.length > CHUNK_ITEMS >>> 1) return false;
    chunks[at].push(...next);
    chunks.splice(at + 1, 1);
    return true;
  }

  /** Removes the first `count` items, telling of each. */
  removeFirst(count: number, look: (item: T) => void): void {
    const chunks = this.#chunks;
    let left = count;
    let whole = 0;
    for (; whole < chunks.length && chunks[whole].length <= left; whole++) {
      for (const item of chunks[whole]) look(item);
      left -= chunks[whole].length;
    }
    // At once: to take the first of many chunks away moves all others.
    chunks.splice(0, whole);
    if (left > 0) for (const item of chunks[0].splice(0, left)) look(item);
    this.size -= count;
  }

  /** Removes all items of which `test` is true, in one pass: cheaper than one by one if they are many. */
  removeWhere(test: (item: T) => boolean): void {
    const kept: T[][] = [];
    let tail: T[] = [];
    this.size = 0;
    for (const chunk of this.#chunks) {
      for (const item of chunk) {
        if (test(item)) continue;
        if (tail.length === 0 || tail.length === CHUNK_ITEMS) {
          tail = [];
          kept.push(tail);
        }
        tail.push(item);
        this.size++;
      }
    }
    this.#chunks = kept;
  }

  /** All items, in order; the order must not change meanwhile. */
  visit(look: (item: T) => void): void {
    for (const chunk of this.#chunks) for (const item of chunk) look(item);
  }

  /** Lets go of `n` items from the end; true when nothing is left. */
  free(n: number): boolean {
    let left = n;
    while (left > 0 && this.#chunks.length > 0) {
      const chunk = this.#chunks[this.#chunks.length - 1];
      const count = Math.min(left, chunk.length);
      chunk.length -= count;
      this.size -= count;
      left -= count;
      if (chunk.length === 0) this.#chunks.pop();
    }
    return this.#chunks.length === 0;
  }
}
