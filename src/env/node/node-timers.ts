// Timers of the event loop. `immediate` is setImmediate: measured, it is the only one that runs
// after all sockets of a poll were read (process.nextTick runs between them and gains nothing).

import type { Timer, Timers } from '../timers.ts';

/** Node's own limit; a longer wait is made of several. */
const LONGEST_MS = 0x7fffffff;

export class NodeTimers implements Timers {
  after(ms: number, run: () => void): Timer {
    if (ms > LONGEST_MS) return new LongTimer(ms, run);
    const handle = setTimeout(run, ms);
    return { cancel: () => clearTimeout(handle) };
  }

  every(ms: number, run: () => void): Timer {
    const handle = setInterval(run, Math.min(ms, LONGEST_MS));
    return { cancel: () => clearInterval(handle) };
  }

  immediate(run: () => void): void {
    setImmediate(run);
  }
}

class LongTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;

  constructor(ms: number, run: () => void) {
    this.#wait(ms, run);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  #wait(ms: number, run: () => void): void {
    const now = Math.min(ms, LONGEST_MS);
    this.#handle = setTimeout(() => (ms > now ? this.#wait(ms - now, run) : run()), now);
  }
}
