// Integers of 1 to 64 bits at any bit of a string, most significant bit first, and what happens when
// a result does not fit. Numbers are exact up to 48 bits; wider fields, and increments beyond 2^52,
// are computed as bigints.

/** Widest field whose sums and products stay exact in a double. */
const NUMBER_BITS = 48;
const NUMBER_LIMIT = 2 ** 52;

export type Overflow = 'WRAP' | 'SAT' | 'FAIL';

export interface FieldType {
  readonly signed: boolean;
  readonly bits: number;
}

/** Whether a field of this type and this operand can be computed with numbers. */
export function fitsNumbers(type: FieldType, operand: number): boolean {
  return type.bits <= NUMBER_BITS && Math.abs(operand) <= NUMBER_LIMIT;
}

/** The bits offset..offset+bits of b[start..end) as an unsigned number; beyond `end` all are 0. */
function readUnsigned(
  b: Uint8Array,
  start: number,
  end: number,
  offset: number,
  bits: number,
): number {
  let value = 0;
  let left = bits;
  let at = start + Math.floor(offset / 8);
  let skip = offset % 8;
  while (left > 0) {
    const taken = Math.min(left, 8 - skip);
    const byte = at < end ? b[at] : 0;
    value = value * 2 ** taken + ((byte >> (8 - skip - taken)) & ((1 << taken) - 1));
    left -= taken;
    skip = 0;
    at++;
  }
  return value;
}

export function readNumber(
  b: Uint8Array,
  start: number,
  end: number,
  offset: number,
  type: FieldType,
): number {
  const value = readUnsigned(b, start, end, offset, type.bits);
  return type.signed && value >= 2 ** (type.bits - 1) ? value - 2 ** type.bits : value;
}

export function readBigint(
  b: Uint8Array,
  start: number,
  end: number,
  offset: number,
  type: FieldType,
): bigint {
  const { bits } = type;
  const high = Math.max(0, bits - NUMBER_BITS);
  const upper = BigInt(readUnsigned(b, start, end, offset, high));
  const low = bits - high;
  const lower = BigInt(readUnsigned(b, start, end, offset + high, low));
  const value = (upper << BigInt(low)) | lower;
  return type.signed ? BigInt.asIntN(bits, value) : value;
}

/** Writes the low `bits` of a number (two's complement) at bit `offset` of the string at b[start..]. */
export function writeNumber(
  b: Uint8Array,
  start: number,
  offset: number,
  bits: number,
  value: number,
): void {
  let rest = value < 0 ? value + 2 ** bits : value;
  let left = bits;
  // From the last byte to the first: the low bits come off first.
  while (left > 0) {
    const last = offset + left - 1;
    const at = start + Math.floor(last / 8);
    const shift = 7 - (last % 8);
    const taken = Math.min(left, 8 - shift);
    const mask = ((1 << taken) - 1) << shift;
    const part = rest % 2 ** taken;
    b[at] = (b[at] & ~mask) | (part << shift);
    rest = (rest - part) / 2 ** taken;
    left -= taken;
  }
}

export function writeBigint(
  b: Uint8Array,
  start: number,
  offset: number,
  bits: number,
  value: bigint,
): void {
  const unsigned = BigInt.asUintN(bits, value);
  const high = Math.max(0, bits - NUMBER_BITS);
  const low = bits - high;
  writeNumber(b, start, offset, high, Number(unsigned >> BigInt(low)));
  writeNumber(b, start, offset + high, low, Number(BigInt.asUintN(low, unsigned)));
}

/** What of `value` is stored; undefined when it does not fit and must fail. */
export function fitNumber(value: number, type: FieldType, overflow: Overflow): number | undefined {
  const { bits, signed } = type;
  const max = 2 ** (signed ? bits - 1 : bits) - 1;
  const min = signed ? -max - 1 : 0;
  if (value >= min && value <= max) return value;
  if (overflow === 'FAIL') return undefined;
  if (overflow === 'SAT') return value > max ? max : min;
  const size = 2 ** bits;
  const wrapped = ((value % size) + size) % size;
  return wrapped > max ? wrapped - size : wrapped;
}

/**
 * The same beyond doubles, as Redis's 64-bit arithmetic has it: the room above a very negative
 * value does not fit 64 bits itself, so such a value counts as too large.
 */
export function fitBigint(
  value: bigint,
  increment: bigint,
  type: FieldType,
  overflow: Overflow,
): bigint | undefined {
  const { signed } = type;
  const bits = BigInt(type.bits);
  const max = 2n ** (signed ? bits - 1n : bits) - 1n;
  const min = signed ? -max - 1n : 0n;
  const above = BigInt.asIntN(64, max - value);
  const below = BigInt.asIntN(64, min - value);
  const isNarrow = signed && type.bits < 64;
  const isOver =
    value > max ||
    (isNarrow && increment > above) ||
    (value >= 0n && increment > 0n && increment > above);
  const isUnder =
    value < min ||
    (isNarrow && increment < below) ||
    ((value < 0n || !signed) && increment < 0n && increment < below);
  const sum = value + increment;
  if (!isOver && !isUnder) return sum;
  if (overflow === 'FAIL') return undefined;
  if (overflow === 'SAT') return isOver ? max : min;
  return signed ? BigInt.asIntN(type.bits, sum) : BigInt.asUintN(type.bits, sum);
}
