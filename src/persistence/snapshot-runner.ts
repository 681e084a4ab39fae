// Runs a snapshot while the node serves: slices of about a millisecond, one at the end of each poll, into
// any number of receivers. A receiver that cannot keep up holds the snapshot back within a limit; one that
// fails is left out, and when none is left the snapshot ends.
//
// It does not know what a receiver does with the bytes, nor what they say.

import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../env/clock.ts';
import type { Timer, Timers } from '../env/timers.ts';
import type { SaveOptions } from '../rdb/rdb-save.ts';
import { RdbSnapshot } from '../rdb/rdb-snapshot.ts';

/** Time of one slice. */
const SLICE_US = 1000;
/** Keys or elements between two looks at the clock. */
const STEP_ELEMENTS = 64;
/** A receiver with more than this to do makes the snapshot wait. */
const QUEUE_LIMIT_BYTES = 4 * 1024 * 1024;
/** Waiting is looked at this often; a receiver need not tell when it has caught up. */
const WAIT_MS = 2;
/** The longest that a changed delay goes unnoticed. */
const REST_STEP_MS = 50;

export interface SnapshotReceiver {
  /** Takes a chunk, which does not change until `onFree` was told of it. */
  write(chunk: Buffer): void;
  /**
   * Set for a receiver that is the only one: to be told of each chunk that it is done with, which is
   * then filled again. Chunks left to the garbage collector are what makes it stop the process most.
   */
  onFree?: ((chunk: Buffer) => void) | undefined;
  /** Bytes that it has yet to deal with. */
  readonly queuedBytes: number;
  /** Why it takes no more; undefined while it does. */
  readonly failure: string | undefined;
  /** The snapshot is complete: everything has been written to it. */
  end(): void;
  /** The snapshot was given up, perhaps when all of it had been written and was still on its way. */
  cancel(): void;
}

export interface SnapshotRunnerOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly engine: Engine;
  /** Microseconds to wait for each key (rdb-key-save-delay), read live. */
  keyDelayUs(): number;
}

export class SnapshotRunner {
  readonly #options: SnapshotRunnerOptions;
  readonly #receivers: SnapshotReceiver[];
  readonly #snapshot: RdbSnapshot;
  readonly #done: (completed: boolean) => void;
  #timer: Timer | undefined;
  #isOver = false;

  /** Begins: the data of this moment go to the receivers, and `done` is called once. */
  constructor(
    options: SnapshotRunnerOptions,
    receivers: readonly SnapshotReceiver[],
    save: SaveOptions,
    done: (completed: boolean) => void,
  ) {
    this.#options = options;
    this.#receivers = [...receivers];
    this.#done = done;
    this.#snapshot = new RdbSnapshot(options.engine, save, (chunk) => {
      for (const receiver of this.#receivers) receiver.write(chunk);
    });
    if (receivers.length === 1) receivers[0].onFree = (chunk) => this.#snapshot.reuse(chunk);
    options.timers.immediate(() => this.#slice());
  }

  get keysDone(): number {
    return this.#snapshot.keysDone;
  }

  get keysTotal(): number {
    return this.#snapshot.keysTotal;
  }

  /**
   * Gives the snapshot up; `done` is not called any more. The receivers hear of it also when the data have
   * been gone through: a file that goes on would take the name of the one that comes after it.
   */
  cancel(): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#timer?.cancel();
      this.#snapshot.cancel();
    }
    for (const receiver of this.#receivers) receiver.cancel();
  }

  #slice(): void {
    if (this.#isOver) return;
    const { clock, timers } = this.#options;
    if (!this.#dropFailed()) return;
    if (this.#receivers.some((one) => one.queuedBytes > QUEUE_LIMIT_BYTES)) {
      this.#timer = timers.after(WAIT_MS, () => this.#slice());
      return;
    }
    const keysBefore = this.#snapshot.keysDone;
    const startUs = clock.monotonicUs();
    let isComplete = false;
    while (!isComplete && clock.monotonicUs() - startUs < SLICE_US) {
      isComplete = this.#snapshot.step(STEP_ELEMENTS);
      if (this.#options.keyDelayUs() > 0) break;
    }
    // The last keys have their delay, too: with few keys there is no other.
    const next = isComplete ? () => this.#complete() : () => this.#slice();
    const keys = this.#snapshot.keysDone - keysBefore;
    if (this.#delayUs() * keys >= 1000) this.#rest(keys, startUs, next);
    else if (isComplete) next();
    else timers.immediate(next);
  }

  /** In steps: a delay of hours that is taken back is over at once. */
  #rest(keys: number, sinceUs: number, next: () => void): void {
    const { clock, timers } = this.#options;
    if (this.#isOver) return;
    const leftMs = (this.#delayUs() * keys - (clock.monotonicUs() - sinceUs)) / 1000;
    if (leftMs < 1) next();
    else {
      const stepMs = Math.min(Math.ceil(leftMs), REST_STEP_MS);
      this.#timer = timers.after(stepMs, () => this.#rest(keys, sinceUs, next));
    }
  }

  #complete(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const receiver of this.#receivers) receiver.end();
    this.#done(true);
  }

  /** A negative setting means one microsecond for so many keys. */
  #delayUs(): number {
    const delay = this.#options.keyDelayUs();
    return delay < 0 ? -1 / delay : delay;
  }

  /** False when no receiver is left. */
  #dropFailed(): boolean {
    for (let i = this.#receivers.length - 1; i >= 0; i--) {
      if (this.#receivers[i].failure !== undefined) this.#receivers.splice(i, 1);
    }
    if (this.#receivers.length > 0) return true;
    this.#isOver = true;
    this.#snapshot.cancel();
    this.#done(false);
    return false;
  }
}
