// Parts of strings: GETRANGE and its old name SUBSTR, SETRANGE, APPEND. A string that is changed in
// parts stays `raw` from then on, as in Redis, and grows where it lies.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind, NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { copyBytes } from '../../util/bytes.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  readKey,
  writeKey,
} from '../context.ts';
import { makeRoom } from './string-room.ts';
import { stringEncoding } from './string-value.ts';

const EMPTY: Buffer = Buffer.alloc(0);

/** False after an error reply: a string of `length` bytes is more than one bulk may be. */
function isAllowedLength(session: DataSession, length: number, reply: ReplyWriter): boolean {
  // What the master accepted is accepted here.
  if (length <= session.server.settings.protoMaxBulkLen || session.role === 'master') return true;
  reply.error(errors.stringTooLong);
  return false;
}

function runGetrange(session: DataSession, request: Request, reply: ReplyWriter) {
  let from = request.integer(2);
  let to = request.integer(3);
  if (Number.isNaN(from) || Number.isNaN(to)) return reply.error(errors.notInteger);
  const ref = readKey(session, request, 1);
  if (ref === 0) return reply.bulk(EMPTY);
  if (!isKind(session, ref, Kind.string, reply)) return;
  const db = session.db;
  const length = db.valueLength(ref);
  // Two negative positions in the wrong order are empty even where clamping would make them meet.
  if (from < 0 && to < 0 && request.isAbove(2, 3)) return reply.bulk(EMPTY);
  if (from < 0) from = Math.max(0, length + from);
  if (to < 0) to = Math.max(0, length + to);
  to = Math.min(to, length - 1);
  if (from > to) return reply.bulk(EMPTY);
  const start = db.valueStart(ref);
  reply.bulkRange(db.page(ref), start + from, start + to + 1);
}

export const getrange: DataCommand = {
  name: 'getrange',
  summary: 'Returns a part of the string at a key.',
  since: '2.4.0',
  group: 'string',
  complexity: 'O(N) with N being the length of the returned part',
  arity: 4,
  flags: ['readonly'],
  categories: ['string'],
  keys: key('RO', 'access'),
  syntax: 'key start:integer end:integer',
  run: runGetrange,
};

export const substr: DataCommand = {
  name: 'substr',
  summary: 'Returns a part of the string at a key.',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(N) with N being the length of the returned part',
  arity: 4,
  flags: ['readonly'],
  categories: ['string'],
  keys: key('RO', 'access'),
  syntax: 'key start:integer end:integer',
  deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
  run: runGetrange,
};

export const setrange: DataCommand = {
  name: 'setrange',
  summary: 'Overwrites a part of a string, filling a gap before it with zero bytes.',
  since: '2.2.0',
  group: 'string',
  complexity: 'O(M) with M being the length of the value; growing a string may copy it',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: key('RW', 'update'),
  syntax: 'key offset:integer value',
  run(session, request, reply) {
    const offset = request.integer(2);
    if (Number.isNaN(offset)) return reply.error(errors.notInteger);
    if (offset < 0) return reply.error(errors.offsetOutOfRange);
    const db = session.db;
    let ref = writeKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.string, reply)) return;
    const oldLength = ref === 0 ? 0 : db.valueLength(ref);
    const added = request.length(3);
    if (added === 0) return reply.integer(oldLength);
    const end = offset + added;
    if (!isAllowedLength(session, end, reply)) return;
    const length = Math.max(oldLength, end);
    ref = makeRoom(session, request, 1, ref, length);
    copyBytes(
      db.page(ref),
      db.valueStart(ref) + offset,
      request.buffer,
      request.starts[3],
      request.ends[3],
    );
    changedKey(session, request, 1, NotifyClass.string, 'setrange');
    reply.integer(length);
  },
};

export const append: DataCommand = {
  name: 'append',
  summary: 'Adds bytes to the end of a string; an absent key is created.',
  since: '2.0.0',
  group: 'string',
  complexity: 'O(M) with M being the length of the value, amortised',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: key('RW', 'insert'),
  syntax: 'key value',
  run(session, request, reply) {
    const db = session.db;
    const { buffer, starts, ends } = request;
    const start = starts[2];
    const end = ends[2];
    let ref = writeKey(session, request, 1);
    let length = end - start;
    if (ref === 0) {
      const encoding = stringEncoding(buffer, start, end);
      db.setString(buffer, starts[1], ends[1], buffer, start, end, encoding, NO_EXPIRY);
    } else {
      if (!isKind(session, ref, Kind.string, reply)) return;
      const oldLength = db.valueLength(ref);
      length += oldLength;
      if (!isAllowedLength(session, length, reply)) return;
      ref = db.growString(buffer, starts[1], ends[1], length);
      copyBytes(db.page(ref), db.valueStart(ref) + oldLength, buffer, start, end);
    }
    changedKey(session, request, 1, NotifyClass.string, 'append');
    reply.integer(length);
  },
};
