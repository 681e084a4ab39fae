// Active expiry: deletes keys whose time has come although nobody asks for them. It walks the
// segments of each database in hash order and looks only into those whose earliest expiry has passed,
// in slices bounded by the records it looks at, so a call never stalls the server.

import type { Database } from './database.ts';
import type { Engine } from './engine.ts';
import { NO_EXPIRY } from './record.ts';

/** Looking at a segment costs about as much as looking at this many records. */
const SEGMENT_COST = 8;

export class ExpiryCycle {
  readonly #engine: Engine;
  #db = 0;
  #position = 0;
  /** Databases gone through since anything was due. */
  #fruitless = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Spends about `budget` record looks where the last call ended; returns what is left of the budget
   * after one round over all databases (more than 0: nothing else is due).
   */
  run(budget: number): number {
    const engine = this.#engine;
    if (!engine.deletesExpired) return budget;
    const { length } = engine.databases;
    let left = budget;
    for (let seen = 0; seen < length && this.#fruitless < length && left > 0; ) {
      const db = engine.databases[this.#db];
      if (db.expiryCount > 0) left = this.#sweep(db, left);
      else this.#position = 0;
      if (this.#position !== 0) continue;
      this.#db = (this.#db + 1) % length;
      this.#fruitless++;
      seen++;
    }
    // A round in several calls is a round too, or keys that are due within this second, which their
    // segment cannot tell from those that are due now, would be looked at again and again.
    if (this.#fruitless < length) return left;
    this.#fruitless = 0;
    return Math.max(left, 1);
  }

  #sweep(db: Database, budget: number): number {
    let left = budget;
    const seconds = Math.floor(this.#engine.wallMs / 1000);
    while (left > 0) {
      const { segment, next } = db.table.segmentAt(this.#position);
      left -= SEGMENT_COST;
      if (db.table.mayHaveExpired(segment, seconds)) left -= this.#sweepSegment(db, segment);
      this.#position = next >= 0x100000000 ? 0 : next;
      if (this.#position === 0) break;
    }
    return left;
  }

  #sweepSegment(db: Database, segment: number): number {
    const table = db.table;
    const due: Buffer[] = [];
    let looked = 0;
    let earliest = Number.POSITIVE_INFINITY;
    let ttlSum = 0;
    let ttls = 0;
    table.forEachIn(segment, (ref) => {
      looked++;
      const expiry = db.expiry(ref);
      if (expiry === NO_EXPIRY) return;
      if (db.isExpired(ref)) due.push(db.copyKey(ref));
      else {
        earliest = Math.min(earliest, expiry);
        ttlSum += expiry - this.#engine.wallMs;
        ttls++;
      }
    });
    table.setEarliest(segment, earliest);
    if (ttls > 0) {
      const sample = ttlSum / ttls;
      db.averageTtlMs = db.averageTtlMs === 0 ? sample : db.averageTtlMs * 0.98 + sample * 0.02;
    }
    if (due.length > 0) this.#fruitless = 0;
    // Deleting may merge segments: only after the walk.
    for (const key of due) db.removeExpired(key);
    return looked + due.length;
  }
}
