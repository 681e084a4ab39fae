// A key as the functions that change collections take it: its database and its bytes.

import type { Database } from './database.ts';
import type { Ref } from './record.ts';

/** Made once and set anew for each command: no request shall cost an object. */
export class ValueKey {
  db!: Database;
  b!: Buffer;
  s = 0;
  e = 0;

  set(db: Database, b: Buffer, s: number, e: number): this {
    this.db = db;
    this.b = b;
    this.s = s;
    this.e = e;
    return this;
  }

  /** The ref that the key has now, expired or not; 0 when absent. */
  ref(): Ref {
    return this.db.lookupRaw(this.b, this.s, this.e);
  }

  /**
   * Stores from[start..end) as the key's packed value, in its old block if that fits. The bytes may be
   * those of the value itself, shortened in place.
   */
  storePacked(
    ref: Ref,
    kind: number,
    encoding: number,
    from: Buffer,
    start: number,
    end: number,
  ): void {
    const { db } = this;
    if (ref !== 0 && db.overwrite(ref, from, start, end, encoding)) return;
    db.setPacked(this.b, this.s, this.e, kind, encoding, from, start, end);
  }
}
