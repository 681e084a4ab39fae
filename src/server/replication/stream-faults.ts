// What a replica does about what it cannot do as its master told it: commands that fail, and writes that no
// disk takes. Both mean that the data may differ, so an operator is told, or the process ends.

import type { NodeReplicationOptions } from './node-replication.ts';

/** Between two log lines about writes that cannot be made durable. */
const RISK_LOG_MS = 10_000;

export class StreamFaults {
  /** Errors that came of what masters sent. */
  errors = 0;
  readonly #options: NodeReplicationOptions;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(options: NodeReplicationOptions) {
    this.#options = options;
  }

  /** `count` errors; the last one, and the command that it came of. */
  failed(count: number, error: string, command: string): void {
    const { environment, settings } = this.#options;
    this.errors += count;
    environment.log.warning(
      `== CRITICAL == This replica is sending an error to its master: '${error}' after processing the command '${command}'`,
    );
    if (settings.propagationErrorBehavior === 'ignore' || !settings.replicaReadOnly) return;
    this.#options.crash(
      `This replica panicked sending an error to its master after processing the command '${command}'`,
    );
  }

  /** A write is about to run although the last one could not be saved. */
  atRisk(): void {
    const { environment, settings } = this.#options;
    if (!settings.replicaIgnoreDiskWriteErrors) {
      this.#options.crash('Replica was unable to write command to disk.');
      return;
    }
    const now = environment.clock.monotonicUs() / 1000;
    if (now - this.#loggedMs < RISK_LOG_MS) return;
    this.#loggedMs = now;
    environment.log.warning(
      'Replica is applying a command even though it is unable to write to disk.',
    );
  }
}
