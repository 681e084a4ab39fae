// HINCRBY and HINCRBYFLOAT. The latter computes in the 80-bit floats that Redis uses and is
// propagated as the HSET of its result: no other machine has to compute it again.

import { key } from '../../dispatch/command.ts';
import { readField, setField } from '../../engine/hash-value.ts';
import { ListpackEntry } from '../../engine/listpack.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { Request } from '../../protocol/request.ts';
import { parseInt64, parseInteger, writeInteger } from '../../util/integer.ts';
import {
  addLongDouble,
  formatLongDouble,
  longDoubleOf,
  parseLongDouble,
} from '../../util/long-double.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type Ref,
  writeKey,
} from '../context.ts';
import { valueKey } from '../value-key.ts';

const old = new ListpackEntry();
const digits: Buffer = Buffer.alloc(24);
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Sets `old` to the field at argument 2; false when there is none. */
function readOld(session: DataSession, ref: Ref, request: Request): boolean {
  if (ref === 0) return false;
  return readField(session.db, ref, request.buffer, request.starts[2], request.ends[2], old);
}

/** Writes the sum's digits to `digits`: where they end, or an error text. */
function addToOld(hasOld: boolean, request: Request): number | string {
  const increment = request.integer(3);
  const before = hasOld ? parseInteger(old.bytes, old.start, old.end) : 0;
  if (Number.isNaN(before)) return errors.hashNotInteger;
  const sum = before + increment;
  if (
    Number.isSafeInteger(before) &&
    Number.isSafeInteger(increment) &&
    Number.isSafeInteger(sum)
  ) {
    return writeInteger(digits, 0, sum);
  }
  const exact = hasOld ? (parseInt64(old.bytes, old.start, old.end) as bigint) : 0n;
  const total = exact + (request.int64(3) as bigint);
  if (total > INT64_MAX || total < INT64_MIN) return errors.incrementOverflow;
  return digits.write(total.toString(), 'latin1');
}

export const hincrby: DataCommand = {
  name: 'hincrby',
  summary: 'Adds to the integer in a field; an absent one counts as 0.',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: key('RW', 'access', 'update'),
  syntax: 'key field increment:integer',
  run(session, request, reply) {
    if (Number.isNaN(request.integer(3))) return reply.error(errors.notInteger);
    const ref = writeKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return;
    const end = addToOld(readOld(session, ref, request), request);
    if (typeof end === 'string') return reply.error(end);
    const { buffer, starts, ends } = request;
    const target = valueKey(session, request, 1);
    setField(target, ref, buffer, starts[2], ends[2], digits, 0, end);
    const sum = parseInteger(digits, 0, end);
    reply.integer(Number.isSafeInteger(sum) ? sum : (parseInt64(digits, 0, end) as bigint));
    changedKey(session, request, 1, NotifyClass.hash, 'hincrby');
  },
};

export const hincrbyfloat: DataCommand = {
  name: 'hincrbyfloat',
  summary: 'Adds to the number with decimals in a field; an absent one counts as 0.',
  since: '2.6.0',
  group: 'hash',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: key('RW', 'access', 'update'),
  syntax: 'key field increment:double',
  run(session, request, reply) {
    const { buffer, starts, ends } = request;
    const increment = parseLongDouble(buffer, starts[3], ends[3]);
    if (increment === undefined) return reply.error(errors.notFloat);
    if (!Number.isFinite(increment.exponent)) return reply.error(errors.notFinite);
    const ref = writeKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.hash, reply)) return;
    const before = readOld(session, ref, request)
      ? parseLongDouble(old.bytes, old.start, old.end)
      : longDoubleOf(0);
    if (before === undefined) return reply.error(errors.hashNotFloat);
    const sum = addLongDouble(before, increment);
    if (sum === undefined) return reply.error(errors.incrementNotFinite);
    const text = Buffer.from(formatLongDouble(sum), 'latin1');
    const target = valueKey(session, request, 1);
    setField(target, ref, buffer, starts[2], ends[2], text, 0, text.length);
    reply.bulk(text);
    changedKey(session, request, 1, NotifyClass.hash, 'hincrbyfloat');
    session.propagateAs(['HSET', request.bytes(1), request.bytes(2), text]);
  },
};
