// Puts what an RDB stream tells into databases: the receiver of the reader's events for files, for a
// master's snapshot and for RESTORE. Values get the form that the configuration asks for, whatever form
// they came in; elements go straight into that form.

import type { Database } from '../engine/database.ts';
import type { Dict } from '../engine/dict.ts';
import type { Engine } from '../engine/engine.ts';
import { intsetCount } from '../engine/intset.ts';
import { exceedsFill } from '../engine/list-limits.ts';
import {
  findEntry,
  LISTPACK_END,
  LISTPACK_HEADER,
  ListpackEntry,
  listpackCount,
  NONE,
} from '../engine/listpack.ts';
import { Quicklist } from '../engine/quicklist.ts';
import { Encoding, Kind, NO_EXPIRY } from '../engine/record.ts';
import { SetBuilder } from '../engine/set-builder.ts';
import { setTableOf } from '../engine/set-value.ts';
import type { EngineSettings } from '../engine/settings.ts';
import { SortedSet } from '../engine/sorted-set.ts';
import type { StoredObject } from '../engine/stored-object.ts';
import { ValueKey } from '../engine/value-key.ts';
import { zsetStore } from '../engine/zset-value.ts';
import { parseDouble } from '../util/double.ts';
import { isCanonicalInteger } from '../util/integer.ts';
import type { RdbEntry, RdbValueHandler } from './rdb-handler.ts';
import { ListpackBuilder } from './rdb-packed.ts';
import type { RdbString } from './rdb-source.ts';

/** Texts up to this are kept beside their object header in Redis, and OBJECT ENCODING says so. */
const EMBSTR_BYTES = 44;

/** The access clock that an entry tells; -1: none. */
export function accessOf({ access }: Engine, { frequency, idleSeconds }: RdbEntry): number {
  if (access.lfu) return frequency < 0 ? -1 : access.withFrequency(frequency);
  return idleSeconds < 0 ? -1 : access.idleFor(idleSeconds);
}

/** How Redis would keep the text. */
export function encodingOf({ bytes, start, end }: RdbString): number {
  if (isCanonicalInteger(bytes, start, end)) return Encoding.int;
  return end - start <= EMBSTR_BYTES ? Encoding.embstr : Encoding.raw;
}

/** Whether a packed value may stay as it is. */
export function fitsPacked(
  settings: EngineSettings,
  kind: number,
  encoding: number,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  if (encoding === Encoding.intset)
    return intsetCount(bytes, start) <= settings.setMaxIntsetEntries;
  const count = listpackCount(bytes, start);
  switch (kind) {
    case Kind.list:
      return !exceedsFill(settings.listMaxListpackSize, end - start, count);
    case Kind.set:
      return count <= settings.setMaxListpackEntries;
    case Kind.hash:
      return count / 2 <= settings.hashMaxListpackEntries;
    default:
      return count / 2 <= settings.zsetMaxListpackEntries;
  }
}

/** Room is made for so many members at most before one has come. */
const MADE_ROOM = 1 << 20;

export class RdbLoader implements RdbValueHandler {
  /** Whether the last value had no elements, and was therefore not stored. */
  wasEmpty = false;
  readonly #engine: Engine;
  readonly #key: ValueKey = new ValueKey();
  readonly #builder: SetBuilder = new SetBuilder();
  readonly #packed: ListpackBuilder = new ListpackBuilder();
  readonly #field: ListpackEntry = new ListpackEntry();
  readonly #value: ListpackEntry = new ListpackEntry();
  #db!: Database;
  #expiryMs = NO_EXPIRY;
  #access = -1;
  /** The value is passed over: its time is up. */
  #isSkipping = false;
  #kind = 0;
  #list: Quicklist | undefined;
  #table: Dict | undefined;
  #sorted: SortedSet | undefined;
  /** Members are in the builder of sets. */
  #isBuilding = false;
  #longest = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The value that follows belongs to this key, whose bytes stay until it is complete. */
  start(db: Database, entry: RdbEntry): void {
    const { key } = entry;
    this.#db = db;
    this.#key.set(db, key.bytes, key.start, key.end);
    this.#expiryMs = entry.expiryMs;
    this.#access = accessOf(this.#engine, entry);
    this.#isSkipping = false;
    this.wasEmpty = false;
  }

  /** The value that follows is passed over. */
  skip(): void {
    this.#isSkipping = true;
    this.wasEmpty = false;
  }

  /** Gives up a value that was not completed. */
  abandon(): void {
    const { lazyFree } = this.#engine;
    if (this.#list !== undefined) lazyFree.add(this.#list);
    if (this.#table !== undefined) lazyFree.add(this.#table);
    if (this.#sorted !== undefined) lazyFree.add(this.#sorted);
    if (this.#isBuilding) this.#builder.discard();
    this.#isBuilding = false;
    this.#forget();
  }

  #forget(): void {
    this.#list = undefined;
    this.#table = undefined;
    this.#sorted = undefined;
  }

  string(value: RdbString): void {
    if (this.#isSkipping) return;
    const { b, s, e } = this.#key;
    const { bytes, start, end } = value;
    this.#db.setString(b, s, e, bytes, start, end, encodingOf(value), this.#expiryMs);
    if (this.#access >= 0) this.#finish();
  }

  packed(kind: number, encoding: number, bytes: Buffer, start: number, end: number): void {
    if (this.#isSkipping) return;
    if (fitsPacked(this.#engine.settings, kind, encoding, bytes, start, end)) {
      const { b, s, e } = this.#key;
      this.#db.setPacked(b, s, e, kind, encoding, bytes, start, end);
      this.#finish();
      return;
    }
    switch (kind) {
      case Kind.list:
        this.begin(kind, 1);
        this.node(bytes, start, end);
        break;
      case Kind.set:
        this.#store(kind, Encoding.hashtable, setTableOf(this.#db, bytes, start, encoding));
        return;
      case Kind.hash:
        this.#table = this.#tableOf(bytes, start);
        break;
      default:
        this.#sorted = this.#sortedOf(bytes, start);
    }
    this.#kind = kind;
    this.end();
  }

  #tableOf(bytes: Buffer, start: number): Dict {
    const table = this.#engine.newDict();
    for (let p = start + LISTPACK_HEADER; bytes[p] !== LISTPACK_END; ) {
      p = this.#value.load(bytes, this.#field.load(bytes, p));
      const { bytes: fb, start: fs, end: fe } = this.#field;
      table.set(fb, fs, fe, this.#value.bytes, this.#value.start, this.#value.end);
    }
    return table;
  }

  #sortedOf(bytes: Buffer, start: number): SortedSet {
    const sorted = new SortedSet(this.#engine.newDict());
    for (let p = start + LISTPACK_HEADER; bytes[p] !== LISTPACK_END; ) {
      p = this.#value.load(bytes, this.#field.load(bytes, p));
      const { bytes: fb, start: fs, end: fe } = this.#field;
      sorted.set(fb, fs, fe, parseDouble(this.#value.bytes, this.#value.start, this.#value.end));
      this.#longest = Number.POSITIVE_INFINITY;
    }
    return sorted;
  }

  begin(kind: number, count: number): void {
    if (this.#isSkipping) return;
    const { settings } = this.#engine;
    this.#kind = kind;
    this.#longest = 0;
    switch (kind) {
      case Kind.list:
        this.#list = new Quicklist(
          settings.listMaxListpackSize,
          settings.listCompressDepth,
          settings,
        );
        break;
      case Kind.set:
        // The last form at once where the first ones could not last.
        this.#isBuilding = true;
        this.#builder.startEmpty(this.#db, this.#firstSetForm(count), Math.min(count, MADE_ROOM));
        break;
      case Kind.hash:
        this.#packed.start();
        if (count > settings.hashMaxListpackEntries) this.#table = this.#roomFor(count);
        break;
      default:
        this.#sorted = new SortedSet(this.#roomFor(count));
    }
  }

  #roomFor(members: number): Dict {
    return this.#engine.newDict(Math.min(members, MADE_ROOM));
  }

  #firstSetForm(count: number): number {
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.#engine.settings;
    if (count <= setMaxIntsetEntries) return Encoding.intset;
    return count <= setMaxListpackEntries ? Encoding.listpack : Encoding.hashtable;
  }

  element(value: RdbString): boolean {
    if (this.#isSkipping) return true;
    if (this.#list === undefined) return this.#builder.add(value.bytes, value.start, value.end);
    this.#list.pushTail(value.bytes, value.start, value.end);
    return true;
  }

  field(name: RdbString, value: RdbString): boolean {
    if (this.#isSkipping) return true;
    const { hashMaxListpackValue } = this.#engine.settings;
    const packed = this.#packed;
    if (this.#table === undefined) {
      if (name.length <= hashMaxListpackValue && value.length <= hashMaxListpackValue) {
        packed.finish();
        const found = findEntry(packed.bytes, LISTPACK_HEADER, name.bytes, name.start, name.end, 1);
        if (found !== NONE) return false;
        packed.add(name.bytes, name.start, name.end);
        packed.add(value.bytes, value.start, value.end);
        return true;
      }
      packed.finish();
      this.#table = this.#tableOf(packed.bytes, 0);
    }
    return this.#table.set(name.bytes, name.start, name.end, value.bytes, value.start, value.end);
  }

  member(name: RdbString, score: number): boolean {
    if (this.#isSkipping) return true;
    const sorted = this.#sorted as SortedSet;
    if (name.length > this.#longest) this.#longest = name.length;
    const before = sorted.length;
    sorted.set(name.bytes, name.start, name.end, score);
    return sorted.length > before;
  }

  node(bytes: Buffer, start: number, _end: number): void {
    if (!this.#isSkipping) this.#list?.appendListpack(bytes, start);
  }

  plainNode(value: RdbString): void {
    if (!this.#isSkipping) this.#list?.appendPlain(value.bytes, value.start, value.end);
  }

  end(): void {
    if (this.#isSkipping) return;
    const list = this.#list;
    const table = this.#table;
    const sorted = this.#sorted;
    this.#forget();
    if (list !== undefined) this.#storeList(list);
    else if (sorted !== undefined) {
      zsetStore(this.#key, sorted, this.#longest);
      this.#finish();
    } else if (table !== undefined) this.#store(Kind.hash, Encoding.hashtable, table);
    else if (this.#kind === Kind.set) {
      this.#isBuilding = false;
      this.#builder.store(this.#key, 0);
      this.#finish();
    } else {
      const packed = this.#packed;
      packed.finish();
      this.packed(Kind.hash, Encoding.listpack, packed.bytes, 0, packed.length);
    }
  }

  #storeList(list: Quicklist): void {
    const node = list.onlyListpack;
    const fill = this.#engine.settings.listMaxListpackSize;
    if (node === undefined || exceedsFill(fill, node.bytes, node.count)) {
      this.#store(Kind.list, Encoding.quicklist, list);
      return;
    }
    const { b, s, e } = this.#key;
    node.decompress();
    const end = node.start + node.bytes;
    this.#db.setPacked(b, s, e, Kind.list, Encoding.listpack, node.buffer, node.start, end);
    this.#finish();
  }

  object(kind: number, encoding: number, object: StoredObject): void {
    if (!this.#isSkipping) this.#store(kind, encoding, object);
  }

  empty(): void {
    this.abandon();
    this.wasEmpty = true;
  }

  #store(kind: number, encoding: number, object: StoredObject): void {
    this.#forget();
    const { b, s, e } = this.#key;
    this.#db.setObject(b, s, e, kind, encoding, object);
    this.#finish();
  }

  /** The key is there: expiry and access clock. */
  #finish(): void {
    const { db, b, s, e } = this.#key;
    if (this.#expiryMs >= 0) db.setExpiry(b, s, e, this.#expiryMs);
    if (this.#access >= 0) db.setAccess(db.lookupRaw(b, s, e), this.#access);
    this.#engine.settle();
  }
}
