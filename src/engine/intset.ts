// Redis's intset: the packed form of a small set of integers, byte for byte what RDB holds. Layout
// (all little endian): u32 width of a member (2, 4, 8), u32 count, the members in ascending order.
// Members are handled as Int64 halves: they may exceed what a double can tell apart. Values in the
// arena have no alignment, hence bytes and not typed arrays.

import type { Int64 } from './int64.ts';
import { readInt32 } from './listpack.ts';

const INTSET_HEADER = 8;
/** Counts beyond this never stay an intset, whatever the configuration says. */
export const INTSET_LIMIT: number = 1 << 30;

export function writeEmptyIntset(b: Uint8Array, start: number): void {
  setIntsetHeader(b, start, 2, 0);
}

function intsetWidth(b: Uint8Array, start: number): number {
  return b[start];
}

export function intsetCount(b: Uint8Array, start: number): number {
  return readInt32(b, start + 4) >>> 0;
}

export function intsetBytes(b: Uint8Array, start: number): number {
  return INTSET_HEADER + intsetCount(b, start) * intsetWidth(b, start);
}

/** Sets `into` to member `index` (in range). */
export function intsetAt(b: Uint8Array, start: number, index: number, into: Int64): void {
  const width = b[start];
  const p = start + INTSET_HEADER + index * width;
  if (width === 8) into.setHalves(readInt32(b, p + 4), readInt32(b, p) >>> 0);
  else into.set(width === 2 ? readInt16(b, p) : readInt32(b, p));
}

/** Index of `value`, or `-1 - place` where it would go. */
export function intsetSearch(b: Uint8Array, start: number, value: Int64): number {
  const width = b[start];
  const first = start + INTSET_HEADER;
  const high = value.high;
  const low = value.low;
  let min = 0;
  let max = intsetCount(b, start) - 1;
  // Ascending inserts are the common case; they end here after one comparison.
  if (max >= 0 && compareAt(b, first + max * width, width, high, low) < 0) return -2 - max;
  while (min <= max) {
    const middle = (min + max) >>> 1;
    const order = compareAt(b, first + middle * width, width, high, low);
    if (order === 0) return middle;
    if (order < 0) min = middle + 1;
    else max = middle - 1;
  }
  return -1 - min;
}

/** Size of the intset at b[start] with `value` (not a member yet) added. */
export function intsetSizeWith(b: Uint8Array, start: number, value: Int64): number {
  return INTSET_HEADER + (intsetCount(b, start) + 1) * Math.max(b[start], value.width());
}

/**
 * Writes the intset at b[start] with `value` added at `place` into `into[at…]`, widening all members
 * when the value needs it; the new size. `into` may be `b` at the same position when nothing widens.
 */
export function intsetInsert(
  b: Buffer,
  start: number,
  place: number,
  value: Int64,
  into: Buffer,
  at: number,
): number {
  const count = intsetCount(b, start);
  const old = b[start];
  const width = Math.max(old, value.width());
  const from = start + INTSET_HEADER;
  const to = at + INTSET_HEADER;
  if (width === old) {
    const cut = from + place * width;
    b.copy(into, to + (place + 1) * width, cut, from + count * width);
    if (into !== b || at !== start) b.copy(into, to, from, cut);
  } else {
    widen(b, from, old, count, place, into, to, width);
  }
  writeMember(into, to + place * width, width, value.high, value.low);
  setIntsetHeader(into, at, width, count + 1);
  return INTSET_HEADER + (count + 1) * width;
}

function widen(
  b: Buffer,
  from: number,
  old: number,
  count: number,
  place: number,
  into: Buffer,
  to: number,
  width: number,
): void {
  for (let i = count - 1; i >= 0; i--) {
    const target = to + (i >= place ? i + 1 : i) * width;
    const low = old === 2 ? readInt16(b, from + i * 2) : readInt32(b, from + i * 4);
    writeMember(into, target, width, low >> 31, low);
  }
}

/** Removes member `index` in place; the new size. The width stays, as in Redis. */
export function intsetRemoveAt(b: Buffer, start: number, index: number): number {
  const width = b[start];
  const count = intsetCount(b, start);
  const at = start + INTSET_HEADER + index * width;
  b.copyWithin(at, at + width, start + INTSET_HEADER + count * width);
  setIntsetHeader(b, start, width, count - 1);
  return INTSET_HEADER + (count - 1) * width;
}

/** True when b[start..end) is exactly one well-formed, non-empty intset. `deep` checks the order. */
export function isIntset(b: Buffer, start: number, end: number, deep = true): boolean {
  if (end - start < INTSET_HEADER) return false;
  const width = readInt32(b, start);
  if (width !== 2 && width !== 4 && width !== 8) return false;
  const count = intsetCount(b, start);
  if (count === 0 || INTSET_HEADER + count * width !== end - start) return false;
  if (!deep) return true;
  for (let i = 1; i < count; i++) {
    const at = start + INTSET_HEADER + i * width;
    if (compareMembers(b, at - width, at, width) >= 0) return false;
  }
  return true;
}

function setIntsetHeader(b: Uint8Array, start: number, width: number, count: number): void {
  b[start] = width;
  b[start + 1] = 0;
  b[start + 2] = 0;
  b[start + 3] = 0;
  b[start + 4] = count;
  b[start + 5] = count >>> 8;
  b[start + 6] = count >>> 16;
  b[start + 7] = count >>> 24;
}

function readInt16(b: Uint8Array, p: number): number {
  return ((b[p] | (b[p + 1] << 8)) << 16) >> 16;
}

function writeMember(b: Uint8Array, p: number, width: number, high: number, low: number): void {
  b[p] = low;
  b[p + 1] = low >>> 8;
  if (width === 2) return;
  b[p + 2] = low >>> 16;
  b[p + 3] = low >>> 24;
  if (width === 4) return;
  b[p + 4] = high;
  b[p + 5] = high >>> 8;
  b[p + 6] = high >>> 16;
  b[p + 7] = high >>> 24;
}

/** Order of the member at `p` to the value (high, low). */
function compareAt(b: Uint8Array, p: number, width: number, high: number, low: number): number {
  const first = width === 2 ? readInt16(b, p) : readInt32(b, p);
  const memberHigh = width === 8 ? readInt32(b, p + 4) : first >> 31;
  if (memberHigh !== high) return memberHigh < high ? -1 : 1;
  const memberLow = first >>> 0;
  return memberLow === low ? 0 : memberLow < low ? -1 : 1;
}

function compareMembers(b: Uint8Array, p: number, q: number, width: number): number {
  const second = width === 2 ? readInt16(b, q) : readInt32(b, q);
  return compareAt(b, p, width, width === 8 ? readInt32(b, q + 4) : second >> 31, second >>> 0);
}
