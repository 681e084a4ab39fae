// EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT: when a key goes away. All of them are propagated as
// PEXPIREAT, since only absolute times mean the same everywhere.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, writeKey } from '../context.ts';
import { EXPIRY_OVERFLOW, expiryArgument, MILLISECONDS, SECONDS } from '../expiry-argument.ts';
import { deletePastKey, isPast } from './past-expiry.ts';

const Condition = { nx: 1, xx: 2, gt: 4, lt: 8 } as const;

/** The conditions from argument 3 on; -1 after an error reply. */
function parseConditions(request: Request, reply: ReplyWriter): number {
  let conditions = 0;
  for (let i = 3; i < request.count; i++) {
    if (request.is(i, 'NX')) conditions |= Condition.nx;
    else if (request.is(i, 'XX')) conditions |= Condition.xx;
    else if (request.is(i, 'GT')) conditions |= Condition.gt;
    else if (request.is(i, 'LT')) conditions |= Condition.lt;
    else {
      reply.error(errors.unsupportedOption(request.text(i)));
      return -1;
    }
  }
  if (conditions & Condition.nx && conditions !== Condition.nx) {
    reply.error(errors.expireNxConflict);
    return -1;
  }
  if (conditions & Condition.gt && conditions & Condition.lt) {
    reply.error(errors.expireGtConflict);
    return -1;
  }
  return conditions;
}

/** A key without expiry lives for ever: GT never beats it, LT always does. */
function isMet(conditions: number, currentMs: number, atMs: number): boolean {
  const none = currentMs === NO_EXPIRY;
  if (conditions & Condition.nx && !none) return false;
  if (conditions & Condition.xx && none) return false;
  if (conditions & Condition.gt && (none || atMs <= currentMs)) return false;
  return !(conditions & Condition.lt && !none && atMs >= currentMs);
}

function runExpire(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  unitMs: number,
  baseMs: number,
  name: string,
) {
  const conditions = parseConditions(request, reply);
  if (conditions < 0) return;
  const atMs = expiryArgument(request, 2, unitMs, baseMs);
  if (Number.isNaN(atMs)) return reply.error(errors.notInteger);
  if (atMs === EXPIRY_OVERFLOW) return reply.error(errors.invalidExpire(name));
  const db = session.db;
  const ref = writeKey(session, request, 1);
  if (ref === 0 || !isMet(conditions, db.expiry(ref), atMs)) return reply.integer(0);
  // Conditions come first: a time in the past deletes only where it would have been set.
  if (isPast(session, atMs)) {
    deletePastKey(session, request, 1);
  } else {
    // A replica keeps what has passed until its master says otherwise, but no time before 1970.
    const expiry = Math.max(0, atMs);
    db.setExpiry(request.buffer, request.starts[1], request.ends[1], expiry);
    if (session.dispatcher.propagation.active) propagateExpiry(session, request, expiry);
    changedKey(session, request, 1, NotifyClass.generic, 'expire');
  }
  reply.integer(1);
}

function propagateExpiry(session: DataSession, request: Request, atMs: number): void {
  const args: (Uint8Array | string)[] = ['PEXPIREAT', request.bytes(1), String(atMs)];
  for (let i = 3; i < request.count; i++) args.push(request.bytes(i));
  session.propagateAs(args);
}

const facts = {
  group: 'generic',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: key('RW', 'update'),
  history: [['7.0.0', 'NX, XX, GT and LT.']],
} as const;

export const expire: DataCommand = {
  ...facts,
  name: 'expire',
  summary: 'Lets a key expire after some seconds.',
  since: '1.0.0',
  syntax: 'key seconds:integer condition=[NX|XX|GT|LT]@7.0.0',
  run(session, request, reply) {
    runExpire(session, request, reply, SECONDS, session.server.nowMs(), 'expire');
  },
};

export const pexpire: DataCommand = {
  ...facts,
  name: 'pexpire',
  summary: 'Lets a key expire after some milliseconds.',
  since: '2.6.0',
  syntax: 'key milliseconds:integer condition=[NX|XX|GT|LT]@7.0.0',
  run(session, request, reply) {
    runExpire(session, request, reply, MILLISECONDS, session.server.nowMs(), 'pexpire');
  },
};

export const expireat: DataCommand = {
  ...facts,
  name: 'expireat',
  summary: 'Lets a key expire at a moment given in seconds since 1970.',
  since: '1.2.0',
  syntax: 'key unix-time-seconds:unix-time condition=[NX|XX|GT|LT]@7.0.0',
  run(session, request, reply) {
    runExpire(session, request, reply, SECONDS, 0, 'expireat');
  },
};

export const pexpireat: DataCommand = {
  ...facts,
  name: 'pexpireat',
  summary: 'Lets a key expire at a moment given in milliseconds since 1970.',
  since: '2.6.0',
  syntax: 'key unix-time-milliseconds:unix-time condition=[NX|XX|GT|LT]@7.0.0',
  run(session, request, reply) {
    runExpire(session, request, reply, MILLISECONDS, 0, 'pexpireat');
  },
};
