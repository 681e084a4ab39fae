// SHA-256 (FIPS 180-4): ACL passwords are kept as its digest. Written here because this folder
// imports nothing.

import { padded, rotateLeft } from './sha-block.ts';

/** The first 32 bits of the fractional parts of the roots of the first primes. */
function primeRoots(count: number, power: number): Int32Array {
  const roots = new Int32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let prime = true;
    for (let d = 2; d * d <= candidate; d++) if (candidate % d === 0) prime = false;
    if (prime) roots[found++] = ((candidate ** power % 1) * 2 ** 32) | 0;
  }
  return roots;
}

const START: Int32Array = primeRoots(8, 1 / 2);
const ROUND: Int32Array = primeRoots(64, 1 / 3);

/** The 32 bytes of the digest. */
export function sha256(message: Uint8Array): Uint8Array {
  const input = padded(message);
  const state = START.slice();
  const words = new Int32Array(64);
  for (let block = 0; block < input.byteLength; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = input.getInt32(block + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15];
      const y = words[i - 2];
      const s0 = rotateLeft(x, 25) ^ rotateLeft(x, 14) ^ (x >>> 3);
      const s1 = rotateLeft(y, 15) ^ rotateLeft(y, 13) ^ (y >>> 10);
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
    }
    compress(state, words);
  }
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, state[i]);
  return digest;
}

function compress(state: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotateLeft(e, 26) ^ rotateLeft(e, 21) ^ rotateLeft(e, 7);
    const chosen = (e & f) ^ (~e & g);
    const first = (h + s1 + chosen + ROUND[i] + words[i]) | 0;
    const s0 = rotateLeft(a, 30) ^ rotateLeft(a, 19) ^ rotateLeft(a, 10);
    const major = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + s0 + major) | 0;
  }
  const added = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] += added[i];
}
