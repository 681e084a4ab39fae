// One request as its bytes lie in the input: argument i is buffer[starts[i]..ends[i]). Nothing is
// decoded until a command asks, and nothing is allocated for a request that only hits the table.
// A Request is a view: the reader's next call makes its offsets and bytes meaningless. What must
// live longer is copied (`copy`, `clone`).

import { parseDouble } from '../util/double.ts';
import { parseInt64, parseInteger } from '../util/integer.ts';
import {
  type Argument,
  argumentLength,
  encodedLength,
  writeArgument,
  writeHeader,
} from './encode-command.ts';

const EMPTY: Buffer = Buffer.alloc(0);
const INITIAL_ARGUMENTS = 16;

export class Request {
  buffer: Buffer = EMPTY;
  count = 0;
  /** Offsets into `buffer`; entries from `count` on mean nothing. */
  starts: Int32Array = new Int32Array(INITIAL_ARGUMENTS);
  ends: Int32Array = new Int32Array(INITIAL_ARGUMENTS);
  /** The whole request as a RESP multibulk inside `buffer`; both -1 when it came in another form. */
  spanStart = -1;
  spanEnd = -1;

  /** For the reader: room for twice as many arguments. */
  grow(): void {
    const { starts, ends } = this;
    this.starts = new Int32Array(Math.max(INITIAL_ARGUMENTS, starts.length * 2));
    this.starts.set(starts);
    this.ends = new Int32Array(this.starts.length);
    this.ends.set(ends);
  }

  /** For the reader: forgets the room that one huge request took. */
  shrink(): void {
    this.count = 0;
    this.starts = new Int32Array(INITIAL_ARGUMENTS);
    this.ends = new Int32Array(INITIAL_ARGUMENTS);
  }

  /** A view; gone with the request. */
  bytes(i: number): Buffer {
    return this.buffer.subarray(this.starts[i], this.ends[i]);
  }

  /** An owned copy, not a slice of a shared pool: it may be kept for long. */
  copy(i: number): Buffer {
    const owned = Buffer.allocUnsafeSlow(this.length(i));
    this.buffer.copy(owned, 0, this.starts[i], this.ends[i]);
    return owned;
  }

  /** As latin1: one character a byte, binary safe. */
  text(i: number): string {
    return this.buffer.toString('latin1', this.starts[i], this.ends[i]);
  }

  length(i: number): number {
    return this.ends[i] - this.starts[i];
  }

  /** Whether the argument is this word, whatever its case. */
  is(i: number, wordUpperCase: string): boolean {
    const start = this.starts[i];
    const length = this.ends[i] - start;
    if (length !== wordUpperCase.length) return false;
    const b = this.buffer;
    for (let j = 0; j < length; j++) {
      let c = b[start + j];
      if (c >= 97 && c <= 122) c -= 32;
      if (c !== wordUpperCase.charCodeAt(j)) return false;
    }
    return true;
  }

  /** NaN when it is no 64-bit integer; the nearest double beyond 2^53. */
  integer(i: number): number {
    return parseInteger(this.buffer, this.starts[i], this.ends[i]);
  }

  /** Exact; undefined when it is no 64-bit integer. */
  int64(i: number): bigint | undefined {
    return parseInt64(this.buffer, this.starts[i], this.ends[i]);
  }

  /** Whether integer `i` is above integer `j`, exactly; both must be 64-bit integers. */
  isAbove(i: number, j: number): boolean {
    const a = this.integer(i);
    const b = this.integer(j);
    if (a !== b || Number.isSafeInteger(a)) return a > b;
    return (this.int64(i) as bigint) > (this.int64(j) as bigint);
  }

  /** NaN when it is no float. */
  double(i: number): number {
    return parseDouble(this.buffer, this.starts[i], this.ends[i]);
  }

  /** An owned request with the same arguments, which always has a span. */
  clone(): Request {
    const { count, spanStart, spanEnd } = this;
    if (spanStart < 0) {
      return Request.of(Array.from({ length: count }, (_, i) => this.bytes(i)));
    }
    const clone = new Request();
    clone.buffer = Buffer.allocUnsafeSlow(spanEnd - spanStart);
    this.buffer.copy(clone.buffer, 0, spanStart, spanEnd);
    clone.count = count;
    clone.starts = this.starts.slice(0, count);
    clone.ends = this.ends.slice(0, count);
    for (let i = 0; i < count; i++) {
      clone.starts[i] -= spanStart;
      clone.ends[i] -= spanStart;
    }
    clone.spanStart = 0;
    clone.spanEnd = spanEnd - spanStart;
    return clone;
  }

  /** An owned request made of these arguments (strings as latin1, numbers must be safe integers). */
  static of(args: readonly Argument[]): Request {
    const count = args.length;
    const request = new Request();
    if (count > INITIAL_ARGUMENTS) {
      request.starts = new Int32Array(count);
      request.ends = new Int32Array(count);
    }
    const { starts, ends } = request;
    const b = Buffer.allocUnsafeSlow(encodedLength(args));
    let at = writeHeader(b, 0, 42, count);
    for (let i = 0; i < count; i++) {
      const arg = args[i];
      at = writeHeader(b, at, 36, argumentLength(arg));
      starts[i] = at;
      at = writeArgument(b, at, arg);
      ends[i] = at;
      b[at++] = 13;
      b[at++] = 10;
    }
    request.buffer = b;
    request.count = count;
    request.spanStart = 0;
    request.spanEnd = at;
    return request;
  }
}
