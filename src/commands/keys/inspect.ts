// What is there: EXISTS, TYPE, TOUCH, DBSIZE, RANDOMKEY, KEYS. Only TOUCH counts as a use of the key.

import { key, keysToEnd } from '../../dispatch/command.ts';
import { kindName } from '../../engine/record.ts';
import { Glob } from '../../util/glob.ts';
import { type DataCommand, peekKey, type Ref, readKey } from '../context.ts';

export const exists: DataCommand = {
  name: 'exists',
  summary: 'Counts how many of the keys exist; one named twice counts twice.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(N) with N being the number of keys',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: keysToEnd(['RO']),
  syntax: 'key...',
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  history: [['3.0.3', 'Takes several keys.']],
  run(session, request, reply) {
    let count = 0;
    for (let i = 1; i < request.count; i++) if (peekKey(session, request, i) !== 0) count++;
    reply.integer(count);
  },
};

export const type: DataCommand = {
  name: 'type',
  summary: 'Returns the type of the value at a key.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: key('RO'),
  syntax: 'key',
  run(session, request, reply) {
    const ref = peekKey(session, request, 1);
    reply.simple(ref === 0 ? 'none' : kindName(session.db.kind(ref)));
  },
};

export const touch: DataCommand = {
  name: 'touch',
  summary: 'Marks keys as used now and returns how many there are.',
  since: '3.2.1',
  group: 'generic',
  complexity: 'O(N) with N being the number of keys',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  keys: keysToEnd(['RO']),
  syntax: 'key...',
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run(session, request, reply) {
    let count = 0;
    // A client under NO-TOUCH that says TOUCH means it.
    const engine = session.server.engine;
    const { noTouch } = engine;
    engine.noTouch = false;
    for (let i = 1; i < request.count; i++) if (readKey(session, request, i) !== 0) count++;
    engine.noTouch = noTouch;
    reply.integer(count);
  },
};

export const dbsize: DataCommand = {
  name: 'dbsize',
  summary: 'Returns the number of keys in the database.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: 1,
  flags: ['readonly', 'fast'],
  categories: ['keyspace'],
  tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
  run(session, _request, reply) {
    // Expired keys that nobody has met yet are counted, as in Redis.
    reply.integer(session.db.keyCount);
  },
};

export const randomkey: DataCommand = {
  name: 'randomkey',
  summary: 'Returns a key drawn at random; null when there is none.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 1,
  flags: ['readonly', 'touches_arbitrary_keys'],
  categories: ['keyspace'],
  tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
  run(session, _request, reply) {
    // Every key has the same chance: segments of the table are drawn first, then slots in one.
    const db = session.db;
    const ref = db.randomKey();
    if (ref === 0) return reply.null();
    const start = db.keyStart(ref);
    reply.bulkRange(db.keyPage(ref), start, start + db.keyLength(ref));
  },
};

export const keys: DataCommand = {
  name: 'keys',
  summary: 'Returns every key that matches a pattern.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(N) with N being the number of keys in the database',
  arity: 2,
  flags: ['readonly'],
  categories: ['keyspace', 'dangerous'],
  syntax: 'pattern:pattern',
  tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
  run(session, request, reply) {
    const db = session.db;
    // One pass that nothing may interrupt, or the reply would be of no one moment: what bounds it is
    // that the pattern takes linear time. Expired keys are left out and left for the sweep, since a
    // deletion would change the table under the walk.
    const glob = new Glob(request.bytes(1));
    const mark = reply.deferred();
    let count = 0;
    const visit = (ref: Ref): boolean => {
      if (db.isExpired(ref)) return true;
      const page = db.keyPage(ref);
      const start = db.keyStart(ref);
      const end = start + db.keyLength(ref);
      if (!glob.isStar && !glob.matches(page, start, end)) return true;
      reply.bulkRange(page, start, end);
      count++;
      // No further when the client is being closed for what waits for it.
      return !reply.out.discards;
    };
    db.table.forEach(visit);
    reply.finishArray(mark, count);
  },
};
