// One node of a quicklist: a listpack with room to grow at both ends, or one huge element as it is
// ("plain"), or a listpack under LZF. The room is what makes pushing and popping at either end cost
// no move of the node's other bytes: only the six header bytes travel.

import { copyBytes } from '../util/bytes.ts';
import { lzfCompress, lzfDecompress } from '../util/lzf.ts';
import { EMPTY_LISTPACK_BYTES, LISTPACK_HEADER, listpackBytes, listpackCount } from './listpack.ts';
import { entrySize, openGap, setHeader, writeEntry } from './listpack-edit.ts';

/** A listpack below this size is never compressed, nor kept compressed for a gain below the next. */
const COMPRESS_LEAST_BYTES = 48;
const COMPRESS_LEAST_GAIN = 8;
/** Most room that a growing node takes beyond what it needs. */
const SLACK_BYTES = 4096;
/** The objects around a node's bytes, as measured on Node 20. */
const NODE_OVERHEAD_BYTES = 200;

export class QuicklistNode {
  /** Raw: the listpack or plain element lies at [start, start + bytes). Compressed: all of it is LZF. */
  buffer: Buffer;
  start: number;
  /** Size without compression. */
  bytes: number;
  count: number;
  readonly plain: boolean;
  compressed = false;
  /** Several lists have it: none may change it, see `QuicklistChunks.own`. */
  isShared = false;

  constructor(buffer: Buffer, start: number, bytes: number, count: number, plain: boolean) {
    this.buffer = buffer;
    this.start = start;
    this.bytes = bytes;
    this.count = count;
    this.plain = plain;
  }

  /**
   * A listpack node that holds one element. `atHead`: it will grow towards its start. `expected`: bytes
   * that it will probably come to, so that it need not grow step by step.
   */
  static ofElement(
    v: Uint8Array,
    vs: number,
    ve: number,
    atHead: boolean,
    expected: number,
  ): QuicklistNode {
    const size = entrySize(v, vs, ve);
    const bytes = EMPTY_LISTPACK_BYTES + size;
    const room = Math.max(expected, bytes + Math.min(bytes, SLACK_BYTES));
    const buffer = Buffer.allocUnsafeSlow(room);
    const start = atHead ? buffer.length - bytes : 0;
    setHeader(buffer, start, bytes, 1);
    buffer[writeEntry(buffer, start + LISTPACK_HEADER, v, vs, ve)] = 0xff;
    return new QuicklistNode(buffer, start, bytes, 1, false);
  }

  static plainOf(v: Uint8Array, vs: number, ve: number): QuicklistNode {
    const buffer = Buffer.allocUnsafeSlow(ve - vs);
    copyBytes(buffer, 0, v, vs, ve);
    return new QuicklistNode(buffer, 0, ve - vs, 1, true);
  }

  /** A copy of the listpack at b[start]. */
  static ofListpack(b: Buffer, start: number): QuicklistNode {
    const bytes = listpackBytes(b, start);
    const buffer = Buffer.allocUnsafeSlow(bytes);
    b.copy(buffer, 0, start, start + bytes);
    return new QuicklistNode(buffer, 0, bytes, listpackCount(b, start), false);
  }

  /** The elements of two listpack nodes in one. */
  static joined(a: QuicklistNode, b: QuicklistNode): QuicklistNode {
    const bytes = joinedBytes(a, b);
    const count = a.count + b.count;
    const buffer = Buffer.allocUnsafeSlow(bytes);
    a.copyTo(buffer, 0, 0, a.bytes - 1);
    b.copyTo(buffer, a.bytes - 1, LISTPACK_HEADER, b.bytes);
    setHeader(buffer, 0, bytes, count);
    return new QuicklistNode(buffer, 0, bytes, count, false);
  }

  get memoryBytes(): number {
    return NODE_OVERHEAD_BYTES + this.buffer.length;
  }

  /** The same content for one list alone. Bytes that are never changed in place stay shared. */
  clone(): QuicklistNode {
    const { buffer, start, bytes, count, plain, compressed } = this;
    if (plain || compressed) {
      const copy = new QuicklistNode(buffer, start, bytes, count, plain);
      copy.compressed = compressed;
      return copy;
    }
    const own = Buffer.allocUnsafeSlow(bytes);
    buffer.copy(own, 0, start, start + bytes);
    return new QuicklistNode(own, 0, bytes, count, false);
  }

  /**
   * Replaces [from, to) of the raw listpack by a gap and returns where the gap begins. At the first
   * entry the header moves instead of the entries.
   */
  openGap(from: number, to: number, gap: number, countDelta: number): number {
    const growth = gap - (to - from);
    const first = this.start + LISTPACK_HEADER;
    const atHead = from === first;
    let at = from;
    if (atHead && this.start >= growth) {
      this.start -= growth;
      at = this.start + LISTPACK_HEADER;
      this.bytes += growth;
      this.count += countDelta;
      setHeader(this.buffer, this.start, this.bytes, this.count);
      return at;
    }
    if (this.start + this.bytes + growth > this.buffer.length) {
      const moved = this.#makeRoom(growth, atHead && to === from);
      if (atHead && to === from) return this.openGap(at + moved, to + moved, gap, countDelta);
      at += moved;
    }
    openGap(this.buffer, this.start, at, at + (to - from), gap, countDelta);
    this.bytes += growth;
    this.count += countDelta;
    return at;
  }

  /** Inserts an element before the entry at `p`. */
  insert(p: number, v: Uint8Array, vs: number, ve: number): void {
    const at = this.openGap(p, p, entrySize(v, vs, ve), 1);
    writeEntry(this.buffer, at, v, vs, ve);
  }

  /** Inserts an element as the last one. */
  append(v: Uint8Array, vs: number, ve: number): void {
    this.insert(this.start + this.bytes - 1, v, vs, ve);
  }

  prepend(v: Uint8Array, vs: number, ve: number): void {
    this.insert(this.start + LISTPACK_HEADER, v, vs, ve);
  }

  /** Makes room for `growth` more bytes, at the head or at the tail; how far the listpack moved. */
  #makeRoom(growth: number, atHead: boolean): number {
    const needed = this.bytes + growth;
    const old = this.start;
    const capacity = this.buffer.length;
    // Moving within the buffer is worth it only when it wins room for many pushes.
    if (capacity - needed >= capacity >> 2) {
      const start = atHead ? capacity - this.bytes : 0;
      this.buffer.copyWithin(start, old, old + this.bytes);
      this.start = start;
      return start - old;
    }
    const buffer = Buffer.allocUnsafeSlow(needed + Math.min(needed, SLACK_BYTES));
    const start = atHead ? buffer.length - this.bytes : 0;
    this.buffer.copy(buffer, start, old, old + this.bytes);
    this.buffer = buffer;
    this.start = start;
    return start - old;
  }

  /** Gives up the room of a node that is full, if it is worth the copy; by how much its memory changed. */
  trim(): number {
    const room = this.buffer.length;
    if (this.compressed || room - this.bytes <= this.bytes >> 3) return 0;
    const exact = Buffer.allocUnsafeSlow(this.bytes);
    this.buffer.copy(exact, 0, this.start, this.start + this.bytes);
    this.buffer = exact;
    this.start = 0;
    return this.bytes - room;
  }

  compress(): void {
    if (this.compressed || this.bytes < COMPRESS_LEAST_BYTES) return;
    const packed = Buffer.allocUnsafeSlow(this.bytes - COMPRESS_LEAST_GAIN);
    const size = lzfCompress(this.buffer, this.start, this.start + this.bytes, packed);
    if (size === 0 || size + COMPRESS_LEAST_GAIN >= this.bytes) return;
    this.buffer = Buffer.allocUnsafeSlow(size);
    packed.copy(this.buffer, 0, 0, size);
    this.start = 0;
    this.compressed = true;
  }

  decompress(): void {
    if (!this.compressed) return;
    const raw = Buffer.allocUnsafeSlow(this.bytes);
    this.expand(raw);
    this.buffer = raw;
    this.start = 0;
    this.compressed = false;
  }

  /** Copies [from, to) of the content to into[at…]. */
  copyTo(into: Buffer, at: number, from: number, to: number): void {
    if (!this.compressed) {
      this.buffer.copy(into, at, this.start + from, this.start + to);
      return;
    }
    const raw = Buffer.allocUnsafeSlow(this.bytes);
    this.expand(raw);
    raw.copy(into, at, from, to);
  }

  /** Writes the content of a compressed node into `into`. */
  expand(into: Buffer): void {
    lzfDecompress(this.buffer, 0, this.buffer.length, into, this.bytes);
  }
}

/** Size of the listpack that two nodes would make: one header and one terminator less. */
export function joinedBytes(a: QuicklistNode, b: QuicklistNode): number {
  return a.bytes + b.bytes - EMPTY_LISTPACK_BYTES;
}
