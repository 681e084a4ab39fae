// Small values on their way from a file into a database, some dozens at a time. One by one, each would wait
// for memory where its slot lies; here all slots are looked at first, independently of each other, so that
// the processor fetches them at the same time, and then the keys are put there (2 million keys of 16 bytes:
// half the time). Keys and values lie in the caller's chunk until `flush`, or are copied when they do not.

import { copyBytes } from '../util/bytes.ts';
import type { Ref } from './arena.ts';
import type { Database } from './database.ts';

/** More than the reads that a processor keeps under way, and few enough for its nearest cache. */
const MOST = 32;
const COPIED_BYTES = 32 * 1024;

/** A range of bytes. `isLent`: they stay where they are until the batch is flushed. */
export interface BatchText {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly isLent: boolean;
}

export class RecordBatch {
  count = 0;
  #db: Database | undefined;
  readonly #buffers: Buffer[];
  /** Start and end of each key, then of its value. */
  readonly #ranges: Int32Array = new Int32Array(4 * MOST);
  readonly #kinds: Int32Array = new Int32Array(MOST);
  readonly #encodings: Int32Array = new Int32Array(MOST);
  readonly #expiries: Float64Array = new Float64Array(MOST);
  readonly #accesses: Int32Array = new Int32Array(MOST);
  readonly #hashes: Int32Array = new Int32Array(MOST);
  readonly #copied: Buffer = Buffer.allocUnsafeSlow(COPIED_BYTES);
  #copiedAt = 0;
  /** Of what was looked at, so that no compiler leaves the looking out. */
  lookedAt = 0;

  constructor() {
    this.#buffers = Array.from({ length: 2 * MOST }, () => this.#copied);
  }

  get isFull(): boolean {
    return this.count === MOST;
  }

  /** False when there is no room to copy the texts to: they are to be stored alone. */
  takes(key: BatchText, value: BatchText): boolean {
    let bytes = 0;
    if (!key.isLent) bytes += key.end - key.start;
    if (!value.isLent) bytes += value.end - value.start;
    return this.#copiedAt + bytes <= COPIED_BYTES;
  }

  /** Adds a key of `db`, the same until the next `flush`. `access` -1: as of a new key. */
  add(
    db: Database,
    key: BatchText,
    value: BatchText,
    kind: number,
    encoding: number,
    expiryMs: number,
    access: number,
  ): void {
    const i = this.count++;
    this.#db = db;
    this.#put(2 * i, key);
    this.#put(2 * i + 1, value);
    this.#kinds[i] = kind;
    this.#encodings[i] = encoding;
    this.#expiries[i] = expiryMs;
    this.#accesses[i] = access;
  }

  #put(j: number, { bytes, start, end, isLent }: BatchText): void {
    if (isLent) {
      this.#buffers[j] = bytes;
      this.#ranges[2 * j] = start;
      this.#ranges[2 * j + 1] = end;
      return;
    }
    const at = this.#copiedAt;
    const copied = this.#copied;
    copyBytes(copied, at, bytes, start, end);
    this.#copiedAt = at + end - start;
    this.#buffers[j] = copied;
    this.#ranges[2 * j] = at;
    this.#ranges[2 * j + 1] = this.#copiedAt;
  }

  /**
   * Stores what was added. A key that is there already is replaced when `replaces`; otherwise it is
   * returned, as a copy, and nothing behind it was stored.
   */
  flush(replaces: boolean): Buffer | undefined {
    const db = this.#db;
    const { count } = this;
    if (db === undefined || count === 0) return undefined;
    this.#lookAhead(db);
    let duplicate: Buffer | undefined;
    for (let i = 0; i < count && duplicate === undefined; i++) {
      if (!this.#store(db, i, replaces)) duplicate = this.#keyOf(i);
    }
    this.count = 0;
    this.#copiedAt = 0;
    return duplicate;
  }

  #lookAhead({ table, engine }: Database): void {
    const hashes = this.#hashes;
    const ranges = this.#ranges;
    const { count } = this;
    for (let i = 0; i < count; i++) {
      hashes[i] = engine.hash.hash(this.#buffers[2 * i], ranges[4 * i], ranges[4 * i + 1]);
    }
    // No branch that looks at what is read: the next read begins before this one has ended.
    let sum = 0;
    for (let i = 0; i < count; i++) sum ^= table.slotWord(hashes[i]);
    this.lookedAt ^= sum;
  }

  #store(db: Database, i: number, replaces: boolean): boolean {
    const { table, engine } = db;
    const { records } = table;
    const ranges = this.#ranges;
    const key = this.#buffers[2 * i];
    const start = ranges[4 * i];
    const end = ranges[4 * i + 1];
    if (table.findHashed(this.#hashes[i], key, start, end) !== 0) {
      if (!replaces) return false;
      db.delete(key, start, end);
      table.findHashed(this.#hashes[i], key, start, end);
    }
    table.touchFound();
    const expiryMs = this.#expiries[i];
    const ref: Ref = records.create(
      this.#kinds[i],
      this.#encodings[i],
      key,
      start,
      end,
      this.#buffers[2 * i + 1],
      ranges[4 * i + 2],
      ranges[4 * i + 3],
      expiryMs,
    );
    const access = this.#accesses[i];
    records.setAccess(ref, access < 0 ? engine.access.initial() : access);
    table.insertFound(ref);
    if (expiryMs >= 0) {
      db.expiryCount++;
      table.noteExpiry(expiryMs);
    }
    return true;
  }

  #keyOf(i: number): Buffer {
    const ranges = this.#ranges;
    return Buffer.from(this.#buffers[2 * i].subarray(ranges[4 * i], ranges[4 * i + 1]));
  }
}
