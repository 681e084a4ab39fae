// When the core wants to look again. Timers live as long as their instance and are re-armed rather
// than made anew; a wake costs only the timers that are due, however many instances there are.

import { Heap, type HeapHandle } from '../../util/heap.ts';

/** One reason to wake up; `task` says what for, so that replaying a run needs no closures. */
export class Timer<Task> {
  readonly task: Task;
  /** Infinity while not armed. */
  at: number = Number.POSITIVE_INFINITY;
  handle: HeapHandle<Timer<Task>> | undefined;

  constructor(task: Task) {
    this.task = task;
  }
}

export class Schedule<Task> {
  readonly #heap = new Heap<Timer<Task>>((a, b) => a.at - b.at);

  /** Infinity when nothing is due, ever. */
  get next(): number {
    return this.#heap.peek()?.at ?? Number.POSITIVE_INFINITY;
  }

  arm(timer: Timer<Task>, at: number): void {
    if (timer.at === at) return;
    this.cancel(timer);
    timer.at = at;
    if (at !== Number.POSITIVE_INFINITY) timer.handle = this.#heap.push(timer);
  }

  /** Moves it forward only: what is due earlier stays. */
  armNoLater(timer: Timer<Task>, at: number): void {
    if (at < timer.at) this.arm(timer, at);
  }

  cancel(timer: Timer<Task>): void {
    if (timer.handle !== undefined) this.#heap.remove(timer.handle);
    timer.handle = undefined;
    timer.at = Number.POSITIVE_INFINITY;
  }

  /** Takes the next timer that is due, disarmed. */
  takeDue(now: number): Timer<Task> | undefined {
    const timer = this.#heap.peek();
    if (timer === undefined || timer.at > now) return undefined;
    this.cancel(timer);
    return timer;
  }
}
