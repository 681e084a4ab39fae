// Before a node ends, its replicas may catch up: writes are held and everybody who is behind is asked how
// far it is, until nobody is behind or the time of `shutdown-timeout` is over. Nothing that was
// acknowledged to a client is then lost with a node that ends in an orderly way.

import type { Waiting } from '../dispatch/waiting.ts';
import type { Log } from '../env/log.ts';
import type { Timer, Timers } from '../env/timers.ts';
import type { MasterSide } from './replication/master-side.ts';

export interface ShutdownWaitOptions {
  readonly log: Log;
  readonly timers: Timers;
  readonly waiting: Waiting;
  readonly master: MasterSide;
  nowMs(): number;
}

export class ShutdownWait {
  readonly #options: ShutdownWaitOptions;
  #timer: Timer | undefined;
  #endMs = 0;

  constructor(options: ShutdownWaitOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  /** What is left of the time; undefined while nothing is waited for. */
  get leftMs(): number | undefined {
    return this.isOn ? Math.max(0, Math.ceil(this.#endMs - this.#options.nowMs())) : undefined;
  }

  /** Waits, and calls `done` later, if anybody is behind; false when there is nothing to wait for. */
  begin(seconds: number, done: () => void): boolean {
    const { log, master, timers, waiting } = this.#options;
    if (seconds === 0 || lagging(master).length === 0) return false;
    this.#endMs = this.#options.nowMs() + seconds * 1000;
    // Before the pause, under which the stream stands still.
    master.askWhereReplicasAre();
    waiting.pause('shutdown', 'write', Infinity);
    log.notice('Waiting for replicas before shutting down.');
    const end = (): void => {
      this.#stop();
      done();
    };
    this.#timer = timers.after(seconds * 1000, end);
    master.onProgress = () => {
      if (lagging(master).length === 0) end();
    };
    return true;
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#options.master.onProgress = () => {};
  }

  /** The node goes on after all, whether it was still waiting or could not end. */
  cancel(): void {
    this.#stop();
    this.#options.waiting.unpause('shutdown');
  }

  /** Tells the log who will miss something. */
  report(): void {
    const { log, master } = this.#options;
    const count = master.replicas.length;
    if (count === 0) return;
    const behind = lagging(master);
    for (const replica of behind) {
      const { machine } = replica;
      const bytes = master.offset() - machine.ackOffset;
      const lag = machine.isOnline ? replica.lagSeconds : 0;
      log.notice(
        `Lagging replica ${replica.name()} reported offset ${bytes} behind master, lag=${lag}, state=${machine.shownState}.`,
      );
    }
    log.notice(`${count - behind.length} of ${count} replicas are in sync when shutting down.`);
  }
}

function lagging(master: MasterSide): MasterSide['replicas'] {
  const offset = master.offset();
  return master.replicas.filter(({ machine }) => machine.ackOffset !== offset);
}
