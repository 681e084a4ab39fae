// FLUSHDB, FLUSHALL and SWAPDB: whole databases. Emptying one takes no time, whatever ASYNC or SYNC
// says: the old table is set aside and freed in slices.

import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand } from '../context.ts';
import { int32Argument } from './database-argument.ts';

/** False after an error reply: the only argument may be ASYNC or SYNC. */
function hasFlushOptions(request: Request, reply: ReplyWriter): boolean {
  if (request.count === 1) return true;
  if (request.count === 2 && (request.is(1, 'SYNC') || request.is(1, 'ASYNC'))) return true;
  reply.error(errors.syntax);
  return false;
}

export const flushdb: DataCommand = {
  name: 'flushdb',
  summary: 'Removes all keys of the database.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1); the memory is freed later, in slices',
  arity: -1,
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  syntax: 'flush-type=[ASYNC@4.0.0|SYNC@6.2.0]',
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  history: [
    ['4.0.0', 'ASYNC.'],
    ['6.2.0', 'SYNC.'],
  ],
  run(session, request, reply) {
    if (!hasFlushOptions(request, reply)) return;
    session.server.engine.dirty += session.db.flush();
    // Also of an empty database: a replica's may not be.
    session.propagateAnyway();
    reply.ok();
  },
};

export const flushall: DataCommand = {
  name: 'flushall',
  summary: 'Removes all keys of all databases.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(D) with D being the number of databases; the memory is freed later, in slices',
  arity: -1,
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  syntax: 'flush-type=[ASYNC@4.0.0|SYNC@6.2.0]',
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  history: [
    ['4.0.0', 'ASYNC.'],
    ['6.2.0', 'SYNC.'],
  ],
  run(session, request, reply) {
    if (!hasFlushOptions(request, reply)) return;
    const { engine } = session.server;
    for (const db of engine.databases) engine.dirty += db.flush();
    session.propagateAnyway();
    reply.ok();
  },
};

export const swapdb: DataCommand = {
  name: 'swapdb',
  summary: 'Exchanges the contents of two databases.',
  since: '4.0.0',
  group: 'server',
  complexity: 'O(N) with N being the number of clients that watch or wait for keys of the two',
  arity: 3,
  flags: ['write', 'fast'],
  categories: ['keyspace', 'dangerous'],
  syntax: 'index1:integer index2:integer',
  run(session, request, reply) {
    const first = int32Argument(request, 1);
    if (Number.isNaN(first)) return reply.error(errors.invalidFirstDb);
    const second = int32Argument(request, 2);
    if (Number.isNaN(second)) return reply.error(errors.invalidSecondDb);
    const { engine } = session.server;
    const count = engine.databases.length;
    if (first < 0 || first >= count || second < 0 || second >= count) {
      return reply.error(errors.dbOutOfRange);
    }
    if (first !== second) engine.swap(first, second);
    engine.dirty++;
    reply.ok();
  },
};
