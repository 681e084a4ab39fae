// A sentinel inside another program: it never ends the process, and it is silent unless it is told where
// to log.

import type { Environment } from '../env/environment.ts';
import type { Processes } from '../env/processes.ts';
import { openState, type StartFailure } from './open-state.ts';
import { Sentinel } from './sentinel.ts';
import type { SentinelConfiguration } from './sentinel-settings.ts';

export interface EmbeddedSentinel extends AsyncDisposable {
  /** Listens and begins to watch; false, with the reason in the log, when it cannot. Once. */
  start(): Promise<boolean>;
  /** Ends the sentinel and closes its clients. Calling it again waits for the same end. */
  stop(): Promise<void>;
  /** Settles when the sentinel has ended, by `stop` or by a client's SHUTDOWN. */
  readonly ended: Promise<void>;
  /** The address to connect to; '' without TCP. */
  getHost(): string;
  getPort(): number;
  /** Where this sentinel says that a master is; undefined when it watches none of that name. */
  masterAddress(name: string): { readonly host: string; readonly port: number } | undefined;
}

export interface EmbeddedOptions {
  readonly environment: Environment;
  readonly processes: Processes;
  readonly configuration: SentinelConfiguration;
  /** Listens on any free port instead of the configured one. */
  readonly anyPort: boolean;
}

/** A sentinel that does nothing before `start`. */
export function createSentinel(
  options: EmbeddedOptions,
): EmbeddedSentinel | { readonly failure: StartFailure } {
  const { environment, processes, configuration, anyPort } = options;
  const opened = openState(environment, configuration);
  if ('failure' in opened) return opened;
  let settle = (): void => {};
  const ended = new Promise<void>((fulfil) => {
    settle = fulfil;
  });
  const process = { beforeExit: () => {}, exit: () => settle(), notify: () => {} };
  const sentinel = new Sentinel({ environment, processes, process, configuration, opened });
  return {
    ended,
    start: () => (anyPort ? sentinel.startOnAnyPort() : sentinel.start()),
    stop: () => sentinel.end(),
    [Symbol.asyncDispose]: () => sentinel.end(),
    getHost: () => reachable(sentinel.listeners.addresses[0] ?? ''),
    getPort: () => sentinel.listeners.port,
    masterAddress: (name) =>
      sentinel.core.masterAddress(Buffer.from(name, 'utf8').toString('latin1')),
  };
}

function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
