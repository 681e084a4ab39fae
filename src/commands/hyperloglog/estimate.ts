// From registers to a cardinality: Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
// sketches" (arXiv:1702.01284), as Redis computes it, step for step, so that results agree exactly.

import { INDEX_BITS } from './element-hash.ts';
import { denseRegister, HEADER_BYTES, REGISTERS } from './hll-format.ts';
import { SparseReader } from './sparse-runs.ts';

/** The highest run that a hash can show is one more. */
const Q = 64 - INDEX_BITS;
/** 1 / (2 ln 2). */
const ALPHA = 0.7213475204444817;
/** What Redis's conversion makes of an estimate beyond every integer. */
const NOT_FINITE = -(2n ** 63n);

/** How many registers hold each value. */
export type Histogram = Int32Array;

function newHistogram(): Histogram {
  return new Int32Array(64);
}

export function denseHistogram(b: Uint8Array, start: number): Histogram {
  const histogram = newHistogram();
  const base = start + HEADER_BYTES;
  for (let i = 0; i < REGISTERS; i++) histogram[denseRegister(b, base, i)]++;
  return histogram;
}

/** Undefined when the runs do not add up. */
export function sparseHistogram(b: Uint8Array, start: number, end: number): Histogram | undefined {
  const histogram = newHistogram();
  const reader = new SparseReader(b, start, end);
  let registers = 0;
  while (reader.next()) {
    histogram[reader.value] += reader.run;
    registers += reader.run;
  }
  return registers === REGISTERS ? histogram : undefined;
}

export function registerHistogram(registers: Uint8Array): Histogram {
  const histogram = newHistogram();
  for (const value of registers) histogram[value]++;
  return histogram;
}

function sigma(start: number): number {
  if (start === 1) return Number.POSITIVE_INFINITY;
  let x = start;
  let y = 1;
  let z = x;
  for (let before = -1; before !== z; ) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(start: number): number {
  if (start === 0 || start === 1) return 0;
  let x = start;
  let y = 1;
  let z = 1 - x;
  for (let before = -1; before !== z; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

export function estimate(histogram: Histogram): bigint {
  const m = REGISTERS;
  let z = m * tau((m - histogram[Q + 1]) / m);
  for (let i = Q; i >= 1; i--) {
    z += histogram[i];
    z *= 0.5;
  }
  z += m * sigma(histogram[0] / m);
  const cardinality = Math.round((ALPHA * m * m) / z);
  return Number.isFinite(cardinality) ? BigInt(cardinality) : NOT_FINITE;
}
