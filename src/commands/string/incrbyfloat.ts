// INCRBYFLOAT: arithmetic in the 80-bit floats that Redis uses, so that results agree to the last
// digit. Propagated as the SET of its result: no other machine has to compute it again.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Encoding, KEEP_EXPIRY, Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import { addLongDouble, formatLongDouble, parseLongDouble } from '../../util/long-double.ts';
import { changedKey, type DataCommand, isKind, writeKey } from '../context.ts';

const ZERO: Buffer = Buffer.from('0');

/** Results have at most 4932 + 18 characters, mostly a few: embstr as Redis makes them, never int. */
const EMBSTR_LIMIT = 44;

export const incrbyfloat: DataCommand = {
  name: 'incrbyfloat',
  summary: 'Adds a number with decimals to the number at a key; an absent key counts as 0.',
  since: '2.6.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: key('RW', 'access', 'update'),
  syntax: 'key increment:double',
  run(session, request, reply) {
    const db = session.db;
    const { buffer, starts, ends } = request;
    const ref = writeKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.string, reply)) return;
    const from = ref === 0 ? 0 : db.valueStart(ref);
    const page = ref === 0 ? ZERO : db.page(ref);
    const old = parseLongDouble(page, from, from + (ref === 0 ? 1 : db.valueLength(ref)));
    const increment = parseLongDouble(buffer, starts[2], ends[2]);
    if (old === undefined || increment === undefined) return reply.error(errors.notFloat);
    const sum = addLongDouble(old, increment);
    if (sum === undefined) return reply.error(errors.incrementNotFinite);
    const text = Buffer.from(formatLongDouble(sum), 'latin1');
    const encoding = text.length > EMBSTR_LIMIT ? Encoding.raw : Encoding.embstr;
    db.setString(buffer, starts[1], ends[1], text, 0, text.length, encoding, KEEP_EXPIRY);
    changedKey(session, request, 1, NotifyClass.string, 'incrbyfloat');
    session.propagateAs(['SET', request.bytes(1), text, 'KEEPTTL']);
    reply.bulk(text);
  },
};
