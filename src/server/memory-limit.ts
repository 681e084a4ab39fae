// maxmemory: asked before each command while there is a limit. Making room is bounded in time by
// maxmemory-eviction-tenacity; what is left to do goes on in slices between commands, and meanwhile
// commands are let through, as in Redis (evict.c).

import type { Engine } from '../engine/engine.ts';
import { Eviction } from '../engine/eviction.ts';
import type { Clock } from '../env/clock.ts';
import type { Timers } from '../env/timers.ts';

export interface MemoryLimitSettings {
  readonly maxmemory: number;
  readonly maxmemoryEvictionTenacity: number;
}

export interface MemoryLimitEnvironment {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Bytes that count against the limit. */
  usedBytes(): number;
  /** Brings `usedBytes` up to date where it was only estimated. */
  recount(): void;
  /** Deletions were made outside of any command, or before one: they may leave. */
  evicted(): void;
  /** How long making room took, for the latency monitor. */
  took(us: number): void;
}

/** Keys between two looks at the clock. */
const KEYS_A_LOOK = 16;

export class MemoryLimit {
  /** Time over the limit, without the present one. */
  #exceededUs = 0;
  #exceededSinceUs = -1;
  #isScheduled = false;
  readonly #engine: Engine;
  readonly #settings: MemoryLimitSettings;
  readonly #environment: MemoryLimitEnvironment;
  readonly #eviction: Eviction;

  constructor(engine: Engine, settings: MemoryLimitSettings, environment: MemoryLimitEnvironment) {
    this.#engine = engine;
    this.#settings = settings;
    this.#environment = environment;
    this.#eviction = new Eviction(engine);
  }

  /** For INFO: all time over the limit, and how long the present one has lasted. */
  exceeded(): { readonly totalUs: number; readonly currentUs: number } {
    const since = this.#exceededSinceUs;
    const currentUs = since < 0 ? 0 : this.#environment.clock.monotonicUs() - since;
    return { totalUs: this.#exceededUs + currentUs, currentUs };
  }

  resetStatistics(): void {
    this.#exceededUs = 0;
  }

  /** False when memory is over the limit and nothing more may go. */
  makeRoom(): boolean {
    const { maxmemory } = this.#settings;
    if (this.#fits(maxmemory)) {
      if (this.#exceededSinceUs >= 0) this.#endExceeded();
      return true;
    }
    if (this.#engine.isPaused) return true;
    if (this.#exceededSinceUs < 0) {
      this.#exceededSinceUs = this.#environment.clock.monotonicUs();
    }
    return this.#evict(maxmemory);
  }

  #fits(limit: number): boolean {
    if (limit === 0 || this.#environment.usedBytes() <= limit) return true;
    this.#environment.recount();
    return this.#environment.usedBytes() <= limit;
  }

  #evict(limit: number): boolean {
    const { clock } = this.#environment;
    const startUs = clock.monotonicUs();
    const mostUs = sliceUs(this.#settings.maxmemoryEvictionTenacity);
    let outcome: 'enough' | 'nothing' | 'later' = 'enough';
    let keys = 0;
    while (this.#environment.usedBytes() > limit) {
      if (!this.#eviction.evictOne()) {
        // Objects that are being freed will bring the use down without any further victim.
        outcome = this.#engine.lazyFree.pending > 0 ? 'later' : 'nothing';
        break;
      }
      if (++keys % KEYS_A_LOOK === 0 && clock.monotonicUs() - startUs > mostUs) {
        outcome = 'later';
        break;
      }
    }
    if (keys > 0) this.#environment.evicted();
    this.#environment.took(clock.monotonicUs() - startUs);
    if (outcome === 'later') this.#schedule();
    if (outcome === 'enough') this.#endExceeded();
    return outcome !== 'nothing';
  }

  /** Goes on when nobody asks: a client that stays silent must not keep memory over the limit. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#environment.timers.after(0, () => {
      this.#isScheduled = false;
      this.makeRoom();
    });
  }

  #endExceeded(): void {
    if (this.#exceededSinceUs < 0) return;
    this.#exceededUs += this.#environment.clock.monotonicUs() - this.#exceededSinceUs;
    this.#exceededSinceUs = -1;
  }
}

/** How long one call may take: linear up to a tenacity of 10 (half a millisecond), then by 15 % a step. */
function sliceUs(tenacity: number): number {
  if (tenacity >= 100) return Number.POSITIVE_INFINITY;
  return tenacity <= 10 ? 50 * tenacity : 500 * 1.15 ** (tenacity - 10);
}
