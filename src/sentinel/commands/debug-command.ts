// SENTINEL DEBUG: the periods and time limits of the sentinel, to be read and, for tests, to be changed.

import { errors } from '../../protocol/errors.ts';
import type { Timings } from '../core/settings.ts';
import { writeOutcome } from './act-commands.ts';
import { type SentinelCommand, sentinelFacts } from './sentinel-session.ts';

/** In the order in which they are printed. */
const names: readonly (readonly [name: string, field: keyof Timings])[] = [
  ['info-period', 'infoPeriod'],
  ['ping-period', 'pingPeriod'],
  ['ask-period', 'askPeriod'],
  ['publish-period', 'publishPeriod'],
  ['default-down-after', 'defaultDownAfter'],
  ['default-failover-timeout', 'defaultFailoverTimeout'],
  ['tilt-trigger', 'tiltTrigger'],
  ['tilt-period', 'tiltPeriod'],
  ['slave-reconf-timeout', 'slaveReconfTimeout'],
  ['min-link-reconnect-period', 'minLinkReconnectPeriod'],
  ['election-timeout', 'electionTimeout'],
  ['script-max-runtime', 'scriptMaxRuntime'],
  ['script-retry-delay', 'scriptRetryDelay'],
];
const fields: ReadonlyMap<string, keyof Timings> = new Map(names);

export const debug: SentinelCommand = {
  ...sentinelFacts,
  name: 'debug',
  summary: 'Shows or changes periods and time limits, in milliseconds.',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of configurable parameters',
  arity: -2,
  syntax: 'data=[(parameter value)...]',
  run(session, request, reply) {
    const { node } = session;
    if (request.count === 2) {
      reply.map(names.length);
      for (const [name, field] of names) {
        reply.text(name.toUpperCase());
        reply.text(String(node.core.timings[field]));
      }
      return undefined;
    }
    const changes: { -readonly [K in keyof Timings]?: number } = {};
    let problem: string | undefined;
    for (let i = 2; i < request.count && problem === undefined; i += 2) {
      const typed = request.text(i);
      const field = fields.get(typed.toLowerCase());
      if (field === undefined || i + 1 === request.count) {
        problem = errors.sentinelUnknownOption('DEBUG', typed);
      } else {
        const value = request.integer(i + 1);
        if (value > 0 && Number.isSafeInteger(value)) changes[field] = value;
        else problem = errors.sentinelBadValue(request.text(i + 1), 'DEBUG', typed);
      }
    }
    // Not atomic, as in Redis: what stands before a bad one is set.
    return node.perform(session, { name: 'debug', changes }, (answer, out) => {
      if (problem === undefined) writeOutcome(answer, out);
      else out.error(problem);
    });
  },
};
