// Keys that clients of a writable replica gave a time to live. A replica leaves the deletion of what has
// expired to its master, who knows nothing of these: so they are remembered, and deleted here.

import type { Database } from '../../engine/database.ts';
import type { Engine } from '../../engine/engine.ts';
import { NO_EXPIRY } from '../../engine/record.ts';

/** Keys looked at in one go, `hz` times a second. */
const KEYS_A_TICK = 4096;

export class LocalExpiry {
  readonly #engine: Engine;
  /** By database: latin1 names. */
  readonly #keys: Map<number, Set<string>> = new Map();
  #isOn = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** slave_expires_tracked_keys. */
  get count(): number {
    let count = 0;
    for (const keys of this.#keys.values()) count += keys.size;
    return count;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Only a writable replica has such keys. */
  follow(isWritableReplica: boolean): void {
    this.#isOn = isWritableReplica;
    if (isWritableReplica) this.#engine.interest = 1;
    else this.#keys.clear();
  }

  /** A client, not the master, changed this key. */
  changed(db: Database, b: Buffer, s: number, e: number): void {
    const ref = db.lookupRaw(b, s, e);
    if (ref === 0 || db.expiry(ref) === NO_EXPIRY) return;
    let keys = this.#keys.get(db.index);
    if (keys === undefined) {
      keys = new Set();
      this.#keys.set(db.index, keys);
    }
    keys.add(b.toString('latin1', s, e));
  }

  flushed(db: Database): void {
    this.#keys.delete(db.index);
  }

  /**
   * Deletes what is due at the engine's time; true when something was. What was looked at goes to the
   * end, so that every key has its turn.
   */
  tick(): boolean {
    const { databases, expired } = this.#engine;
    let left = KEYS_A_TICK;
    for (const [index, keys] of [...this.#keys]) {
      let turns = Math.min(left, keys.size);
      left -= turns;
      for (const name of keys) {
        if (turns-- === 0) break;
        keys.delete(name);
        if (isKept(databases[index], Buffer.from(name, 'latin1'))) keys.add(name);
      }
      this.#keys.delete(index);
      if (keys.size > 0) this.#keys.set(index, keys);
      if (left === 0) break;
    }
    return this.#engine.expired !== expired;
  }
}

/** False when the key is gone, which it is if it was due, or will never be. */
function isKept(db: Database, key: Buffer): boolean {
  const ref = db.lookupRaw(key, 0, key.length);
  if (ref === 0 || db.expiry(ref) === NO_EXPIRY) return false;
  if (!db.isExpired(ref)) return true;
  db.removeExpired(key);
  return false;
}
