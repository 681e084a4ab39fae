// The dispatcher of a data node: it brings the time to the engine, and it measures what INFO calls the
// event loop: a cycle is a poll that had anything to do, from its first chunk to its flush. The
// dispatcher measures polls anyway, so this costs no look at the clock.

import { Restriction } from '../dispatch/admission.ts';
import { Dispatcher, type DispatcherOptions } from '../dispatch/dispatcher.ts';
import type { Session } from '../dispatch/session.ts';
import type { Engine } from '../engine/engine.ts';
import type { Request } from '../protocol/request.ts';

/** Microseconds and counts since the start or the last CONFIG RESETSTAT. */
export class LoopStatistics {
  cycles = 0;
  durationUs = 0;
  longestUs = 0;
  mostCommands = 0;
  /** Spent in the background work. */
  cronUs = 0;
  /** Spent on writing the append-only file. */
  aofUs = 0;

  /** A tick of the background work is a cycle too, as in an event loop that has timers. */
  addTick(us: number): void {
    this.cronUs += us;
    this.addCycle(us);
  }

  addCycle(us: number): void {
    this.cycles++;
    this.durationUs += us;
    if (us > this.longestUs) this.longestUs = us;
  }

  reset(): void {
    Object.assign(this, new LoopStatistics());
  }
}

export class NodeDispatcher extends Dispatcher {
  readonly loop: LoopStatistics = new LoopStatistics();
  /** At the end of each poll, when the effects of its commands are complete and before replies leave. */
  onPollEnd: () => void = () => {};
  /** Before that: effects reach the append-only file before replicas and clients see anything of them. */
  writeEffects: () => void = () => {};
  /** Changes that no poll need follow were handed to propagation. */
  onBackgroundUnit: () => void = () => {};
  readonly #engine: Engine;
  /** Of all polls before this one. */
  #commandsBefore = 0;

  constructor(options: DispatcherOptions, engine: Engine) {
    super(options);
    this.#engine = engine;
  }

  override beginChunk(wallMs: number): void {
    this.#engine.tick(wallMs);
    super.beginChunk(wallMs);
  }

  lookAhead(session: Session, requests: readonly Request[], count: number): void {
    const { databases, lookAhead, hasLargeTables } = this.#engine;
    lookAhead.requests(databases[session.dbIndex].table, hasLargeTables, requests, count);
  }

  override endChunk(): void {
    this.#engine.lookAhead.clear();
    super.endChunk();
  }

  override beforeFlush(): void {
    super.beforeFlush();
    this.writeEffects();
    this.onPollEnd();
  }

  override endBackgroundUnit(): void {
    super.endBackgroundUnit();
    this.onBackgroundUnit();
  }

  override restrict(bits: number, on: boolean): void {
    super.restrict(bits, on);
    const paused = Restriction.pausedAll | Restriction.pausedWrite;
    this.#engine.isPaused = (this.restrictions & paused) !== 0;
  }

  override execute(session: Session, request: Request): void {
    if (!session.noTouch) {
      super.execute(session, request);
      return;
    }
    this.#engine.noTouch = true;
    super.execute(session, request);
    this.#engine.noTouch = false;
  }

  protected override pollOver(us: number): void {
    const { loop, statistics } = this;
    loop.addCycle(us);
    const commands = statistics.commandsProcessed - this.#commandsBefore;
    this.#commandsBefore = statistics.commandsProcessed;
    if (commands > loop.mostCommands) loop.mostCommands = commands;
  }
}
