// Decimal integers as bytes, by Redis's rules (util.c, string2ll): an optional '-', no '+', no spaces,
// no leading zeros, the range of a signed 64-bit integer. Two results are offered because a number
// is enough for almost every argument and a bigint costs an allocation.

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Digits that always fit a double exactly. */
const SAFE_DIGITS = 15;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
/** '-9223372036854775808'. */
const LONGEST = 20;

/** The value of b[start..end), the nearest double beyond 2^53; NaN when it is no 64-bit integer. */
export function parseInteger(b: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at >= end) return Number.NaN;
  let negative = false;
  let digit = b[at];
  if (digit === 45) {
    negative = true;
    if (++at === end) return Number.NaN;
    digit = b[at];
  }
  digit -= 48;
  if (digit <= 0 || digit > 9) {
    return digit === 0 && !negative && at + 1 === end ? 0 : Number.NaN;
  }
  if (end - at > SAFE_DIGITS) {
    const exact = parseInt64(b, start, end);
    return exact === undefined ? Number.NaN : Number(exact);
  }
  let value = digit;
  for (at++; at < end; at++) {
    digit = b[at] - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** The exact value of b[start..end), undefined when it is no 64-bit integer. */
export function parseInt64(b: Uint8Array, start: number, end: number): bigint | undefined {
  const length = end - start;
  if (length <= 0 || length > LONGEST) return undefined;
  const negative = b[start] === 45;
  let at = negative ? start + 1 : start;
  if (at === end) return undefined;
  if (b[at] === 48) return !negative && length === 1 ? 0n : undefined;
  // Two halves of at most ten digits: each is an exact double.
  const split = Math.max(at, end - 10);
  let high = 0;
  let low = 0;
  for (; at < end; at++) {
    const digit = b[at] - 48;
    if (digit < 0 || digit > 9) return undefined;
    if (at < split) high = high * 10 + digit;
    else low = low * 10 + digit;
  }
  const magnitude = BigInt(high) * 10_000_000_000n + BigInt(low);
  const value = negative ? -magnitude : magnitude;
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}

/** Whether Redis would store these bytes as an integer: they are the one way to write a 64-bit integer. */
export function isCanonicalInteger(b: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST) return false;
  return !Number.isNaN(parseInteger(b, start, end));
}

/**
 * Adds one to the integer b[start..end), which must be one, where it lies. False, and nothing is changed,
 * when it is negative or longer than SAFE_DIGITS, or has only nines and would need room.
 */
export function countUp(b: Uint8Array, start: number, end: number): boolean {
  if (b[start] === MINUS || end - start > SAFE_DIGITS) return false;
  let at = end - 1;
  while (b[at] === NINE) if (--at < start) return false;
  b[at]++;
  for (at++; at < end; at++) b[at] = ZERO;
  return true;
}

/** Bytes that `writeInteger` takes for a safe integer. */
export function decimalLength(value: number): number {
  let length = 1;
  let rest = value;
  if (rest < 0) {
    length = 2;
    rest = -rest;
  }
  if (rest < 100_000) {
    if (rest < 10) return length;
    if (rest < 100) return length + 1;
    if (rest < 1000) return length + 2;
    return rest < 10_000 ? length + 3 : length + 4;
  }
  if (rest < 10_000_000_000) {
    if (rest < 1_000_000) return length + 5;
    if (rest < 10_000_000) return length + 6;
    if (rest < 100_000_000) return length + 7;
    return rest < 1_000_000_000 ? length + 8 : length + 9;
  }
  length += 10;
  for (let limit = 100_000_000_000; rest >= limit; limit *= 10) length++;
  return length;
}

/** Writes a safe integer at b[at..] and returns where it ends. The room is the caller's matter. */
export function writeInteger(b: Uint8Array, at: number, value: number): number {
  let rest = value;
  let position = at;
  if (rest < 0) {
    b[position++] = 45;
    rest = -rest;
  }
  if (rest < 10) {
    b[position] = 48 + rest;
    return position + 1;
  }
  const end = position + decimalLength(rest);
  let write = end;
  // Beyond 32 bits only double arithmetic works; nine digits at a time bring it down to int32.
  while (rest > 0x7fffffff) {
    const upper = Math.floor(rest / 1_000_000_000);
    let lower = (rest - upper * 1_000_000_000) | 0;
    for (let i = 0; i < 9; i++) {
      const next = (lower / 10) | 0;
      b[--write] = 48 + (lower - next * 10);
      lower = next;
    }
    rest = upper;
  }
  let small = rest | 0;
  for (; small >= 100; write -= 2) {
    const next = (small / 100) | 0;
    const pair = small - next * 100;
    const tens = (pair / 10) | 0;
    b[write - 2] = 48 + tens;
    b[write - 1] = 48 + (pair - tens * 10);
    small = next;
  }
  if (small >= 10) {
    const tens = (small / 10) | 0;
    b[write - 2] = 48 + tens;
    b[write - 1] = 48 + (small - tens * 10);
  } else if (small > 0) b[write - 1] = 48 + small;
  return end;
}
