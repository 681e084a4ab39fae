// One of the numbered databases: keys with their kind, encoding, value and expiry, over a table of
// records. Keys and values come and go as byte ranges `b[s..e)`; nothing here makes a string.
//
// Every change of a value passes the gate: storage methods take a running snapshot's pre-image by
// themselves, `lookupWrite` takes it for objects that are changed in place, and `changed` settles
// the memory accounts and tells whoever watches, tracks, waits or listens.

import type { Dict } from './dict.ts';
import { isEmptyCollection } from './empty-collection.ts';
import type { Engine } from './engine.ts';
import { NotifyClass } from './notify-class.ts';
import {
  Encoding,
  KEEP_EXPIRY,
  Kind,
  NO_EXPIRY,
  type Records,
  type Ref,
  type ValuePlace,
} from './record.ts';
import { headAccess, headHasExpiry, headIsObject, headIsPlain } from './record-head.ts';
import type { StoredObject } from './stored-object.ts';

export class Database {
  readonly index: number;
  readonly engine: Engine;
  /** Keys with an expiry. */
  expiryCount = 0;
  /** Sum of their expiries is not kept; the sweep estimates the average for INFO. */
  averageTtlMs = 0;
  #table: Dict;
  #records: Records;

  constructor(engine: Engine, index: number) {
    this.engine = engine;
    this.index = index;
    this.#records = engine.records;
    this.#table = engine.newTable();
  }

  get table(): Dict {
    return this.#table;
  }

  get keyCount(): number {
    return this.#table.count;
  }

  /** Finds a key for reading: counts a hit or a miss, moves its access clock; 0 when absent. */
  lookupRead(b: Buffer, s: number, e: number): Ref {
    const engine = this.engine;
    const ref = this.#table.find(b, s, e);
    const head = ref === 0 ? 0 : this.#records.head(ref);
    if (ref === 0 || (headHasExpiry(head) && this.#isGone(b, s, e, ref))) {
      engine.misses++;
      if (engine.interest !== 0) {
        engine.observer.notify(this, b, s, e, NotifyClass.keymiss, 'keymiss');
      }
      return 0;
    }
    engine.hits++;
    this.#touch(ref, head);
    return ref;
  }

  /** Finds a key for a change, and takes the pre-image: an object may be changed only after this. */
  lookupWrite(b: Buffer, s: number, e: number): Ref {
    const ref = this.#table.find(b, s, e);
    if (ref === 0) return 0;
    const head = this.#records.head(ref);
    if (headHasExpiry(head) && this.#isGone(b, s, e, ref)) return 0;
    this.#table.touchFound();
    this.#touch(ref, head);
    if (headIsObject(head)) this.engine.touchObject(this.#records.object(ref));
    return ref;
  }

  /** Finds a key without any trace: no statistics, no access clock, no deletion. */
  lookupQuiet(b: Buffer, s: number, e: number): Ref {
    const ref = this.#table.find(b, s, e);
    if (ref !== 0 && this.#records.hasExpiry(ref) && this.isExpired(ref)) return 0;
    return ref;
  }

  /** Finds a record even when it has expired. */
  lookupRaw(b: Uint8Array, s: number, e: number): Ref {
    return this.#table.find(b, s, e);
  }

  isExpired(ref: Ref): boolean {
    const expiry = this.#records.expiry(ref);
    return expiry >= 0 && this.engine.wallMs > expiry && !this.engine.ignoreExpiry;
  }

  #isGone(b: Buffer, s: number, e: number, ref: Ref): boolean {
    if (!this.isExpired(ref)) return false;
    if (this.engine.deletesExpired) this.removeExpired(Buffer.from(b.subarray(s, e)));
    return true;
  }

  /** Deletes a key whose time has come and tells the observer. `key` must be owned. */
  removeExpired(key: Buffer): void {
    if (!this.delete(key, 0, key.length)) return;
    this.engine.expired++;
    this.engine.observer.removed(this, key, 'expired');
  }

  /** Deletes a key to make room and tells the observer. `key` must be owned. */
  removeEvicted(key: Buffer): void {
    if (!this.delete(key, 0, key.length)) return;
    this.engine.evicted++;
    this.engine.observer.removed(this, key, 'evicted');
  }

  /** The access clock that the record gets by being used now. */
  #clock(head: number): number {
    const access = this.engine.access;
    if (this.engine.noTouch) return headAccess(head);
    return access.lfu ? access.touched(headAccess(head)) : access.lru;
  }

  #touch(ref: Ref, head: number): void {
    const clock = this.#clock(head);
    if (clock !== headAccess(head)) this.#records.setAccess(ref, clock);
  }

  kind(ref: Ref): number {
    return this.#records.kind(ref);
  }

  encoding(ref: Ref): number {
    return this.#records.encoding(ref);
  }

  /** Milliseconds since 1970, or NO_EXPIRY. */
  expiry(ref: Ref): number {
    return this.#records.expiry(ref);
  }

  /** Bytes of a string or packed value; elements of an object. */
  valueLength(ref: Ref): number {
    return this.#records.valueLength(ref);
  }

  locate(ref: Ref): ValuePlace {
    return this.#records.locate(ref);
  }

  /** The bytes that a string or packed value lies in, from `valueStart`: a view that a change ends. */
  page(ref: Ref): Buffer {
    return this.#records.page(ref);
  }

  valueStart(ref: Ref): number {
    return this.#records.valueStart(ref);
  }

  isObject(ref: Ref): boolean {
    return this.#records.isObject(ref);
  }

  object(ref: Ref): StoredObject {
    return this.#records.object(ref);
  }

  copyKey(ref: Ref): Buffer {
    return this.#records.copyKey(ref);
  }

  keyPage(ref: Ref): Buffer {
    return this.#records.keyPage(ref);
  }

  keyStart(ref: Ref): number {
    return this.#records.keyStart(ref);
  }

  keyLength(ref: Ref): number {
    return this.#records.keyLength(ref);
  }

  /** The 24-bit access clock, for OBJECT and for saving. */
  access(ref: Ref): number {
    return this.#records.access(ref);
  }

  setAccess(ref: Ref, clock: number): void {
    this.#records.setAccess(ref, clock);
  }

  /** Bytes that the key takes with everything it holds. */
  keyBytes(ref: Ref): number {
    return this.#records.recordBytes(ref) + 8;
  }

  /**
   * Replaces the bytes of an existing string in place when its block allows, without looking the key
   * up again; false when it does not, and nothing was changed. `ref` must come from `lookupWrite`.
   */
  overwrite(ref: Ref, vb: Uint8Array, vs: number, ve: number, encoding: number): boolean {
    return this.#records.overwrite(ref, encoding, vb, vs, ve);
  }

  setString(
    b: Uint8Array,
    s: number,
    e: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
    encoding: number,
    expiryMs: number,
  ): void {
    this.#setBytes(b, s, e, Kind.string, encoding, vb, vs, ve, expiryMs);
  }

  /**
   * SET: stores a string whatever was there, in one lookup. An expired key is expired and not
   * overwritten, an old one counts as used.
   */
  assignString(
    b: Buffer,
    s: number,
    e: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
    encoding: number,
    expiryMs: number,
  ): void {
    const table = this.#table;
    const records = this.#records;
    let ref = table.find(b, s, e);
    if (ref !== 0) {
      const head = records.head(ref);
      if (headIsPlain(head) && expiryMs < 0) {
        table.touchFound();
        if (records.overwritePlain(ref, encoding, this.#clock(head), vb, vs, ve)) return;
      }
      if (headHasExpiry(head) && this.#isGone(b, s, e, ref)) ref = table.find(b, s, e);
      else this.#touch(ref, head);
    }
    table.touchFound();
    this.#putFound(ref, b, s, e, Kind.string, encoding, vb, vs, ve, expiryMs);
  }

  /** Creates or replaces a packed value; an existing key keeps its expiry. */
  setPacked(
    b: Uint8Array,
    s: number,
    e: number,
    kind: number,
    encoding: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
  ): void {
    this.#setBytes(b, s, e, kind, encoding, vb, vs, ve, KEEP_EXPIRY);
  }

  #setBytes(
    b: Uint8Array,
    s: number,
    e: number,
    kind: number,
    encoding: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
    expiryMs: number,
  ): void {
    const ref = this.#table.find(b, s, e);
    this.#table.touchFound();
    this.#putFound(ref, b, s, e, kind, encoding, vb, vs, ve, expiryMs);
  }

  /** Puts bytes where the last `find` looked; `ref` is what it found. */
  #putFound(
    ref: Ref,
    b: Uint8Array,
    s: number,
    e: number,
    kind: number,
    encoding: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
    expiryMs: number,
  ): void {
    const table = this.#table;
    const records = this.#records;
    if (ref === 0) {
      this.#insert(b, s, e, records.create(kind, encoding, b, s, e, vb, vs, ve, expiryMs));
      return;
    }
    if (records.isObject(ref)) this.engine.dropObject(records.object(ref));
    const before = records.expiry(ref);
    const after = expiryMs === KEEP_EXPIRY ? before : expiryMs;
    const fresh = records.rewrite(ref, kind, encoding, vb, vs, ve, after);
    if (fresh !== ref) table.replaceFound(fresh);
    if (after !== before) this.#expiryMoved(before, after);
  }

  /** Creates or replaces the value by an object; an existing key keeps its expiry. */
  setObject(
    b: Uint8Array,
    s: number,
    e: number,
    kind: number,
    encoding: number,
    object: StoredObject,
  ): void {
    const table = this.#table;
    const records = this.#records;
    const ref = table.find(b, s, e);
    table.touchFound();
    this.engine.touchObject(object);
    if (ref === 0) {
      this.#insert(b, s, e, records.createObject(kind, encoding, b, s, e, object, NO_EXPIRY));
      return;
    }
    const old = records.isObject(ref) ? records.object(ref) : undefined;
    const expiry = records.expiry(ref);
    const fresh = records.createObject(kind, encoding, b, s, e, object, expiry);
    records.setAccess(fresh, records.access(ref));
    records.free(ref);
    table.replaceFound(fresh);
    if (old !== undefined && old !== object) this.engine.dropObject(old);
  }

  /** Renames the encoding of a value whose bytes or object stay as they are. */
  setEncoding(ref: Ref, encoding: number): void {
    this.#records.setEncoding(ref, encoding);
  }

  #insert(b: Uint8Array, s: number, e: number, ref: Ref): void {
    this.#records.setAccess(ref, this.engine.access.initial());
    this.#table.insertFound(ref);
    const expiry = this.#records.expiry(ref);
    if (expiry >= 0) this.#expiryMoved(NO_EXPIRY, expiry);
    if (this.engine.interest !== 0) {
      const key = b as Buffer;
      this.engine.observer.notify(this, key, s, e, NotifyClass.new, 'new');
    }
  }

  #expiryMoved(before: number, after: number): void {
    if (before < 0 && after >= 0) this.expiryCount++;
    else if (before >= 0 && after < 0) this.expiryCount--;
    if (after >= 0) this.#table.noteExpiry(after);
  }

  /** Grows a string to `length` bytes, new ones zero, and returns its ref; the key must exist. */
  growString(b: Uint8Array, s: number, e: number, length: number): Ref {
    const table = this.#table;
    const ref = table.find(b, s, e);
    table.touchFound();
    const fresh = this.#records.grow(ref, Encoding.raw, length);
    if (fresh !== ref) table.replaceFound(fresh);
    return fresh;
  }

  /** Deletes a key, expired or not; an object is freed in slices. False when absent. */
  delete(b: Uint8Array, s: number, e: number): boolean {
    const table = this.#table;
    const records = this.#records;
    const ref = table.find(b, s, e);
    if (ref === 0) return false;
    table.touchFound();
    if (records.isObject(ref)) this.engine.dropObject(records.object(ref));
    if (records.hasExpiry(ref)) this.expiryCount--;
    table.removeFound();
    records.free(ref);
    return true;
  }

  /** Sets or removes (NO_EXPIRY) the expiry of a key; false when absent. */
  setExpiry(b: Uint8Array, s: number, e: number, expiryMs: number): boolean {
    const table = this.#table;
    const ref = table.find(b, s, e);
    if (ref === 0) return false;
    table.touchFound();
    const before = this.#records.expiry(ref);
    const fresh = this.#records.withExpiry(ref, expiryMs);
    if (fresh !== ref) table.replaceFound(fresh);
    this.#expiryMoved(before, expiryMs);
    return true;
  }

  /**
   * Moves a key with its value, expiry and access clock to another name or database. The key must
   * exist and the target must not; nothing is copied that lies outside the record.
   */
  moveKey(
    b: Uint8Array,
    s: number,
    e: number,
    target: Database,
    tb: Uint8Array,
    ts: number,
    te: number,
  ): void {
    const records = this.#records;
    const ref = this.#table.find(b, s, e);
    this.#table.touchFound();
    this.#table.removeFound();
    const expiry = records.expiry(ref);
    if (expiry >= 0) this.expiryCount--;
    const moved = records.rebuild(ref, tb, ts, te, expiry);
    const clock = records.access(moved);
    target.#table.find(tb, ts, te);
    target.#table.touchFound();
    target.#insert(tb, ts, te, moved);
    records.setAccess(moved, clock);
  }

  /** The gate after a change: accounts, dirty, and everybody who wants to know. */
  changed(
    b: Buffer,
    s: number,
    e: number,
    notifyClass: number,
    event: string,
    dirty: number = 1,
  ): void {
    const engine = this.engine;
    engine.dirty += dirty;
    engine.settle();
    if (engine.interest !== 0) engine.observer.changed(this, b, s, e, notifyClass, event);
  }

  /** A keyspace event beside the one of `changed`, such as `expire` after `set`. */
  notify(b: Buffer, s: number, e: number, notifyClass: number, event: string): void {
    if (this.engine.interest !== 0) {
      this.engine.observer.notify(this, b, s, e, notifyClass, event);
    }
  }

  /** Deletes a collection that has lost its last element, with its `del` event. */
  removeIfEmpty(b: Buffer, s: number, e: number): boolean {
    const ref = this.#table.find(b, s, e);
    if (ref === 0 || !isEmptyCollection(this.#records, ref)) return false;
    this.delete(b, s, e);
    this.notify(b, s, e, NotifyClass.generic, 'del');
    return true;
  }

  /** A key drawn evenly, expired ones skipped where there are others; 0 when the database is empty. */
  randomKey(): Ref {
    // A database of nothing but expired keys must not hold the draw for ever.
    for (let tries = 0; tries < 100; tries++) {
      const ref = this.#table.randomRef(this.engine.random);
      if (ref === 0 || !this.isExpired(ref)) return ref;
      if (this.engine.deletesExpired) this.removeExpired(this.copyKey(ref));
    }
    return this.#table.randomRef(this.engine.random);
  }

  /** Empties the database; its memory is freed in slices. Returns the number of keys it had. */
  flush(): number {
    const removed = this.#table.count;
    const old = this.#table;
    this.#table = this.engine.newTable();
    this.expiryCount = 0;
    this.averageTtlMs = 0;
    this.engine.dropTable(old);
    this.engine.observer.flushed(this);
    return removed;
  }

  /** Takes the contents of a database of another engine; its own are given up with their arena. */
  adopt(other: Database): void {
    this.#records = other.#records;
    this.#table = other.#table;
    this.expiryCount = other.expiryCount;
    this.averageTtlMs = other.averageTtlMs;
    this.engine.observer.flushed(this);
  }

  /** Makes room for keys that are about to come into an empty database. */
  reserve(keys: number): void {
    if (this.keyCount > 0) return;
    this.engine.dropTable(this.#table);
    this.#table = this.engine.newTable(keys);
  }

  /** Exchanges the contents with another database. */
  exchange(other: Database): void {
    [this.#table, other.#table] = [other.#table, this.#table];
    [this.expiryCount, other.expiryCount] = [other.expiryCount, this.expiryCount];
    [this.averageTtlMs, other.averageTtlMs] = [other.averageTtlMs, this.averageTtlMs];
  }
}
