// SAVE, BGSAVE, BGREWRITEAOF and LASTSAVE. What they do to files is src/persistence's.

import { errors } from '../../protocol/errors.ts';
import type { DataCommand } from '../context.ts';

export const save: DataCommand = {
  name: 'save',
  summary: 'Saves the data to disk before it replies; nobody is served meanwhile.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(N) where N is the total number of keys in all databases',
  arity: 1,
  flags: ['no_async_loading', 'admin', 'noscript', 'no_multi'],
  run(session, _request, reply) {
    const { persistence } = session.server.host;
    if (persistence.isSaving) return reply.error(errors.saveInProgress);
    if (persistence.saveNow()) reply.ok();
    else reply.error(errors.saveFailed);
  },
};

export const bgsave: DataCommand = {
  name: 'bgsave',
  summary: 'Saves the data to disk while others are served.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: -1,
  flags: ['no_async_loading', 'admin', 'noscript'],
  syntax: '[SCHEDULE@3.2.2]',
  history: [['3.2.2', 'Added the `SCHEDULE` option.']],
  run(session, request, reply) {
    const { persistence, aof } = session.server.host;
    const isSchedule = request.count === 2 && request.is(1, 'SCHEDULE');
    if (request.count > 1 && !isSchedule) return reply.error(errors.syntax);
    if (persistence.isSaving) return reply.error(errors.saveInProgress);
    if (aof.isRewriting && !isSchedule) return reply.error(errors.saveBesideRewrite);
    // The moment of a snapshot must not lie in the middle of a transaction.
    if (session.dispatcher.depth > 1 || aof.isRewriting) {
      persistence.schedule();
      return reply.simple('Background saving scheduled');
    }
    if (persistence.saveInBackground()) reply.simple('Background saving started');
    else reply.error(errors.saveFailed);
  },
};

export const bgrewriteaof: DataCommand = {
  name: 'bgrewriteaof',
  summary: 'Writes the append-only file anew, as short as it can be, while others are served.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: 1,
  flags: ['no_async_loading', 'admin', 'noscript'],
  run(session, _request, reply) {
    const isInTransaction = session.dispatcher.depth > 1;
    switch (session.server.host.aof.rewriteInBackground(isInTransaction)) {
      case 'started':
        return reply.simple('Background append only file rewriting started');
      case 'scheduled':
        return reply.simple('Background append only file rewriting scheduled');
      case 'running':
        return reply.error(errors.aofRewriteInProgress);
      case 'failed':
        return reply.error(errors.aofRewriteFailed);
    }
  },
};

export const lastsave: DataCommand = {
  name: 'lastsave',
  summary: 'Returns the Unix time of the last save that succeeded.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  categories: ['admin', 'dangerous'],
  tips: ['nondeterministic_output'],
  run(session, _request, reply) {
    reply.integer(session.server.host.persistence.lastSaveSeconds);
  },
};
