// SHUTDOWN. The client gets no reply when it works: its connection closes with the node.

import { blocked } from '../../dispatch/blocking.ts';
import { errors } from '../../protocol/errors.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand } from '../context.ts';

interface Wanted {
  readonly save: boolean | undefined;
  readonly now: boolean;
  readonly force: boolean;
  readonly abort: boolean;
}

/** Undefined: a syntax error. */
function parse(request: Request): Wanted | undefined {
  let save = false;
  let nosave = false;
  let now = false;
  let force = false;
  let abort = false;
  for (let i = 1; i < request.count; i++) {
    if (request.is(i, 'SAVE')) save = true;
    else if (request.is(i, 'NOSAVE')) nosave = true;
    else if (request.is(i, 'NOW')) now = true;
    else if (request.is(i, 'FORCE')) force = true;
    else if (request.is(i, 'ABORT')) abort = true;
    else return undefined;
  }
  if ((save && nosave) || (abort && (save || nosave || now || force))) return undefined;
  return { save: save ? true : nosave ? false : undefined, now, force, abort };
}

export const shutdown: DataCommand = {
  name: 'shutdown',
  summary: 'Saves the data if that is configured and ends the server.',
  since: '1.0.0',
  group: 'server',
  complexity:
    'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
  arity: -1,
  flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  syntax: 'save-selector=[NOSAVE|SAVE] [NOW@7.0.0] [FORCE@7.0.0] [ABORT@7.0.0]',
  history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
  run(session, request, reply) {
    const wanted = parse(request);
    if (wanted === undefined) return reply.error(errors.syntax);
    const { host } = session.server;
    if (wanted.abort) {
      if (host.abortShutdown()) reply.ok();
      else reply.error(errors.shutdownNotInProgress);
      return;
    }
    if (!wanted.now && session.denyBlocking) return reply.error(errors.shutdownDenied);
    const error = host.shutdown(wanted);
    if (error !== undefined) return reply.error(error);
    // The node ends, or tells everybody who waits like this that it could not.
    return blocked({ keys: [], kind: 'shutdown', deadlineMs: 0, onTimeout: () => {} });
  },
};
