// The arithmetic of INCRBYFLOAT and HINCRBYFLOAT: C's long double as x86 has it (64 bits of mantissa,
// exponents to 16384), because Redis computes with it and prints what it got with "%.17Lf". Doubles
// would show: 0.1 + 0.2 is 0.3 there. Only what those commands need: read, add, print.

/** mantissa * 2^exponent; an infinity has the exponent Infinity and the mantissa's sign. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const PRECISION = 64;
/** Exponents of the lowest bit: of the least denormal, and of the largest number. */
const LEAST_EXPONENT = -16445;
const LARGEST_EXPONENT = 16384 - PRECISION;
/** Redis reads no longer text as a float (MAX_LONG_DOUBLE_CHARS). */
const LONGEST_TEXT = 5 * 1024 - 1;
/** Decimal exponents that lie outside for certain. */
const DECIMAL_LIMIT = 11_000;

const FRACTION_DIGITS = 17;
const TEN_TO_FRACTION = 10n ** BigInt(FRACTION_DIGITS);

const DECIMAL = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+))?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** The value of b[start..end); undefined when it is none, overflows or vanishes, as strtold reports. */
export function parseLongDouble(b: Uint8Array, start: number, end: number): LongDouble | undefined {
  if (end - start > LONGEST_TEXT) return undefined;
  const text = Buffer.from(b.buffer, b.byteOffset + start, end - start).toString('latin1');
  const infinite = INFINITE.exec(text);
  if (infinite !== null) {
    return { mantissa: infinite[1] === '-' ? -1n : 1n, exponent: Number.POSITIVE_INFINITY };
  }
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) return fromDecimal(decimal);
  const hexadecimal = HEXADECIMAL.exec(text);
  return hexadecimal === null ? undefined : fromHexadecimal(hexadecimal);
}

/** A double is a long double without rounding. */
export function longDoubleOf(value: number): LongDouble {
  if (!Number.isFinite(value)) {
    return { mantissa: value < 0 ? -1n : 1n, exponent: Number.POSITIVE_INFINITY };
  }
  let mantissa = value;
  let exponent = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  return { mantissa: BigInt(mantissa), exponent };
}

/** The rounded sum; undefined when it is not finite. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (!Number.isFinite(a.exponent) || !Number.isFinite(b.exponent)) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum =
    (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return rounded(sum, exponent, false);
}

/** "%.17Lf" without trailing zeros: '3', '10.6', '-0.00000000000000001'; never '-0'. */
export function formatLongDouble(value: LongDouble): string {
  const { mantissa, exponent } = value;
  if (!Number.isFinite(exponent)) return mantissa < 0n ? '-inf' : 'inf';
  const negative = mantissa < 0n;
  const magnitude = negative ? -mantissa : mantissa;
  const scaled =
    exponent >= 0
      ? (magnitude << BigInt(exponent)) * TEN_TO_FRACTION
      : halfEven(magnitude * TEN_TO_FRACTION, -exponent, false);
  const digits = scaled.toString().padStart(FRACTION_DIGITS + 1, '0');
  const point = digits.length - FRACTION_DIGITS;
  const text = `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '');
  return negative && text !== '0' ? `-${text}` : text;
}

function fromDecimal(parts: RegExpExecArray): LongDouble | undefined {
  const [, sign, whole, fraction = '', power = '0'] = parts;
  if (whole.length + fraction.length === 0) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  if (digits === '') return { mantissa: 0n, exponent: 0 };
  const scale = Number(power) - fraction.length;
  if (Math.abs(scale) > DECIMAL_LIMIT) return undefined;
  const mantissa = BigInt(sign === '-' ? `-${digits}` : digits);
  if (scale >= 0) return rounded(mantissa * 10n ** BigInt(scale), 0, false);
  // Enough bits for the precision, and one that stands for all that the division left over.
  const divisor = 10n ** BigInt(-scale);
  const shift = Math.max(0, PRECISION + 2 + bitLength(divisor) - bitLength(mantissa));
  const shifted = mantissa << BigInt(shift);
  return rounded(shifted / divisor, -shift, shifted % divisor !== 0n);
}

function fromHexadecimal(parts: RegExpExecArray): LongDouble | undefined {
  const [, sign, whole, fraction = '', power = '0'] = parts;
  if (whole.length + fraction.length === 0) return undefined;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  if (mantissa === 0n) return { mantissa, exponent: 0 };
  const exponent = Number(power) - 4 * fraction.length;
  if (Math.abs(exponent) > 4 * DECIMAL_LIMIT) return undefined;
  return rounded(sign === '-' ? -mantissa : mantissa, exponent, false);
}

/** To 64 bits; `more` says that a little more than `mantissa` is meant. Undefined when out of range. */
function rounded(mantissa: bigint, exponent: number, more: boolean): LongDouble | undefined {
  if (mantissa === 0n) return { mantissa: 0n, exponent: 0 };
  const negative = mantissa < 0n;
  let magnitude = negative ? -mantissa : mantissa;
  let scale = exponent;
  const excess = Math.max(bitLength(magnitude) - PRECISION, LEAST_EXPONENT - scale);
  if (excess > 0) {
    magnitude = halfEven(magnitude, excess, more);
    scale += excess;
    if (magnitude === 0n) return undefined;
  }
  if (bitLength(magnitude) + scale > LARGEST_EXPONENT + PRECISION) return undefined;
  return { mantissa: negative ? -magnitude : magnitude, exponent: scale };
}

/** value / 2^bits, rounded half to even; `more` breaks a tie upwards. */
function halfEven(value: bigint, bits: number, more: boolean): bigint {
  const kept = value >> BigInt(bits);
  const rest = value - (kept << BigInt(bits));
  const half = 1n << BigInt(bits - 1);
  const up = rest > half || (rest === half && (more || (kept & 1n) === 1n));
  return up ? kept + 1n : kept;
}

function bitLength(value: bigint): number {
  const hex = (value < 0n ? -value : value).toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}
