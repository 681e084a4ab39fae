// How a node's memory is divided, for INFO memory, MEMORY STATS and MEMORY DOCTOR. `used` is what is
// accounted for: data, tables, client buffers, subscriptions, tracking. The JavaScript heap beyond
// that shows in the resident size only.

import type { MemoryReport } from '../commands/context.ts';
import { sessionMemoryBytes } from '../dispatch/client-line.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../env/clock.ts';
import type { HostFacts } from '../env/environment.ts';
import type { NodeDispatcher } from './node-dispatcher.ts';

export interface MemoryEnvironment {
  readonly host: HostFacts;
  readonly clock: Clock;
}

// Between two looks at all clients passes at least this many times what the look took.
const EVICTION_SHARE = 20;
const TICK_SHARE = 100;

export class MemoryAccounts {
  /** Memory of the replication stream, once for all replicas. */
  streamBytes: () => number = () => 0;
  readonly #engine: Engine;
  readonly #dispatcher: NodeDispatcher;
  readonly #host: HostFacts;
  readonly #clock: Clock;
  /** Bytes outside of the data, as of the last look: summing over all clients is not for every command. */
  #overheadBytes = 0;
  #peakBytes = 0;
  #countedUs = 0;
  #countTookUs = 0;
  readonly #startupBytes: number;

  constructor(engine: Engine, dispatcher: NodeDispatcher, environment: MemoryEnvironment) {
    this.#engine = engine;
    this.#dispatcher = dispatcher;
    this.#host = environment.host;
    this.#clock = environment.clock;
    this.refresh();
    this.#startupBytes = this.usedBytes();
  }

  /** What counts against maxmemory; cheap. */
  usedBytes(): number {
    return this.#engine.usedBytes() + this.#overheadBytes;
  }

  /**
   * Before keys are evicted for it: clients may have gone since the last look. What has grown waits for
   * the next tick: it may be the news of evicted keys on its way to those who track them, and to evict
   * more for that would never end. Looking at ten thousand clients takes a while, so it is done for a
   * small part of the time at most.
   */
  refreshIfCheap(): void {
    if (!this.#isCheap(EVICTION_SHARE)) return;
    this.#overheadBytes = Math.min(this.#overheadBytes, this.#countOverhead());
  }

  /** With every tick, as far as it stays a hundredth of the time. */
  tick(): void {
    if (this.#isCheap(TICK_SHARE)) this.refresh();
  }

  #isCheap(share: number): boolean {
    return this.#clock.monotonicUs() - this.#countedUs >= this.#countTookUs * share;
  }

  /** Before figures are shown. */
  refresh(): void {
    this.#overheadBytes = this.#countOverhead();
    this.#peakBytes = Math.max(this.#peakBytes, this.usedBytes());
  }

  resetPeak(): void {
    this.#peakBytes = this.usedBytes();
  }

  report(): MemoryReport {
    this.refresh();
    const engine = this.#engine;
    const resident = this.#host.memoryUsage().residentBytes;
    const used = this.usedBytes();
    const clientsNormal = this.#clientBytes();
    const tables = engine.databases.map((db) => ({
      index: db.index,
      tableBytes: db.table.memoryBytes,
      keys: db.keyCount,
    }));
    const tableBytes = tables.reduce((sum, table) => sum + table.tableBytes, 0);
    const overhead = Math.min(used, Math.max(this.#startupBytes, this.#overheadBytes + tableBytes));
    const allocated = engine.usedBytes();
    return {
      used,
      peak: this.#peakBytes,
      startup: this.#startupBytes,
      resident,
      overhead,
      dataset: used - overhead,
      clientsNormal,
      clients: this.#dispatcher.clients.count,
      allocatorAllocated: allocated,
      allocatorActive: Math.max(allocated, engine.records.arena.heldBytes),
      allocatorResident: Math.max(allocated, engine.records.arena.heldBytes),
      databases: tables.filter((table) => table.keys > 0),
      keys: tables.reduce((sum, table) => sum + table.keys, 0),
    };
  }

  #countOverhead(): number {
    const { pubsub, tracking } = this.#dispatcher;
    const startUs = this.#clock.monotonicUs();
    const bytes =
      this.#clientBytes() + this.streamBytes() + pubsub.memoryBytes + tracking.memoryBytes;
    this.#countedUs = this.#clock.monotonicUs();
    this.#countTookUs = this.#countedUs - startUs;
    return bytes;
  }

  #clientBytes(): number {
    let bytes = 0;
    for (const session of this.#dispatcher.clients.all()) {
      // What waits for replicas is theirs together.
      if (session.role !== 'replica') bytes += sessionMemoryBytes(session);
    }
    return bytes;
  }
}
