// A HyperLogLog is a string: 16 bytes of header, then registers, dense (6 bits each) or sparse (runs).
//
//   0-3    "HYLL"
//   4      encoding: 0 dense, 1 sparse
//   5-7    zero
//   8-15   the cardinality as last computed, little endian; its top bit says that it is out of date
//
// The bytes are Redis's, since people copy them with GET and SET, and replicas must agree on them.

import { INDEX_BITS } from './element-hash.ts';

export const REGISTERS: number = 1 << INDEX_BITS;
export const HEADER_BYTES = 16;
const REGISTER_BITS = 6;
export const REGISTER_MAX = 63;
export const DENSE_BYTES: number = HEADER_BYTES + (REGISTERS * REGISTER_BITS) / 8;

export const DENSE = 0;
export const SPARSE = 1;

const ENCODING_AT = 4;
const CARDINALITY_AT = 8;
const STALE = 0x80;
const MAGIC: Buffer = Buffer.from('HYLL', 'latin1');

/** Whether b[start..end) can be a HyperLogLog; sparse runs are checked only when they are walked. */
export function isHyperLogLog(b: Buffer, start: number, end: number): boolean {
  if (end - start < HEADER_BYTES) return false;
  for (let i = 0; i < MAGIC.length; i++) if (b[start + i] !== MAGIC[i]) return false;
  const encoding = b[start + ENCODING_AT];
  return encoding === SPARSE || (encoding === DENSE && end - start === DENSE_BYTES);
}

export function encodingAt(b: Buffer, start: number): number {
  return b[start + ENCODING_AT];
}

/** Writes the header of an empty one; its cached cardinality, 0, is right. */
export function writeHeader(b: Buffer, encoding: number): void {
  b.fill(0, 0, HEADER_BYTES);
  MAGIC.copy(b);
  b[ENCODING_AT] = encoding;
}

export function markStale(b: Buffer, start: number): void {
  b[start + CARDINALITY_AT + 7] |= STALE;
}

export function isStale(b: Buffer, start: number): boolean {
  return (b[start + CARDINALITY_AT + 7] & STALE) !== 0;
}

export function cachedCardinality(b: Buffer, start: number): bigint {
  return b.readBigInt64LE(start + CARDINALITY_AT);
}

export function cacheCardinality(b: Buffer, start: number, cardinality: bigint): void {
  b.writeBigInt64LE(cardinality, start + CARDINALITY_AT);
}

/** Register `i` of the dense registers at b[base..]. */
export function denseRegister(b: Uint8Array, base: number, i: number): number {
  const bit = i * REGISTER_BITS;
  const at = base + (bit >>> 3);
  const shift = bit & 7;
  // A register that ends with its byte must not look at the next: the last has none.
  if (shift <= 2) return (b[at] >>> shift) & REGISTER_MAX;
  return ((b[at] >>> shift) | (b[at + 1] << (8 - shift))) & REGISTER_MAX;
}

export function setDenseRegister(b: Uint8Array, base: number, i: number, value: number): void {
  const bit = i * REGISTER_BITS;
  const at = base + (bit >>> 3);
  const shift = bit & 7;
  b[at] = (b[at] & ~(REGISTER_MAX << shift)) | (value << shift);
  if (shift <= 2) return;
  b[at + 1] = (b[at + 1] & ~(REGISTER_MAX >>> (8 - shift))) | (value >>> (8 - shift));
}

/** Raises a dense register; false when it is as high already. */
export function raiseDense(b: Uint8Array, base: number, i: number, value: number): boolean {
  if (denseRegister(b, base, i) >= value) return false;
  setDenseRegister(b, base, i, value);
  return true;
}
