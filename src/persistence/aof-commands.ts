// Commands as bytes, many into one growing buffer: what a base without RDB preamble consists of.

import { grown } from '../util/grown.ts';
import { decimalLength, writeInteger } from '../util/integer.ts';

const FIRST_ROOM = 64 * 1024;
const KEPT_ROOM = 1024 * 1024;

export class CommandBuffer {
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.length) this.#buffer = grown(this.#buffer, this.#length, needed);
  }

  #header(mark: number, value: number): void {
    this.#reserve(decimalLength(value) + 3);
    const b = this.#buffer;
    b[this.#length] = mark;
    const end = writeInteger(b, this.#length + 1, value);
    b[end] = 13;
    b[end + 1] = 10;
    this.#length = end + 2;
  }

  /** The beginning of a command of so many arguments. */
  array(count: number): void {
    this.#header(42, count);
  }

  bulk(b: Buffer, start: number, end: number): void {
    const length = end - start;
    this.#header(36, length);
    this.#reserve(length + 2);
    b.copy(this.#buffer, this.#length, start, end);
    this.#length += length;
    this.#buffer[this.#length++] = 13;
    this.#buffer[this.#length++] = 10;
  }

  /** latin1, or a safe integer. */
  word(value: string | number): void {
    const text = String(value);
    this.#header(36, text.length);
    this.raw(`${text}\r\n`);
  }

  words(...values: readonly (string | number)[]): void {
    for (const value of values) this.word(value);
  }

  raw(latin1: string): void {
    this.#reserve(latin1.length);
    this.#length += this.#buffer.write(latin1, this.#length, 'latin1');
  }

  /** Adds what another buffer holds, and empties that one. */
  moveFrom(other: CommandBuffer): void {
    this.#reserve(other.#length);
    other.#buffer.copy(this.#buffer, this.#length, 0, other.#length);
    this.#length += other.#length;
    other.#length = 0;
    if (other.#buffer.length > KEPT_ROOM) other.#buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  }

  /** A copy of everything, which is forgotten here. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.#buffer.length > KEPT_ROOM) this.#buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
    return taken;
  }
}
