// Virtual time: nothing happens but what is on the heap, and time passes only from one event to the
// next. Events of one instant come in the order in which they were made, immediates after all others,
// so one seed gives one history.
//
// Promises do not lie on the heap. `advance` gives their continuations room after every event; code
// that must be exact to the event uses callbacks.

import { assert } from '../../util/assert.ts';
import { Heap, type HeapHandle } from '../../util/heap.ts';
import type { Clock } from '../clock.ts';
import type { Timer, Timers } from '../timers.ts';

interface Event {
  readonly atUs: number;
  /** 1 for immediates: the end of the poll at this instant. */
  readonly phase: 0 | 1;
  readonly sequence: number;
  readonly run: () => void;
}

/** How deep a chain of promises may be that one event sets off. */
const CONTINUATIONS = 24;
/** Events at one instant before it counts as an endless loop. */
const EVENTS_PER_INSTANT = 1_000_000;

export class SimulatedTime {
  nowUs = 0;
  private sequence = 0;
  private readonly heap = new Heap<Event>(
    (a, b) => a.atUs - b.atUs || a.phase - b.phase || a.sequence - b.sequence,
  );

  /** Runs `run` in `delayUs`. */
  schedule(delayUs: number, run: () => void, phase: 0 | 1 = 0): Timer {
    const atUs = this.nowUs + Math.max(0, Math.floor(delayUs));
    const handle: HeapHandle<Event> = this.heap.push({
      atUs,
      phase,
      sequence: this.sequence++,
      run,
    });
    return { cancel: () => this.heap.remove(handle) };
  }

  /** Lets `ms` pass, with everything that is due in them. */
  async advance(ms: number): Promise<void> {
    const untilUs = this.nowUs + Math.floor(ms * 1000);
    await settle();
    let atOnce = 0;
    for (;;) {
      const next = this.heap.peek();
      if (next === undefined || next.atUs > untilUs) break;
      atOnce = next.atUs === this.nowUs ? atOnce + 1 : 0;
      assert(atOnce < EVENTS_PER_INSTANT, 'virtual time stands still');
      this.heap.pop();
      this.nowUs = next.atUs;
      next.run();
      await settle();
    }
    this.nowUs = untilUs;
  }

  /** Until `condition` holds; an assertion when it does not within `limitMs` of virtual time. */
  async until(condition: () => boolean, limitMs = 60_000): Promise<void> {
    const deadlineUs = this.nowUs + limitMs * 1000;
    await settle();
    while (!condition()) {
      const next = this.heap.peek();
      assert(next !== undefined && next.atUs <= deadlineUs, 'the condition never came true');
      await this.advance((next.atUs - this.nowUs) / 1000);
    }
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < CONTINUATIONS; i++) await undefined;
}

/** The clocks of one process. Its wall clock may be wrong and may be stepped; monotonic time is shared. */
export class SimulatedClock implements Clock {
  /** Added to virtual time: the wall clock's error, and the year that the simulation plays in. */
  wallOffsetUs: number;
  private readonly time: SimulatedTime;

  constructor(time: SimulatedTime, wallOffsetUs: number) {
    this.time = time;
    this.wallOffsetUs = wallOffsetUs;
  }

  wallMs(): number {
    return Math.floor(this.wallUs() / 1000);
  }

  wallUs(): number {
    return this.time.nowUs + this.wallOffsetUs;
  }

  monotonicUs(): number {
    return this.time.nowUs;
  }
}

/** The timers of one process: they end with it, and stand still while it is paused. */
export class SimulatedTimers implements Timers {
  private readonly time: SimulatedTime;
  private isStopped = false;
  private paused: (() => void)[] | undefined;

  constructor(time: SimulatedTime) {
    this.time = time;
  }

  after(ms: number, run: () => void): Timer {
    return this.time.schedule(ms * 1000, () => this.due(run));
  }

  every(ms: number, run: () => void): Timer {
    let isCancelled = false;
    let timer: Timer;
    const again = (): void => {
      run();
      if (!isCancelled) timer = this.after(ms, again);
    };
    timer = this.after(ms, again);
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  immediate(run: () => void): void {
    this.time.schedule(0, () => this.due(run), 1);
  }

  /** Nothing of this process runs any more. */
  stop(): void {
    this.isStopped = true;
    this.paused = undefined;
  }

  /** SIGSTOP: what comes due waits for `resume`. */
  pause(): void {
    this.paused ??= [];
  }

  resume(): void {
    const due = this.paused ?? [];
    this.paused = undefined;
    for (const run of due) this.time.schedule(0, () => this.due(run));
  }

  /** Runs `run` now, or when the process runs again, or never: for whatever reaches it from outside. */
  due(run: () => void): void {
    if (this.isStopped) return;
    if (this.paused !== undefined) this.paused.push(run);
    else run();
  }
}
