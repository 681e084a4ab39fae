// Things to be done later. A callback that throws is a broken invariant: it stops the process (or,
// in a simulation, the run); nothing here catches it.

export interface Timer {
  /** Nothing happens when the timer has run or was cancelled before. */
  cancel(): void;
}

export interface Timers {
  /** Runs once, `ms` from now on the monotonic clock; never before the caller returns. */
  after(ms: number, run: () => void): Timer;
  /** Runs every `ms`; a run that comes late moves the next one, missed runs are not made up for. */
  every(ms: number, run: () => void): Timer;
  /**
   * Runs at the end of this poll: after everything that the network has ready now was handed out,
   * before the process waits again. Whatever is to be done once for many sockets goes here.
   */
  immediate(run: () => void): void;
}
