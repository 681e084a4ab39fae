// Keeps rewrites that fail again and again apart: each leaves another incremental file behind. After three
// failures in a row the next one waits a minute, then two, four … an hour at most. BGREWRITEAOF does not
// wait. Model: aofRewriteLimited in aof.c.
//
// Where the file itself was lost to a failed fsync, a rewrite is what the node needs to take writes again,
// and none is added to any file meanwhile: then it is tried every few seconds. A master that waited for
// an hour would be called down by its sentinels long after its disk was well again.

import type { Clock } from '../env/clock.ts';
import type { Log } from '../env/log.ts';

const FAILURES = 3;
const MOST_MINUTES = 60;
const MINUTE_US = 60_000_000;
/** Between attempts that the node waits for. */
const URGENT_US = 5_000_000;

export class RewriteLimit {
  consecutiveFailures = 0;
  readonly #clock: Clock;
  readonly #log: Log;
  #minutes = 0;
  /** 0: no wait has begun since the last attempt. */
  #untilUs = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  failed(): void {
    this.consecutiveFailures++;
  }

  forget(): void {
    this.consecutiveFailures = 0;
  }

  /** Whether a rewrite that nobody asked for must wait; `isUrgent`: no writes are taken without it. */
  holds(isUrgent = false): boolean {
    if (this.consecutiveFailures < FAILURES) {
      this.#minutes = 0;
      this.#untilUs = 0;
      return false;
    }
    const now = this.#clock.monotonicUs();
    if (this.#untilUs !== 0) {
      if (now < this.#untilUs) return true;
      this.#untilUs = 0;
      return false;
    }
    if (isUrgent) {
      this.#untilUs = now + URGENT_US;
      return true;
    }
    this.#minutes = Math.min(MOST_MINUTES, this.#minutes === 0 ? 1 : this.#minutes * 2);
    this.#untilUs = now + this.#minutes * MINUTE_US;
    this.#log.warning(
      `Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${this.#minutes} minutes`,
    );
    return true;
  }
}
