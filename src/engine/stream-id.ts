// The id of a stream's entry: two unsigned 64-bit integers, the time in milliseconds and a sequence
// number, each as two 32-bit halves. Neither fits a double, and ids are compared and added for every
// entry that is read, so a BigInt an id would be an allocation an entry. The halves are kept as int32,
// which the engine stores in place, and compared as unsigned.

import { writeInteger } from '../util/integer.ts';
import type { Int64 } from './int64.ts';

const TWO_32 = 4294967296;
/** '18446744073709551615-18446744073709551615'. */
export const LONGEST_ID_TEXT = 41;

export class StreamId {
  msHigh: number;
  msLow: number;
  seqHigh: number;
  seqLow: number;

  constructor(msHigh = 0, msLow = 0, seqHigh = 0, seqLow = 0) {
    this.msHigh = msHigh | 0;
    this.msLow = msLow | 0;
    this.seqHigh = seqHigh | 0;
    this.seqLow = seqLow | 0;
  }

  static greatest(): StreamId {
    return new StreamId(-1, -1, -1, -1);
  }

  static of(id: StreamId): StreamId {
    return new StreamId(id.msHigh, id.msLow, id.seqHigh, id.seqLow);
  }

  /** For tests and the edges of the program: exact, but not for hot paths. */
  static from(ms: bigint | number, seq: bigint | number): StreamId {
    const m = BigInt(ms);
    const s = BigInt(seq);
    const half = (v: bigint): number => Number(BigInt.asIntN(32, v));
    return new StreamId(half(m >> 32n), half(m), half(s >> 32n), half(s));
  }

  assign(id: StreamId): this {
    this.msHigh = id.msHigh;
    this.msLow = id.msLow;
    this.seqHigh = id.seqHigh;
    this.seqLow = id.seqLow;
    return this;
  }

  /** `ms` must be a safe integer. */
  setTime(ms: number): this {
    this.msHigh = Math.floor(ms / TWO_32) | 0;
    this.msLow = ms | 0;
    this.seqHigh = 0;
    this.seqLow = 0;
    return this;
  }

  get isZero(): boolean {
    return (this.msHigh | this.msLow | this.seqHigh | this.seqLow) === 0;
  }

  get isGreatest(): boolean {
    return (this.msHigh & this.msLow & this.seqHigh & this.seqLow) === -1;
  }

  get hasLastSequence(): boolean {
    return (this.seqHigh & this.seqLow) === -1;
  }

  sameTime(id: StreamId): boolean {
    return this.msHigh === id.msHigh && this.msLow === id.msLow;
  }

  equals(id: StreamId): boolean {
    return this.sameTime(id) && this.seqHigh === id.seqHigh && this.seqLow === id.seqLow;
  }

  /** To the next id; false, and around to 0-0, after the greatest. */
  increment(): boolean {
    this.seqLow = (this.seqLow + 1) | 0;
    if (this.seqLow !== 0) return true;
    this.seqHigh = (this.seqHigh + 1) | 0;
    if (this.seqHigh !== 0) return true;
    this.msLow = (this.msLow + 1) | 0;
    if (this.msLow !== 0) return true;
    this.msHigh = (this.msHigh + 1) | 0;
    return this.msHigh !== 0;
  }

  /** To the id before; false, and around to the greatest, before 0-0. */
  decrement(): boolean {
    const wasZero = this.isZero;
    if (this.seqLow === 0) {
      if (this.seqHigh === 0) {
        if (this.msLow === 0) this.msHigh = (this.msHigh - 1) | 0;
        this.msLow = (this.msLow - 1) | 0;
      }
      this.seqHigh = (this.seqHigh - 1) | 0;
    }
    this.seqLow = (this.seqLow - 1) | 0;
    return !wasZero;
  }

  /** Sets `into` to the difference of the times, as an entry stores it: modulo 2^64. */
  timeSince(base: StreamId, into: Int64): void {
    subtract(this.msHigh, this.msLow, base.msHigh, base.msLow, into);
  }

  sequenceSince(base: StreamId, into: Int64): void {
    subtract(this.seqHigh, this.seqLow, base.seqHigh, base.seqLow, into);
  }

  addTime(delta: Int64): void {
    const low = (this.msLow >>> 0) + (delta.low >>> 0);
    this.msHigh = (this.msHigh + delta.high + (low >= TWO_32 ? 1 : 0)) | 0;
    this.msLow = low | 0;
  }

  addSequence(delta: Int64): void {
    const low = (this.seqLow >>> 0) + (delta.low >>> 0);
    this.seqHigh = (this.seqHigh + delta.high + (low >= TWO_32 ? 1 : 0)) | 0;
    this.seqLow = low | 0;
  }

  /** Writes 'ms-seq' at `at` (LONGEST_ID_TEXT bytes at most); the new end. */
  write(b: Uint8Array, at: number, separator = 0x2d): number {
    const end = writeUnsigned(b, at, this.msHigh, this.msLow);
    b[end] = separator;
    return writeUnsigned(b, end + 1, this.seqHigh, this.seqLow);
  }

  toString(): string {
    const end = this.write(text, 0);
    return text.toString('latin1', 0, end);
  }
}

const text: Buffer = Buffer.alloc(LONGEST_ID_TEXT);

/** Negative, 0 or positive, as `a` comes before, is or comes after `b`. */
export function compareIds(a: StreamId, b: StreamId): number {
  if (a.msHigh !== b.msHigh) return (a.msHigh >>> 0) - (b.msHigh >>> 0);
  if (a.msLow !== b.msLow) return (a.msLow >>> 0) - (b.msLow >>> 0);
  if (a.seqHigh !== b.seqHigh) return (a.seqHigh >>> 0) - (b.seqHigh >>> 0);
  return (a.seqLow >>> 0) - (b.seqLow >>> 0);
}

function subtract(ah: number, al: number, bh: number, bl: number, into: Int64): void {
  const low = (al >>> 0) - (bl >>> 0);
  into.setHalves((ah - bh - (low < 0 ? 1 : 0)) | 0, low >>> 0);
}

function writeUnsigned(b: Uint8Array, at: number, high: number, low: number): number {
  const h = high >>> 0;
  if (h < 0x200000) return writeInteger(b, at, h * TWO_32 + (low >>> 0));
  const digits = ((BigInt(h) << 32n) | BigInt(low >>> 0)).toString();
  for (let i = 0; i < digits.length; i++) b[at + i] = digits.charCodeAt(i);
  return at + digits.length;
}
