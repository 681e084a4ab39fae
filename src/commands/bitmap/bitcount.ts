// BITCOUNT and BITPOS, over a whole string or a range of its bytes or bits.

import { key } from '../../dispatch/command.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { type DataCommand, isKind, readKey } from '../context.ts';
import { countBitRange, findBit } from './bit-range.ts';

/** Bits a unit: 1 for BIT, 8 for BYTE; 0 after an error reply. */
function unitBits(request: Request, i: number, reply: ReplyWriter): number {
  if (i >= request.count || request.is(i, 'BYTE')) return 8;
  if (request.is(i, 'BIT')) return 1;
  reply.error(errors.syntax);
  return 0;
}

/** First and last bit of a range; empty when last < first. */
interface BitRange {
  readonly first: number;
  readonly last: number;
}

/** Both ends in units, negative from the end, clamped to the string of `length` bytes. */
function bitRange(start: number, end: number, unit: number, length: number): BitRange {
  const total = (length * 8) / unit;
  const from = start < 0 ? Math.max(0, total + start) : start;
  const to = Math.min(end < 0 ? Math.max(0, total + end) : end, total - 1);
  return { first: from * unit, last: from > to ? -1 : to * unit + unit - 1 };
}

const EMPTY: BitRange = { first: 0, last: -1 };

/** BITCOUNT's range; undefined after an error reply. */
function countRange(request: Request, length: number, reply: ReplyWriter): BitRange | undefined {
  if (request.count === 2) return { first: 0, last: length * 8 - 1 };
  if (request.count !== 4 && request.count !== 5) {
    reply.error(errors.syntax);
    return undefined;
  }
  const start = request.integer(2);
  const end = request.integer(3);
  if (Number.isNaN(start) || Number.isNaN(end)) {
    reply.error(errors.notInteger);
    return undefined;
  }
  // Empty even where clamping would make the two ends meet, and even with a bad unit.
  if (start < 0 && end < 0 && request.isAbove(2, 3)) return EMPTY;
  const unit = unitBits(request, 4, reply);
  return unit === 0 ? undefined : bitRange(start, end, unit, length);
}

export const bitcount: DataCommand = {
  name: 'bitcount',
  summary: 'Counts the bits that are set in a string.',
  since: '2.6.0',
  group: 'bitmap',
  complexity: 'O(N) with N being the length of the range',
  arity: -2,
  flags: ['readonly'],
  categories: ['bitmap'],
  keys: key('RO', 'access'),
  syntax: 'key range=[start:integer end:integer unit=[BYTE|BIT]@7.0.0]',
  history: [['7.0.0', 'BYTE and BIT.']],
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (!isKind(session, ref, Kind.string, reply)) return;
    const db = session.db;
    const range = countRange(request, db.valueLength(ref), reply);
    if (range === undefined) return;
    const { first, last } = range;
    if (first > last) return reply.integer(0);
    reply.integer(countBitRange(db.page(ref), db.valueStart(ref), first, last));
  },
};

/** BITPOS's range; undefined after an error reply. */
function positionRange(request: Request, length: number, reply: ReplyWriter): BitRange | undefined {
  if (request.count === 3) return { first: 0, last: length * 8 - 1 };
  if (request.count > 6) {
    reply.error(errors.syntax);
    return undefined;
  }
  const start = request.integer(3);
  if (Number.isNaN(start)) {
    reply.error(errors.notInteger);
    return undefined;
  }
  const unit = unitBits(request, 5, reply);
  if (unit === 0) return undefined;
  const end = request.count > 4 ? request.integer(4) : length - 1;
  if (Number.isNaN(end)) {
    reply.error(errors.notInteger);
    return undefined;
  }
  return bitRange(start, end, unit, length);
}

export const bitpos: DataCommand = {
  name: 'bitpos',
  summary: 'Returns the position of the first bit that is set, or clear, in a string.',
  since: '2.8.7',
  group: 'bitmap',
  complexity: 'O(N) with N being the length of the range',
  arity: -3,
  flags: ['readonly'],
  categories: ['bitmap'],
  keys: key('RO', 'access'),
  syntax:
    'key bit:integer range=[start:integer end-unit-block=[end:integer unit=[BYTE|BIT]@7.0.0]]',
  history: [['7.0.0', 'BYTE and BIT.']],
  run(session, request, reply) {
    const bit = request.integer(2);
    if (Number.isNaN(bit)) return reply.error(errors.notInteger);
    if (bit !== 0 && bit !== 1) return reply.error(errors.bitArgument);
    const ref = readKey(session, request, 1);
    // An absent string is an endless one of zeros.
    if (ref === 0) return reply.integer(bit === 1 ? -1 : 0);
    if (!isKind(session, ref, Kind.string, reply)) return;
    const db = session.db;
    const length = db.valueLength(ref);
    const range = positionRange(request, length, reply);
    if (range === undefined) return;
    const { first, last } = range;
    if (first > last) return reply.integer(-1);
    const position = findBit(db.page(ref), db.valueStart(ref), first, last, bit);
    // Without an end the string goes on in zeros behind its last byte.
    const isOpen = bit === 0 && request.count < 5;
    reply.integer(position < 0 && isOpen ? length * 8 : position);
  },
};
