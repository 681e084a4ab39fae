// How a node's memory is divided, for INFO memory, MEMORY STATS and MEMORY DOCTOR. `used` is what is
// accounted for: data, tables, client buffers, subscriptions, tracking. The JavaScript heap beyond
// that shows in the resident size only.

import type { MemoryReport } from '../commands/context.ts';
import { sessionMemoryBytes } from '../dispatch/client-line.ts';
import type { Engine } from '../engine/engine.ts';
import type { HostFacts } from '../env/environment.ts';
import type { NodeDispatcher } from './node-dispatcher.ts';

export class MemoryAccounts {
  readonly #engine: Engine;
  readonly #dispatcher: NodeDispatcher;
  readonly #host: HostFacts;
  /** Bytes outside of the data, as of the last look: summing over all clients is not for every command. */
  #overheadBytes = 0;
  #peakBytes = 0;
  readonly #startupBytes: number;

  constructor(engine: Engine, dispatcher: NodeDispatcher, host: HostFacts) {
    this.#engine = engine;
    this.#dispatcher = dispatcher;
    this.#host = host;
    this.refresh();
    this.#startupBytes = this.usedBytes();
  }

  /** What counts against maxmemory; cheap. */
  usedBytes(): number {
    return this.#engine.usedBytes() + this.#overheadBytes;
  }

  /** Regularly, and before figures are shown. */
  refresh(): void {
    const { pubsub, tracking } = this.#dispatcher;
    this.#overheadBytes = this.#clientBytes() + pubsub.memoryBytes + tracking.memoryBytes;
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

  #clientBytes(): number {
    let bytes = 0;
    for (const session of this.#dispatcher.clients.all()) bytes += sessionMemoryBytes(session);
    return bytes;
  }
}
