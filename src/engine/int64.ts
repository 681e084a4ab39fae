// A 64-bit integer as two 32-bit halves, for the packed encodings. Not arithmetic: only what listpack
// and intset need (read from text, compare, print). BigInt would be exact too, but costs an
// allocation an element, and these run for every element of every small set and hash.

import { parseInt64, writeInteger } from '../util/integer.ts';

/** Below this many characters every decimal integer is exact as a double. */
const SAFE_DIGITS = 15;
/** '-' and the 19 digits of the least int64. */
const LONGEST = 20;
const TWO_32 = 4294967296;

/** Reusable holder of one integer. `high` is signed, `low` unsigned; `value` is the nearest double. */
export class Int64 {
  high = 0;
  low = 0;
  value = 0;

  /** True when b[start..end) is the canonical text of an int64 (Redis's string2ll); sets the fields then. */
  parse(b: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length === 0 || length > LONGEST) return false;
    if (length > SAFE_DIGITS) return this.#parseLong(b, start, end);
    let at = start;
    let c = b[at];
    const negative = c === 0x2d;
    if (negative) {
      if (length === 1) return false;
      c = b[++at];
    }
    if (c < 0x31 || c > 0x39) {
      if (c !== 0x30 || length !== 1) return false;
      this.set(0);
      return true;
    }
    let value = c - 0x30;
    while (++at < end) {
      c = b[at] - 0x30;
      if (c < 0 || c > 9) return false;
      value = value * 10 + c;
    }
    this.set(negative ? -value : value);
    return true;
  }

  #parseLong(b: Uint8Array, start: number, end: number): boolean {
    // Most long elements are text: the first byte tells without a BigInt.
    const c = b[start];
    if (c !== 0x2d && (c < 0x31 || c > 0x39)) return false;
    const exact = parseInt64(b, start, end);
    if (exact === undefined) return false;
    this.setBig(exact);
    return true;
  }

  /** Sets a safe integer. */
  set(value: number): void {
    this.high = Math.floor(value / TWO_32) | 0;
    this.low = value >>> 0;
    this.value = value;
  }

  setBig(value: bigint): void {
    this.high = Number(BigInt.asIntN(32, value >> 32n));
    this.low = Number(BigInt.asUintN(32, value));
    this.value = Number(value);
  }

  setHalves(high: number, low: number): void {
    this.high = high;
    this.low = low;
    this.value = high * TWO_32 + low;
  }

  /** Bytes that intset needs for it: 2, 4 or 8. */
  width(): 2 | 4 | 8 {
    const v = this.value;
    if (v >= -32768 && v <= 32767) return 2;
    if (v >= -2147483648 && v <= 2147483647) return 4;
    return 8;
  }

  toBigInt(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** Writes its decimal text at `at` (20 bytes at most); the new end. */
  write(b: Uint8Array, at: number): number {
    if (Number.isSafeInteger(this.value)) return writeInteger(b, at, this.value);
    const text = this.toBigInt().toString();
    for (let i = 0; i < text.length; i++) b[at + i] = text.charCodeAt(i);
    return at + text.length;
  }
}
