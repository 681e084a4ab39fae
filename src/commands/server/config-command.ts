// CONFIG: reads, changes and writes back the directives. What a value may be and what it sets in
// motion is the node's; here is only the shape of requests and replies.

import { type Blocked, blocked } from '../../dispatch/blocking.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { helpCommand } from './help.ts';
import { isLocal } from './local.ts';

const common = {
  group: 'server',
  flags: ['admin', 'noscript', 'loading', 'stale'],
} as const;

const toAllNodes = ['request_policy:all_nodes', 'response_policy:all_succeeded'] as const;

const get: DataCommand = {
  ...common,
  name: 'get',
  summary: 'Returns the values of the directives that match.',
  since: '2.0.0',
  complexity: 'O(N) when N is the number of configuration parameters provided',
  arity: -3,
  syntax: 'parameter...',
  history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
  run(session, request, reply) {
    const patterns: Buffer[] = [];
    for (let i = 2; i < request.count; i++) patterns.push(request.bytes(i));
    const found = session.server.config.get(patterns);
    reply.map(found.length);
    for (const [name, value] of found) {
      reply.text(name);
      reply.text(value);
    }
  },
};

const set: DataCommand = {
  ...common,
  name: 'set',
  summary: 'Sets directives, all of them or none.',
  since: '2.0.0',
  complexity: 'O(N) when N is the number of configuration parameters provided',
  arity: -4,
  syntax: 'data=(parameter value)...',
  history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
  tips: toAllNodes,
  run(session, request, reply) {
    if (request.count % 2 !== 0) return reply.error(errors.syntax);
    const { config } = session.server;
    const pairs: [string, string][] = [];
    for (let i = 2; i < request.count; i += 2) {
      const name = request.text(i);
      // Also when the command fails: a password must not show in a log because another word was wrong.
      if (config.isSensitive(name)) session.redact(i + 1);
      pairs.push([name, request.text(i + 1)]);
    }
    return applySettings(session, pairs, reply);
  },
};

/** Listening on another port takes a while: the client then waits, and nobody else does. */
function applySettings(
  session: DataSession,
  pairs: readonly (readonly [string, string])[],
  reply: ReplyWriter,
): Blocked | undefined {
  let outcome: { readonly error: string | undefined } | undefined;
  let isWaiting = false;
  session.server.config.set(pairs, isLocal(session), (error) => {
    outcome = { error };
    if (isWaiting) session.dispatcher.waiting.answer(session, (late) => finish(late, error));
  });
  if (outcome !== undefined) {
    finish(reply, outcome.error);
    return undefined;
  }
  isWaiting = true;
  // In a transaction nobody can wait: the change goes on, and a failure is in the log.
  return blocked({ keys: [], kind: 'config', deadlineMs: 0, onTimeout: (late) => late.ok() });
}

function finish(reply: ReplyWriter, error: string | undefined): void {
  if (error === undefined) reply.ok();
  else reply.error(error);
}

const resetstat: DataCommand = {
  ...common,
  name: 'resetstat',
  summary: 'Zeroes the statistics that INFO reports.',
  since: '2.0.0',
  complexity: 'O(1)',
  arity: 2,
  tips: toAllNodes,
  run(session, _request, reply) {
    session.server.host.resetStatistics();
    reply.ok();
  },
};

const rewrite: DataCommand = {
  ...common,
  name: 'rewrite',
  summary: 'Writes the configuration in effect to the configuration file.',
  since: '2.8.0',
  complexity: 'O(1)',
  arity: 2,
  tips: toAllNodes,
  run(session, _request, reply) {
    const { dispatcher, server } = session;
    const isInTransaction = dispatcher.depth > 1 || session.denyBlocking;
    if (isInTransaction) {
      finish(reply, server.config.rewrite());
      return undefined;
    }
    server.config.rewriteSoon((error) =>
      dispatcher.waiting.answer(session, (late) => finish(late, error)),
    );
    return blocked({ keys: [], kind: 'config', deadlineMs: 0, onTimeout: (late) => late.ok() });
  },
};

export const config: DataCommand = {
  name: 'config',
  summary: 'A container for server configuration commands.',
  since: '2.0.0',
  group: 'server',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    get,
    helpCommand('5.0.0', [
      'GET <pattern>',
      '    Directives that match the pattern, with their values.',
      'SET <directive> <value> [<directive> <value> ...]',
      '    Change directives, all of them or none.',
      'RESETSTAT',
      '    Zero the statistics that INFO reports.',
      'REWRITE',
      '    Write the configuration in effect to the configuration file.',
    ]),
    resetstat,
    rewrite,
    set,
  ],
};
