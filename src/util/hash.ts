// The keyed hash of the key tables: HalfSipHash-1-3 (Aumasson and Bernstein's SipHash with 32-bit
// words, one round a word and three at the end) with a 32-bit result. Keyed, because clients choose
// the keys: with a fixed hash anyone could fill one segment of the table. Not a cryptographic digest.
// Redis takes SipHash-1-2 for the same purpose; the values differ, nothing on the wire shows them.
//
// Whoever hashes a key mostly compares it next. The words that were put together on the way are kept,
// so that a comparison takes them four bytes at a time.

export const KEPT_WORDS = 16;
const LAST_KEPT: number = KEPT_WORDS - 1;
const isLittleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
/** Longer keys leave no words behind, and none does where tables have their words in another order. */
export const KEPT_BYTES: number = isLittleEndian ? KEPT_WORDS * 4 : -1;

/** A keyed hash of 32 bits; the same for all tables that exchange records. */
export interface KeyHash {
  hash(b: Uint8Array, start: number, end: number): number;
  /** What was hashed last, if it has at most KEPT_BYTES: words[at…], as KeyedHash.hashInto leaves them. */
  readonly words: Int32Array;
  readonly at: number;
}

export class KeyedHash implements KeyHash {
  readonly #v0: number;
  readonly #v1: number;
  readonly #v2: number;
  readonly #v3: number;
  readonly words: Int32Array = new Int32Array(KEPT_WORDS);
  readonly at = 0;

  /** The key: two random 32-bit numbers. */
  constructor(k0: number, k1: number) {
    this.#v0 = k0 | 0;
    this.#v1 = k1 | 0;
    this.#v2 = k0 ^ 0x6c796765;
    this.#v3 = k1 ^ 0x74656462;
  }

  /** The int32 hash of b[start..end). */
  hash(b: Uint8Array, start: number, end: number): number {
    return this.hashInto(this.words, 0, b, start, end);
  }

  /**
   * The same, and the bytes in words[first…], the first in the lowest bits and zeros above the last, if
   * there are at most KEPT_BYTES of them; of more, KEPT_WORDS words that mean nothing. Every round is
   * written out: a helper would have to return four numbers through memory, and a loop over the last
   * four rounds alone doubled the time (16 bytes: 27 ns like this, 50 ns with the loop, 17 ns for an
   * unkeyed murmur3, in the same run).
   */
  hashInto(words: Int32Array, first: number, b: Uint8Array, start: number, end: number): number {
    // `| 0` tells the compiler that a field holds an int32: without it the first sum is one of doubles.
    let v0 = this.#v0 | 0;
    let v1 = this.#v1 | 0;
    let v2 = this.#v2 | 0;
    let v3 = this.#v3 | 0;
    const length = end - start;
    const wordsEnd = end - (length & 3);
    let at = start;
    let i = 0;
    for (; at < wordsEnd; at += 4, i = (i + 1) & LAST_KEPT) {
      const word = b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
      words[first + i] = word;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    // The last word: what is left of the bytes, and the length on top.
    let last = length << 24;
    const rest = length & 3;
    if (rest !== 0) {
      last |= b[at];
      if (rest > 1) last |= b[at + 1] << 8;
      if (rest > 2) last |= b[at + 2] << 16;
      words[first + i] = last & 0xffffff;
    }
    v3 ^= last;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= last;
    // Three rounds to finish.
    v2 ^= 0xff;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);

    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);

    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    return v1 ^ v3;
  }
}
