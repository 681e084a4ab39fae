// INCR, DECR, INCRBY, DECRBY. Integers are stored as their digits, so counting reads digits and
// writes digits: in place as long as their number stays the same, without a string or a bigint as
// long as the value is exact in a double.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Encoding, KEEP_EXPIRY, Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import {
  countUp,
  decimalLength,
  parseInt64,
  parseInteger,
  writeInteger,
} from '../../util/integer.ts';
import { changedKey, type DataCommand, type DataSession, isKind, writeKey } from '../context.ts';
import { scratch, storeInteger } from './string-value.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function incrementBy(session: DataSession, request: Request, reply: ReplyWriter, by: number) {
  const db = session.db;
  const { buffer, starts, ends } = request;
  const ref = writeKey(session, request, 1);
  let value = by;
  if (ref === 0) {
    if (!Number.isSafeInteger(by)) return incrementExactly(session, request, reply, BigInt(by));
    storeInteger(session, buffer, starts[1], ends[1], value);
  } else {
    const { kind, encoding, page, start, end } = db.locate(ref);
    if (kind !== Kind.string) return reply.error(errors.wrongType);
    // In place: `writeKey` has taken the pre-image, and nobody holds a view across commands.
    if (by === 1 && encoding === Encoding.int && countUp(page, start, end)) {
      reply.digits(page, start, end);
      return changedKey(session, request, 1, NotifyClass.string, 'incrby');
    }
    const old = parseInteger(page, start, end);
    if (Number.isNaN(old)) return reply.error(errors.notInteger);
    value = old + by;
    if (!Number.isSafeInteger(value) || !Number.isSafeInteger(old)) {
      return incrementExactly(session, request, reply, BigInt(by));
    }
    if (encoding === Encoding.int && decimalLength(value) === end - start) {
      writeInteger(page, start, value);
    } else if (!db.overwrite(ref, scratch, 0, writeInteger(scratch, 0, value), Encoding.int)) {
      storeInteger(session, buffer, starts[1], ends[1], value, KEEP_EXPIRY);
    }
  }
  changedKey(session, request, 1, NotifyClass.string, 'incrby');
  reply.integer(value);
}

/** The same beyond 2^53, where doubles would round. */
function incrementExactly(session: DataSession, request: Request, reply: ReplyWriter, by: bigint) {
  const db = session.db;
  const { buffer, starts, ends } = request;
  const ref = writeKey(session, request, 1);
  let old: bigint | undefined = 0n;
  if (ref !== 0) {
    if (!isKind(session, ref, Kind.string, reply)) return;
    const start = db.valueStart(ref);
    old = parseInt64(db.page(ref), start, start + db.valueLength(ref));
    if (old === undefined) return reply.error(errors.notInteger);
  }
  const value = old + by;
  if (value > INT64_MAX || value < INT64_MIN) return reply.error(errors.incrementOverflow);
  const digits = Buffer.from(String(value), 'latin1');
  const { length } = digits;
  db.setString(buffer, starts[1], ends[1], digits, 0, length, Encoding.int, KEEP_EXPIRY);
  changedKey(session, request, 1, NotifyClass.string, 'incrby');
  reply.integer(value);
}

function incrementByArgument(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  sign: 1 | -1,
) {
  const by = request.integer(2);
  if (Number.isSafeInteger(by)) return incrementBy(session, request, reply, sign * by);
  const exact = request.int64(2);
  if (exact === undefined) return reply.error(errors.notInteger);
  // The least integer has no positive counterpart.
  if (sign < 0 && exact === INT64_MIN) return reply.error(errors.decrementOverflow);
  incrementExactly(session, request, reply, sign < 0 ? -exact : exact);
}

const facts = {
  group: 'string',
  since: '1.0.0',
  complexity: 'O(1)',
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: key('RW', 'access', 'update'),
} as const;

export const incr: DataCommand = {
  ...facts,
  name: 'incr',
  summary: 'Adds one to the integer at a key; an absent key counts as 0.',
  arity: 2,
  syntax: 'key',
  run(session, request, reply) {
    incrementBy(session, request, reply, 1);
  },
};

export const decr: DataCommand = {
  ...facts,
  name: 'decr',
  summary: 'Subtracts one from the integer at a key; an absent key counts as 0.',
  arity: 2,
  syntax: 'key',
  run(session, request, reply) {
    incrementBy(session, request, reply, -1);
  },
};

export const incrby: DataCommand = {
  ...facts,
  name: 'incrby',
  summary: 'Adds an integer to the integer at a key; an absent key counts as 0.',
  arity: 3,
  syntax: 'key increment:integer',
  run(session, request, reply) {
    incrementByArgument(session, request, reply, 1);
  },
};

export const decrby: DataCommand = {
  ...facts,
  name: 'decrby',
  summary: 'Subtracts an integer from the integer at a key; an absent key counts as 0.',
  arity: 3,
  syntax: 'key decrement:integer',
  run(session, request, reply) {
    incrementByArgument(session, request, reply, -1);
  },
};
