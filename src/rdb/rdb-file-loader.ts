// Loads a whole RDB stream into an engine: databases, duplicates, what has expired meanwhile, and the
// figures that are reported of it. Where the bytes come from, and when, is the caller's.

import type { Engine } from '../engine/engine.ts';
import type { StoredObject } from '../engine/stored-object.ts';
import type { RdbEntry, RdbHandler } from './rdb-handler.ts';
import { RdbLoader } from './rdb-loader.ts';
import { RdbReader, ReadState } from './rdb-reader.ts';
import type { RdbString } from './rdb-source.ts';

export interface FileLoaderOptions {
  readonly deep: boolean;
  readonly checksum: boolean;
  /** Keys whose time is up are left out: a master's way. A replica keeps them until it is told. */
  readonly skipExpired: boolean;
  /** A key that is there already is replaced, and no damage. */
  readonly merge?: boolean;
  /** Told of each key without elements. */
  readonly onEmpty?: (key: string) => void;
}

/** Of one fact a file has one value, and of those that matter a handful. */
const MAX_FACTS = 256;

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
  #db: number = 0;
  #entry: RdbEntry | undefined;

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
    return this.#reader.failure;
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

  /** Takes a chunk, which may be used again when this returns; a ReadState. */
  feed(chunk: Buffer): number {
    const state = this.#reader.feed(chunk);
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
    this.#db = index;
    return undefined;
  }

  /** Tables grow segment by segment here: nothing is to be prepared. */
  resize(): void {}

  entry(entry: RdbEntry): string | undefined {
    const db = this.#engine.databases[this.#db];
    const { key, expiryMs } = entry;
    const isExpired = expiryMs >= 0 && expiryMs < this.#engine.wallMs;
    if (isExpired && this.#options.skipExpired) {
      this.keysExpired++;
      this.#values.skip();
      return undefined;
    }
    if (db.lookupRaw(key.bytes, key.start, key.end) !== 0) {
      if (this.#options.merge !== true) {
        return `RDB has duplicated key '${key.text().slice(0, 128)}' in DB ${this.#db}`;
      }
      db.delete(key.bytes, key.start, key.end);
    }
    this.keysLoaded++;
    this.#entry = entry;
    this.#values.start(db, entry);
    return undefined;
  }

  skipped(what: string): void {
    if (this.skippedParts.length < MAX_FACTS) this.skippedParts.push(what);
  }

  string(value: RdbString): void {
    this.#values.string(value);
  }

  packed(kind: number, encoding: number, bytes: Buffer, start: number, end: number): void {
    this.#values.packed(kind, encoding, bytes, start, end);
  }

  begin(kind: number, count: number): void {
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
    this.#values.object(kind, encoding, object);
  }

  empty(): void {
    this.keysLoaded--;
    this.emptyKeys++;
    this.#options.onEmpty?.(this.#entry?.key.text() ?? '');
    this.#values.empty();
  }
}
