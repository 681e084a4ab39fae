// What is done once a poll for all connections together, instead of once a connection: closing,
// running requests that had to wait, and above all flushing. Reading all sockets first and writing
// all replies then is worth half of the pipelined speed (reference/speed.md, rule 1).
//
// A connection that has been alone for some time gains nothing by waiting and is answered at once.

import type { Timers } from '../env/timers.ts';

export interface PollMember {
  /** Runs requests that were read before. */
  continueTurn(): void;
  flush(): void;
  /** The connection was told to close. */
  finish(): void;
}

/** Polls with one and the same speaker until it counts as alone. */
const POLLS_ALONE = 16;

export class PollEnd<M extends PollMember> {
  readonly #timers: Timers;
  readonly #beforeFlush: () => void;
  readonly #run: () => void;
  #isScheduled = false;
  #ready: M[] = [];
  #dirty: M[] = [];
  #ending: M[] = [];
  #alone: M | undefined;
  #latest: M | undefined;
  #pollsAlone = 0;

  constructor(timers: Timers, beforeFlush: () => void) {
    this.#timers = timers;
    this.#beforeFlush = beforeFlush;
    // One function, so that scheduling allocates nothing here.
    this.#run = () => this.#runAll();
  }

  /** True when `member` may flush at the end of its own turn. Any other speaker ends that. */
  isAlone(member: M): boolean {
    return this.#alone === member;
  }

  addDirty(member: M): void {
    if (this.#alone !== undefined && this.#alone !== member) this.#forgetAlone();
    this.#dirty.push(member);
    this.schedule();
  }

  addReady(member: M): void {
    this.#ready.push(member);
    this.schedule();
  }

  addEnding(member: M): void {
    this.#ending.push(member);
    this.schedule();
  }

  /** The member is gone: nothing may hold on to it. */
  forget(member: M): void {
    if (this.#alone === member || this.#latest === member) this.#forgetAlone();
  }

  /** Closes what was told to close; after a chunk, so that the next one does not see it any more. */
  finishEnding(): void {
    while (this.#ending.length > 0) {
      const members = this.#ending;
      this.#ending = [];
      for (const member of members) member.finish();
    }
  }

  /** Flushes one member's replies at the end of its turn: the lone speaker's, or many bytes. */
  flushAlone(member: M): void {
    this.#beforeFlush();
    member.flush();
  }

  /** Makes sure that this poll has an end, also for requests that have no reply. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#timers.immediate(this.#run);
  }

  #runAll(): void {
    const ready = this.#ready;
    if (ready.length > 0) {
      this.#ready = [];
      for (const member of ready) member.continueTurn();
    }
    this.finishEnding();
    this.#beforeFlush();
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#observe(dirty);
    for (const member of dirty) member.flush();
    this.finishEnding();
    this.#isScheduled = false;
    // What came up meanwhile waits for the next poll, so that sockets are read in between.
    if (this.#ready.length > 0 || this.#dirty.length > 0) this.schedule();
  }

  #observe(dirty: readonly M[]): void {
    if (dirty.length !== 1 || (this.#latest !== undefined && dirty[0] !== this.#latest)) {
      if (dirty.length > 0) this.#forgetAlone();
      return;
    }
    this.#latest = dirty[0];
    if (++this.#pollsAlone >= POLLS_ALONE) this.#alone = this.#latest;
  }

  #forgetAlone(): void {
    this.#alone = undefined;
    this.#latest = undefined;
    this.#pollsAlone = 0;
  }
}
