// Doubles as text, in both directions as Redis 7.2 does it. Reading follows C's strtod under
// Redis's conditions (util.c, string2d): the whole text, no leading space, no NaN, no overflow and
// no underflow to zero. Writing follows addReplyDouble (util.c, d2string): integers up to 2^62 in
// full, everything else with (nearly always) the fewest digits that read back as the same number.

import { writeInteger } from './integer.ts';
import { Digits, shortestDigits } from './shortest-digits.ts';

/** Decimal digits that a double always holds exactly. */
const EXACT_DIGITS = 15;

const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** The value of b[start..end), NaN when it is not one. */
export function parseDouble(b: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at >= end) return Number.NaN;
  const negative = b[at] === 45;
  if (negative || b[at] === 43) at++;
  const digitsStart = at;
  let value = 0;
  let point = -1;
  // The common case in one pass: few digits, perhaps a point, nothing else.
  for (; at < end; at++) {
    const digit = b[at] - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (b[at] === 46 && point < 0) point = at;
    else return parseUncommon(b, start, end);
  }
  const digits = end - digitsStart - (point < 0 ? 0 : 1);
  if (digits === 0) return Number.NaN;
  if (digits > EXACT_DIGITS) return parseUncommon(b, start, end);
  // Both operands are exact, so the one division rounds correctly.
  if (point >= 0) value /= POWERS_OF_TEN[end - point - 1];
  return negative ? -value : value;
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?[0-9]+))?$/i;

function parseUncommon(b: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(b.buffer, b.byteOffset + start, end - start).toString('latin1');
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return Number.NaN;
    const underflow = value === 0 && /[1-9]/.test(text.replace(/[eE].*/, ''));
    return underflow ? Number.NaN : value;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null || hexadecimal[2].length + hexadecimal[3].length === 0) {
    return Number.NaN;
  }
  const [, sign, whole, fraction, exponent = '0'] = hexadecimal;
  const value = scaled(BigInt(`0x${whole}${fraction}`), Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** mantissa * 2^exponent rounded once, half to even; NaN when it overflows or vanishes. */
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = bits - 1 + exponent;
  if (top > 1024 || top < -1080) return Number.NaN;
  const precision = Math.max(0, Math.min(53, top + 1075));
  let kept = mantissa;
  let scale = exponent;
  if (bits > precision) {
    const dropped = BigInt(bits - precision);
    const half = 1n << (dropped - 1n);
    const rest = mantissa & ((1n << dropped) - 1n);
    kept = mantissa >> dropped;
    if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++;
    scale += bits - precision;
  }
  // Two steps, because 2^scale alone may be outside the range where the product is not.
  const first = Math.trunc(scale / 2);
  const value = Number(kept) * 2 ** first * 2 ** (scale - first);
  return value === 0 || value === Infinity ? Number.NaN : value;
}

/** What `writeDouble` needs at most. */
export const LONGEST_DOUBLE = 25;

const decimal: Digits = new Digits();
const text: Buffer = Buffer.alloc(LONGEST_DOUBLE);

/** The text of `value` in replies: 'inf', '-inf', 'nan', '-0', '3', '0.1', '1e+20'. */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return `${value}`;
  return text.toString('latin1', 0, writeDouble(text, 0, value));
}

/** Writes that text at b[at..] and returns where it ends. */
export function writeDouble(b: Uint8Array, at: number, value: number): number {
  if (Number.isInteger(value)) {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return writeInteger(b, at, value);
    if (value === 0) return writeText(b, at, '-0');
    if (Math.abs(value) <= 2 ** 62) return writeText(b, at, BigInt(value).toString());
  } else if (!Number.isFinite(value)) {
    if (Number.isNaN(value)) return writeText(b, at, 'nan');
    return writeText(b, at, value > 0 ? 'inf' : '-inf');
  }
  let to = at;
  if (value < 0) b[to++] = 45;
  shortestDigits(Math.abs(value), decimal);
  return writeDigits(b, to);
}

function writeText(b: Uint8Array, at: number, characters: string): number {
  for (let i = 0; i < characters.length; i++) b[at + i] = characters.charCodeAt(i);
  return at + characters.length;
}

/** Lays `decimal` out as fpconv (Redis's printer) does: the point, or else an exponent. */
function writeDigits(b: Uint8Array, at: number): number {
  const { digits, count, exponent } = decimal;
  let to = at;
  const power = exponent + count - 1;
  if (exponent >= 0 && exponent < 8) {
    for (let i = 0; i < count; i++) b[to++] = 48 + digits[i];
    for (let i = 0; i < exponent; i++) b[to++] = 48;
    return to;
  }
  if (exponent < 0 && (exponent > -7 || Math.abs(power) < 4)) {
    const whole = count + exponent;
    if (whole <= 0) {
      b[to++] = 48;
      b[to++] = 46;
      for (let i = whole; i < 0; i++) b[to++] = 48;
    }
    for (let i = 0; i < count; i++) {
      if (i === whole && whole > 0) b[to++] = 46;
      b[to++] = 48 + digits[i];
    }
    return to;
  }
  b[to++] = 48 + digits[0];
  if (count > 1) b[to++] = 46;
  for (let i = 1; i < count; i++) b[to++] = 48 + digits[i];
  b[to++] = 101;
  b[to++] = power < 0 ? 45 : 43;
  return writeInteger(b, to, Math.abs(power));
}

/** C's printf("%.17g"), which Redis keeps where it wants every bit: DEBUG DIGEST, RDB version < 8, human forms. */
export function formatDouble17(value: number): string {
  if (!Number.isFinite(value)) {
    if (Number.isNaN(value)) return 'nan';
    return value > 0 ? 'inf' : '-inf';
  }
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, power] = value.toExponential(16).split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 17) {
    const sign = exponent < 0 ? '-' : '+';
    return `${trimZeros(mantissa)}e${sign}${Math.abs(exponent).toString().padStart(2, '0')}`;
  }
  const sign = value < 0 ? '-' : '';
  const digits = mantissa.replace('-', '').replace('.', '');
  if (exponent < 0) return trimZeros(`${sign}0.${'0'.repeat(-exponent - 1)}${digits}`);
  return trimZeros(`${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`);
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0*$/, '') : text;
}
