// What the arguments of stream commands mean: ids in all their forms, and the stream that a key holds.

import { Kind } from '../../engine/record.ts';
import type { Stream } from '../../engine/stream.ts';
import { StreamId } from '../../engine/stream-id.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { parseInt64, parseInteger } from '../../util/integer.ts';
import { type DataSession, isKind, type Ref, readKey, writeKey } from '../context.ts';

const LONGEST_ARGUMENT = 127;
const TWO_32 = 4294967296;
const UINT64 = 64;
const DASH = 0x2d;
const PLUS = 0x2b;
const STAR = 0x2a;
const PARENTHESIS = 0x28;

/** What an id leaves out when it names only a time. */
export const FIRST_SEQUENCE = 0;
export const LAST_SEQUENCE = -1;

/** The stream at argument `i`; undefined when there is no key, null after an error reply. */
export function readStream(
  session: DataSession,
  request: Request,
  i: number,
  reply: ReplyWriter,
): Stream | undefined | null {
  return streamOf(session, readKey(session, request, i), reply);
}

/** The same for a change: of the stream, its groups or what is pending. */
export function writeStream(
  session: DataSession,
  request: Request,
  i: number,
  reply: ReplyWriter,
): Stream | undefined | null {
  return streamOf(session, writeKey(session, request, i), reply);
}

function streamOf(session: DataSession, ref: Ref, reply: ReplyWriter): Stream | undefined | null {
  if (ref === 0) return undefined;
  if (!isKind(session, ref, Kind.stream, reply)) return null;
  return session.db.object(ref) as Stream;
}

/** How an id was given. */
export type IdForm = 'invalid' | 'whole' | 'anySequence';

/**
 * Reads an id. `bounds`: '-' and '+' stand for the least and the greatest; `star`: the form 'ms-*'. As
 * Redis, an argument ends at its first zero byte.
 */
export function parseId(
  b: Buffer,
  start: number,
  end: number,
  missing: typeof FIRST_SEQUENCE | typeof LAST_SEQUENCE,
  bounds: boolean,
  star: boolean,
  into: StreamId,
): IdForm {
  if (end - start > LONGEST_ARGUMENT) return 'invalid';
  let stop = start;
  let dash = -1;
  for (; stop < end && b[stop] !== 0; stop++) if (b[stop] === DASH && dash < 0) dash = stop;
  if (stop - start === 1 && (b[start] === DASH || b[start] === PLUS)) {
    if (!bounds) return 'invalid';
    if (b[start] === DASH) into.setTime(0);
    else into.assign(GREATEST);
    return 'whole';
  }
  if (!parseUnsigned(b, start, dash < 0 ? stop : dash)) return 'invalid';
  into.msHigh = high;
  into.msLow = low;
  into.seqHigh = missing;
  into.seqLow = missing;
  if (dash < 0) return 'whole';
  if (star && stop - dash === 2 && b[dash + 1] === STAR) return 'anySequence';
  if (!parseUnsigned(b, dash + 1, stop)) return 'invalid';
  into.seqHigh = high;
  into.seqLow = low;
  return 'whole';
}

const GREATEST: StreamId = StreamId.greatest();

/** Halves of what `parseUnsigned` read last. */
let high = 0;
let low = 0;

/** An unsigned 64-bit integer; what is none in Redis's strict form is tried by the rules of strtoull. */
function parseUnsigned(b: Buffer, start: number, end: number): boolean {
  const value = parseInteger(b, start, end);
  if (value < 0) return false;
  if (Number.isSafeInteger(value)) {
    high = Math.floor(value / TWO_32) | 0;
    low = value | 0;
    return true;
  }
  const exact = Number.isNaN(value)
    ? looselyUnsigned(b.toString('latin1', start, end))
    : parseInt64(b, start, end);
  if (exact === undefined) return false;
  high = Number(BigInt.asIntN(32, exact >> 32n));
  low = Number(BigInt.asIntN(32, exact));
  return true;
}

function looselyUnsigned(text: string): bigint | undefined {
  const [, sign, digits] = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  if (value !== BigInt.asUintN(UINT64, value)) return undefined;
  return sign === '-' ? BigInt.asUintN(UINT64, -value) : value;
}

/** The id at argument `i`, without '-', '+' and '*'; false after an error reply. */
export function idArgument(
  request: Request,
  i: number,
  into: StreamId,
  reply: ReplyWriter,
): boolean {
  if (isId(request, i, into)) return true;
  reply.error(errors.streamInvalidId);
  return false;
}

/** The same without a reply. */
export function isId(request: Request, i: number, into: StreamId): boolean {
  const { buffer, starts, ends } = request;
  return parseId(buffer, starts[i], ends[i], FIRST_SEQUENCE, false, false, into) === 'whole';
}

/** The ids of all arguments from `first` on; undefined after an error reply. */
export function idArguments(
  request: Request,
  first: number,
  reply: ReplyWriter,
): StreamId[] | undefined {
  const ids: StreamId[] = [];
  for (let i = first; i < request.count; i++) {
    const id = new StreamId();
    if (!idArgument(request, i, id, reply)) return undefined;
    ids.push(id);
  }
  return ids;
}

/** The first id of an interval at argument `i`; '(' in front excludes it. False after an error reply. */
export function intervalStart(
  request: Request,
  i: number,
  into: StreamId,
  reply: ReplyWriter,
): boolean {
  const excludes = intervalId(request, i, FIRST_SEQUENCE, into, reply);
  if (excludes === undefined) return false;
  if (!excludes || into.increment()) return true;
  reply.error(errors.streamStartOfInterval);
  return false;
}

/** The last id of an interval. */
export function intervalEnd(
  request: Request,
  i: number,
  into: StreamId,
  reply: ReplyWriter,
): boolean {
  const excludes = intervalId(request, i, LAST_SEQUENCE, into, reply);
  if (excludes === undefined) return false;
  if (!excludes || into.decrement()) return true;
  reply.error(errors.streamEndOfInterval);
  return false;
}

/** Whether the id is excluded; undefined after an error reply. */
function intervalId(
  request: Request,
  i: number,
  missing: typeof FIRST_SEQUENCE | typeof LAST_SEQUENCE,
  into: StreamId,
  reply: ReplyWriter,
): boolean | undefined {
  const { buffer, starts, ends } = request;
  const excludes = request.length(i) > 1 && buffer[starts[i]] === PARENTHESIS;
  const start = excludes ? starts[i] + 1 : starts[i];
  const form = parseId(buffer, start, ends[i], missing, !excludes, false, into);
  if (form === 'whole') return excludes;
  reply.error(errors.streamInvalidId);
  return undefined;
}

/** Whether the argument is this one character. */
export function isSign(request: Request, i: number, sign: string): boolean {
  return request.length(i) === 1 && request.buffer[request.starts[i]] === sign.charCodeAt(0);
}

/** A counter that a client sets: beyond 2^53 it would no longer count. */
export function counterArgument(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}
