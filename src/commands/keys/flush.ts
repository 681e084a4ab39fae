// FLUSHDB, FLUSHALL and SWAPDB: whole databases. Emptying one takes no time, whatever ASYNC or SYNC
// says: the old table is set aside and freed in slices.

import type { Database } from '../../engine/database.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { int32Argument } from './database-argument.ts';

/** False after an error reply: the only argument may be ASYNC or SYNC. */
function hasFlushOptions(request: Request, reply: ReplyWriter): boolean {
  if (request.count === 1) return true;
  if (request.count === 2 && (request.is(1, 'SYNC') || request.is(1, 'ASYNC'))) return true;
  reply.error(errors.syntax);
  return false;
}

/** Empties a database, and everybody who watches or waits for a key of it learns of it. */
function flush(session: DataSession, db: Database): void {
  const { watches, blocking } = session.dispatcher;
  watches.touchDatabase(db.index);
  session.server.engine.dirty += db.flush();
  blocking.signalDatabase(db.index);
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
    flush(session, session.db);
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
    for (const db of session.server.engine.databases) flush(session, db);
    session.server.host.persistence.flushedAll();
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
    if (first !== second) {
      const { watches, blocking } = session.dispatcher;
      watches.touchDatabase(first, second);
      watches.touchDatabase(second, first);
      engine.swap(first, second);
      // Clients stay in their database, which now holds other keys.
      blocking.signalDatabase(first);
      blocking.signalDatabase(second);
    }
    engine.dirty++;
    reply.ok();
  },
};
