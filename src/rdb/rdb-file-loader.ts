// Loads a whole RDB stream into an engine: databases, duplicates, what has expired meanwhile, and the
// figures that are reported of it. Where the bytes come from, and when, is the caller's.

import type { Database } from '../engine/database.ts';
import type { Engine } from '../engine/engine.ts';
import { Kind } from '../engine/record.ts';
import { type BatchText, RecordBatch } from '../engine/record-batch.ts';
import type { StoredObject } from '../engine/stored-object.ts';

import type { RdbEntry, RdbHandler } from './rdb-handler.ts';
import { accessOf, encodingOf, fitsPacked, RdbLoader } from './rdb-loader.ts';
import { RdbReader, ReadState } from './rdb-reader.ts';
import type { RdbString } from './rdb-source.ts';

export interface FileLoaderOptions {
  readonly deep: boolean;
  readonly checksum: boolean;
  /** Keys whose time is up are left out: a master's way. A replica keeps them until it is told. */
  readonly skipExpired: boolean;
  /** A key that is there already is replaced, and no damage. */
  readonly merge?: boolean;
  /** Told of each key that is left out because its time is up; its bytes are lent. */
  readonly onExpired?: (dbIndex: number, key: RdbString) => void;
  /** Told of each key without elements. */
  readonly onEmpty?: (key: string) => void;
  /** Of the whole stream, where that is known. */
  readonly totalBytes?: number;
}

/** Of one fact a file has one value, and of those that matter a handful. */
const MAX_FACTS = 256;
/** No key takes less: its type, two lengths and a byte. */
const LEAST_KEY_BYTES = 4;
/** Room is made for so many keys at most on the word of a stream of unknown length. */
const UNKNOWN_KEYS = 1 << 18;

export class RdbFileLoader implements RdbHandler {
  keysLoaded = 0;
  keysExpired = 0;
  emptyKeys = 0;
  /** Facts about the file by their name. */
  readonly facts: Map<string, string> = new Map();
  /** What was passed over, in words. */
  readonly skippedParts: string[] = [];
  readonly #engine: Engine;
  readonly #options: FileLoaderOptions;
  readonly #values: RdbLoader;
  readonly #reader: RdbReader;
  readonly #batch: RecordBatch = new RecordBatch();
  /** What was only found when the value was there, or after. */
  #lateFailure: string | undefined;
  #db: number = 0;
  #entry!: RdbEntry;
  #isSkipping = false;
  readonly #packed = { bytes: Buffer.alloc(0) as Buffer, start: 0, end: 0, isLent: false };

  constructor(engine: Engine, options: FileLoaderOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#values = new RdbLoader(engine);
    this.#reader = new RdbReader(this, options);
  }

  get version(): number {
    return this.#reader.version;
  }

  /** Why the stream cannot be loaded; undefined while it can. */
  get failure(): string | undefined {
    return this.#lateFailure ?? this.#reader.failure;
  }

  /** Bytes read; of a failure: where it is. */
  get offset(): number {
    return this.#reader.offset;
  }

  get context(): string {
    return this.#reader.context;
  }

  get heldBytes(): number {
    return this.#reader.heldBytes;
  }

  /** Bytes of the last chunk that lie behind the end of the stream. */
  get bytesLeft(): number {
    return this.#reader.bytesLeft;
  }

  /** Takes a chunk, which may be used again when this returns; a ReadState. */
  feed(chunk: Buffer): number {
    let state: number = this.#reader.feed(chunk);
    // Strings of the batch lie in the chunk.
    this.#lateFailure ??= this.#flush();
    if (this.#lateFailure !== undefined) state = ReadState.failed;
    if (state === ReadState.failed) this.#values.abandon();
    return state;
  }

  /** Nothing more will come: lets go of what was not completed. */
  abandon(): void {
    this.#values.abandon();
  }

  aux(name: string, value: RdbString): void {
    if (this.facts.size < MAX_FACTS) this.facts.set(name, value.text());
  }

  selectDb(index: number): string | undefined {
    const { length } = this.#engine.databases;
    if (index >= length) {
      return `FATAL: Data file was created with a Redis server configured to handle more than ${length} databases. Exiting`;
    }
    const reason = this.#flush();
    this.#db = index;
    return reason;
  }

  resize(keys: number): void {
    const { totalBytes } = this.#options;
    const most = totalBytes === undefined ? UNKNOWN_KEYS : totalBytes / LEAST_KEY_BYTES;
    this.#database.reserve(Math.min(keys, most));
  }

  get #database(): Database {
    return this.#engine.databases[this.#db];
  }

  #isLeftOut({ key, expiryMs }: RdbEntry): boolean {
    if (expiryMs < 0 || expiryMs >= this.#engine.wallMs || !this.#options.skipExpired) return false;
    this.keysExpired++;
    this.#options.onExpired?.(this.#db, key);
    return true;
  }

  #duplicate(key: string): string {
    return `RDB has duplicated key '${key.slice(0, 128)}' in DB ${this.#db}`;
  }

  /** Stores what waits in the batch; why that cannot be. */
  #flush(): string | undefined {
    const duplicate = this.#batch.flush(this.#options.merge === true);
    return duplicate === undefined ? undefined : this.#duplicate(duplicate.toString('latin1'));
  }

  stringEntry(entry: RdbEntry, value: RdbString): string | undefined {
    if (this.#isLeftOut(entry)) return undefined;
    this.#entry = entry;
    this.keysLoaded++;
    if (!this.#batch.takes(entry.key, value)) {
      if (this.#open()) this.#values.string(value);
    } else this.#add(Kind.string, encodingOf(value), value);
    return this.#lateFailure;
  }

  /** The key of a small value, whose place is looked for with others'. */
  #add(kind: number, encoding: number, value: BatchText): void {
    const { key, expiryMs } = this.#entry;
    const access = accessOf(this.#engine, this.#entry);
    this.#batch.add(this.#database, key, value, kind, encoding, expiryMs, access);
    if (this.#batch.isFull) this.#lateFailure ??= this.#flush();
  }

  entry(entry: RdbEntry): string | undefined {
    this.#entry = entry;
    this.#isSkipping = this.#isLeftOut(entry);
    if (this.#isSkipping) this.#values.skip();
    else this.keysLoaded++;
    return this.#lateFailure;
  }

  /** The key of a value that is stored alone; false when that cannot be. */
  #open(): boolean {
    const { key } = this.#entry;
    const db = this.#database;
    this.#lateFailure ??= this.#flush();
    if (this.#lateFailure === undefined && db.lookupRaw(key.bytes, key.start, key.end) !== 0) {
      if (this.#options.merge === true) db.delete(key.bytes, key.start, key.end);
      else this.#lateFailure = this.#duplicate(key.text());
    }
    if (this.#lateFailure === undefined) this.#values.start(db, this.#entry);
    else this.#values.skip();
    return this.#lateFailure === undefined;
  }

  skipped(what: string): void {
    if (this.skippedParts.length < MAX_FACTS) this.skippedParts.push(what);
  }

  /** Never called: strings come by `stringEntry`. */
  string(): void {}

  packed(kind: number, encoding: number, bytes: Buffer, start: number, end: number): void {
    if (this.#isSkipping) return;
    const value = this.#packed;
    value.bytes = bytes;
    value.start = start;
    value.end = end;
    value.isLent = this.#reader.isLent(bytes);
    const { settings } = this.#engine;
    if (
      fitsPacked(settings, kind, encoding, bytes, start, end) &&
      this.#batch.takes(this.#entry.key, value)
    ) {
      this.#add(kind, encoding, value);
    } else if (this.#open()) this.#values.packed(kind, encoding, bytes, start, end);
  }

  begin(kind: number, count: number): void {
    if (!this.#isSkipping) this.#open();
    this.#values.begin(kind, count);
  }

  element(value: RdbString): boolean {
    return this.#values.element(value);
  }

  field(name: RdbString, value: RdbString): boolean {
    return this.#values.field(name, value);
  }

  member(name: RdbString, score: number): boolean {
    return this.#values.member(name, score);
  }

  node(bytes: Buffer, start: number, end: number): void {
    this.#values.node(bytes, start, end);
  }

  plainNode(value: RdbString): void {
    this.#values.plainNode(value);
  }

  end(): void {
    this.#values.end();
  }

  object(kind: number, encoding: number, object: StoredObject): void {
    if (!this.#isSkipping) this.#open();
    this.#values.object(kind, encoding, object);
  }

  empty(): void {
    if (!this.#isSkipping) {
      this.keysLoaded--;
      this.emptyKeys++;
      this.#options.onEmpty?.(this.#entry.key.text());
    }
    this.#values.empty();
  }
}
