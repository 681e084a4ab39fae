// A snapshot of the data at one moment as an RDB stream, written in slices while the node serves: one
// pass over the engine's snapshot cursor for any number of receivers.
//
// Small values are written as the cursor meets them. A large collection is only noted, and written in
// slices of its own; until then it is watched. A table (hash, set, sorted set) tells of each of its
// members before it changes first, and that member is written at once, before its turn. A list
// or a stream is copied, what is left of it, just before it changes. One that leaves the keyspace is
// kept until it has been written.
//
// A key and its value must not be torn apart in the stream, so what must be written now but belongs
// elsewhere waits in memory: other keys while a collection is under way, segments of a collection whose
// turn has not come. That is bounded by how much changes meanwhile, as the copied pages of a fork are.

import type { Database } from '../engine/database.ts';
import type { Dict } from '../engine/dict.ts';
import type { Engine, ObjectGuard } from '../engine/engine.ts';
import { HashSet } from '../engine/hash-set.ts';
import { Kind, type Ref } from '../engine/record.ts';
import { forEachBut, forEachOfHash } from '../engine/segment.ts';
import type { SegmentObserver } from '../engine/segment-observer.ts';
import { Snapshot, type SnapshotSink } from '../engine/snapshot.ts';
import { SortedSet } from '../engine/sorted-set.ts';
import type { StoredObject } from '../engine/stored-object.ts';
import { RdbOutput } from './rdb-output.ts';
import { beginFile, type SaveOptions } from './rdb-save.ts';
import {
  detachCursor,
  type ObjectCursor,
  openObject,
  rdbTypeOf,
  writeMember,
} from './rdb-value-writer.ts';
import type { RdbWriter } from './rdb-writer.ts';

/** Collections up to this are written at once. */
const SMALL_ELEMENTS = 128;
const SMALL_BYTES = 64 * 1024;
const ALL = 0x100000000;

/** Bytes that wait for their place in the stream. */
class Held {
  readonly out: RdbOutput;
  readonly #chunks: Buffer[] = [];

  constructor(compress: boolean) {
    const emit = (chunk: Buffer): void => void this.#chunks.push(chunk);
    this.out = new RdbOutput({ compress, checksum: false, emit });
  }

  moveTo(out: RdbOutput): void {
    this.out.flush();
    for (const chunk of this.#chunks) out.raw(chunk, 0, chunk.length);
  }
}

/** A large collection that the snapshot holds and has not written yet. */
class Pending {
  readonly db: number;
  readonly kind: number;
  readonly type: number;
  readonly key: Buffer;
  readonly expiryMs: number;
  readonly access: number;
  readonly object: StoredObject;
  /** Of the moment of the snapshot. */
  readonly length: number;
  /** The table behind a hash, a set or a sorted set. */
  readonly table: Dict | undefined;
  /** Members that changed before their turn, and their hashes. */
  held: Held | undefined;
  readonly written: HashSet = new HashSet();
  /** A copy, or a cursor over one, of a list or stream that changed. */
  cursor: ObjectCursor | undefined;
  copy: StoredObject | undefined;
  position = 0;
  /** It left the keyspace meanwhile. */
  isDropped = false;

  constructor(db: number, source: Dict, ref: Ref, version: number) {
    const { records } = source;
    this.db = db;
    this.kind = records.kind(ref);
    this.type = rdbTypeOf(this.kind, records.encoding(ref), version);
    this.key = records.copyKey(ref);
    this.expiryMs = records.expiry(ref);
    this.access = records.access(ref);
    this.object = records.object(ref);
    this.length = this.object.length;
    if (this.kind === Kind.hash || this.kind === Kind.set) this.table = this.object as Dict;
    else this.table = this.object instanceof SortedSet ? this.object.members : undefined;
  }
}

export class RdbSnapshot implements SnapshotSink, SegmentObserver, ObjectGuard {
  readonly epoch: number;
  /** Keys at the moment of the snapshot. */
  readonly keysTotal: number;
  keysDone = 0;
  readonly #engine: Engine;
  readonly #options: SaveOptions;
  readonly #writer: RdbWriter;
  readonly #snapshot: Snapshot;
  readonly #sizes: readonly { readonly keys: number; readonly expiring: number }[];
  readonly #sized: Set<number> = new Set();
  readonly #pending: Pending[] = [];
  readonly #byObject: Map<StoredObject, Pending> = new Map();
  readonly #byTable: Map<Dict, Pending> = new Map();
  /** The collection that is being written. */
  #current: Pending | undefined;
  /** Keys that came while one was. */
  #held: { readonly bytes: Held; readonly writer: RdbWriter } | undefined;
  #isOver = false;

  /** Fixes the moment: what the stream will hold is the data as they are now. */
  constructor(engine: Engine, options: SaveOptions, emit: (chunk: Buffer) => void) {
    this.#engine = engine;
    this.#options = options;
    this.#writer = beginFile(engine, options, emit);
    this.#sizes = engine.databases.map((db: Database) => ({
      keys: db.keyCount,
      expiring: db.expiryCount,
    }));
    this.keysTotal = this.#sizes.reduce((sum, { keys }) => sum + keys, 0);
    this.#snapshot = Snapshot.begin(engine, this);
    this.epoch = this.#snapshot.epoch;
    engine.objectGuard = this;
  }

  /** Bytes written so far. */
  get totalBytes(): number {
    return this.#writer.out.totalBytes;
  }

  /** A chunk that was handed on is of no use to anybody any more. */
  reuse(chunk: Buffer): void {
    this.#writer.out.reuse(chunk);
  }

  /** Writes about `elements` keys or elements; true when the stream is complete. */
  step(elements: number): boolean {
    if (this.#isOver) return true;
    const isComplete = this.#advance(elements);
    this.#writer.out.sumUp();
    return isComplete;
  }

  #advance(elements: number): boolean {
    if (this.#current !== undefined || this.#pending.length > 0) {
      this.#writeLarge(elements);
      return false;
    }
    if (!this.#snapshot.step(elements)) return false;
    if (this.#pending.length > 0) return false;
    this.#isOver = true;
    this.#engine.objectGuard = undefined;
    this.#writer.end();
    return true;
  }

  /** Gives up; nothing more is written. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#snapshot.cancel();
    if (this.#current !== undefined) this.#release(this.#current);
    for (const pending of this.#pending) this.#release(pending);
    this.#engine.objectGuard = undefined;
  }

  /** The engine's cursor: a key as it was at the moment of the snapshot. */
  record(db: number, table: Dict, ref: Ref): void {
    this.keysDone++;
    const { records } = table;
    if (records.isObject(ref) && isLarge(records.object(ref))) {
      this.#note(new Pending(db, table, ref, this.#options.version));
      return;
    }
    const writer = this.#current === undefined ? this.#writer : this.#heldWriter();
    this.#select(writer, db);
    writer.record(records, ref);
  }

  #select(writer: RdbWriter, db: number): void {
    if (writer.db === db) return;
    writer.selectDb(db);
    if (this.#sized.has(db)) return;
    this.#sized.add(db);
    writer.resize(this.#sizes[db].keys, this.#sizes[db].expiring);
  }

  #heldWriter(): RdbWriter {
    if (this.#held === undefined) {
      const bytes = new Held(this.#options.compress);
      this.#held = { bytes, writer: this.#writer.over(bytes.out) };
    }
    return this.#held.writer;
  }

  #note(pending: Pending): void {
    const { object, table } = pending;
    this.#pending.push(pending);
    this.#byObject.set(object, pending);
    if (table === undefined) return;
    this.#byTable.set(table, pending);
    table.observer = this;
  }

  // --- large collections ---

  #writeLarge(elements: number): void {
    const pending = this.#current ?? this.#start(this.#pending.shift() as Pending);
    const { out } = this.#writer;
    const { table, cursor } = pending;
    if (table === undefined) {
      if (cursor !== undefined && !cursor.step(out, elements)) return;
    } else if (!this.#writeTable(pending, table, elements)) return;
    this.#finish(pending);
  }

  #start(pending: Pending): Pending {
    const writer = this.#writer;
    this.#select(writer, pending.db);
    writer.facts(pending.expiryMs, pending.access);
    writer.out.byte(pending.type);
    writer.out.string(pending.key, 0, pending.key.length);
    const object = pending.copy ?? pending.object;
    if (pending.table === undefined) {
      pending.cursor = openObject(writer.out, pending.kind, object, this.#options.version);
    } else {
      writer.out.length(pending.length);
      pending.held?.moveTo(writer.out);
      pending.held = undefined;
    }
    this.#current = pending;
    return pending;
  }

  #writeTable(pending: Pending, table: Dict, elements: number): boolean {
    let left = elements;
    while (left > 0 && pending.position < ALL) {
      const { segment, next } = table.segmentAt(pending.position);
      if (!table.isAt(segment, this.epoch)) left -= this.#writeSegment(pending, table, segment);
      left--;
      pending.position = next;
    }
    return pending.position >= ALL;
  }

  #writeSegment(pending: Pending, table: Dict, segment: Ref): number {
    const out = this.#outOf(pending);
    let written = 0;
    table.setEpoch(segment, this.epoch);
    forEachBut(table, segment, pending.written, (ref) => {
      writeMember(out, table, ref, pending.kind);
      written++;
    });
    return written;
  }

  /** Where members go now: into the stream, or aside until their turn comes. */
  #outOf(pending: Pending): RdbOutput {
    if (pending === this.#current) return this.#writer.out;
    pending.held ??= new Held(this.#options.compress);
    return pending.held.out;
  }

  #finish(pending: Pending): void {
    this.#release(pending);
    this.#current = undefined;
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    held.bytes.moveTo(this.#writer.out);
    this.#writer.db = held.writer.db;
  }

  #release({ object, table, isDropped }: Pending): void {
    this.#byObject.delete(object);
    if (table !== undefined) {
      this.#byTable.delete(table);
      table.observer = undefined;
    }
    if (isDropped) this.#engine.lazyFree.add(object);
  }

  // --- what the engine asks before a change ---

  /** Members of a large table are about to change. */
  beforeChange(table: Dict, segment: Ref, hash: number): void {
    const pending = this.#byTable.get(table);
    if (pending === undefined || !pending.written.add(hash)) return;
    const out = this.#outOf(pending);
    forEachOfHash(table, segment, hash, (ref) => writeMember(out, table, ref, pending.kind));
  }

  beforeJoin(table: Dict, segment: Ref): void {
    const pending = this.#byTable.get(table);
    if (pending !== undefined) this.#writeSegment(pending, table, segment);
  }

  /** A list or stream may be about to change. */
  beforeObjectChange(object: StoredObject): void {
    const pending = this.#byObject.get(object);
    if (pending === undefined || pending.table !== undefined) return;
    if (pending.cursor !== undefined) detachCursor(pending.cursor);
    else pending.copy ??= object.clone();
  }

  /** An object leaves the keyspace; true: it is kept here until it has been written. */
  keeps(object: StoredObject): boolean {
    const pending = this.#byObject.get(object);
    if (pending === undefined) return false;
    pending.isDropped = true;
    return true;
  }
}

function isLarge(object: StoredObject): boolean {
  return object.length > SMALL_ELEMENTS || object.memoryBytes > SMALL_BYTES;
}
