// Eviction: makes room under `maxmemory` by the eight policies. Keys are sampled by random positions
// and the best candidates of several rounds are kept in a pool, as Redis does; a key is dropped from
// the pool when it turns out to be gone.

import type { Database } from './database.ts';
import type { Engine } from './engine.ts';
import type { Ref } from './record.ts';

const POOL_SIZE = 16;
/** Draws that may hit keys without expiry before a volatile policy walks the segments instead. */
const DRAWS_PER_SAMPLE = 16;

interface Candidate {
  readonly db: Database;
  readonly key: Buffer;
  /** The higher, the sooner it goes. */
  readonly score: number;
}

export class Eviction {
  readonly #engine: Engine;
  #pool: Candidate[] = [];
  #nextDb = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Removes one key by the configured policy; false when there is none that may go. */
  evictOne(): boolean {
    const policy = this.#engine.settings.maxmemoryPolicy;
    if (policy === 'noeviction') return false;
    const volatileOnly = policy.startsWith('volatile');
    const victim = policy.endsWith('random')
      ? this.#randomVictim(volatileOnly)
      : this.#bestVictim(volatileOnly, policy);
    if (victim === undefined) return false;
    victim.db.removeEvicted(victim.key);
    return true;
  }

  /** Random policies take the databases in turn. */
  #randomVictim(volatileOnly: boolean): { db: Database; key: Buffer } | undefined {
    const databases = this.#engine.databases;
    for (let i = 0; i < databases.length; i++) {
      this.#nextDb = (this.#nextDb + 1) % databases.length;
      const db = databases[this.#nextDb];
      const ref = this.#draw(db, volatileOnly);
      if (ref !== 0) return { db, key: db.copyKey(ref) };
    }
    return undefined;
  }

  #bestVictim(volatileOnly: boolean, policy: string): Candidate | undefined {
    for (let rounds = 0; rounds < 64; rounds++) {
      let sampled = 0;
      for (const db of this.#engine.databases) sampled += this.#sample(db, volatileOnly, policy);
      while (this.#pool.length > 0) {
        const candidate = this.#pool.pop() as Candidate;
        const ref = candidate.db.lookupRaw(candidate.key, 0, candidate.key.length);
        if (ref !== 0 && (!volatileOnly || candidate.db.expiry(ref) >= 0)) return candidate;
      }
      if (sampled === 0) return undefined;
    }
    return undefined;
  }

  #sample(db: Database, volatileOnly: boolean, policy: string): number {
    let sampled = 0;
    for (let i = 0; i < this.#engine.settings.maxmemorySamples; i++) {
      const ref = this.#draw(db, volatileOnly);
      if (ref === 0) break;
      sampled++;
      this.#offer(db, ref, this.#score(db, ref, policy));
    }
    return sampled;
  }

  #score(db: Database, ref: Ref, policy: string): number {
    if (policy === 'volatile-ttl') return Number.MAX_SAFE_INTEGER - db.expiry(ref);
    const access = this.#engine.access;
    const clock = db.access(ref);
    return access.lfu ? 255 - access.frequency(clock) : access.idleSeconds(clock);
  }

  /** Keeps the pool sorted by score, best last, and without doubles. */
  #offer(db: Database, ref: Ref, score: number): void {
    const pool = this.#pool;
    if (pool.length === POOL_SIZE && score <= pool[0].score) return;
    const key = db.copyKey(ref);
    if (pool.some((c) => c.db === db && c.key.equals(key))) return;
    let at = pool.length;
    while (at > 0 && pool[at - 1].score > score) at--;
    pool.splice(at, 0, { db, key, score });
    if (pool.length > POOL_SIZE) pool.shift();
  }

  #draw(db: Database, volatileOnly: boolean): Ref {
    if (!volatileOnly) return db.table.randomRef(this.#engine.random);
    if (db.expiryCount === 0) return 0;
    for (let i = 0; i < DRAWS_PER_SAMPLE; i++) {
      const ref = db.table.randomRef(this.#engine.random);
      if (ref !== 0 && db.expiry(ref) >= 0) return ref;
    }
    return this.#firstVolatileFrom(db, this.#engine.random());
  }

  /** Where keys with an expiry are rare: the first one at or after a random position. */
  #firstVolatileFrom(db: Database, start: number): Ref {
    let found = 0;
    let position = start >>> 0;
    let wrapped = false;
    for (;;) {
      const { segment, next } = db.table.segmentAt(position);
      if (db.table.mayExpire(segment)) {
        db.table.forEachIn(segment, (ref) => {
          if (db.expiry(ref) >= 0) found = ref;
          return found === 0;
        });
        if (found !== 0) return found;
      }
      if (next >= 0x100000000) {
        if (wrapped) return 0;
        wrapped = true;
        position = 0;
      } else {
        position = next;
        if (wrapped && position > start >>> 0) return 0;
      }
    }
  }
}
