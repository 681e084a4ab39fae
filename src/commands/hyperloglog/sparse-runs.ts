// The sparse form: runs of equal registers as opcodes of one or two bytes.
//
//   00xxxxxx            ZERO: x + 1 registers at 0 (1-64)
//   01xxxxxx yyyyyyyy   XZERO: xy + 1 registers at 0 (1-16384)
//   1vvvvvxx            VAL: x + 1 registers (1-4) at v + 1 (1-32)
//
// Setting a register splits runs and joins neighbours exactly as Redis does, so that equal
// histories give equal bytes.

import { HEADER_BYTES, REGISTERS } from './hll-format.ts';

const XZERO_BIT = 0x40;
const VAL_BIT = 0x80;
const ZERO_MAX = 64;
const VAL_RUN_MAX = 4;
/** Highest register that a VAL can hold. */
const SPARSE_VALUE_MAX = 32;
/** How many opcodes from the changed one's predecessor are looked at for joining. */
const JOIN_WINDOW = 5;

/** Reads runs one after the other: `run` registers at `value`, for each `next()` that is true. */
export class SparseReader {
  readonly #b: Uint8Array;
  readonly #end: number;
  #at: number;
  run = 0;
  value = 0;

  constructor(b: Uint8Array, start: number, end: number) {
    this.#b = b;
    this.#at = start + HEADER_BYTES;
    this.#end = end;
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    const opcode = this.#b[this.#at];
    if (opcode & VAL_BIT) {
      this.run = (opcode & 3) + 1;
      this.value = ((opcode >>> 2) & 31) + 1;
      this.#at++;
    } else {
      this.value = 0;
      const second = opcode & XZERO_BIT && this.#at + 1 < this.#end ? this.#b[this.#at + 1] : 0;
      this.run = (opcode & XZERO_BIT ? ((opcode & 0x3f) << 8) | second : opcode & 0x3f) + 1;
      this.#at += opcode & XZERO_BIT ? 2 : 1;
    }
    return true;
  }

  get isExtended(): boolean {
    return this.run > ZERO_MAX;
  }
}

/** Raises `registers` to those of a sparse form; false when its runs do not add up. */
export function mergeSparse(
  b: Uint8Array,
  start: number,
  end: number,
  registers: Uint8Array,
): boolean {
  const reader = new SparseReader(b, start, end);
  let index = 0;
  while (reader.next()) {
    if (reader.value > 0) {
      if (index + reader.run > REGISTERS) return false;
      for (let i = index; i < index + reader.run; i++) {
        if (registers[i] < reader.value) registers[i] = reader.value;
      }
    }
    index += reader.run;
  }
  return index === REGISTERS;
}

export type SparseOutcome = 'unchanged' | 'changed' | 'full' | 'corrupt';

/** A sparse form under change: a copy with room, since one change adds up to three bytes. */
export class SparseRuns {
  bytes: Buffer;
  length: number;
  readonly #maxBytes: number;
  readonly #sequence = new Uint8Array(5);
  #sequenceLength = 0;

  constructor(b: Buffer, start: number, end: number, maxBytes: number) {
    this.length = end - start;
    this.bytes = Buffer.allocUnsafe(this.length + 64);
    b.copy(this.bytes, 0, start, end);
    this.#maxBytes = maxBytes;
  }

  /** Raises register `index`; 'full': it does not fit this form and the dense one must take over. */
  raise(index: number, count: number): SparseOutcome {
    if (count > SPARSE_VALUE_MAX) return 'full';
    const b = this.bytes;
    let at = HEADER_BYTES;
    let before = -1;
    let first = 0;
    let span = 0;
    // The one loop that matters: every PFADD of a sparse form walks it once an element.
    const { length } = this;
    while (at < length) {
      const opcode = b[at];
      let size = 1;
      if (opcode & VAL_BIT) span = (opcode & 3) + 1;
      else if (opcode & XZERO_BIT) {
        span = this.#span(at);
        size = 2;
      } else span = opcode + 1;
      if (index < first + span) break;
      before = at;
      at += size;
      first += span;
    }
    if (span === 0 || at >= length) return 'corrupt';

    const opcode = b[at];
    const isVal = (opcode & VAL_BIT) !== 0;
    const value = isVal ? ((opcode >>> 2) & 31) + 1 : 0;
    if (isVal && value >= count) return 'unchanged';
    if (span === 1 && (isVal || (opcode & XZERO_BIT) === 0)) b[at] = valOpcode(count, 1);
    else {
      this.#split(index - first, first + span - 1 - index, count, value);
      if (!this.#replace(at, isVal ? 1 : this.#size(at))) return 'full';
    }
    this.#join(before < 0 ? HEADER_BYTES : before);
    return 'changed';
  }

  /** Registers that the opcode covers. */
  #span(at: number): number {
    const opcode = this.bytes[at];
    if (opcode & VAL_BIT) return (opcode & 3) + 1;
    if (opcode & XZERO_BIT) {
      const second = at + 1 < this.length ? this.bytes[at + 1] : 0;
      return (((opcode & 0x3f) << 8) | second) + 1;
    }
    return (opcode & 0x3f) + 1;
  }

  #size(at: number): number {
    return (this.bytes[at] & 0xc0) === XZERO_BIT ? 2 : 1;
  }

  /** The run as up to three: what lies before the register, the register, what lies behind. */
  #split(before: number, behind: number, count: number, value: number): void {
    this.#sequenceLength = 0;
    this.#emit(before, value);
    this.#emit(1, count);
    this.#emit(behind, value);
  }

  #emit(run: number, value: number): void {
    if (run === 0) return;
    if (value > 0) this.#sequence[this.#sequenceLength++] = valOpcode(value, run);
    else if (run <= ZERO_MAX) this.#sequence[this.#sequenceLength++] = run - 1;
    else {
      this.#sequence[this.#sequenceLength++] = XZERO_BIT | ((run - 1) >>> 8);
      this.#sequence[this.#sequenceLength++] = (run - 1) & 0xff;
    }
  }

  /** Puts the sequence in place of `size` bytes; false when the form would become too long. */
  #replace(at: number, size: number): boolean {
    const grown = this.#sequenceLength - size;
    if (grown > 0 && this.length + grown > this.#maxBytes) return false;
    if (this.length + grown > this.bytes.length) {
      const wider = Buffer.allocUnsafe(this.bytes.length * 2);
      this.bytes.copy(wider, 0, 0, this.length);
      this.bytes = wider;
    }
    this.bytes.copyWithin(at + this.#sequenceLength, at + size, this.length);
    for (let i = 0; i < this.#sequenceLength; i++) this.bytes[at + i] = this.#sequence[i];
    this.length += grown;
    return true;
  }

  /** Joins neighbouring VALs of one value. */
  #join(from: number): void {
    const b = this.bytes;
    let at = from;
    for (let window = JOIN_WINDOW; at < this.length && window > 0; window--) {
      if ((b[at] & VAL_BIT) === 0) {
        at += this.#size(at);
        continue;
      }
      const next = at + 1;
      if (next < this.length && b[next] & VAL_BIT && b[at] >>> 2 === b[next] >>> 2) {
        const run = (b[at] & 3) + (b[next] & 3) + 2;
        if (run <= VAL_RUN_MAX) {
          b[at] = (b[at] & ~3) | (run - 1);
          b.copyWithin(next, next + 1, this.length);
          this.length--;
          continue;
        }
      }
      at++;
    }
  }
}

function valOpcode(value: number, run: number): number {
  return VAL_BIT | ((value - 1) << 2) | (run - 1);
}
