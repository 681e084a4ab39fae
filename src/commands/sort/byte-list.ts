// Many short byte strings in one growing buffer: the elements to sort, their weights, and the result.
// A million Buffers of their own would be a million objects for the garbage collector.

import type { ListpackEntry } from '../../engine/listpack.ts';

/** An entry that is not there, which differs from an empty one. */
const ABSENT = -1;

export class ByteList {
  bytes: Buffer;
  starts: Int32Array;
  ends: Int32Array;
  count = 0;
  #used = 0;

  constructor(expected: number) {
    this.bytes = Buffer.allocUnsafe(Math.max(64, expected * 16));
    this.starts = new Int32Array(Math.max(4, expected));
    this.ends = new Int32Array(Math.max(4, expected));
  }

  push(entry: ListpackEntry): void {
    this.#reserve(entry.end - entry.start);
    this.starts[this.count] = this.#used;
    this.#used += entry.bytes.copy(this.bytes, this.#used, entry.start, entry.end);
    this.ends[this.count++] = this.#used;
  }

  pushEmpty(): void {
    this.#reserve(0);
    this.starts[this.count] = this.ends[this.count] = this.#used;
    this.count++;
  }

  pushAbsent(): void {
    this.#reserve(0);
    this.starts[this.count] = this.ends[this.count] = ABSENT;
    this.count++;
  }

  /** Byte order; an absent entry comes before all others. */
  compare(i: number, j: number): number {
    const iStart = this.starts[i];
    const jStart = this.starts[j];
    if (iStart === ABSENT || jStart === ABSENT) {
      return (iStart === ABSENT ? 0 : 1) - (jStart === ABSENT ? 0 : 1);
    }
    const b = this.bytes;
    const iLength = this.ends[i] - iStart;
    const jLength = this.ends[j] - jStart;
    const common = Math.min(iLength, jLength);
    for (let k = 0; k < common; k++) {
      const difference = b[iStart + k] - b[jStart + k];
      if (difference !== 0) return difference;
    }
    return iLength - jLength;
  }

  #reserve(length: number): void {
    if (this.#used + length > this.bytes.length) {
      const wider = Buffer.allocUnsafe((this.#used + length) * 2);
      this.bytes.copy(wider, 0, 0, this.#used);
      this.bytes = wider;
    }
    if (this.count < this.starts.length) return;
    const starts = new Int32Array(this.count * 2);
    const ends = new Int32Array(this.count * 2);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}
