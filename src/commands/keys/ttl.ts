// TTL, PTTL, EXPIRETIME, PEXPIRETIME: when a key will expire; PERSIST: it no longer will.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { NO_EXPIRY } from '../../engine/record.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, peekKey, writeKey } from '../context.ts';

const NO_KEY = -2;
const NEVER = -1;

/** The time left (`baseMs` now) or the moment itself (`baseMs` 0), in ms or rounded to seconds. */
function replyExpiry(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  baseMs: number,
  unitMs: number,
) {
  const ref = peekKey(session, request, 1);
  if (ref === 0) return reply.integer(NO_KEY);
  const atMs = session.db.expiry(ref);
  if (atMs === NO_EXPIRY) return reply.integer(NEVER);
  // A key whose last millisecond is not over may show 0. Seconds are rounded to the nearest one, so
  // that a TTL read back at once is the one that was set.
  const ms = Math.max(0, atMs - baseMs);
  reply.integer(unitMs === 1 ? ms : Math.floor((ms + unitMs / 2) / unitMs));
}

const facts = {
  group: 'generic',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: key('RO', 'access'),
  syntax: 'key',
} as const;

const left = {
  ...facts,
  tips: ['nondeterministic_output'],
  history: [['2.8.0', 'Replies -2 when there is no such key.']],
} as const;

export const ttl: DataCommand = {
  ...left,
  name: 'ttl',
  summary: 'Returns the seconds until a key expires; -1 when it never does, -2 when it is absent.',
  since: '1.0.0',
  run(session, request, reply) {
    replyExpiry(session, request, reply, session.server.nowMs(), 1000);
  },
};

export const pttl: DataCommand = {
  ...left,
  name: 'pttl',
  summary:
    'Returns the milliseconds until a key expires; -1 when it never does, -2 when it is absent.',
  since: '2.6.0',
  run(session, request, reply) {
    replyExpiry(session, request, reply, session.server.nowMs(), 1);
  },
};

export const expiretime: DataCommand = {
  ...facts,
  name: 'expiretime',
  summary: 'Returns the moment at which a key expires, in seconds since 1970.',
  since: '7.0.0',
  run(session, request, reply) {
    replyExpiry(session, request, reply, 0, 1000);
  },
};

export const pexpiretime: DataCommand = {
  ...facts,
  name: 'pexpiretime',
  summary: 'Returns the moment at which a key expires, in milliseconds since 1970.',
  since: '7.0.0',
  run(session, request, reply) {
    replyExpiry(session, request, reply, 0, 1);
  },
};

export const persist: DataCommand = {
  name: 'persist',
  summary: 'Removes the expiry of a key.',
  since: '2.2.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: key('RW', 'update'),
  syntax: 'key',
  run(session, request, reply) {
    const ref = writeKey(session, request, 1);
    if (ref === 0 || session.db.expiry(ref) === NO_EXPIRY) return reply.integer(0);
    session.db.setExpiry(request.buffer, request.starts[1], request.ends[1], NO_EXPIRY);
    changedKey(session, request, 1, NotifyClass.generic, 'persist');
    reply.integer(1);
  },
};
