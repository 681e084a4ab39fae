// GETEX: a read that moves the key's expiry. Never propagated as it came: what goes out is the
// change of the expiry alone.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind, NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import { changedKey, type DataCommand, isKind, readKey } from '../context.ts';
import { deletePastKey, isPast } from '../keys/past-expiry.ts';
import { positiveExpiry } from './set.ts';
import { BAD_OPTIONS, parseSetOptions, SetOption, TIMED, timePosition } from './set-options.ts';

export const getex: DataCommand = {
  name: 'getex',
  summary: 'Returns the string at a key and sets or removes the expiry of the key.',
  since: '6.2.0',
  group: 'string',
  complexity: 'O(1)',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['string'],
  keys: [
    {
      ...key('RW', 'access', 'update')[0],
      notes: 'Writes, because it moves the expiry',
    },
  ],
  syntax:
    'key expiration=[EX seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time|PERSIST]',
  run(session, request, reply) {
    const options = parseSetOptions(request, 2, true);
    if (options === BAD_OPTIONS) return reply.error(errors.syntax);
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.null();
    if (!isKind(session, ref, Kind.string, reply)) return;
    const timeAt = timePosition(options);
    let atMs = NO_EXPIRY;
    if (timeAt !== 0) {
      atMs = positiveExpiry(session, request, timeAt, options & TIMED, 'getex', reply);
      if (Number.isNaN(atMs)) return;
    }
    const hadExpiry = session.db.expiry(ref) !== NO_EXPIRY;
    // The reply first: every change below ends the view of the value.
    const { page, start, end } = session.db.locate(ref);
    reply.bulkRange(page, start, end);

    const { buffer, starts, ends } = request;
    if (options & (SetOption.exAt | SetOption.pxAt) && isPast(session, atMs)) {
      deletePastKey(session, request, 1);
    } else if (timeAt !== 0) {
      session.db.setExpiry(buffer, starts[1], ends[1], atMs);
      session.propagateAs(['PEXPIREAT', request.bytes(1), String(atMs)]);
      changedKey(session, request, 1, NotifyClass.generic, 'expire');
    } else if (options & SetOption.persist && hadExpiry) {
      session.db.setExpiry(buffer, starts[1], ends[1], NO_EXPIRY);
      session.propagateAs(['PERSIST', request.bytes(1)]);
      changedKey(session, request, 1, NotifyClass.generic, 'persist');
    }
  },
};
