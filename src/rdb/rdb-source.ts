// The bytes of an RDB stream on their way in. Chunks are fed as they come; reading functions take items
// off the front. An item that has not arrived as a whole, or that cannot be, is answered by a value
// (`NONE`, false) and no exception: the caller returns, and `failure` tells the two apart. What was
// taken since the last `commit` is then read again when more has come.
//
// Memory is bounded by what has really arrived: an announced length allocates nothing.

import { writeInteger } from '../util/integer.ts';
import { lzfDecompress } from '../util/lzf.ts';
import { MAX_STRING_BYTES, StringForm } from './rdb-format.ts';

/** No number: more bytes are needed, or the stream is damaged. */
export const NONE = -1;
/** No LZF stream gains more: three bytes stand for at most 264. */
const LZF_MOST_GAIN = 264;
const TWO_32 = 0x100000000;

/** A string that was read: bytes[start..end), a view until the source is fed or the string read into again. */
export class RdbString {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  #own: Buffer = Buffer.allocUnsafeSlow(64);

  get length(): number {
    return this.end - this.start;
  }

  /** Whether the bytes lie in the input, and stay until it is fed again. */
  get isLent(): boolean {
    return this.bytes !== this.#own;
  }

  /** A buffer of its own, for what does not lie in the input as it is. */
  room(bytes: number): Buffer {
    // What one large string needed is not kept for all the small ones that follow.
    if (bytes > this.#own.length || (this.#own.length > 1 << 20 && bytes < 1 << 16)) {
      this.#own = Buffer.allocUnsafeSlow(Math.max(64, bytes));
    }
    return this.#own;
  }

  set(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(this.start, this.end));
  }

  text(): string {
    return this.bytes.toString('latin1', this.start, this.end);
  }
}

export class RdbSource {
  buffer: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  /** Why the stream cannot be read on; undefined while it can. */
  failure: string | undefined;
  /** Whether the last length was not one but a `StringForm`. */
  isForm = false;
  /** The halves of the last length: those of streams use all 64 bits. */
  lengthHigh = 0;
  lengthLow = 0;
  /** Offset of buffer[0] in the stream. */
  #base = 0;
  #committed = 0;
  /** The buffer is ours to write to; else it is a chunk of the caller. */
  #isOwn = false;

  /** Bytes taken since the beginning. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Bytes of memory held. */
  get heldBytes(): number {
    return this.#isOwn ? this.buffer.length : 0;
  }

  /** Adds a chunk, which must not change until `release`. */
  feed(chunk: Buffer): void {
    this.#base += this.#committed;
    const rest = this.end - this.#committed;
    if (rest === 0) {
      this.buffer = chunk;
      this.#isOwn = false;
      this.end = chunk.length;
    } else {
      this.#append(chunk, rest);
    }
    this.at = 0;
    this.#committed = 0;
  }

  #append(chunk: Buffer, rest: number): void {
    const needed = rest + chunk.length;
    const from = this.#committed;
    if (this.#isOwn && needed <= this.buffer.length) {
      if (from > 0) this.buffer.copyWithin(0, from, this.end);
    } else {
      // Doubling: an item of many chunks is copied a logarithmic number of times.
      const wider = Buffer.allocUnsafeSlow(rest > chunk.length ? 2 * needed : needed);
      this.buffer.copy(wider, 0, from, this.end);
      this.buffer = wider;
      this.#isOwn = true;
    }
    chunk.copy(this.buffer, rest);
    this.end = needed;
  }

  /** The caller's chunk may change from now on: what is left of it is kept. */
  release(): void {
    if (this.#isOwn) return;
    const rest = Buffer.from(this.buffer.subarray(this.#committed, this.end));
    this.#base += this.#committed;
    this.buffer = rest;
    this.at -= this.#committed;
    this.#committed = 0;
    this.end = rest.length;
    this.#isOwn = true;
  }

  /** What was taken is done with. */
  commit(): void {
    this.#committed = this.at;
  }

  /** Back to the last `commit`. */
  rollback(): void {
    this.at = this.#committed;
  }

  fail(reason: string): typeof NONE {
    this.failure ??= reason;
    return NONE;
  }

  has(bytes: number): boolean {
    return this.at + bytes <= this.end;
  }

  /** One byte; NONE when it is not there. */
  byte(): number {
    return this.at < this.end ? this.buffer[this.at++] : NONE;
  }

  /** A length, or with `isForm` a form of string. */
  length(): number {
    if (this.at >= this.end) return NONE;
    const { buffer, at } = this;
    const first = buffer[at];
    this.isForm = false;
    this.lengthHigh = 0;
    let value: number;
    if (first < 0x40) {
      value = first;
      this.at = at + 1;
    } else if (first < 0x80) {
      if (at + 2 > this.end) return NONE;
      value = ((first & 0x3f) << 8) | buffer[at + 1];
      this.at = at + 2;
    } else if (first >= 0xc0) {
      this.isForm = true;
      value = first & 0x3f;
      this.at = at + 1;
    } else if (first === 0x80) {
      if (at + 5 > this.end) return NONE;
      value = buffer.readUInt32BE(at + 1);
      this.at = at + 5;
    } else if (first === 0x81) {
      if (at + 9 > this.end) return NONE;
      this.lengthHigh = buffer.readInt32BE(at + 1);
      value = buffer.readUInt32BE(at + 5);
      this.lengthLow = value | 0;
      this.at = at + 9;
      return (this.lengthHigh >>> 0) * TWO_32 + value;
    } else {
      return this.fail(`unknown length encoding ${first}`);
    }
    this.lengthLow = value | 0;
    return value;
  }

  /** A length that must be one. */
  count(): number {
    const value = this.length();
    if (value !== NONE && this.isForm) return this.fail('a string where a length should be');
    return value;
  }

  /** A string in any form; false when it is not there as a whole. */
  string(into: RdbString): boolean {
    const length = this.length();
    if (length === NONE) return false;
    if (this.isForm) return this.#formed(length, into);
    if (length > MAX_STRING_BYTES) {
      this.fail(`a string of ${length} bytes`);
      return false;
    }
    if (!this.has(length)) return false;
    into.set(this.buffer, this.at, this.at + length);
    this.at += length;
    return true;
  }

  #formed(form: number, into: RdbString): boolean {
    if (form === StringForm.lzf) return this.#compressed(into);
    if (form > StringForm.lzf) {
      this.fail(`unknown string encoding ${form}`);
      return false;
    }
    const width = 1 << form;
    if (!this.has(width)) return false;
    const value = this.buffer.readIntLE(this.at, width);
    this.at += width;
    const room = into.room(16);
    into.set(room, 0, writeInteger(room, 0, value));
    return true;
  }

  #compressed(into: RdbString): boolean {
    const packed = this.count();
    if (packed === NONE) return false;
    const length = this.count();
    if (length === NONE) return false;
    if (length > packed * LZF_MOST_GAIN || length > MAX_STRING_BYTES || packed > MAX_STRING_BYTES) {
      this.fail(`a compressed string of ${packed} bytes that would become ${length}`);
      return false;
    }
    if (!this.has(packed)) return false;
    const room = into.room(length);
    if (length === 0 || !lzfDecompress(this.buffer, this.at, this.at + packed, room, length)) {
      this.fail('a compressed string is damaged');
      return false;
    }
    this.at += packed;
    into.set(room, 0, length);
    return true;
  }

  /** A double in eight bytes; `into.value` is set when true. */
  double(into: { value: number }): boolean {
    if (!this.has(8)) return false;
    into.value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return true;
  }

  /** A signed integer of eight bytes as the nearest double; `into.value` is set when true. */
  int64(into: { value: number }): boolean {
    if (!this.has(8)) return false;
    const low = this.buffer.readUInt32LE(this.at);
    into.value = this.buffer.readInt32LE(this.at + 4) * TWO_32 + low;
    this.at += 8;
    return true;
  }
}
