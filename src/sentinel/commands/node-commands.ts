// The commands of a sentinel that data nodes have too, but answer differently: INFO, ROLE, PUBLISH and
// SHUTDOWN.

import { infoFacts, sectionsAsked } from '../../commands/shared/info/info-facts.ts';
import { blocked } from '../../dispatch/blocking.ts';
import { errors } from '../../protocol/errors.ts';
import type { SentinelCommand } from './sentinel-session.ts';

const info: SentinelCommand = {
  ...infoFacts,
  summary: 'Returns information and statistics about the sentinel and its masters.',
  complexity: 'O(N) where N is the number of masters',
  run(session, request, reply) {
    reply.text(session.node.info(sectionsAsked(request)));
  },
};

const role: SentinelCommand = {
  name: 'role',
  summary: 'Returns the word sentinel and the names of the masters.',
  since: '2.8.12',
  group: 'server',
  complexity: 'O(N) where N is the number of masters',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast'],
  categories: ['admin', 'dangerous'],
  run(session, _request, reply) {
    const { node } = session;
    const masters = node.core.masterNames();
    reply.array(2);
    reply.text('sentinel');
    reply.array(masters.length);
    for (const name of masters) reply.text(name);
  },
};

const HELLO_CHANNEL = '__sentinel__:hello';

const publish: SentinelCommand = {
  name: 'publish',
  summary: 'Takes the hello of another sentinel.',
  since: '2.0.0',
  group: 'pubsub',
  complexity: 'O(1)',
  arity: 3,
  flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
  syntax: 'channel message',
  run(session, request, reply) {
    if (request.text(1) !== HELLO_CHANNEL) return reply.error(errors.sentinelHelloOnly);
    session.node.hello(request.text(2));
    reply.integer(1);
  },
};

const SHUTDOWN_WORDS = ['SAVE', 'NOSAVE', 'NOW', 'FORCE'];

const shutdown: SentinelCommand = {
  name: 'shutdown',
  summary: 'Ends the sentinel; its state is on disk already.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: -1,
  flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  syntax: 'save-selector=[NOSAVE|SAVE] [NOW@7.0.0] [FORCE@7.0.0] [ABORT@7.0.0]',
  history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
  run(session, request, reply) {
    if (request.count === 2 && request.is(1, 'ABORT')) {
      return reply.error(errors.shutdownNotInProgress);
    }
    const words = Array.from({ length: request.count - 1 }, (_, i) => i + 1);
    const given = (word: string): boolean => words.some((i) => request.is(i, word));
    const isKnown = words.every((i) => SHUTDOWN_WORDS.some((word) => request.is(i, word)));
    if (!isKnown || (given('SAVE') && given('NOSAVE'))) return reply.error(errors.syntax);
    session.node.shutdown();
    return blocked({ keys: [], kind: 'shutdown', deadlineMs: 0, onTimeout: () => {} });
  },
};

export const nodeCommands: readonly SentinelCommand[] = [info, publish, role, shutdown];
