// REPLCONF: what a replica says about itself before it synchronises, and how far it is afterwards. What a
// master asks in its stream (GETACK) is answered by the side that reads the stream, not here.

import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { splitArguments } from '../../util/split-arguments.ts';
import type { DataCommand, DataSession } from '../context.ts';
import type { ReplicaOptions } from './replication-service.ts';

const MAX_ADDRESS_BYTES = 255;

/** The error text, or undefined when the option was taken. */
type Setter = (options: ReplicaOptions, request: Request, i: number) => string | undefined;

const setters: Readonly<Record<string, Setter>> = {
  'listening-port': (options, request, i) => {
    const port = request.integer(i);
    if (Number.isNaN(port)) return errors.notInteger;
    options.listeningPort = port;
    return undefined;
  },
  'ip-address': (options, request, i) => {
    if (request.length(i) > MAX_ADDRESS_BYTES)
      return errors.replicaAddressTooLong(request.length(i));
    // It is shown in lines of the log and of INFO: what would end one is not taken over.
    options.address = request.text(i).replace(/[^!-~]/g, '?');
    return undefined;
  },
  // What this server does not know is for others: the way in which versions find together.
  capa: (options, request, i) => {
    if (request.is(i, 'EOF')) options.takesMark = true;
    else if (request.is(i, 'PSYNC2')) options.takesNewId = true;
    return undefined;
  },
  'rdb-only': (options, request, i) => {
    const value = request.integer(i);
    if (Number.isNaN(value)) return errors.notInteger;
    if (value < 0 || value > 1) return errors.notBetween(0, 1);
    options.rdbOnly = value === 1;
    return undefined;
  },
  'rdb-filter-only': (options, request, i) => {
    const words = splitArguments(request.bytes(i));
    if (words === undefined) return errors.missingRdbFilter;
    options.withoutData = true;
    options.withoutFunctions = true;
    for (const bytes of words) {
      const word = bytes.toString('latin1');
      if (word.toLowerCase() !== 'functions') return errors.unknownRdbFilter(word);
      options.withoutFunctions = false;
    }
    return undefined;
  },
};

export const replconf: DataCommand = {
  name: 'replconf',
  summary: 'Tells the other side of a replication link something about this one.',
  since: '3.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: -1,
  flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'],
  system: true,
  run(session, request, reply) {
    if (request.count % 2 === 0) return reply.error(errors.syntax);
    for (let i = 1; i < request.count; i += 2) {
      if (request.is(i, 'ACK')) return acknowledge(session, request, i);
      if (request.is(i, 'GETACK')) {
        // Nobody but the master has a right to know, and it gets no other reply.
        if (session.role === 'master') session.server.host.replication.acknowledge();
        return;
      }
      if (!set(session, request, i, reply)) return;
    }
    reply.ok();
  },
};

/** False when an error was replied. */
function set(session: DataSession, request: Request, i: number, reply: ReplyWriter): boolean {
  const name = request.text(i);
  const setter = Object.hasOwn(setters, name.toLowerCase())
    ? setters[name.toLowerCase()]
    : undefined;
  const error =
    setter === undefined
      ? errors.unknownReplconfOption(name)
      : setter(session.server.host.replication.masterSide.optionsOf(session), request, i + 1);
  if (error !== undefined) reply.error(error);
  return error === undefined;
}

/** ACK offset [FACK offset]: never a reply, whatever it says. */
function acknowledge(session: DataSession, request: Request, i: number): void {
  const offset = request.integer(i + 1);
  if (session.role !== 'replica' || Number.isNaN(offset)) return;
  const hasDurable = request.count > i + 3 && request.is(i + 2, 'FACK');
  const durable = hasDurable ? request.integer(i + 3) : 0;
  if (Number.isNaN(durable)) return;
  session.server.host.replication.masterSide.acknowledge(session, offset, durable);
}
