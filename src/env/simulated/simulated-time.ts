// Virtual time: nothing happens but what is on the heap, and time passes only from one event to the
// next. Events of one instant come in the order in which they were made, immediates after all others,
// so one seed gives one history.
//
// Promises do not lie on the heap, their continuations do not know virtual time. They get room after
// every event that settles a promise of the environment (`promise`), and now and then otherwise, since
// giving it after each event would cost more than the events.

import { assert } from '../../util/assert.ts';
import type { Clock } from '../clock.ts';
import type { Timer, Timers } from '../timers.ts';

/** Place of an event that is not in the queue. */
const NOWHERE = -1;

class Event implements Timer {
  atUs = 0;
  /** Among those of one instant. */
  order = 0;
  /** In the queue's heap. */
  index: number = NOWHERE;
  run: () => void;
  readonly #queue: EventQueue;

  constructor(queue: EventQueue, run: () => void) {
    this.#queue = queue;
    this.run = run;
  }

  cancel(): void {
    this.#queue.remove(this);
  }
}

/**
 * A binary heap of its own instead of util's: nearly all that a simulation does passes through here, and a
 * comparison by call and a handle for each event were a tenth of a fleet's time at rest.
 */
class EventQueue {
  readonly #events: Event[] = [];
  #sequence = 0;

  get first(): Event | undefined {
    return this.#events[0];
  }

  push(event: Event, atUs: number): void {
    event.atUs = atUs;
    event.order = this.#sequence++;
    this.#events.push(event);
    this.#up(event, this.#events.length - 1);
  }

  remove(event: Event): void {
    const { index } = event;
    if (index === NOWHERE) return;
    event.index = NOWHERE;
    const last = this.#events.pop();
    if (last === undefined || last === event) return;
    this.#down(last, index);
    if (last.index === index) this.#up(last, index);
  }

  #up(event: Event, from: number): void {
    const events = this.#events;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = events[parentIndex];
      if (!isEarlier(event, parent)) break;
      events[index] = parent;
      parent.index = index;
      index = parentIndex;
    }
    events[index] = event;
    event.index = index;
  }

  #down(event: Event, from: number): void {
    const events = this.#events;
    const { length } = events;
    let index = from;
    for (let child = 2 * index + 1; child < length; child = 2 * index + 1) {
      const right = child + 1;
      if (right < length && isEarlier(events[right], events[child])) child = right;
      const next = events[child];
      if (!isEarlier(next, event)) break;
      events[index] = next;
      next.index = index;
      index = child;
    }
    events[index] = event;
    event.index = index;
  }
}

function isEarlier(a: Event, b: Event): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

/** How deep a chain of promises may be that one event sets off. */
const CONTINUATIONS = 24;
/** Events after which promises get room although none of the environment's was settled. */
const EVENTS_UNSETTLED = 64;
/** Events at one instant before it counts as an endless loop. */
const EVENTS_PER_INSTANT = 1_000_000;

export class SimulatedTime {
  nowUs = 0;
  #atOnce = 0;
  #mustSettle = false;
  #sinceSettled = 0;
  readonly #queue = new EventQueue();
  /** Those of this instant, in order: time does not pass while there are any. */
  #immediates: (() => void)[] = [];
  #nextImmediate = 0;

  /** Runs `run` in `delayUs`. */
  schedule(delayUs: number, run: () => void): Event {
    const event = new Event(this.#queue, run);
    this.again(event, delayUs);
    return event;
  }

  /** The same event once more, after it has run: most of a fleet at rest are timers that repeat. */
  again(event: Event, delayUs: number): void {
    this.#queue.push(event, this.nowUs + Math.max(0, Math.floor(delayUs)));
  }

  /** Runs `run` at the end of the poll of this instant: when all else is done that happens in it. */
  immediate(run: () => void): void {
    this.#immediates.push(run);
  }

  /** A promise that is settled by an event, `delayUs` from now; never when `isDead` says so by then. */
  promise<T>(delayUs: number, run: () => T, isDead: () => boolean = () => false): Promise<T> {
    return new Promise((fulfil, reject) => {
      this.schedule(delayUs, () => {
        if (isDead()) return;
        this.#mustSettle = true;
        try {
          fulfil(run());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Says that a promise was settled outside of `promise`. */
  willContinue(): void {
    this.#mustSettle = true;
  }

  /** Lets time pass until the promise is settled, and gives its value. */
  async complete<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const done = (): void => {
      isSettled = true;
    };
    promise.then(done, done);
    await this.until(() => isSettled);
    return promise;
  }

  /** Lets `ms` pass, with everything that is due in them. */
  async advance(ms: number): Promise<void> {
    const untilUs = this.nowUs + Math.floor(ms * 1000);
    await settle();
    while (this.#runNext(untilUs)) if (this.#isTimeToSettle()) await settle();
    await settle();
    this.nowUs = untilUs;
  }

  /** Until `condition` holds; an assertion when it does not within `limitMs` of virtual time. */
  async until(condition: () => boolean, limitMs = 60_000): Promise<void> {
    const deadlineUs = this.nowUs + limitMs * 1000;
    await settle();
    while (!condition()) {
      assert(this.#runNext(deadlineUs), 'the condition never came true');
      if (this.#isTimeToSettle()) await settle();
    }
  }

  /** Runs the next event unless it is later than `untilUs`. */
  #runNext(untilUs: number): boolean {
    const next = this.#queue.first;
    const isNow = next !== undefined && next.atUs <= this.nowUs;
    if (!isNow && this.#immediates.length > 0) {
      this.#countAtOnce();
      this.#takeImmediate()();
      return true;
    }
    if (next === undefined || next.atUs > untilUs) return false;
    if (isNow) this.#countAtOnce();
    else {
      this.#atOnce = 0;
      this.nowUs = next.atUs;
    }
    this.#queue.remove(next);
    next.run();
    return true;
  }

  #countAtOnce(): void {
    assert(++this.#atOnce < EVENTS_PER_INSTANT, 'virtual time stands still');
  }

  #takeImmediate(): () => void {
    const immediates = this.#immediates;
    const run = immediates[this.#nextImmediate++];
    if (this.#nextImmediate === immediates.length) {
      immediates.length = 0;
      this.#nextImmediate = 0;
    }
    return run;
  }

  #isTimeToSettle(): boolean {
    const now = this.#mustSettle || ++this.#sinceSettled >= EVENTS_UNSETTLED;
    if (now) {
      this.#mustSettle = false;
      this.#sinceSettled = 0;
    }
    return now;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < CONTINUATIONS; i++) await undefined;
}

/** The clocks of one machine. Its wall clock may be wrong and may be stepped; both run fast or slow. */
export class SimulatedClock implements Clock {
  /** Added to monotonic time: the wall clock's error, and the year that the simulation plays in. */
  wallOffsetUs: number;
  /** Seconds of this clock in a virtual one. */
  rate = 1;
  readonly #time: SimulatedTime;
  /** Virtual time, and this clock's, when the rate was set. */
  #sinceUs = 0;
  #thenUs = 0;

  constructor(time: SimulatedTime, wallOffsetUs: number) {
    this.#time = time;
    this.wallOffsetUs = wallOffsetUs;
  }

  /** From now on it gains this many microseconds a second; what it has gained so far stays. */
  drift(partsPerMillion: number): void {
    this.#thenUs = this.monotonicUs();
    this.#sinceUs = this.#time.nowUs;
    this.rate = 1 + partsPerMillion / 1_000_000;
  }

  /** As an operator or NTP would: monotonic time does not notice. */
  stepWall(ms: number): void {
    this.wallOffsetUs += ms * 1000;
  }

  wallMs(): number {
    return Math.floor(this.wallUs() / 1000);
  }

  wallUs(): number {
    return this.monotonicUs() + this.wallOffsetUs;
  }

  /** The same on every machine. */
  localOffsetMinutes(): number {
    return 0;
  }

  monotonicUs(): number {
    return this.#thenUs + Math.floor((this.#time.nowUs - this.#sinceUs) * this.rate);
  }
}

/** The timers of one process: they end with it, and stand still while it is paused. */
export class SimulatedTimers implements Timers {
  readonly #time: SimulatedTime;
  readonly #clock: SimulatedClock;
  #isStopped = false;
  #isPaused = false;
  #stalledUntilUs = 0;
  /** What came due meanwhile, in order. */
  #waiting: (() => void)[] = [];
  #isDraining = false;

  constructor(time: SimulatedTime, clock: SimulatedClock = new SimulatedClock(time, 0)) {
    this.#time = time;
    this.#clock = clock;
  }

  after(ms: number, run: () => void): Timer {
    return this.#time.schedule(this.#virtualUs(ms), () => this.due(run));
  }

  every(ms: number, run: () => void): Timer {
    let isCancelled = false;
    const again = (): void => {
      run();
      if (!isCancelled) this.#time.again(event, this.#virtualUs(ms));
    };
    const event = this.#time.schedule(this.#virtualUs(ms), () => this.due(again));
    const cancel = (): void => {
      isCancelled = true;
      event.cancel();
    };
    return { cancel };
  }

  immediate(run: () => void): void {
    this.#time.immediate(() => this.due(run));
  }

  /** Nothing of this process runs any more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
  }

  /** The process waits for its disk: whatever else comes due waits with it. */
  stall(us: number): void {
    this.#stalledUntilUs = Math.max(this.#stalledUntilUs, this.#time.nowUs) + us;
    this.#drainSoon();
  }

  /** SIGSTOP: what comes due waits for `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#drainSoon();
  }

  /** Runs `run` now, or when the process runs again, or never: for whatever reaches it from outside. */
  due(run: () => void): void {
    if (this.#isStopped) return;
    // Behind what waits already: else the later bytes of a connection could come first.
    if (this.#isPaused || this.#isDraining) this.#waiting.push(run);
    else run();
  }

  /** One after the other, as events of their own: promises get room between them. */
  #drainSoon(): void {
    if (this.#isDraining || this.#isStopped) return;
    this.#isDraining = true;
    this.#time.schedule(this.#stalledUntilUs - this.#time.nowUs, () => this.#drain());
  }

  #drain(): void {
    this.#isDraining = false;
    if (this.#isStopped || this.#isPaused) return;
    if (this.#time.nowUs >= this.#stalledUntilUs) this.#waiting.shift()?.();
    if (this.#waiting.length > 0 || this.#time.nowUs < this.#stalledUntilUs) this.#drainSoon();
  }

  /** Never earlier than the process's own clock says. */
  #virtualUs(ms: number): number {
    const { rate } = this.#clock;
    return rate === 1 ? ms * 1000 : Math.ceil((ms * 1000) / rate);
  }
}
