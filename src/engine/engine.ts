// The data of a node: sixteen databases over one arena, the clocks and counters they share, and the
// observer through which the rest of the node learns of every change. No time, no randomness and no
// input or output of its own: `tick` brings the time, the constructor the rest.

import { assert } from '../util/assert.ts';
import type { KeyedHash } from '../util/hash.ts';
import { AccessClock } from './access-clock.ts';
import { Arena } from './arena.ts';
import { Database } from './database.ts';
import { Dict } from './dict.ts';
import { LazyFree } from './lazy-free.ts';
import { LookAhead, WORTHWHILE_KEYS } from './look-ahead.ts';
import { Records } from './record.ts';
import { markSegments } from './segment.ts';
import type { SegmentObserver } from './segment-observer.ts';
import type { EngineSettings } from './settings.ts';
import type { StoredObject } from './stored-object.ts';

/** What the node around the engine is told. Called only while `engine.interest` is not 0, except for `removed` and `flushed`. */
export interface ChangeObserver {
  /** Whether anybody is there to be told of changes and events. */
  readonly isNeeded: boolean;
  /** The value of the key changed, the key may be gone; `event` is its keyspace event. */
  changed(db: Database, b: Buffer, s: number, e: number, cls: number, event: string): void;
  /** A keyspace event that is not a change of a value: keymiss, new, expire … */
  notify(db: Database, b: Buffer, s: number, e: number, cls: number, event: string): void;
  /** The engine itself removed the key: it expired or was evicted. Replicas must be told. */
  removed(db: Database, key: Buffer, reason: 'expired' | 'evicted'): void;
  /** A database was emptied. */
  flushed(db: Database): void;
}

/** A snapshot that still reads large objects. */
export interface ObjectGuard {
  /** The object may change as soon as this returns. */
  beforeObjectChange(object: StoredObject): void;
  /** The object left the keyspace; true: the guard frees it later. */
  keeps(object: StoredObject): boolean;
}

const silent: ChangeObserver = {
  isNeeded: false,
  changed: () => {},
  notify: () => {},
  removed: () => {},
  flushed: () => {},
};

export interface EngineOptions {
  readonly settings: EngineSettings;
  readonly databases: number;
  readonly hash: KeyedHash;
  /** Uniform 32-bit integers. */
  readonly random: () => number;
}

export class Engine {
  readonly settings: EngineSettings;
  readonly hash: KeyedHash;
  /** Keys of the commands that come next. */
  lookAhead: LookAhead;
  readonly random: () => number;
  readonly access: AccessClock;
  readonly lazyFree: LazyFree = new LazyFree();
  readonly databases: Database[];
  records: Records = new Records(new Arena());
  observer: ChangeObserver = silent;
  /** 0: nobody is told of changes and events. Set by whoever begins to listen, cleared by `tick`. */
  interest = 0;
  /** Changes since the start; `dirty` of a single command is the difference. */
  dirty = 0;
  /** Milliseconds since 1970 as of the last tick. */
  wallMs = 0;
  hits = 0;
  misses = 0;
  expired = 0;
  evicted = 0;
  /** A master deletes what has expired; a replica only hides it. */
  mayExpire = true;
  /** Writes are held back: what has expired is hidden, and nothing is evicted. */
  isPaused = false;
  /** While a master's stream or a file is applied, expired keys are still there. */
  ignoreExpiry = false;
  /** A client that asked for NO-TOUCH reads without moving access clocks. */
  noTouch = false;
  /** Asked before large objects change or go. */
  objectGuard: ObjectGuard | undefined;
  /** Bytes of objects, as last settled. */
  #objectBytes = 0;
  /** Members' tables that are worth looking ahead in. */
  #largeTables = 0;
  /** Objects touched since the last `settle`: the first `#touchedCount` entries. */
  readonly #touched: (StoredObject | undefined)[] = new Array(16).fill(undefined);
  #touchedCount = 0;
  #snapshot: SegmentObserver | undefined;
  #lastEpoch = 0;

  constructor(options: EngineOptions) {
    this.settings = options.settings;
    this.hash = options.hash;
    this.lookAhead = new LookAhead(options.hash);
    this.random = options.random;
    this.access = new AccessClock(options.settings, options.random);
    this.databases = [];
    for (let i = 0; i < options.databases; i++) this.databases.push(new Database(this, i));
  }

  /** Brings the time; once a chunk of input is enough. */
  tick(wallMs: number): void {
    if (wallMs === this.wallMs) return;
    this.wallMs = wallMs;
    this.access.tick(wallMs);
    if (this.interest !== 0 && !this.observer.isNeeded) this.interest = 0;
  }

  /** Whether a key that is met after its time is deleted. */
  get deletesExpired(): boolean {
    return this.mayExpire && !this.isPaused;
  }

  /** Bytes that the data take: records, tables, long values and objects. */
  usedBytes(): number {
    let bytes = this.records.arena.usedBytes + this.records.outsideBytes + this.#objectBytes;
    for (const db of this.databases) bytes += db.table.memoryBytes;
    return bytes;
  }

  /** Whether there are collections whose members are worth looking ahead for. */
  get hasLargeTables(): boolean {
    return this.#largeTables > 0;
  }

  /** A table for the large form of a hash, a set or a sorted set, with room for `expected` members. */
  newDict(expected = 0): Dict {
    return new Dict(this.records, this.lookAhead, expected);
  }

  /** A table for a database; during a snapshot it holds nothing the snapshot wants. */
  newTable(expected = 0): Dict {
    const dict = new Dict(this.records, this.lookAhead, expected);
    const snapshot = this.#snapshot;
    if (snapshot !== undefined) {
      markSegments(dict, snapshot.epoch);
      dict.observer = snapshot;
    }
    return dict;
  }

  /** An object that a command is about to change, or that has just been stored. */
  touchObject(object: StoredObject): void {
    this.objectGuard?.beforeObjectChange(object);
    const touched = this.#touched;
    if (this.#touchedCount > 0 && touched[this.#touchedCount - 1] === object) return;
    if (this.#touchedCount === touched.length) this.settle();
    touched[this.#touchedCount++] = object;
  }

  /** Counts the memory of objects that changed. */
  settle(): void {
    // A counter, because emptying an array costs as much as the rest of a push onto a list (100 ns).
    for (let i = 0; i < this.#touchedCount; i++) {
      const object = this.#touched[i] as StoredObject;
      const bytes = object.memoryBytes;
      if (bytes !== object.accountedBytes) this.#account(object, bytes);
      this.#touched[i] = undefined;
    }
    this.#touchedCount = 0;
  }

  /**
   * Accounts for an object of `bytes`, 0: it has left. How many members it has is asked only when its memory
   * has changed: every doubling is often enough.
   */
  #account(object: StoredObject, bytes: number): void {
    this.#objectBytes += bytes - object.accountedBytes;
    object.accountedBytes = bytes;
    const table = object.memberTable;
    if (table === undefined) return;
    const isLarge = bytes > 0 && table.count >= WORTHWHILE_KEYS;
    if (isLarge === table.isLarge) return;
    table.isLarge = isLarge;
    this.#largeTables += isLarge ? 1 : -1;
  }

  /** Takes an object that has left the keyspace; it is freed now if small, else in slices. */
  dropObject(object: StoredObject): void {
    this.settle();
    this.#account(object, 0);
    if (this.objectGuard?.keeps(object) === true) return;
    this.lazyFree.add(object);
  }

  /** Takes a table that has left the keyspace. */
  dropTable(dict: Dict): void {
    dict.onObjectFreed = (object) => this.dropObject(object);
    // A running snapshot still reads from it, and frees it when done.
    if (dict.observer !== undefined) return;
    this.lazyFree.add(dict);
  }

  /** Starts a snapshot's epoch; every table tells `make`'s observer before a segment changes. */
  beginSnapshot<T extends SegmentObserver>(make: (epoch: number) => T): T {
    this.#lastEpoch++;
    const snapshot = make(this.#lastEpoch);
    this.#snapshot = snapshot;
    for (const db of this.databases) db.table.observer = snapshot;
    return snapshot;
  }

  /** Ends the snapshot; tables that were flushed meanwhile are freed. */
  endSnapshot(tables: readonly Dict[]): void {
    this.#snapshot = undefined;
    for (const db of this.databases) db.table.observer = undefined;
    const live = new Set(this.databases.map((db) => db.table));
    for (const dict of tables) {
      dict.observer = undefined;
      if (!live.has(dict)) this.lazyFree.add(dict);
    }
  }

  get snapshotRunning(): boolean {
    return this.#snapshot !== undefined;
  }

  /** An empty engine of the same settings and hash, to load into while this one still serves. */
  newEmpty(): Engine {
    const { settings, hash, random, databases } = this;
    const fresh = new Engine({ settings, hash, random, databases: databases.length });
    fresh.tick(this.wallMs);
    return fresh;
  }

  /**
   * Takes the contents of `other`, which came from `newEmpty` and must not be used any more. The old
   * ones go as a whole, with their arena: there is nothing to free piece by piece. No snapshot may run.
   */
  adopt(other: Engine): void {
    assert(this.#snapshot === undefined, 'no snapshot reads what is replaced');
    this.settle();
    other.settle();
    this.lazyFree.forget();
    this.records = other.records;
    this.lookAhead = other.lookAhead;
    this.#objectBytes = other.#objectBytes;
    this.#largeTables = other.#largeTables;
    this.databases.forEach((db, i) => {
      db.adopt(other.databases[i]);
    });
  }

  /** Exchanges the contents of two databases. */
  swap(a: number, b: number): void {
    this.databases[a].exchange(this.databases[b]);
  }
}
