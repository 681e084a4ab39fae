// The first lines of the log, in the order and nearly the words of redis-server: people's scripts and
// the outside test-suite look for some of them. What follows (logo, `Server initialized`, `Ready to
// accept connections`) is the node's to say.

import type { Log } from '../env/log.ts';
import { REDIS_VERSION, UNDERSTUDY_VERSION } from '../server/version.ts';

export interface StartFacts {
  readonly pid: number;
  readonly program: string;
  /** A file, standard input or options were given. */
  readonly isConfigured: boolean;
}

export function logStart(log: Log, facts: StartFacts): void {
  log.notice('oO0OoO0OoO0Oo Understudy is starting oO0OoO0OoO0Oo');
  log.notice(
    `Redis version=${REDIS_VERSION}, bits=64, commit=00000000, modified=0, pid=${facts.pid}, just started (understudy ${UNDERSTUDY_VERSION})`,
  );
  if (facts.isConfigured) log.notice('Configuration loaded');
  else {
    log.warning(
      `Warning: no config file specified, using the default config. In order to specify a config file use ${facts.program} /path/to/redis.conf`,
    );
  }
}
