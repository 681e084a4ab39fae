// Counting and finding bits in b[start..end), four bytes at a time. Values lie at any address, so the
// bytes before the first word boundary and after the last are done one by one.

const BYTE_BITS = 8;
/** Below this the set-up of a word view costs more than it saves. */
const WORDS_FROM = 64;
/** Words whose counts fit in the four byte lanes of one accumulator: 31 * 8 < 256. */
const LANE_WORDS = 31;

const byteCounts = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});

/** The first word boundary at or after `start`, as an index into `b`. */
function wordStart(b: Buffer, start: number): number {
  return start + ((4 - ((b.byteOffset + start) & 3)) & 3);
}

function wordView(b: Buffer, start: number, end: number): Int32Array {
  return new Int32Array(b.buffer, b.byteOffset + start, (end - start) >>> 2);
}

function countBits(b: Buffer, start: number, end: number): number {
  let at = start;
  let count = 0;
  if (end - start >= WORDS_FROM) {
    const first = wordStart(b, start);
    for (; at < first; at++) count += byteCounts[b[at]];
    const words = wordView(b, first, end);
    count += countWords(words);
    at = first + words.length * 4;
  }
  for (; at < end; at++) count += byteCounts[b[at]];
  return count;
}

function countWords(words: Int32Array): number {
  let count = 0;
  for (let i = 0; i < words.length; ) {
    const stop = Math.min(words.length, i + LANE_WORDS);
    let lanes = 0;
    for (; i < stop; i++) {
      let x = words[i];
      x -= (x >>> 1) & 0x55555555;
      x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
      lanes += (x + (x >>> 4)) & 0x0f0f0f0f;
    }
    count += (lanes & 0xff) + ((lanes >>> 8) & 0xff) + ((lanes >>> 16) & 0xff) + (lanes >>> 24);
  }
  return count;
}

/** Index of the first byte in b[start..end) that is not `skipped`; `end` when there is none. */
function firstOther(b: Buffer, start: number, end: number, skipped: 0 | 0xff): number {
  let at = start;
  if (end - start >= WORDS_FROM) {
    const first = wordStart(b, start);
    for (; at < first; at++) if (b[at] !== skipped) return at;
    const words = wordView(b, first, end);
    const word = skipped === 0 ? 0 : -1;
    let i = 0;
    while (i < words.length && words[i] === word) i++;
    at = first + i * 4;
  }
  while (at < end && b[at] === skipped) at++;
  return at;
}

/**
 * The first `bit` among the bits firstBit..lastBit (both included) of the string b[start..], counted
 * from its first; -1 when there is none.
 */
export function findBit(
  b: Buffer,
  start: number,
  firstBit: number,
  lastBit: number,
  bit: 0 | 1,
): number {
  const skipped = bit === 1 ? 0 : 0xff;
  const firstByte = Math.floor(firstBit / BYTE_BITS);
  const endByte = Math.floor(lastBit / BYTE_BITS) + 1;
  let byte = firstByte;
  while (byte < endByte) {
    if (byte > firstByte) {
      byte = firstOther(b, start + byte, start + endByte, skipped) - start;
      if (byte === endByte) break;
    }
    for (let i = 0; i < BYTE_BITS; i++) {
      const position = byte * BYTE_BITS + i;
      if (position < firstBit || ((b[start + byte] >> (7 - i)) & 1) !== bit) continue;
      return position <= lastBit ? position : -1;
    }
    byte++;
  }
  return -1;
}

/** Bits set among firstBit..lastBit (both included) of the string b[start..]. */
export function countBitRange(b: Buffer, start: number, firstBit: number, lastBit: number): number {
  const firstByte = Math.floor(firstBit / BYTE_BITS);
  const lastByte = Math.floor(lastBit / BYTE_BITS);
  const before = b[start + firstByte] >> (BYTE_BITS - (firstBit % BYTE_BITS));
  const after = b[start + lastByte] & ((1 << (7 - (lastBit % BYTE_BITS))) - 1);
  const whole = countBits(b, start + firstByte, start + lastByte + 1);
  return whole - byteCounts[before] - byteCounts[after];
}
