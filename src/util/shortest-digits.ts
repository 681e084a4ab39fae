// The decimal digits of a double by Loitsch's Grisu2 ("Printing Floating-Point Numbers Quickly and
// Accurately with Integers", 2010), because Redis prints doubles with it (fpconv): nearly always the
// fewest digits that read back as the same number, and where Grisu2 misses those, Redis does too.
// DEBUG DIGEST hashes this text, so the misses matter. V8's own conversion always finds the
// fewest, differs once in some hundred numbers and takes about twice as long.
//
// 64-bit integers are pairs of numbers from 0 to 2^32 - 1, high and low.

import { decimalLength } from './integer.ts';

const TWO_16 = 65536;
const TWO_32 = 4294967296;

/** Bits of exponent between a double's mantissa read as an integer and the value. */
const EXPONENT_BIAS = 1075;

const FIRST_POWER = -348;
const POWER_STEP = 8;
const POWERS = 87;
/** A scaled exponent in this range leaves 4 to 32 bits before the point. */
const LEAST_SCALED = -60;
const MOST_SCALED = -32;

const scratch: Float64Array = new Float64Array(1);
const words: Uint32Array = new Uint32Array(scratch.buffer);
/** The int32 words of a double come in the machine's order. */
const HIGH_WORD: number = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Powers of ten, normalised to 64 bits: 10^(-348 + 8i) is about power * 2^exponent. */
interface PowerTable {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly exponent: Int32Array;
}

let powerTable: PowerTable | undefined;

function makePowers(): PowerTable {
  const high = new Uint32Array(POWERS);
  const low = new Uint32Array(POWERS);
  const exponent = new Int32Array(POWERS);
  for (let i = 0; i < POWERS; i++) {
    const k = FIRST_POWER + i * POWER_STEP;
    // Two bits more than needed: one for the length's uncertainty, one to round.
    const scale = 1300n;
    const value = k >= 0 ? (10n ** BigInt(k)) << scale : (1n << (2n * scale)) / 10n ** BigInt(-k);
    const unit = k >= 0 ? scale : 2n * scale;
    const drop = BigInt(value.toString(2).length - 64);
    const rounded = ((value >> (drop - 1n)) + 1n) >> 1n;
    high[i] = Number(rounded >> 32n);
    low[i] = Number(rounded & 0xffffffffn);
    exponent[i] = Number(drop - unit);
  }
  return { high, low, exponent };
}

/** The result of `shortestDigits`: value = 0.d1d2d3… as digits * 10^exponent. */
export class Digits {
  /** Values 0 to 9, `count` of them, the first not 0. */
  readonly digits: Uint8Array = new Uint8Array(20);
  count = 0;
  exponent = 0;
}

const UNITS: Uint32Array = Uint32Array.from({ length: 10 }, (_, i) => 10 ** i);

let productHigh = 0;
let productLow = 0;

/** The upper half of a 32-bit product. */
function upperProduct(a: number, b: number): number {
  const low = (a & 0xffff) * b;
  return Math.floor(((a >>> 16) * b + Math.floor(low / TWO_16)) / TWO_16);
}

/** The upper 64 bits of a 64-bit product, rounded. */
function multiply(ah: number, al: number, bh: number, bl: number): void {
  const rest =
    (Math.imul(ah, bl) >>> 0) + (Math.imul(al, bh) >>> 0) + upperProduct(al, bl) + 0x80000000;
  const low =
    (Math.imul(ah, bh) >>> 0) +
    upperProduct(ah, bl) +
    upperProduct(al, bh) +
    Math.floor(rest / TWO_32);
  productLow = low >>> 0;
  productHigh = upperProduct(ah, bh) + Math.floor(low / TWO_32);
}

/** Fills `into` with the digits of a positive, finite number. */
export function shortestDigits(value: number, into: Digits): void {
  powerTable ??= makePowers();
  scratch[0] = value;
  let high = words[HIGH_WORD];
  let low = words[1 - HIGH_WORD];
  const biased = high >>> 20;
  high &= 0xfffff;
  const isPower = high === 0 && low === 0;
  let exponent = 1 - EXPONENT_BIAS;
  if (biased > 0) {
    high |= 0x100000;
    exponent = biased - EXPONENT_BIAS;
  }
  // Normalised so that the highest bit is set.
  const shift = high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
  if (shift >= 32) {
    high = (low << (shift - 32)) >>> 0;
    low = 0;
  } else {
    high = ((high << shift) | (low >>> (32 - shift))) >>> 0;
    low = (low << shift) >>> 0;
  }
  exponent -= shift;

  let index = Math.trunc(
    (Math.trunc(-(exponent + POWERS) * 0.30102999566398114) - FIRST_POWER) / POWER_STEP,
  );
  while (exponent + powerTable.exponent[index] + 64 < LEAST_SCALED) index++;
  while (exponent + powerTable.exponent[index] + 64 > MOST_SCALED) index--;
  const powerHigh = powerTable.high[index];
  const powerLow = powerTable.low[index];

  // The value, and the ends of the interval of numbers that read back as it. Below a power of two
  // the neighbour is half as far.
  multiply(high, low, powerHigh, powerLow);
  const valueHigh = productHigh;
  const valueLow = productLow;
  const upper = offset(high, low, shift - 1, 1);
  multiply(upper, offsetLow, powerHigh, powerLow);
  const upperHigh = productLow === 0 ? productHigh - 1 : productHigh;
  const upperLow = (productLow - 1) >>> 0;
  const lower = offset(high, low, isPower && biased > 0 ? shift - 2 : shift - 1, -1);
  multiply(lower, offsetLow, powerHigh, powerLow);
  const lowerLow = (productLow + 1) >>> 0;
  const lowerHigh = lowerLow === 0 ? productHigh + 1 : productHigh;

  into.exponent = -(FIRST_POWER + index * POWER_STEP);
  generate(
    upperHigh,
    upperLow,
    difference(upperHigh, upperLow, valueHigh, valueLow),
    differenceLow,
    difference(upperHigh, upperLow, lowerHigh, lowerLow),
    differenceLow,
    -(exponent + powerTable.exponent[index] + 64) - 32,
    into,
  );
}

let offsetLow = 0;

/** (high, low) + sign * 2^bit: the high word is returned, the low one in `offsetLow`. */
function offset(high: number, low: number, bit: number, sign: number): number {
  if (bit >= 32) {
    offsetLow = low;
    return high + sign * ((1 << (bit - 32)) >>> 0);
  }
  const sum = low + sign * ((1 << bit) >>> 0);
  offsetLow = sum >>> 0;
  return high + Math.floor(sum / TWO_32);
}

let differenceLow = 0;

/** a - b; the high word is returned, the low one in `differenceLow`. */
function difference(ah: number, al: number, bh: number, bl: number): number {
  differenceLow = (al - bl) >>> 0;
  return (ah - bh - (al < bl ? 1 : 0)) >>> 0;
}

function isLess(ah: number, al: number, bh: number, bl: number): boolean {
  return ah < bh || (ah === bh && al < bl);
}

/**
 * Digits of the upper end, until what is left is inside the interval (`delta` wide; the value is
 * `far` below the upper end). The point is 32 + `shift` bits from the right.
 */
function generate(
  upperHigh: number,
  upperLow: number,
  farHigh: number,
  farLow: number,
  deltaHigh: number,
  deltaLow: number,
  shift: number,
  into: Digits,
): void {
  const { digits } = into;
  const one = 1 << shift;
  const mask = one - 1;
  let whole = upperHigh >>> shift;
  let restHigh = upperHigh & mask;
  let restLow = upperLow;
  let count = 0;
  for (let kappa = decimalLength(whole) - 1; kappa >= 0; kappa--) {
    const divisor = UNITS[kappa];
    const digit = (whole / divisor) >>> 0;
    digits[count++] = digit;
    whole -= digit * divisor;
    const leftHigh = whole * one + restHigh;
    if (!isLess(deltaHigh, deltaLow, leftHigh, restLow)) {
      into.count = count;
      into.exponent += kappa;
      const unit = divisor * one;
      approach(into, deltaHigh, deltaLow, leftHigh, restLow, unit, farHigh, farLow);
      return;
    }
  }
  for (let kappa = -1; ; kappa--) {
    let product = restLow * 10;
    restLow = product >>> 0;
    restHigh = restHigh * 10 + Math.floor(product / TWO_32);
    product = deltaLow * 10;
    deltaLow = product >>> 0;
    deltaHigh = (deltaHigh * 10 + Math.floor(product / TWO_32)) >>> 0;
    product = farLow * 10;
    farLow = product >>> 0;
    farHigh = (farHigh * 10 + Math.floor(product / TWO_32)) >>> 0;
    const digit = restHigh >>> shift;
    if (digit > 0 || count > 0) digits[count++] = digit;
    restHigh &= mask;
    if (isLess(restHigh, restLow, deltaHigh, deltaLow)) {
      into.count = count;
      into.exponent += kappa;
      approach(into, deltaHigh, deltaLow, restHigh, restLow, one, farHigh, farLow);
      return;
    }
  }
}

/** Lowers the last digit while that brings the result nearer to the value. `unit` has a low word of 0. */
function approach(
  into: Digits,
  deltaHigh: number,
  deltaLow: number,
  restHigh: number,
  restLow: number,
  unit: number,
  farHigh: number,
  farLow: number,
): void {
  while (isLess(restHigh, restLow, farHigh, farLow)) {
    const room = difference(deltaHigh, deltaLow, restHigh, restLow);
    if (room < unit) return;
    const nextHigh = restHigh + unit;
    if (!isLess(nextHigh, restLow, farHigh, farLow)) {
      const before = difference(farHigh, farLow, restHigh, restLow);
      const beforeLow = differenceLow;
      const after = difference(nextHigh, restLow, farHigh, farLow);
      if (!isLess(after, differenceLow, before, beforeLow)) return;
    }
    into.digits[into.count - 1]--;
    restHigh = nextHigh;
  }
}
