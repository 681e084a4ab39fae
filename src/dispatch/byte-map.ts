// A hash map with byte strings as keys, looked up where the bytes lie: no string is made for a
// lookup. For the tables of pub/sub and client side caching, whose keys clients choose: the hash is keyed,
// and the table grows and shrinks by one bucket at a time (linear hashing), so that no single insert
// pays for all that are in it.

import type { KeyedHash } from '../util/hash.ts';

/** An entry; its value may be replaced. */
export class ByteMapEntry<V> {
  value: V;
  readonly hash: number;
  next: ByteMapEntry<V> | undefined;
  /**
   * A latin1 string: it costs a fifth of a Buffer's memory, and a million Buffers would keep the
   * garbage collector for seconds. Only what might be too long for a string is a Buffer.
   */
  readonly key: string | Buffer;

  constructor(key: string | Buffer, value: V, hash: number, next: ByteMapEntry<V> | undefined) {
    this.key = key;
    this.value = value;
    this.hash = hash;
    this.next = next;
  }

  /** The key, as a copy where it can be one. */
  keyBytes(): Buffer {
    return typeof this.key === 'string' ? Buffer.from(this.key, 'latin1') : this.key;
  }
}

/** Longer keys are kept as Buffers. */
const LONG_KEY = 64 * 1024;

const SMALLEST = 4;

/** What an entry costs beyond its bytes and its value: the entry, the string's head, the bucket. */
const ENTRY_BYTES = 80;

export class ByteMap<V> {
  readonly #hash: KeyedHash;
  #buckets: (ByteMapEntry<V> | undefined)[] = new Array(SMALLEST).fill(undefined);
  /** Buckets below `#split` of this round are already divided; `#round` is a power of two. */
  #round = SMALLEST;
  #size = 0;
  #keyBytes = 0;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  get size(): number {
    return this.#size;
  }

  /** Memory of keys and entries; values count themselves. */
  get memoryBytes(): number {
    return this.#keyBytes + this.#size * ENTRY_BYTES + this.#buckets.length * 8;
  }

  get(b: Buffer, start = 0, end: number = b.length): V | undefined {
    return this.entry(b, start, end)?.value;
  }

  /** The entry itself, for who keeps it or needs its key. */
  entry(b: Buffer, start = 0, end: number = b.length): ByteMapEntry<V> | undefined {
    const hash = this.#hash.hash(b, start, end);
    let node = this.#buckets[this.#bucketOf(hash)];
    while (node !== undefined && !(node.hash === hash && isKey(node.key, b, start, end))) {
      node = node.next;
    }
    return node;
  }

  /** Adds a key that is not there; its bytes are copied. */
  add(value: V, b: Buffer, start = 0, end: number = b.length): ByteMapEntry<V> {
    const hash = this.#hash.hash(b, start, end);
    const bucket = this.#bucketOf(hash);
    const length = end - start;
    const key =
      length <= LONG_KEY ? b.toString('latin1', start, end) : Buffer.from(b.subarray(start, end));
    const node = new ByteMapEntry(key, value, hash, this.#buckets[bucket]);
    this.#buckets[bucket] = node;
    this.#size++;
    this.#keyBytes += key.length;
    if (this.#size > this.#buckets.length) this.#splitOne();
    return node;
  }

  delete(b: Buffer, start = 0, end: number = b.length): boolean {
    const hash = this.#hash.hash(b, start, end);
    const bucket = this.#bucketOf(hash);
    let before: ByteMapEntry<V> | undefined;
    let node = this.#buckets[bucket];
    while (node !== undefined && !(node.hash === hash && isKey(node.key, b, start, end))) {
      before = node;
      node = node.next;
    }
    if (node === undefined) return false;
    if (before === undefined) this.#buckets[bucket] = node.next;
    else before.next = node.next;
    this.#size--;
    this.#keyBytes -= node.key.length;
    // A quarter full at least: about four buckets go with each entry, and all with the last.
    while (this.#buckets.length > SMALLEST && this.#size < this.#buckets.length / 4) {
      this.#mergeOne();
    }
    return true;
  }

  clear(): void {
    this.#buckets = new Array(SMALLEST).fill(undefined);
    this.#round = SMALLEST;
    this.#size = 0;
    this.#keyBytes = 0;
  }

  /** Every entry, in no order. The map must not be changed meanwhile. */
  *[Symbol.iterator](): IterableIterator<ByteMapEntry<V>> {
    for (let node of this.#buckets) {
      for (; node !== undefined; node = node.next) yield node;
    }
  }

  /** An entry from somewhere near `random` (uint32); undefined when there is none. */
  randomEntry(random: number): ByteMapEntry<V> | undefined {
    if (this.#size === 0) return undefined;
    const { length } = this.#buckets;
    // The table is at least a quarter full, so the next entry is a few buckets away.
    for (let at = random % length; ; at = at + 1 === length ? 0 : at + 1) {
      const node = this.#buckets[at];
      if (node !== undefined) return node;
    }
  }

  #bucketOf(hash: number): number {
    const wide = hash & (this.#round * 2 - 1);
    return wide < this.#buckets.length ? wide : hash & (this.#round - 1);
  }

  /** Divides the next bucket of the round between itself and a new one at the end. */
  #splitOne(): void {
    const from = this.#buckets.length - this.#round;
    let node = this.#buckets[from];
    this.#buckets[from] = undefined;
    this.#buckets.push(undefined);
    while (node !== undefined) {
      const { next } = node;
      const bucket = this.#bucketOf(node.hash);
      node.next = this.#buckets[bucket];
      this.#buckets[bucket] = node;
      node = next;
    }
    if (this.#buckets.length === this.#round * 2) this.#round *= 2;
  }

  /** The reverse: the last bucket returns to the one it came from. */
  #mergeOne(): void {
    if (this.#buckets.length === this.#round) this.#round /= 2;
    let node = this.#buckets.pop();
    const into = this.#buckets.length - this.#round;
    while (node !== undefined) {
      const { next } = node;
      node.next = this.#buckets[into];
      this.#buckets[into] = node;
      node = next;
    }
  }
}

function isKey(key: string | Buffer, b: Buffer, start: number, end: number): boolean {
  const { length } = key;
  if (length !== end - start) return false;
  if (typeof key !== 'string') return b.compare(key, 0, length, start, end) === 0;
  for (let i = 0; i < length; i++) if (key.charCodeAt(i) !== b[start + i]) return false;
  return true;
}
