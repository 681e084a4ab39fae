// Changing listpacks. One primitive does it all: replace the bytes between two entry positions by a
// gap of the right size, in place (`openGap`, when the buffer has room) or while copying into another
// buffer (`copyWithGap`, for values whose record in the arena is too small); then write entries into
// the gap. Callers measure first, so every change moves each byte at most once.

import { copyBytes } from '../util/bytes.ts';
import { Int64 } from './int64.ts';
import {
  backLengthBytes,
  COUNT_UNKNOWN,
  EMPTY_LISTPACK_BYTES,
  LISTPACK_END,
  LISTPACK_HEADER,
  listpackBytes,
  nextEntry,
} from './listpack.ts';

const integer = new Int64();

/** Makes an empty listpack at `start`. */
export function writeEmptyListpack(b: Uint8Array, start: number): void {
  setHeader(b, start, EMPTY_LISTPACK_BYTES, 0);
  b[start + LISTPACK_HEADER] = LISTPACK_END;
}

export function setHeader(b: Uint8Array, start: number, bytes: number, count: number): void {
  b[start] = bytes;
  b[start + 1] = bytes >>> 8;
  b[start + 2] = bytes >>> 16;
  b[start + 3] = bytes >>> 24;
  const known = Math.min(count, COUNT_UNKNOWN);
  b[start + 4] = known;
  b[start + 5] = known >>> 8;
}

/** Whole size of the entry that v[vs..ve) becomes: encoding, data and back length. */
export function entrySize(v: Uint8Array, vs: number, ve: number): number {
  const length = encodedSize(v, vs, ve);
  return length + backLengthBytes(length);
}

function encodedSize(v: Uint8Array, vs: number, ve: number): number {
  if (integer.parse(v, vs, ve)) return integerSize(integer);
  const length = ve - vs;
  return length < 64 ? length + 1 : length < 4096 ? length + 2 : length + 5;
}

function integerSize(of: Int64): number {
  const v = of.value;
  if (v >= 0 && v <= 127) return 1;
  if (v >= -4096 && v <= 4095) return 2;
  if (v >= -32768 && v <= 32767) return 3;
  if (v >= -8388608 && v <= 8388607) return 4;
  if (v >= -2147483648 && v <= 2147483647) return 5;
  return 9;
}

/** Writes v[vs..ve) as an entry at `p`; the position behind it. */
export function writeEntry(
  b: Uint8Array,
  p: number,
  v: Uint8Array,
  vs: number,
  ve: number,
): number {
  if (integer.parse(v, vs, ve)) return writeIntegerEntry(b, p, integer);
  const length = ve - vs;
  let at: number;
  if (length < 64) {
    b[p] = 0x80 | length;
    at = p + 1;
  } else if (length < 4096) {
    b[p] = 0xe0 | (length >>> 8);
    b[p + 1] = length;
    at = p + 2;
  } else {
    b[p] = 0xf0;
    b[p + 1] = length;
    b[p + 2] = length >>> 8;
    b[p + 3] = length >>> 16;
    b[p + 4] = length >>> 24;
    at = p + 5;
  }
  copyBytes(b, at, v, vs, ve);
  return writeBackLength(b, at + length, at + length - p);
}

/** Size of the entry of an integer. */
export function integerEntrySize(of: Int64): number {
  return integerSize(of) + 1;
}

/** Writes an integer as an entry at `p`; the position behind it. */
export function writeIntegerEntry(b: Uint8Array, p: number, of: Int64): number {
  const size = integerSize(of);
  const v = of.value;
  switch (size) {
    case 1:
      b[p] = v;
      break;
    case 2:
      b[p] = 0xc0 | ((v >> 8) & 0x1f);
      b[p + 1] = v;
      break;
    case 9:
      b[p] = 0xf4;
      for (let i = 0; i < 4; i++) b[p + 1 + i] = of.low >>> (8 * i);
      for (let i = 0; i < 4; i++) b[p + 5 + i] = of.high >>> (8 * i);
      break;
    default:
      b[p] = 0xf1 + size - 3;
      for (let i = 1; i < size; i++) b[p + i] = v >>> (8 * (i - 1));
  }
  b[p + size] = size;
  return p + size + 1;
}

function writeBackLength(b: Uint8Array, p: number, length: number): number {
  if (length <= 127) {
    b[p] = length;
    return p + 1;
  }
  const bytes = backLengthBytes(length);
  let rest = length;
  for (let i = bytes - 1; i >= 0; i--) {
    b[p + i] = (rest & 127) | (i > 0 ? 128 : 0);
    rest = Math.floor(rest / 128);
  }
  return p + bytes;
}

/**
 * In the listpack at b[start], replaces the bytes [from, to) by a gap of `gap` bytes and corrects the
 * header by `countDelta`. The buffer must have room behind; the caller fills the gap.
 */
export function openGap(
  b: Buffer,
  start: number,
  from: number,
  to: number,
  gap: number,
  countDelta: number,
): void {
  const bytes = listpackBytes(b, start);
  // Behind the last entry only the terminator moves, and no native call is worth that.
  if (to === start + bytes - 1) b[from + gap] = LISTPACK_END;
  else if (from + gap !== to) b.copyWithin(from + gap, to, start + bytes);
  adjustHeader(b, start, bytes + gap - (to - from), countDelta);
}

/** The same while copying to `into[0…]`; the new total size. The gap lies at `from - start` there. */
export function copyWithGap(
  b: Buffer,
  start: number,
  from: number,
  to: number,
  gap: number,
  countDelta: number,
  into: Buffer,
): number {
  const bytes = listpackBytes(b, start);
  const total = bytes + gap - (to - from);
  copyBytes(into, 0, b, start, from);
  copyBytes(into, from - start + gap, b, to, start + bytes);
  adjustHeader(into, 0, total, countDelta);
  return total;
}

function adjustHeader(b: Uint8Array, start: number, bytes: number, countDelta: number): void {
  const known = b[start + 4] | (b[start + 5] << 8);
  // An unknown count stays unknown: finding it again would take a walk on every change.
  setHeader(b, start, bytes, known === COUNT_UNKNOWN ? COUNT_UNKNOWN : known + countDelta);
}

/** Position `n` entries behind `p`, the terminator at most. */
export function skipEntries(b: Uint8Array, p: number, n: number): number {
  let at = p;
  for (let i = 0; i < n && b[at] !== LISTPACK_END; i++) at = nextEntry(b, at);
  return at;
}

/**
 * Removes the entries at the ascending `positions[0..n)`, each with the `width - 1` behind it, in place
 * and in one pass.
 */
export function deleteEntries(
  b: Buffer,
  start: number,
  positions: ArrayLike<number>,
  n: number,
  width = 1,
): void {
  if (n === 0) return;
  const end = start + listpackBytes(b, start);
  let to = positions[0];
  for (let i = 0; i < n; i++) {
    const from = skipEntries(b, positions[i], width);
    const stop = i + 1 < n ? positions[i + 1] : end;
    b.copyWithin(to, from, stop);
    to += stop - from;
  }
  adjustHeader(b, start, to - start, -n * width);
}
