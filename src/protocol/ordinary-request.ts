// The hot path of reading: one pass over a request that lies whole in the input and has nothing unusual
// about it. Whatever is unusual (incomplete, inline, empty, wrong, not allowed) is left to the reader's
// careful way, which finds out what it is.

import type { Request } from './request.ts';

/** What a client may send; a live view. */
export interface RequestLimits {
  /** Longest bulk in bytes; Infinity for the link to a master. */
  readonly protoMaxBulkLen: number;
  /** False while a password is wanted and none was given: stricter limits then. */
  readonly authenticated: boolean;
  /** Most bytes that may wait without making a whole argument. */
  readonly queryBufferLimit: number;
}

export const MAX_ARGUMENTS: number = 2 ** 31 - 1;
export const UNAUTHENTICATED_ARGUMENTS = 10;
export const UNAUTHENTICATED_BULK: number = 16 * 1024;

// Constants of this file alone: to the compiler an exported one is a cell that is read and checked each time.
const FEW_ARGUMENTS: number = UNAUTHENTICATED_ARGUMENTS;
const SMALL_BULK: number = UNAUTHENTICATED_BULK;

const ASTERISK = 42;
const DOLLAR = 36;
const CR = 13;
const LF = 10;
/** `$0` and two line ends. */
const EMPTY_BULK_BYTES = 6;

/** Makes `request` the one that begins at b[start]; returns where it ends, -1 when it is not ordinary. */
export function parseOrdinary(
  b: Buffer,
  start: number,
  end: number,
  request: Request,
  limits: RequestLimits,
): number {
  // The shortest is *1 $1 and a letter. Numbers begin outside of their loops: nearly all have one digit or two.
  if (start + 11 > end || b[start] !== ASTERISK) return -1;
  let announced = b[start + 1] - 48;
  let at = start + 2;
  if (announced < 1 || announced > 9) return -1;
  while (b[at] !== CR) {
    const digit = b[at] - 48;
    if (digit < 0 || digit > 9 || ++at >= end) return -1;
    announced = announced * 10 + digit;
  }
  if (
    at + 2 > end ||
    b[at + 1] !== LF ||
    (announced > FEW_ARGUMENTS && !(announced <= MAX_ARGUMENTS && limits.authenticated))
  ) {
    return -1;
  }
  at += 2;
  let { starts, ends } = request;
  for (let count = 0; count < announced; count++) {
    if (at + EMPTY_BULK_BYTES > end || b[at] !== DOLLAR) return -1;
    let length = b[at + 1] - 48;
    let digits = at + 2;
    if (length < 0 || length > 9) return -1;
    if (b[digits] !== CR) {
      if (length === 0) return -1;
      do {
        const digit = b[digits] - 48;
        if (digit < 0 || digit > 9 || ++digits >= end) return -1;
        length = length * 10 + digit;
      } while (b[digits] !== CR);
    }
    const from = digits + 2;
    const to = from + length;
    if (
      to + 2 > end ||
      b[digits + 1] !== LF ||
      b[to] !== CR ||
      b[to + 1] !== LF ||
      (length > SMALL_BULK && !(length <= limits.protoMaxBulkLen && limits.authenticated))
    ) {
      return -1;
    }
    if (count === starts.length) {
      request.grow();
      starts = request.starts;
      ends = request.ends;
    }
    starts[count] = from;
    ends[count] = to;
    at = to + 2;
  }
  request.buffer = b;
  request.count = announced;
  request.spanStart = start;
  request.spanEnd = at;
  return at;
}
