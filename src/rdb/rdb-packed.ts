// The packed forms that older versions of Redis wrote, as the listpacks that replaced them: ziplist
// (Redis 2.6 to 6.2) and zipmap (before 2.6). Hostile bytes: every step is checked, and the answer is
// false instead of a walk out of the buffer.
//
// A ziplist, little endian: u32 bytes, u32 offset of the last entry, u16 count (0xFFFF: unknown), entries,
// 0xFF. An entry: length of the one before (one byte, or 0xFE and four), encoding, data.
// A zipmap: u8 count, then key length, key, value length, a byte of free room, value, free room …, 0xFF.

import { Int64 } from '../engine/int64.ts';
import { EMPTY_LISTPACK_BYTES } from '../engine/listpack.ts';
import {
  entrySize,
  integerEntrySize,
  setHeader,
  writeEntry,
  writeIntegerEntry,
} from '../engine/listpack-edit.ts';
import { Scratch } from '../engine/scratch.ts';

const ZIPLIST_HEADER = 10;
const PACKED_END = 0xff;
const UNKNOWN_COUNT = 0xffff;
/** A byte of a length that says: four bytes follow. */
const LONG_LENGTH = 0xfe;

/** A listpack under construction, at bytes[0]. */
export class ListpackBuilder {
  count = 0;
  length: number = EMPTY_LISTPACK_BYTES;
  readonly #scratch: Scratch = new Scratch();

  get bytes(): Buffer {
    return this.#scratch.bytes;
  }

  start(): void {
    this.count = 0;
    this.length = EMPTY_LISTPACK_BYTES;
    this.#scratch.reserve(EMPTY_LISTPACK_BYTES);
  }

  add(b: Uint8Array, start: number, end: number): void {
    const size = entrySize(b, start, end);
    const into = this.#scratch.grow(this.length + size, this.length);
    writeEntry(into, this.length - 1, b, start, end);
    this.length += size;
    this.count++;
  }

  addInteger(value: Int64): void {
    const size = integerEntrySize(value);
    const into = this.#scratch.grow(this.length + size, this.length);
    writeIntegerEntry(into, this.length - 1, value);
    this.length += size;
    this.count++;
  }

  /** Completes header and end; the listpack is bytes[0..length). */
  finish(): void {
    setHeader(this.bytes, 0, this.length, this.count);
    this.bytes[this.length - 1] = 0xff;
  }
}

const integer = new Int64();

/** Appends the entries of the ziplist b[start..end) to a listpack; false when it is none. */
export function unpackZiplist(
  b: Buffer,
  start: number,
  end: number,
  into: ListpackBuilder,
): boolean {
  if (end - start < ZIPLIST_HEADER + 1 || b.readUInt32LE(start) !== end - start) return false;
  if (b[end - 1] !== PACKED_END) return false;
  const tail = start + b.readUInt32LE(start + 4);
  const known = b.readUInt16LE(start + 8);
  let at = start + ZIPLIST_HEADER;
  let before = 0;
  let last = at;
  let count = 0;
  while (at < end - 1) {
    if (b[at] === PACKED_END) return false;
    last = at;
    const next = unpackEntry(b, at, end - 1, before, into);
    if (next < 0) return false;
    before = next - at;
    at = next;
    count++;
  }
  if (at !== end - 1 || tail !== last) return false;
  return known === UNKNOWN_COUNT || known === count;
}

/** Appends the entry at `at`; where the next begins, or -1. `limit` is where the terminator lies. */
function unpackEntry(
  b: Buffer,
  at: number,
  limit: number,
  before: number,
  into: ListpackBuilder,
): number {
  const isLong = b[at] === LONG_LENGTH;
  let p = at + (isLong ? 5 : 1);
  if (p >= limit) return -1;
  if ((isLong ? b.readUInt32LE(at + 1) : b[at]) !== before) return -1;
  const encoding = b[p++];
  if (encoding >= 0xc0) {
    const width = integerWidth(encoding);
    if (width < 0 || p + width > limit) return -1;
    readInteger(b, p, encoding, width);
    into.addInteger(integer);
    return p + width;
  }
  let length: number;
  if (encoding < 0x40) length = encoding;
  else if (encoding < 0x80) {
    if (p + 1 > limit) return -1;
    length = ((encoding & 0x3f) << 8) | b[p++];
  } else {
    if (encoding !== 0x80 || p + 4 > limit) return -1;
    length = b.readUInt32BE(p);
    p += 4;
  }
  if (p + length > limit) return -1;
  into.add(b, p, p + length);
  return p + length;
}

/** Bytes of data behind an integer's encoding; -1: no such encoding. */
function integerWidth(encoding: number): number {
  switch (encoding) {
    case 0xc0:
      return 2;
    case 0xd0:
      return 4;
    case 0xe0:
      return 8;
    case 0xf0:
      return 3;
    case 0xfe:
      return 1;
    default:
      // 0xf1 to 0xfd hold a number from 0 to 12 themselves.
      return encoding > 0xf0 && encoding < 0xfe ? 0 : -1;
  }
}

function readInteger(b: Buffer, p: number, encoding: number, width: number): void {
  if (width === 0) integer.set(encoding - 0xf1);
  else if (width === 8) integer.setHalves(b.readInt32LE(p + 4), b.readUInt32LE(p));
  else integer.set(b.readIntLE(p, width));
}

/** Appends keys and values of the zipmap b[start..end) in turn to a listpack; false when it is none. */
export function unpackZipmap(
  b: Buffer,
  start: number,
  end: number,
  into: ListpackBuilder,
): boolean {
  if (end - start < 2 || b[end - 1] !== PACKED_END) return false;
  const known = b[start];
  let at = start + 1;
  while (at < end - 1) {
    at = unpackText(b, at, end - 1, false, into);
    if (at < 0) return false;
    at = unpackText(b, at, end - 1, true, into);
    if (at < 0) return false;
  }
  if (into.count === 0) return false;
  return at === end - 1 && (known >= LONG_LENGTH || known === into.count / 2);
}

function unpackText(
  b: Buffer,
  at: number,
  limit: number,
  isValue: boolean,
  into: ListpackBuilder,
): number {
  if (at >= limit || b[at] === PACKED_END) return -1;
  const isLong = b[at] === LONG_LENGTH;
  let p = at + (isLong ? 5 : 1);
  if (p > limit) return -1;
  const length = isLong ? b.readUInt32LE(at + 1) : b[at];
  let free = 0;
  if (isValue) {
    if (p >= limit) return -1;
    free = b[p++];
  }
  if (p + length + free > limit) return -1;
  into.add(b, p, p + length);
  return p + length + free;
}
