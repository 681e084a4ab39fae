// Ranges of a sorted set as clients write them (by rank, by score, by name) and what they come to: an
// interval of ranks.

import type { Ref } from '../../engine/record.ts';
import { zsetCountBelowName, zsetCountBelowScore, zsetLength } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { parseDouble } from '../../util/double.ts';
import type { DataSession } from '../context.ts';

export type RangeKind = 'rank' | 'score' | 'lex';

/** Bounds as parsed: `min` and `max` are ranks or scores; of a range by name, argument positions. */
export interface Bounds {
  readonly kind: RangeKind;
  readonly min: number;
  readonly max: number;
  readonly minExclusive: boolean;
  readonly maxExclusive: boolean;
}

/** Ranks [from, to). */
export interface RankRange {
  readonly from: number;
  readonly to: number;
}

const OPEN = 0x28;
const CLOSED = 0x5b;
const LEAST = 0x2d;
const GREATEST = 0x2b;

/** The bounds at arguments `minAt` and `maxAt`; undefined after an error reply. */
export function parseBounds(
  kind: RangeKind,
  request: Request,
  minAt: number,
  maxAt: number,
  reply: ReplyWriter,
): Bounds | undefined {
  if (kind === 'lex') {
    if (isNameBound(request, minAt) && isNameBound(request, maxAt)) {
      const [a, b] = [minAt, maxAt].map((i) => request.buffer[request.starts[i]] === OPEN);
      return { kind, min: minAt, max: maxAt, minExclusive: a, maxExclusive: b };
    }
    reply.error(errors.minMaxNotStringRange);
    return undefined;
  }
  const byScore = kind === 'score';
  const minExclusive = byScore && request.buffer[request.starts[minAt]] === OPEN;
  const maxExclusive = byScore && request.buffer[request.starts[maxAt]] === OPEN;
  const min = byScore ? scoreBound(request, minAt, minExclusive) : request.integer(minAt);
  const max = byScore ? scoreBound(request, maxAt, maxExclusive) : request.integer(maxAt);
  if (Number.isNaN(min) || Number.isNaN(max)) {
    reply.error(byScore ? errors.minMaxNotFloat : errors.notInteger);
    return undefined;
  }
  return { kind, min, max, minExclusive, maxExclusive };
}

function scoreBound(request: Request, i: number, exclusive: boolean): number {
  let start = request.starts[i] + (exclusive ? 1 : 0);
  const end = request.ends[i];
  // Redis reads bounds with plain strtod: spaces in front are skipped, nothing at all is 0, and what is
  // too large is infinite.
  const first = start;
  while (start < end && isSpace(request.buffer[start])) start++;
  if (start === end && start > first) return Number.NaN;
  if (start >= end) return request.length(i) === 0 || exclusive ? 0 : Number.NaN;
  const value = parseDouble(request.buffer, start, end);
  if (!Number.isNaN(value)) return value;
  const text = request.buffer.toString('latin1', start, end);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isNameBound(request: Request, i: number): boolean {
  const first = request.buffer[request.starts[i]];
  const length = request.length(i);
  if (length === 0) return false;
  return length === 1 && (first === LEAST || first === GREATEST)
    ? true
    : first === OPEN || first === CLOSED;
}

/** The ranks that the bounds cover; empty (from >= to) where they cover nothing. */
export function rankRange(
  session: DataSession,
  ref: Ref,
  request: Request,
  bounds: Bounds,
): RankRange {
  const { db } = session;
  const length = zsetLength(db, ref);
  switch (bounds.kind) {
    case 'rank': {
      const from = Math.max(0, bounds.min < 0 ? bounds.min + length : bounds.min);
      const last = bounds.max < 0 ? bounds.max + length : bounds.max;
      return { from, to: Math.min(length, last + 1) };
    }
    case 'score':
      if (bounds.min > bounds.max) return { from: 0, to: 0 };
      return {
        from: zsetCountBelowScore(db, ref, bounds.min, bounds.minExclusive),
        to: zsetCountBelowScore(db, ref, bounds.max, !bounds.maxExclusive),
      };
    case 'lex':
      return {
        from: nameBoundRank(session, ref, request, bounds.min, bounds.minExclusive, length),
        to: nameBoundRank(session, ref, request, bounds.max, !bounds.maxExclusive, length),
      };
  }
}

function nameBoundRank(
  session: DataSession,
  ref: Ref,
  request: Request,
  i: number,
  orEqual: boolean,
  length: number,
): number {
  const start = request.starts[i];
  if (request.buffer[start] === LEAST) return 0;
  if (request.buffer[start] === GREATEST) return length;
  const end = request.ends[i];
  return zsetCountBelowName(session.db, ref, request.buffer, start + 1, end, orEqual);
}
