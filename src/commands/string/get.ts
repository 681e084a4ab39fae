// Reading whole strings: GET, STRLEN, MGET, and GETDEL, which reads for the last time.
// GET is the hottest command there is: it allocates nothing and makes no string.

import { key, keysToEnd } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  readAhead,
  readKey,
} from '../context.ts';

/** Replies with the string at argument 1, null when absent; false after WRONGTYPE. */
export function replyCurrentString(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): boolean {
  const ref = readKey(session, request, 1);
  if (ref === 0) {
    reply.null();
    return true;
  }
  const { kind, page, start, end } = session.db.locate(ref);
  if (kind === Kind.string) reply.bulkRange(page, start, end);
  else reply.error(errors.wrongType);
  return kind === Kind.string;
}

export const get: DataCommand = {
  name: 'get',
  summary: 'Returns the string at a key.',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['string'],
  keys: key('RO', 'access'),
  syntax: 'key',
  run(session, request, reply) {
    replyCurrentString(session, request, reply);
  },
};

export const getdel: DataCommand = {
  name: 'getdel',
  summary: 'Returns the string at a key and deletes the key.',
  since: '6.2.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'fast'],
  categories: ['string'],
  keys: key('RW', 'access', 'delete'),
  syntax: 'key',
  run(session, request, reply) {
    // Replied before it is deleted, since the reply is copied from where the value lies.
    if (!replyCurrentString(session, request, reply)) return;
    if (!session.db.delete(request.buffer, request.starts[1], request.ends[1])) return;
    changedKey(session, request, 1, NotifyClass.generic, 'del');
    session.propagateAs(['DEL', request.bytes(1)]);
  },
};

export const mget: DataCommand = {
  name: 'mget',
  summary: 'Returns the strings at several keys; null where there is none.',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(N) with N being the number of keys',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['string'],
  keys: keysToEnd(['RO', 'access']),
  syntax: 'key...',
  tips: ['request_policy:multi_shard'],
  run(session, request, reply) {
    const db = session.db;
    reply.array(request.count - 1);
    for (let i = 1, known = 1; i < request.count; i++) {
      if (i === known) known += readAhead(session, request, i, 1);
      const ref = readKey(session, request, i);
      const place = ref === 0 ? undefined : db.locate(ref);
      if (place?.kind === Kind.string) reply.bulkRange(place.page, place.start, place.end);
      else reply.null();
    }
  },
};

export const strlen: DataCommand = {
  name: 'strlen',
  summary: 'Returns the length of a string in bytes.',
  since: '2.2.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['string'],
  keys: key('RO'),
  syntax: 'key',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) reply.integer(0);
    else if (isKind(session, ref, Kind.string, reply)) reply.integer(session.db.valueLength(ref));
  },
};
