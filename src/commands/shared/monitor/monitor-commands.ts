// MONITOR: the session becomes a watcher and stays one until it is reset or closed.

import type { Command } from '../../../dispatch/command.ts';
import { errors } from '../../../protocol/errors.ts';

const monitor: Command = {
  name: 'monitor',
  summary: 'Shows every command that the server runs from here on.',
  since: '1.0.0',
  group: 'server',
  arity: 1,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  run(session, _request, reply) {
    if (session.denyBlocking) {
      reply.error(errors.monitorDenied);
      return;
    }
    // Who watches already, or receives the stream of changes, gets no further reply.
    if (session.role !== 'client') return;
    session.role = 'monitor';
    session.dispatcher.monitors.add(session);
    reply.ok();
  },
};

export const monitorCommands: readonly Command[] = [monitor];
