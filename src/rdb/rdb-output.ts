// The bytes of an RDB stream on their way out: numbers, lengths and strings as the format writes them,
// into chunks of a fixed size that are handed on when full. A chunk handed on is not touched again, so that
// several sinks may share it, unless it is given back. It knows nothing of keys and values.

import { Crc64 } from '../util/crc64.ts';
import { parseInteger } from '../util/integer.ts';
import { lzfCompress } from '../util/lzf.ts';
import { StringForm } from './rdb-format.ts';

const CHUNK_BYTES = 64 * 1024;
/** Chunks kept for filling again. */
const MOST_SPARE = 64;
/** The longest fixed-size item: a length of 64 bits. */
const LONGEST_ITEM = 16;
/** The longest text that an int32 has. */
const INTEGER_TEXT = 11;
const LZF_LEAST_BYTES = 20;
/** Compression must gain more than this. */
const LZF_LEAST_GAIN = 4;
/**
 * Longer strings stay as they are. The format allows either, and compressing a string of 100 MB between
 * two commands would keep everybody waiting for a second.
 */
const LZF_MOST_BYTES = 1 << 20;

let lzfScratch: Buffer = Buffer.allocUnsafeSlow(4096);

export interface RdbOutputOptions {
  /** LZF for strings of more than 20 bytes. */
  readonly compress: boolean;
  readonly checksum: boolean;
  /** Takes the chunk over; it does not change any more. */
  readonly emit: (chunk: Buffer) => void;
}

export class RdbOutput {
  /** Written so far, emitted or not. */
  totalBytes = 0;
  readonly #options: RdbOutputOptions;
  readonly #crc: Crc64 = new Crc64();
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  readonly #spare: Buffer[] = [];
  #at = 0;
  /** Where the bytes begin that the checksum has not seen. */
  #summed = 0;

  constructor(options: RdbOutputOptions) {
    this.#options = options;
  }

  get compresses(): boolean {
    return this.#options.compress;
  }

  byte(value: number): void {
    this.#reserve();
    this.#chunk[this.#at++] = value;
    this.totalBytes++;
  }

  raw(b: Uint8Array, start: number, end: number): void {
    this.totalBytes += end - start;
    let from = start;
    while (from < end) {
      if (this.#at === CHUNK_BYTES) this.flush();
      const n = Math.min(end - from, CHUNK_BYTES - this.#at);
      if (n < 32) for (let i = 0; i < n; i++) this.#chunk[this.#at + i] = b[from + i];
      else Buffer.prototype.copy.call(b as Buffer, this.#chunk, this.#at, from, from + n);
      this.#at += n;
      from += n;
    }
  }

  length(value: number): void {
    this.#reserve();
    const chunk = this.#chunk;
    const at = this.#at;
    if (value < 64) {
      chunk[at] = value;
      this.#advance(1);
    } else if (value < 16384) {
      chunk[at] = 0x40 | (value >>> 8);
      chunk[at + 1] = value;
      this.#advance(2);
    } else if (value <= 0xffffffff) {
      chunk[at] = 0x80;
      chunk.writeUInt32BE(value, at + 1);
      this.#advance(5);
    } else {
      chunk[at] = 0x81;
      chunk.writeBigUInt64BE(BigInt(value), at + 1);
      this.#advance(9);
    }
  }

  /** A length of two unsigned halves, for numbers that a double cannot hold (ids of streams). */
  lengthHalves(high: number, low: number): void {
    if (high === 0) {
      this.length(low >>> 0);
      return;
    }
    this.#reserve();
    this.#chunk[this.#at] = 0x81;
    this.#chunk.writeUInt32BE(high >>> 0, this.#at + 1);
    this.#chunk.writeUInt32BE(low >>> 0, this.#at + 5);
    this.#advance(9);
  }

  /** Two unsigned halves, big endian, as the ids of streams lie in keys. */
  halvesBE(high: number, low: number): void {
    this.#reserve();
    this.#chunk.writeUInt32BE(high >>> 0, this.#at);
    this.#chunk.writeUInt32BE(low >>> 0, this.#at + 4);
    this.#advance(8);
  }

  double(value: number): void {
    this.#reserve();
    this.#chunk.writeDoubleLE(value, this.#at);
    this.#advance(8);
  }

  /** Milliseconds since 1970 in eight bytes, -1 included. */
  milliseconds(ms: number): void {
    this.#reserve();
    this.#chunk.writeInt32LE(ms | 0, this.#at);
    this.#chunk.writeInt32LE(Math.floor(ms / 0x100000000) | 0, this.#at + 4);
    this.#advance(8);
  }

  /** A string in its shortest form: as an integer, compressed, or as it is. */
  string(b: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size <= INTEGER_TEXT && this.#integer(b, start, end)) return;
    if (size > LZF_LEAST_BYTES && size <= LZF_MOST_BYTES && this.#options.compress) {
      if (lzfScratch.length < size) lzfScratch = Buffer.allocUnsafeSlow(size * 2);
      const room = lzfScratch.subarray(0, size - LZF_LEAST_GAIN);
      const packed = lzfCompress(b, start, end, room);
      if (packed > 0) {
        this.compressed(lzfScratch, 0, packed, size);
        return;
      }
    }
    this.length(size);
    this.raw(b, start, end);
  }

  /** A string that is LZF already, with its length before. */
  compressed(b: Uint8Array, start: number, end: number, size: number): void {
    this.byte(0xc0 | StringForm.lzf);
    this.length(end - start);
    this.length(size);
    this.raw(b, start, end);
  }

  text(latin1: string): void {
    this.string(Buffer.from(latin1, 'latin1'), 0, latin1.length);
  }

  #integer(b: Uint8Array, start: number, end: number): boolean {
    const first = b[start];
    if (end === start || (first !== 0x2d && (first < 0x30 || first > 0x39))) return false;
    const value = parseInteger(b, start, end);
    // Not a number is in no range.
    if (!(value >= -2147483648 && value <= 2147483647)) return false;
    this.#reserve();
    const chunk = this.#chunk;
    const at = this.#at;
    if (value >= -128 && value <= 127) {
      chunk[at] = 0xc0 | StringForm.int8;
      chunk[at + 1] = value;
      this.#advance(2);
    } else if (value >= -32768 && value <= 32767) {
      chunk[at] = 0xc0 | StringForm.int16;
      chunk[at + 1] = value;
      chunk[at + 2] = value >> 8;
      this.#advance(3);
    } else {
      chunk[at] = 0xc0 | StringForm.int32;
      chunk.writeInt32LE(value, at + 1);
      this.#advance(5);
    }
    return true;
  }

  /** The checksum of everything so far, eight bytes; zeros when none is wanted. */
  checksum(): void {
    const sum = Buffer.alloc(8);
    if (this.#options.checksum) {
      this.sumUp();
      this.#crc.writeTo(sum, 0);
    }
    this.raw(sum, 0, 8);
  }

  /** Hands on what is there. */
  flush(): void {
    if (this.#at === 0) return;
    this.sumUp();
    const chunk = this.#chunk;
    const end = this.#at;
    this.#chunk = this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#at = 0;
    this.#summed = 0;
    this.#options.emit(end === CHUNK_BYTES ? chunk : chunk.subarray(0, end));
  }

  /** Takes a chunk back that it handed on, to fill it again. */
  reuse(chunk: Buffer): void {
    const { buffer } = chunk;
    // Few chunks are full to the last byte: what was handed on is a part of what is filled again.
    if (buffer.byteLength !== CHUNK_BYTES || this.#spare.length === MOST_SPARE) return;
    this.#spare.push(chunk.length === CHUNK_BYTES ? chunk : Buffer.from(buffer));
  }

  /**
   * Takes what was written into the checksum now, not when the chunk is full: before the loop over its bytes
   * has been compiled, 64 KiB at once are ten milliseconds.
   */
  sumUp(): void {
    if (this.#options.checksum) this.#crc.update(this.#chunk, this.#summed, this.#at);
    this.#summed = this.#at;
  }

  #reserve(): void {
    if (this.#at + LONGEST_ITEM > CHUNK_BYTES) this.flush();
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    this.totalBytes += bytes;
  }
}
