// SET with all its options, and the older commands that are special cases of it: SETNX, SETEX,
// PSETEX and GETSET. A SET without options is the second hottest command: it has its own path.

import { type KeySpecFlag, key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { KEEP_EXPIRY, NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, writeKey } from '../context.ts';
import { EXPIRY_OVERFLOW, expiryArgument, MILLISECONDS, SECONDS } from '../expiry-argument.ts';
import { replyCurrentString } from './get.ts';
import { BAD_OPTIONS, parseSetOptions, SetOption, TIMED, timePosition } from './set-options.ts';
import { storeString } from './string-value.ts';

const WRITES: readonly KeySpecFlag[] = ['OW', 'update'];
const READS_AND_WRITES: readonly KeySpecFlag[] = ['RW', 'access', 'update'];

/** Stores argument `value` under the key at argument 1, without expiry unless it says otherwise. */
function store(session: DataSession, request: Request, value: number, expiry: number): void {
  storeString(session, request, 1, value, expiry);
  changedKey(session, request, 1, NotifyClass.string, 'set');
}

/**
 * The absolute expiry that argument `i` asks for, in ms; NaN after an error reply. Zero and less are
 * refused here, also for absolute times: only EXPIRE may name a moment before 1970.
 */
export function positiveExpiry(
  session: DataSession,
  request: Request,
  i: number,
  option: number,
  name: string,
  reply: ReplyWriter,
): number {
  const unitMs = option & (SetOption.ex | SetOption.exAt) ? SECONDS : MILLISECONDS;
  const baseMs = option & (SetOption.ex | SetOption.px) ? session.server.nowMs() : 0;
  const atMs = expiryArgument(request, i, unitMs, baseMs);
  if (Number.isNaN(atMs)) {
    reply.error(errors.notInteger);
    return Number.NaN;
  }
  if (request.integer(i) <= 0 || atMs === EXPIRY_OVERFLOW) {
    reply.error(errors.invalidExpire(name));
    return Number.NaN;
  }
  return atMs;
}

function storeWithExpiry(
  session: DataSession,
  request: Request,
  value: number,
  atMs: number,
): void {
  store(session, request, value, atMs);
  const { buffer, starts, ends } = request;
  session.db.notify(buffer, starts[1], ends[1], NotifyClass.generic, 'expire');
}

function setWithOptions(session: DataSession, request: Request, reply: ReplyWriter) {
  const options = parseSetOptions(request, 3, false);
  if (options === BAD_OPTIONS) return reply.error(errors.syntax);
  const timeAt = timePosition(options);
  let atMs = NO_EXPIRY;
  if (timeAt !== 0) {
    atMs = positiveExpiry(session, request, timeAt, options & TIMED, 'set', reply);
    if (Number.isNaN(atMs)) return;
  }
  const wantsOld = (options & SetOption.get) !== 0;
  if (wantsOld && !replyCurrentString(session, request, reply)) return;
  const exists = writeKey(session, request, 1) !== 0;
  if (exists ? options & SetOption.nx : options & SetOption.xx) {
    if (!wantsOld) reply.null();
    return;
  }
  if (timeAt === 0) {
    store(session, request, 2, options & SetOption.keepTtl ? KEEP_EXPIRY : NO_EXPIRY);
    if (wantsOld) session.propagateAs(withoutGet(request));
  } else {
    storeWithExpiry(session, request, 2, atMs);
    if (!(options & SetOption.pxAt)) propagateAbsolute(session, request, 2, atMs);
  }
  if (!wantsOld) reply.ok();
}

/** A relative time would start anew wherever the stream is read. */
function propagateAbsolute(
  session: DataSession,
  request: Request,
  value: number,
  atMs: number,
): void {
  // Only what somebody listens to is worth making: caches SET with EX all day.
  if (!session.dispatcher.propagation.active) return;
  session.propagateAs(['SET', request.bytes(1), request.bytes(value), 'PXAT', String(atMs)]);
}

/** GET only concerns the one who asked. */
function withoutGet(request: Request): Uint8Array[] {
  const args: Uint8Array[] = [];
  for (let i = 0; i < request.count; i++) {
    if (i < 3 || !request.is(i, 'GET')) args.push(request.bytes(i));
  }
  return args;
}

export const set: DataCommand = {
  name: 'set',
  summary: 'Stores a string at a key, whatever was there before.',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [
    {
      ...key('RW', 'access', 'update', 'variable_flags')[0],
      notes: 'Read only with GET',
    },
  ],
  keyFlags(request) {
    for (let i = 3; i < request.count; i++) if (request.is(i, 'GET')) return READS_AND_WRITES;
    return WRITES;
  },
  syntax:
    'key value condition=[NX|XX]@2.6.12 [GET@6.2.0] expiration=[EX seconds:integer@2.6.12|PX milliseconds:integer@2.6.12|EXAT unix-time-seconds:unix-time@6.2.0|PXAT unix-time-milliseconds:unix-time@6.2.0|KEEPTTL@6.0.0]',
  history: [
    ['2.6.12', 'EX, PX, NX and XX.'],
    ['6.0.0', 'KEEPTTL.'],
    ['6.2.0', 'GET, EXAT and PXAT.'],
    ['7.0.0', 'NX and GET go together.'],
  ],
  run(session, request, reply) {
    if (request.count !== 3) return setWithOptions(session, request, reply);
    store(session, request, 2, NO_EXPIRY);
    reply.ok();
  },
};

export const setnx: DataCommand = {
  name: 'setnx',
  summary: 'Stores a string only when the key does not exist.',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: key('OW', 'insert'),
  syntax: 'key value',
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
  run(session, request, reply) {
    if (writeKey(session, request, 1) !== 0) return reply.integer(0);
    store(session, request, 2, NO_EXPIRY);
    reply.integer(1);
  },
};

function runSetex(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  option: number,
  name: string,
): void {
  const atMs = positiveExpiry(session, request, 2, option, name, reply);
  if (Number.isNaN(atMs)) return;
  storeWithExpiry(session, request, 3, atMs);
  propagateAbsolute(session, request, 3, atMs);
  reply.ok();
}

export const setex: DataCommand = {
  name: 'setex',
  summary: 'Stores a string that expires after some seconds.',
  since: '2.0.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: key('OW', 'update'),
  syntax: 'key seconds:integer value',
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
  run(session, request, reply) {
    runSetex(session, request, reply, SetOption.ex, 'setex');
  },
};

export const psetex: DataCommand = {
  name: 'psetex',
  summary: 'Stores a string that expires after some milliseconds.',
  since: '2.6.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: key('OW', 'update'),
  syntax: 'key milliseconds:integer value',
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
  run(session, request, reply) {
    runSetex(session, request, reply, SetOption.px, 'psetex');
  },
};

export const getset: DataCommand = {
  name: 'getset',
  summary: 'Stores a string and returns the one that was there before.',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['string'],
  keys: key('RW', 'access', 'update'),
  syntax: 'key value',
  deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
  run(session, request, reply) {
    if (!replyCurrentString(session, request, reply)) return;
    store(session, request, 2, NO_EXPIRY);
    session.propagateAs(['SET', request.bytes(1), request.bytes(2)]);
  },
};
