// One direction of a faulty connection: things to do in order, none before its time, none while the
// lane is held. Without a fault everything is done at once and nothing is queued.

import type { Clock } from './clock.ts';
import type { LinkRule } from './link-faults.ts';
import type { Timer, Timers } from './timers.ts';

interface Waiting {
  dueUs: number;
  readonly bytes: number;
  readonly run: () => void;
}

export class LinkLane {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #isHeld: () => boolean;
  readonly #rule: () => LinkRule;
  readonly #afterRun: () => void;
  #queue: Waiting[] = [];
  #timer: Timer | undefined;
  #isRunning = false;
  /** When the line has carried what it was given so far, if it is a narrow one. */
  #freeAtUs = 0;
  #waitingBytes = 0;

  /** `afterRun` follows whenever something that had waited was done. */
  constructor(
    environment: { readonly clock: Clock; readonly timers: Timers },
    rule: () => LinkRule,
    isHeld: () => boolean,
    afterRun: () => void,
  ) {
    this.#clock = environment.clock;
    this.#timers = environment.timers;
    this.#rule = rule;
    this.#isHeld = isHeld;
    this.#afterRun = afterRun;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Nothing waits, and what is added now is done at once. */
  get isClear(): boolean {
    return this.#queue.length === 0 && !this.#isRunning && !this.#isHeld() && !this.#isSlow;
  }

  get #isSlow(): boolean {
    const { delayMs, bytesPerSecond } = this.#rule();
    return delayMs > 0 || bytesPerSecond !== Number.POSITIVE_INFINITY;
  }

  add(bytes: number, run: () => void): void {
    if (this.isClear) {
      run();
      return;
    }
    this.#queue.push({ dueUs: this.#dueUs(bytes), bytes, run });
    this.#waitingBytes += bytes;
    this.#run();
  }

  /** The rule or what holds the lane has changed. */
  refresh(): void {
    if (!this.#isSlow) for (const waiting of this.#queue) waiting.dueUs = 0;
    this.#run();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue = [];
    this.#waitingBytes = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #dueUs(bytes: number): number {
    if (!this.#isSlow) return 0;
    const { delayMs, bytesPerSecond } = this.#rule();
    const nowUs = this.#clock.monotonicUs();
    const carriedUs = Math.round((bytes / bytesPerSecond) * 1e6);
    this.#freeAtUs = Math.max(nowUs, this.#freeAtUs) + carriedUs;
    return this.#freeAtUs + delayMs * 1000;
  }

  #run(): void {
    // What runs may add to the lane, or change its rule.
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    let done = 0;
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || this.#isHeld()) break;
      const earlyUs = next.dueUs === 0 ? 0 : next.dueUs - this.#clock.monotonicUs();
      if (earlyUs > 0) {
        this.#timer = this.#timers.after(Math.ceil(earlyUs / 1000), () => this.#run());
        break;
      }
      this.#queue.shift();
      this.#waitingBytes -= next.bytes;
      done++;
      next.run();
    }
    this.#isRunning = false;
    if (done > 0) this.#afterRun();
  }
}
