// A point-in-time view of the data without a fork and without a copy: a cursor over the tables in
// hash order, advanced in slices between commands. A key in a segment that lies ahead of the cursor (its
// epoch tells) is handed over just before its first change, and its hash is kept so that the cursor
// passes over it; a hash that a new key brings is kept as well. So the sink receives exactly the records
// of the moment the snapshot began, each once, in no particular order. (Handing over the whole segment
// made the first write to each cost a hundred others': 2 million keys under 20 000 writes a second were
// served in bursts of some hundred ms.)
//
// It does not know what a sink does with a record. Commands change data between slices only.

import type { Dict } from './dict.ts';
import type { Engine } from './engine.ts';
import { HashSet } from './hash-set.ts';
import type { Ref } from './record.ts';
import { forEachBut, forEachOfHash } from './segment.ts';
import type { SegmentObserver } from './segment-observer.ts';

/** Receives every record once. The ref is valid during the call only. */
export interface SnapshotSink {
  record(db: number, table: Dict, ref: Ref): void;
}

export class Snapshot implements SegmentObserver {
  readonly epoch: number;
  readonly #engine: Engine;
  readonly #sink: SnapshotSink;
  /** The tables as they were numbered at the start: SWAPDB and flushes do not concern a snapshot. */
  readonly #tables: readonly Dict[];
  readonly #numbers: Map<Dict, number>;
  /** By table: hashes of which nothing more is to be handed over. */
  readonly #handedOver: readonly HashSet[];
  #table = 0;
  #position = 0;
  #ended = false;

  private constructor(engine: Engine, sink: SnapshotSink, epoch: number) {
    this.epoch = epoch;
    this.#engine = engine;
    this.#sink = sink;
    this.#tables = engine.databases.map((db) => db.table);
    this.#handedOver = this.#tables.map(() => new HashSet());
    this.#numbers = new Map(this.#tables.map((table, number) => [table, number]));
  }

  /** Begins a snapshot of all databases. One can run at a time; many sinks share one. */
  static begin(engine: Engine, sink: SnapshotSink): Snapshot {
    return engine.beginSnapshot((epoch) => new Snapshot(engine, sink, epoch));
  }

  /** The gate's pre-image: hands over what is about to change. */
  beforeChange(dict: Dict, segment: Ref, hash: number): void {
    const number = this.#numbers.get(dict);
    if (number === undefined || !this.#handedOver[number].add(hash)) return;
    forEachOfHash(dict, segment, hash, (ref) => this.#sink.record(number, dict, ref));
  }

  beforeJoin(dict: Dict, segment: Ref): void {
    const number = this.#numbers.get(dict);
    if (number !== undefined) this.#emit(number, dict, segment);
  }

  /** Hands over segments until at least `records` records have gone; true when all have. */
  step(records: number): boolean {
    let left = records;
    while (!this.#ended && left > 0) {
      const table = this.#tables[this.#table];
      const { segment, next } = table.segmentAt(this.#position);
      if (!table.isAt(segment, this.epoch)) left -= this.#emit(this.#table, table, segment);
      // Skipping costs too: an all but empty table must not turn a slice into a stall.
      left--;
      this.#position = next;
      if (next >= 0x100000000) this.#nextTable();
    }
    return this.#ended;
  }

  /** Gives the snapshot up; the sink receives nothing more. */
  cancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#engine.endSnapshot(this.#tables);
  }

  #nextTable(): void {
    this.#position = 0;
    this.#table++;
    if (this.#table === this.#tables.length) this.cancel();
  }

  #emit(number: number, dict: Dict, segment: Ref): number {
    let emitted = 0;
    dict.setEpoch(segment, this.epoch);
    forEachBut(dict, segment, this.#handedOver[number], (ref) => {
      emitted++;
      this.#sink.record(number, dict, ref);
    });
    return emitted;
  }
}
