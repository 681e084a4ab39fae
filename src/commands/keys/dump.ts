// DUMP and RESTORE: a value as bytes, and back. What the bytes are is src/rdb's business; here are the
// options, the order of refusals and what replicas are told.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { dumpPayload, isPayloadIntact, restorePayload } from '../../rdb/dump-payload.ts';
import { changedKey, type DataCommand, type DataSession, readKey, writeKey } from '../context.ts';
import { deletePastKey, isPast } from './past-expiry.ts';

export const dump: DataCommand = {
  name: 'dump',
  summary: 'Returns the value of a key in the form that RESTORE takes.',
  since: '2.6.0',
  group: 'generic',
  complexity:
    'O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).',
  arity: 2,
  flags: ['readonly'],
  categories: ['keyspace'],
  keys: key('RO', 'access'),
  syntax: 'key',
  tips: ['nondeterministic_output'],
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.null();
    const { rdbTargetVersion, rdbcompression } = session.server.settings;
    const options = { version: rdbTargetVersion, compress: rdbcompression };
    reply.bulk(dumpPayload(session.db, ref, options));
  },
};

interface Options {
  replace: boolean;
  absolute: boolean;
  /** -1: not given. */
  idleSeconds: number;
  frequency: number;
}

/** Undefined: the refusal is written. */
function parseOptions(request: Request, reply: ReplyWriter): Options | undefined {
  const options: Options = { replace: false, absolute: false, idleSeconds: -1, frequency: -1 };
  const refuse = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  for (let i = 4; i < request.count; i++) {
    const hasNext = i + 1 < request.count;
    if (request.is(i, 'REPLACE')) options.replace = true;
    else if (request.is(i, 'ABSTTL')) options.absolute = true;
    else if (request.is(i, 'IDLETIME') && hasNext && options.frequency === -1) {
      const seconds = request.integer(++i);
      if (Number.isNaN(seconds)) return refuse(errors.notInteger);
      if (seconds < 0) return refuse(errors.restoreIdleTime);
      options.idleSeconds = seconds;
    } else if (request.is(i, 'FREQ') && hasNext && options.idleSeconds === -1) {
      const frequency = request.integer(++i);
      if (Number.isNaN(frequency)) return refuse(errors.notInteger);
      if (frequency < 0 || frequency > 255) return refuse(errors.restoreFrequency);
      options.frequency = frequency;
    } else return refuse(errors.syntax);
  }
  return options;
}

function runRestore(session: DataSession, request: Request, reply: ReplyWriter): void {
  const options = parseOptions(request, reply);
  if (options === undefined) return;
  if (!options.replace && writeKey(session, request, 1) !== 0) return reply.error(errors.busyKey);
  const ttlMs = request.integer(2);
  if (Number.isNaN(ttlMs)) return reply.error(errors.notInteger);
  if (ttlMs < 0) return reply.error(errors.restoreTtl);
  const payload = request.bytes(3);
  const { skipChecksums } = session.server.host.debug;
  if (!isPayloadIntact(payload, skipChecksums)) return reply.error(errors.restorePayload);
  store(session, request, reply, options, payload, ttlMs);
}

function store(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  options: Options,
  payload: Buffer,
  ttlMs: number,
): void {
  const { db, server } = session;
  const expiryMs = ttlMs === 0 ? NO_EXPIRY : options.absolute ? ttlMs : ttlMs + server.nowMs();
  const { idleSeconds, frequency } = options;
  const { sanitizeDumpPayload } = server.settings;
  const deep =
    sanitizeDumpPayload === 'yes' ||
    (sanitizeDumpPayload === 'clients' && !session.user.skipSanitizePayload);
  const isOver = expiryMs !== NO_EXPIRY && isPast(session, expiryMs);
  const name = request.bytes(1);
  const explain = (offset: number, reason: string): void =>
    server.host.log('warning', `Internal error in RDB reading offset ${offset} -> ${reason}`);
  const target = {
    ...{ db, key: name, expiryMs, idleSeconds, frequency },
    ...{ deep, discard: isOver, explain },
  };
  if (!restorePayload(payload, target)) return reply.error(errors.restoreDamaged);
  if (isOver) {
    // It makes room for a value that is gone already: a deletion by the server, not an expiry.
    const { lazyfreeLazyServerDel } = server.settings;
    if (writeKey(session, request, 1) !== 0) {
      deletePastKey(session, request, 1, lazyfreeLazyServerDel);
    }
    return reply.ok();
  }
  if (expiryMs !== NO_EXPIRY && !options.absolute) {
    const rest: Buffer[] = [];
    for (let i = 4; i < request.count; i++) rest.push(request.bytes(i));
    session.propagateAs(['RESTORE', name, expiryMs, payload, ...rest, 'ABSTTL']);
  }
  changedKey(session, request, 1, NotifyClass.generic, 'restore');
  reply.ok();
}

export const restore: DataCommand = {
  name: 'restore',
  summary: 'Creates a key from what DUMP returned.',
  since: '2.6.0',
  group: 'generic',
  complexity:
    'O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).',
  arity: -4,
  flags: ['write', 'denyoom'],
  categories: ['keyspace', 'dangerous'],
  keys: key('OW', 'update'),
  syntax:
    'key ttl:integer serialized-value [REPLACE@3.0.0] [ABSTTL@5.0.0] [IDLETIME seconds:integer@5.0.0] [FREQ frequency:integer@5.0.0]',
  history: [
    ['3.0.0', 'Added the `REPLACE` modifier.'],
    ['5.0.0', 'Added the `ABSTTL` modifier.'],
    ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
  ],
  run: runRestore,
};
