// The real clocks.

import type { Clock } from '../clock.ts';

/** How far the two clocks may drift apart before the wall clock counts as stepped. */
const STEP_US = 2000;

export class NodeClock implements Clock {
  // Node offers the wall clock in whole milliseconds only. Microseconds are the monotonic clock on
  // top of a wall reading, taken anew whenever the two disagree by more than the reading's own grain.
  #anchorUs = 0;

  wallMs(): number {
    return Date.now();
  }

  wallUs(): number {
    const wall = Date.now() * 1000;
    const monotonic = this.monotonicUs();
    const estimate = monotonic + this.#anchorUs;
    if (Math.abs(estimate - wall) < STEP_US) return estimate;
    this.#anchorUs = wall - monotonic;
    return wall;
  }

  localOffsetMinutes(wallMs: number): number {
    return -new Date(wallMs).getTimezoneOffset();
  }

  monotonicUs(): number {
    return Math.floor(performance.now() * 1000);
  }
}
