// MULTI, EXEC, DISCARD, WATCH, UNWATCH. The queue, the marks and the run are the dispatcher's; here
// is only what the client is told.

import { type Command, keysToEnd } from '../../dispatch/command.ts';
import { Transaction } from '../../dispatch/transaction.ts';
import { errors } from '../../protocol/errors.ts';

const multi: Command = {
  name: 'multi',
  summary: 'Begins a transaction: commands are queued from here on.',
  since: '1.2.0',
  group: 'transactions',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  run(session, _request, reply) {
    if (session.transaction !== undefined) return reply.error(errors.nestedMulti);
    session.transaction = new Transaction();
    reply.ok();
  },
};

const exec: Command = {
  name: 'exec',
  summary: 'Runs the queued commands, unless a watched key has changed.',
  since: '1.2.0',
  group: 'transactions',
  complexity: 'Depends on commands in the transaction',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
  categories: ['transaction'],
  run(session) {
    session.dispatcher.runTransaction(session);
  },
};

const discard: Command = {
  name: 'discard',
  summary: 'Drops the queued commands and ends the transaction.',
  since: '2.0.0',
  group: 'transactions',
  complexity: 'O(N) with N being the number of queued commands',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  run(session, _request, reply) {
    if (session.transaction === undefined) return reply.error(errors.discardWithoutMulti);
    session.dispatcher.discardTransaction(session);
    reply.ok();
  },
};

const watch: Command = {
  name: 'watch',
  summary: 'Makes the next transaction depend on keys staying as they are.',
  since: '2.2.0',
  group: 'transactions',
  complexity: 'O(1) for every key',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  keys: keysToEnd(['RO']),
  syntax: 'key...',
  run(session, request, reply) {
    if (session.transaction !== undefined) return reply.error(errors.watchInsideMulti);
    const { watches } = session.dispatcher;
    // Once one key has changed the transaction fails anyway.
    if (session.watches?.isDirty !== true) {
      for (let i = 1; i < request.count; i++) {
        watches.watch(session, session.dbIndex, request.text(i));
      }
    }
    reply.ok();
  },
};

const unwatch: Command = {
  name: 'unwatch',
  summary: 'Forgets all watched keys.',
  since: '2.2.0',
  group: 'transactions',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  run(session, _request, reply) {
    session.dispatcher.watches.unwatch(session);
    reply.ok();
  },
};

export const transactionsCommands: readonly Command[] = [discard, exec, multi, unwatch, watch];
