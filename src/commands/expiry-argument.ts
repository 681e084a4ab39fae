// Turns the time arguments of SET, GETEX, SETEX and the EXPIRE family into absolute milliseconds.
// Arguments are 64-bit integers, expiries are doubles: exact up to 2^53 ms (the year 287396), and
// the limits of Redis's 64-bit arithmetic are found with bigints only beyond that.

import type { Request } from '../protocol/request.ts';

export const SECONDS = 1000;
export const MILLISECONDS = 1;

/** The argument is a time that 64-bit milliseconds cannot hold. */
export const EXPIRY_OVERFLOW: number = Number.POSITIVE_INFINITY;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** The last double below 2^63: its digits are still a 64-bit integer for whoever reads our stream. */
const LAST_EXPIRY = 2 ** 63 - 1024;

/**
 * Argument `i` in units of `unitMs`, added to `baseMs` (0 for absolute times): absolute ms, NaN when
 * it is no integer, EXPIRY_OVERFLOW when the result leaves 64 bits.
 */
export function expiryArgument(
  request: Request,
  i: number,
  unitMs: number,
  baseMs: number,
): number {
  const value = request.integer(i);
  const atMs = value * unitMs + baseMs;
  if (Math.abs(atMs) < Number.MAX_SAFE_INTEGER || Number.isNaN(value)) return atMs;
  const exact = request.int64(i);
  if (exact === undefined) return Number.NaN;
  const scaled = exact * BigInt(unitMs);
  const sum = scaled + BigInt(baseMs);
  if (scaled > INT64_MAX || scaled < INT64_MIN || sum > INT64_MAX) return EXPIRY_OVERFLOW;
  return Math.min(Number(sum), LAST_EXPIRY);
}
