// SHA-1 (RFC 3174): DEBUG DIGEST and the names of scripts. Written here because this folder imports
// nothing, and because DEBUG DIGEST makes half a dozen digests of each key: so nothing is allocated for
// one, and a digest is five words that can be hashed again without becoming bytes. Not for anything secret.

import { rotateLeft } from './sha-block.ts';

const WORDS = 5;
const BLOCK_BYTES = 64;
/** The length, in bits and behind at least one byte of padding, ends the last block. */
const LENGTH_BYTES = 8;

/** For any number of messages, one after another. */
export class Sha1 {
  /** The digest of the last message. */
  readonly words: Int32Array = new Int32Array(WORDS);
  readonly #schedule: Int32Array = new Int32Array(80);
  readonly #tail: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

  /** Digests b[s..e). */
  hash(b: Uint8Array, s: number, e: number): void {
    this.#reset();
    let at = s;
    for (; e - at >= BLOCK_BYTES; at += BLOCK_BYTES) this.#block(b, at);
    const tail = this.#tail;
    tail.fill(0);
    let left = 0;
    while (at < e) tail[left++] = b[at++];
    tail[left] = 0x80;
    const end = left + LENGTH_BYTES < BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    const length = e - s;
    const high = Math.floor(length / 2 ** 29);
    for (let i = 0; i < 4; i++) {
      tail[end - 5 - i] = high >>> (8 * i);
      tail[end - 1 - i] = (length << 3) >>> (8 * i);
    }
    for (at = 0; at < end; at += BLOCK_BYTES) this.#block(tail, at);
  }

  /** Digests a digest, as if it were written out in 20 bytes. */
  hashWords(words: Int32Array): void {
    const schedule = this.#schedule;
    schedule.fill(0, WORDS, 16);
    for (let i = 0; i < WORDS; i++) schedule[i] = words[i];
    schedule[WORDS] = 0x80000000;
    schedule[15] = WORDS * 32;
    this.#reset();
    mixBlock(schedule, this.words);
  }

  #reset(): void {
    const { words } = this;
    words[0] = 0x67452301;
    words[1] = 0xefcdab89;
    words[2] = 0x98badcfe;
    words[3] = 0x10325476;
    words[4] = 0xc3d2e1f0;
  }

  #block(b: Uint8Array, start: number): void {
    const schedule = this.#schedule;
    for (let i = 0; i < 16; i++) {
      const at = start + 4 * i;
      schedule[i] = (b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];
    }
    mixBlock(schedule, this.words);
  }
}

/** The first 16 words of `schedule` are a block. A loop for each kind of round: this runs millions of times. */
function mixBlock(schedule: Int32Array, words: Int32Array): void {
  for (let i = 16; i < 80; i++) {
    const word = schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16];
    schedule[i] = (word << 1) | (word >>> 31);
  }
  let a = words[0];
  let b = words[1];
  let c = words[2];
  let d = words[3];
  let e = words[4];
  let next = 0;
  let i = 0;
  for (; i < 20; i++) {
    next = (rotateLeft(a, 5) + (((b & c) | (~b & d)) + 0x5a827999) + e + schedule[i]) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  for (; i < 40; i++) {
    next = (rotateLeft(a, 5) + ((b ^ c ^ d) + 0x6ed9eba1) + e + schedule[i]) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  for (; i < 60; i++) {
    next = (rotateLeft(a, 5) + (((b & c) | (b & d) | (c & d)) - 0x70e44324) + e + schedule[i]) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  for (; i < 80; i++) {
    next = (rotateLeft(a, 5) + ((b ^ c ^ d) - 0x359d3e2a) + e + schedule[i]) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  words[0] += a;
  words[1] += b;
  words[2] += c;
  words[3] += d;
  words[4] += e;
}
