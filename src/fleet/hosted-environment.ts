// The environment of one node that shares its process with others: it can be frozen and it can die,
// alone. What a signal does to a process is done here to everything that could run the node's code:
// its timers and its connections.

import type { Environment } from '../env/environment.ts';
import { FaultyNetwork } from '../env/faulty-network.ts';
import { LinkFaults } from '../env/link-faults.ts';
import type { Timer, Timers } from '../env/timers.ts';

export class HostedEnvironment {
  readonly faults: LinkFaults = new LinkFaults();
  /** What the node is given. */
  readonly environment: Environment;
  readonly #timers: HostedTimers;
  readonly #network: FaultyNetwork;

  /** `real` belongs to this node alone: it has a log of its own. */
  constructor(real: Environment) {
    this.#timers = new HostedTimers(real.timers, this.faults);
    this.#network = new FaultyNetwork({ ...real, timers: this.#timers }, this.faults, true);
    this.environment = { ...real, timers: this.#timers, network: this.#network };
  }

  /** Ends everything at once, as `kill -9` does. */
  async crash(): Promise<void> {
    this.#timers.stop();
    this.environment.log.level = 'nothing';
    await this.#network.crash();
  }
}

/** Timers that stand still while the node is frozen and end with it. */
class HostedTimers implements Timers {
  readonly #real: Timers;
  readonly #faults: LinkFaults;
  readonly #running = new Set<Timer>();
  readonly #unwatch: () => void;
  #held: (() => void)[] = [];
  #isStopped = false;

  constructor(real: Timers, faults: LinkFaults) {
    this.#real = real;
    this.#faults = faults;
    this.#unwatch = faults.watch(() => this.#release());
  }

  after(ms: number, run: () => void): Timer {
    if (this.#isStopped) return { cancel: () => {} };
    let isCancelled = false;
    const real = this.#real.after(ms, () => {
      this.#running.delete(timer);
      this.#due(() => {
        if (!isCancelled) run();
      });
    });
    const timer = this.#remember(real, () => {
      isCancelled = true;
    });
    return timer;
  }

  every(ms: number, run: () => void): Timer {
    if (this.#isStopped) return { cancel: () => {} };
    let isCancelled = false;
    let isHeld = false;
    const real = this.#real.every(ms, () => {
      // Runs that were missed are not made up for.
      if (isHeld) return;
      isHeld = true;
      this.#due(() => {
        isHeld = false;
        if (!isCancelled) run();
      });
    });
    return this.#remember(real, () => {
      isCancelled = true;
    });
  }

  /** Cancelled, what the real timer has already set off must not run when the node thaws. */
  #remember(real: Timer, cancelled: () => void): Timer {
    const timer: Timer = {
      cancel: () => {
        cancelled();
        real.cancel();
        this.#running.delete(timer);
      },
    };
    this.#running.add(timer);
    return timer;
  }

  immediate(run: () => void): void {
    if (!this.#isStopped) this.#real.immediate(() => this.#due(run));
  }

  stop(): void {
    this.#isStopped = true;
    this.#held = [];
    this.#unwatch();
    for (const timer of [...this.#running]) timer.cancel();
  }

  #due(run: () => void): void {
    if (this.#isStopped) return;
    if (this.#faults.isFrozen) this.#held.push(run);
    else run();
  }

  #release(): void {
    if (this.#faults.isFrozen) return;
    const held = this.#held;
    this.#held = [];
    for (const run of held) this.#due(run);
  }
}
