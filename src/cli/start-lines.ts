// The first lines of the log, in the order and nearly the words of redis-server: people's scripts,
// container health checks and the outside test-suite wait for some of them (` PID: `, the port).

import type { Log } from '../env/log.ts';
import { REDIS_VERSION, UNDERSTUDY_VERSION } from '../util/version.ts';

export interface StartFacts {
  readonly mode: 'standalone' | 'sentinel';
  readonly pid: number;
  readonly port: number;
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

/** The logo, or one line for logs that nobody looks at. Both name port and process. */
export function logIdentity(log: Log, facts: StartFacts, showLogo: boolean): void {
  if (showLogo) log.raw(logo(facts));
  else log.notice(`Running mode=${facts.mode}, port=${facts.port}. PID: ${facts.pid}`);
}

function logo(facts: StartFacts): string {
  return `
      .-----------.
     /  _       _  \\        Understudy ${UNDERSTUDY_VERSION} (Redis ${REDIS_VERSION}) 64 bit
    |  (o)     (o)  |
    |       ^       |       Running in ${facts.mode} mode
    |   \\_______/   |       Port: ${facts.port}
     \\   '-----'   /        PID: ${facts.pid}
      '-._______.-'

`;
}
