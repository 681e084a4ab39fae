// The hash that HyperLogLogs of every Redis agree on: MurmurHash64A with a fixed seed. Its low 14 bits
// choose a register, the run of zeros above them is what the register remembers.
//
// 64-bit words are held as two 32-bit halves: bigints would cost an allocation for each step.

const MULTIPLIER_HIGH = 0xc6a4a793 | 0;
const MULTIPLIER_LOW = 0x5bd1e995;
const MULTIPLIER_LOW_0 = MULTIPLIER_LOW & 0xffff;
const MULTIPLIER_LOW_1 = MULTIPLIER_LOW >>> 16;
const SEED = 0xadc83b19 | 0;

export const INDEX_BITS = 14;
const INDEX_MASK = (1 << INDEX_BITS) - 1;
/** Bits of the hash above the index: the longest run is one more. */
const RUN_BITS = 64 - INDEX_BITS;

// Halves of the last product.
let high = 0;
let low = 0;

/** (h, l) times the multiplier, modulo 2^64, into `high` and `low`. */
function multiply(h: number, l: number): void {
  const l0 = l & 0xffff;
  const l1 = l >>> 16;
  const p00 = l0 * MULTIPLIER_LOW_0;
  const middle = l1 * MULTIPLIER_LOW_0 + (p00 >>> 16);
  const upper = l0 * MULTIPLIER_LOW_1 + (middle & 0xffff);
  const carry = l1 * MULTIPLIER_LOW_1 + (middle >>> 16) + (upper >>> 16);
  high = (carry + Math.imul(l, MULTIPLIER_HIGH) + Math.imul(h, MULTIPLIER_LOW)) | 0;
  low = ((upper & 0xffff) << 16) | (p00 & 0xffff);
}

/** Run length (1-51) << 14 | register index of the element b[start..end). */
export function elementRun(b: Uint8Array, start: number, end: number): number {
  const length = end - start;
  multiply(0, length);
  let h = high;
  let l = low ^ SEED;
  let at = start;
  for (const blocks = end - (length & 7); at < blocks; at += 8) {
    const wordLow = b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
    const wordHigh = b[at + 4] | (b[at + 5] << 8) | (b[at + 6] << 16) | (b[at + 7] << 24);
    multiply(wordHigh, wordLow);
    multiply(high, low ^ (high >>> 15));
    multiply(h ^ high, l ^ low);
    h = high;
    l = low;
  }
  if (at < end) {
    for (let shift = 0; at < end; at++, shift += 8) {
      if (shift < 32) l ^= b[at] << shift;
      else h ^= b[at] << (shift - 32);
    }
    multiply(h, l);
    h = high;
    l = low;
  }
  multiply(h, l ^ (h >>> 15));
  return runAndIndex(high, low ^ (high >>> 15));
}

function runAndIndex(h: number, l: number): number {
  const runLow = (l >>> INDEX_BITS) | (h << (32 - INDEX_BITS));
  // A guard bit above the hash ends a run of nothing but zeros.
  const runHigh = (h >>> INDEX_BITS) | (1 << (RUN_BITS - 32));
  const zeros = runLow !== 0 ? trailingZeros(runLow) : 32 + trailingZeros(runHigh);
  return ((zeros + 1) << INDEX_BITS) | (l & INDEX_MASK);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
