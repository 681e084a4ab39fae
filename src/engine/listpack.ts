// Reading Redis's listpack: the packed form of small lists, hashes, sets and sorted sets, of quicklist
// nodes and of stream nodes, byte for byte what RDB holds. Layout (all little endian):
//   u32 total bytes, u16 count (0xFFFF: unknown, walk), entries, 0xFF
// An entry is encoding + data + back length, the latter readable from its end towards its start.
// Positions are absolute offsets in the buffer that holds the listpack, so nothing is sliced; a
// function that finds nothing returns NONE. Changing one is listpack-edit.ts, hostile bytes are
// listpack-check.ts: everything here trusts what it reads.

import { sameBytes } from '../util/bytes.ts';
import { Int64 } from './int64.ts';

export const LISTPACK_HEADER = 6;
/** An empty listpack: header and terminator. */
export const EMPTY_LISTPACK_BYTES = 7;
export const LISTPACK_END = 0xff;
/** The count field's value for "more than fits". */
export const COUNT_UNKNOWN = 0xffff;
/** No listpack may grow beyond this. */
export const LISTPACK_LIMIT: number = 1 << 30;
export const NONE = -1;

export function listpackBytes(b: Uint8Array, start: number): number {
  return (b[start] | (b[start + 1] << 8) | (b[start + 2] << 16) | (b[start + 3] << 24)) >>> 0;
}

/** Number of entries. Walks when there are 65535 or more. */
export function listpackCount(b: Uint8Array, start: number): number {
  const known = b[start + 4] | (b[start + 5] << 8);
  if (known !== COUNT_UNKNOWN) return known;
  let count = 0;
  for (let p = start + LISTPACK_HEADER; b[p] !== LISTPACK_END; p = nextEntry(b, p)) count++;
  return count;
}

/** Encoding and data of the entry at `p`, without back length; 0 when the encoding byte is none. */
export function encodedLength(b: Uint8Array, p: number): number {
  const h = b[p];
  if (h < 0x80) return 1;
  if (h < 0xc0) return 1 + (h & 0x3f);
  if (h < 0xe0) return 2;
  if (h < 0xf0) return 2 + (((h & 0x0f) << 8) | b[p + 1]);
  switch (h) {
    case 0xf0:
      return 5 + ((b[p + 1] | (b[p + 2] << 8) | (b[p + 3] << 16) | (b[p + 4] << 24)) >>> 0);
    case 0xf1:
      return 3;
    case 0xf2:
      return 4;
    case 0xf3:
      return 5;
    case 0xf4:
      return 9;
    default:
      return 0;
  }
}

/** Bytes of the back length of an entry of `length`. (The odd bounds are the format's.) */
export function backLengthBytes(length: number): number {
  if (length <= 127) return 1;
  if (length < 16383) return 2;
  if (length < 2097151) return 3;
  if (length < 268435455) return 4;
  return 5;
}

/** Position of the first entry; NONE when empty. */
export function firstEntry(b: Uint8Array, start: number): number {
  const p = start + LISTPACK_HEADER;
  return b[p] === LISTPACK_END ? NONE : p;
}

/** Position behind the entry at `p`: the next entry, or the terminator (`b[p] === LISTPACK_END`). */
export function nextEntry(b: Uint8Array, p: number): number {
  const h = b[p];
  // Nearly every entry is a 7-bit integer or a short string: both have a back length of one byte.
  if (h < 0x80) return p + 2;
  if (h < 0xc0) return p + 2 + (h & 0x3f);
  const length = encodedLength(b, p);
  return p + length + backLengthBytes(length);
}

/** Position of the entry before `p` (an entry or the terminator); NONE at the first. */
export function previousEntry(b: Uint8Array, start: number, p: number): number {
  if (p === start + LISTPACK_HEADER) return NONE;
  let at = p - 1;
  let length = b[at] & 0x7f;
  let unit = 128;
  while (b[at] & 0x80) {
    at--;
    length += (b[at] & 0x7f) * unit;
    unit *= 128;
  }
  return p - length - backLengthBytes(length);
}

export function lastEntry(b: Uint8Array, start: number): number {
  return previousEntry(b, start, start + listpackBytes(b, start) - 1);
}

/** Position of entry `index`; negative counts from the end. NONE when out of range. */
export function seekEntry(b: Uint8Array, start: number, index: number): number {
  const known = b[start + 4] | (b[start + 5] << 8);
  let left = index;
  let forward = index >= 0;
  if (known !== COUNT_UNKNOWN) {
    if (left < 0) left += known;
    if (left < 0 || left >= known) return NONE;
    forward = left <= known >> 1;
    if (!forward) left -= known;
  }
  if (forward) {
    let p = start + LISTPACK_HEADER;
    while (left > 0 && b[p] !== LISTPACK_END) {
      p = nextEntry(b, p);
      left--;
    }
    return b[p] === LISTPACK_END ? NONE : p;
  }
  let p = lastEntry(b, start);
  while (left < -1 && p !== NONE) {
    p = previousEntry(b, start, p);
    left++;
  }
  return p;
}

/** Sets `into` to the integer entry at `p`; false (and `into` untouched) when it is a string. */
export function readInteger(b: Uint8Array, p: number, into: Int64): boolean {
  const h = b[p];
  if (h < 0x80) {
    into.set(h);
    return true;
  }
  if (h < 0xc0) return false;
  if (h < 0xe0) {
    into.set(((((h & 0x1f) << 8) | b[p + 1]) << 19) >> 19);
    return true;
  }
  switch (h) {
    case 0xf1:
      into.set(((b[p + 1] | (b[p + 2] << 8)) << 16) >> 16);
      return true;
    case 0xf2:
      into.set(((b[p + 1] | (b[p + 2] << 8) | (b[p + 3] << 16)) << 8) >> 8);
      return true;
    case 0xf3:
      into.set(readInt32(b, p + 1));
      return true;
    case 0xf4:
      into.setHalves(readInt32(b, p + 5), readInt32(b, p + 1) >>> 0);
      return true;
    default:
      return false;
  }
}

export function readInt32(b: Uint8Array, p: number): number {
  return b[p] | (b[p + 1] << 8) | (b[p + 2] << 16) | (b[p + 3] << 24);
}

/**
 * The text of one entry, wherever it lies: a string in the listpack itself, an integer as digits in a
 * buffer of the cursor's own. Valid until the next `load` or the next change of the listpack.
 */
export class ListpackEntry {
  bytes: Buffer;
  start = 0;
  end = 0;
  /** Whether `integer` holds its value. */
  isInteger = false;
  readonly integer: Int64 = new Int64();
  readonly #digits: Buffer = Buffer.allocUnsafeSlow(24);

  constructor() {
    this.bytes = this.#digits;
  }

  /** Reads the entry at `p`; the position behind it. */
  load(b: Buffer, p: number): number {
    const h = b[p];
    if (h >= 0x80 && h < 0xc0) {
      this.bytes = b;
      this.start = p + 1;
      this.end = p + 1 + (h & 0x3f);
      this.isInteger = false;
      return this.end + 1;
    }
    if (readInteger(b, p, this.integer)) {
      this.isInteger = true;
      this.bytes = this.#digits;
      this.start = 0;
      this.end = this.integer.write(this.#digits, 0);
      return nextEntry(b, p);
    }
    const length = encodedLength(b, p);
    this.bytes = b;
    this.isInteger = false;
    this.start = p + (h === 0xf0 ? 5 : 2);
    this.end = p + length;
    return p + length + backLengthBytes(length);
  }

  /** Takes plain bytes instead of a listpack's, so that one loop serves plain nodes and tables too. */
  set(b: Buffer, start: number, end: number): void {
    this.bytes = b;
    this.start = start;
    this.end = end;
    this.isInteger = false;
  }
}

const wanted = new Int64();
const found = new Int64();

/** True when the entry at `p` is the element v[vs..ve). */
export function entryEquals(
  b: Uint8Array,
  p: number,
  v: Uint8Array,
  vs: number,
  ve: number,
): boolean {
  const h = b[p];
  const length = ve - vs;
  if (h >= 0x80 && h < 0xc0) {
    return (h & 0x3f) === length && sameBytes(b, p + 1, v, vs, length);
  }
  if (readInteger(b, p, found)) {
    return wanted.parse(v, vs, ve) && wanted.low === found.low && wanted.high === found.high;
  }
  const head = h === 0xf0 ? 5 : 2;
  return encodedLength(b, p) === head + length && sameBytes(b, p + head, v, vs, length);
}

/**
 * Position of the first entry from `p` on that is v[vs..ve), looking at one entry and passing over
 * `skip` in turn (1: only the fields of a hash). NONE when there is none.
 */
export function findEntry(
  b: Uint8Array,
  p: number,
  v: Uint8Array,
  vs: number,
  ve: number,
  skip: number,
): number {
  const length = ve - vs;
  const isInteger = wanted.parse(v, vs, ve);
  const small = isInteger && wanted.value >= 0 && wanted.value <= 127 ? wanted.value : -1;
  let at = p;
  let h = b[at];
  while (h !== LISTPACK_END) {
    if (h < 0x80) {
      if (h === small) return at;
      at += 2;
    } else if (h < 0xc0) {
      const n = h & 0x3f;
      if (n === length && sameBytes(b, at + 1, v, vs, n)) return at;
      at += n + 2;
    } else {
      if (isInteger ? equalsWanted(b, at) : entryEqualsLong(b, at, v, vs, length)) return at;
      at = nextEntry(b, at);
    }
    for (let i = skip; i > 0 && b[at] !== LISTPACK_END; i--) at = nextEntry(b, at);
    h = b[at];
  }
  return NONE;
}

function equalsWanted(b: Uint8Array, p: number): boolean {
  return readInteger(b, p, found) && found.low === wanted.low && found.high === wanted.high;
}

function entryEqualsLong(
  b: Uint8Array,
  p: number,
  v: Uint8Array,
  vs: number,
  length: number,
): boolean {
  const h = b[p];
  // Only the two long string forms can hold what is not an integer.
  if (h < 0xe0 || h > 0xf0) return false;
  const head = h === 0xf0 ? 5 : 2;
  return encodedLength(b, p) === head + length && sameBytes(b, p + head, v, vs, length);
}
