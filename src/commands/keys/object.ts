// OBJECT: how a value is kept. None of it counts as a use of the key.

import { type Command, keyAt } from '../../dispatch/command.ts';
import { Encoding, encodingName } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { parseInteger } from '../../util/integer.ts';
import type { DataCommand, DataSession, Ref } from '../context.ts';
import { helpReply } from '../shared/help-reply.ts';

/** Redis keeps one object for each of the integers 0 to 9999; it counts that one's references as these. */
const SHARED_INTEGERS = 10_000;
const SHARED_REFERENCES = 0x7fffffff;

/** The value at argument 2; 0 after a null reply. */
function objectAt(session: DataSession, request: Request, reply: ReplyWriter): Ref {
  const ref = session.db.lookupQuiet(request.buffer, request.starts[2], request.ends[2]);
  if (ref === 0) reply.null();
  return ref;
}

function usesLfu(session: DataSession): boolean {
  return session.server.engine.access.lfu;
}

/** Whether Redis would have shared this value: small integers, unless each needs an access clock of its own. */
function isShared(session: DataSession, ref: Ref): boolean {
  const db = session.db;
  if (db.encoding(ref) !== Encoding.int) return false;
  const policy = session.server.engine.settings.maxmemoryPolicy;
  const needsClock = policy.endsWith('lru') || policy.endsWith('lfu');
  if (session.server.settings.maxmemory > 0 && needsClock) return false;
  const start = db.valueStart(ref);
  const value = parseInteger(db.page(ref), start, start + db.valueLength(ref));
  return value >= 0 && value < SHARED_INTEGERS;
}

const facts = {
  group: 'generic',
  since: '2.2.3',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly'],
  categories: ['keyspace'],
  keys: [keyAt(2, 'RO')],
  syntax: 'key',
  tips: ['nondeterministic_output'],
} as const;

const encoding: Command<DataSession> = {
  ...facts,
  name: 'encoding',
  summary: 'Returns the form in which a value is kept.',
  run(session, request, reply) {
    const ref = objectAt(session, request, reply);
    if (ref !== 0) reply.text(encodingName(session.db.encoding(ref)));
  },
};

const freq: Command<DataSession> = {
  ...facts,
  name: 'freq',
  summary: 'Returns the logarithmic counter of uses that the LFU policies keep.',
  since: '4.0.0',
  run(session, request, reply) {
    const ref = objectAt(session, request, reply);
    if (ref === 0) return;
    if (!usesLfu(session)) return reply.error(errors.frequencyNotTracked);
    reply.integer(session.server.engine.access.frequency(session.db.access(ref)));
  },
};

const idletime: Command<DataSession> = {
  ...facts,
  name: 'idletime',
  summary: 'Returns the seconds since a value was used last.',
  run(session, request, reply) {
    const ref = objectAt(session, request, reply);
    if (ref === 0) return;
    if (usesLfu(session)) return reply.error(errors.idleTimeNotTracked);
    reply.integer(session.server.engine.access.idleSeconds(session.db.access(ref)));
  },
};

const refcount: Command<DataSession> = {
  ...facts,
  name: 'refcount',
  summary: 'Returns how many references a value has: one, or very many for a small integer.',
  run(session, request, reply) {
    const ref = objectAt(session, request, reply);
    if (ref !== 0) reply.integer(isShared(session, ref) ? SHARED_REFERENCES : 1);
  },
};

const helpLines = [
  'ENCODING <key>',
  '    The form in which the value is kept.',
  'FREQ <key>',
  '    The logarithmic counter of uses, under an LFU policy.',
  'IDLETIME <key>',
  '    Seconds since the value was used last.',
  'REFCOUNT <key>',
  '    References to the value.',
];

const help: Command<DataSession> = {
  name: 'help',
  summary: 'Lists the subcommands.',
  since: '6.2.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  categories: ['keyspace'],
  run(_session, request, reply) {
    helpReply(request, reply, helpLines);
  },
};

export const object: DataCommand = {
  name: 'object',
  summary: 'Commands that look into how values are kept.',
  since: '2.2.3',
  group: 'generic',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [encoding, freq, help, idletime, refcount],
};
