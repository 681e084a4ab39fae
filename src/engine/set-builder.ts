// A set under construction: starts as a copy of a packed value or as nothing, takes members, changes
// its form by the rules of Redis 7.2 (`set-max-intset-entries`, `set-max-listpack-entries`,
// `set-max-listpack-value`), and ends as the value of a key or as a reply. SADD and all …STORE
// commands go through it.

import { assert } from '../util/assert.ts';
import type { Database } from './database.ts';
import type { Dict } from './dict.ts';
import { Int64 } from './int64.ts';
import {
  INTSET_LIMIT,
  intsetAt,
  intsetBytes,
  intsetCount,
  intsetInsert,
  intsetSearch,
  intsetSizeWith,
  writeEmptyIntset,
} from './intset.ts';
import {
  findEntry,
  LISTPACK_HEADER,
  LISTPACK_LIMIT,
  type ListpackEntry,
  listpackBytes,
  listpackCount,
  NONE,
} from './listpack.ts';
import {
  entrySize,
  integerEntrySize,
  openGap,
  writeEmptyListpack,
  writeEntry,
  writeIntegerEntry,
} from './listpack-edit.ts';
import { Encoding, Kind, type Ref } from './record.ts';
import { Scratch } from './scratch.ts';
import {
  forEachInTable,
  forEachPacked,
  removePacked,
  setTableOf,
  storePackedSet,
} from './set-value.ts';
import type { ValueKey } from './value-key.ts';

const integer = new Int64();
const bound = new Int64();

export class SetBuilder {
  encoding: number = Encoding.intset;
  #db!: Database;
  /** Packed forms lie at 0 of one of the two; the other is where a form that widens is rebuilt. */
  #packed: Scratch = new Scratch();
  #other: Scratch = new Scratch();
  #table: Dict | undefined;
  /** The key's own table: it is changed where it is. */
  #isStored = false;

  /** Begins with an empty intset or listpack. */
  startEmpty(db: Database, encoding: number, expected = 0): void {
    this.#begin(db, encoding);
    if (encoding === Encoding.intset) writeEmptyIntset(this.#packed.reserve(64), 0);
    else if (encoding === Encoding.listpack) writeEmptyListpack(this.#packed.reserve(64), 0);
    else this.#table = db.engine.newDict(expected);
  }

  /** Begins with the set of a key, looked up for writing. */
  startFrom(db: Database, ref: Ref): void {
    this.#begin(db, db.encoding(ref));
    if (db.isObject(ref)) {
      this.#table = db.object(ref) as Dict;
      this.#isStored = true;
      return;
    }
    const start = db.valueStart(ref);
    const length = db.valueLength(ref);
    db.page(ref).copy(this.#packed.reserve(length), 0, start, start + length);
  }

  #begin(db: Database, encoding: number): void {
    this.#db = db;
    this.encoding = encoding;
    this.#table = undefined;
    this.#isStored = false;
  }

  get size(): number {
    if (this.#table !== undefined) return this.#table.count;
    const b = this.#packed.bytes;
    return this.encoding === Encoding.intset ? intsetCount(b, 0) : listpackCount(b, 0);
  }

  /** Goes straight to a table when `more` members would not fit the packed form. */
  expect(more: number): void {
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.#db.engine.settings;
    if (this.#table !== undefined) return;
    const limit = this.encoding === Encoding.intset ? setMaxIntsetEntries : setMaxListpackEntries;
    if (more > limit) this.#toTable();
  }

  /** Adds a member; false when it is there already. */
  add(b: Buffer, s: number, e: number): boolean {
    if (this.#table !== undefined) return this.#table.add(b, s, e);
    return this.encoding === Encoding.intset
      ? this.#addToIntset(b, s, e)
      : this.#addPacked(b, s, e);
  }

  remove(b: Buffer, s: number, e: number): boolean {
    if (this.#table !== undefined) return this.#table.delete(b, s, e);
    return removePacked(this.#packed.bytes, 0, this.encoding, b, s, e);
  }

  visitAll(visit: (member: ListpackEntry) => boolean | void): void {
    if (this.#table !== undefined) forEachInTable(this.#table, visit);
    else forEachPacked(this.#packed.bytes, 0, this.encoding, visit);
  }

  #addToIntset(b: Buffer, s: number, e: number): boolean {
    if (!integer.parse(b, s, e)) return this.#leaveIntset(b, s, e);
    const from = this.#packed.bytes;
    const place = intsetSearch(from, 0, integer);
    if (place >= 0) return false;
    const size = intsetSizeWith(from, 0, integer);
    const widens = integer.width() > from[0];
    if (widens) {
      intsetInsert(from, 0, -1 - place, integer, this.#other.reserve(size), 0);
      this.#swap();
    } else {
      const into = this.#packed.grow(size, intsetBytes(from, 0));
      intsetInsert(into, 0, -1 - place, integer, into, 0);
    }
    const limit = Math.min(this.#db.engine.settings.setMaxIntsetEntries, INTSET_LIMIT);
    if (intsetCount(this.#packed.bytes, 0) > limit) this.#toTable();
    return true;
  }

  /** The first member that is no integer: on as a listpack, if all fit into one. */
  #leaveIntset(b: Buffer, s: number, e: number): boolean {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#db.engine.settings;
    const from = this.#packed.bytes;
    const count = intsetCount(from, 0);
    const longest = Math.max(e - s, count === 0 ? 0 : longestMember(from, count));
    const bytes = count === 0 ? 0 : count * largestEntry(from, count);
    if (
      count >= setMaxListpackEntries ||
      longest > setMaxListpackValue ||
      bytes + e - s > LISTPACK_LIMIT
    ) {
      this.#toTable();
    } else this.#toListpack(from, count);
    return this.add(b, s, e);
  }

  #toListpack(from: Buffer, count: number): void {
    const into = this.#other.reserve(64 + count * 11);
    writeEmptyListpack(into, 0);
    let p = LISTPACK_HEADER;
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      intsetAt(from, 0, i, integer);
      bytes += integerEntrySize(integer);
    }
    openGap(into, 0, p, p, bytes, count);
    for (let i = 0; i < count; i++) {
      intsetAt(from, 0, i, integer);
      p = writeIntegerEntry(into, p, integer);
    }
    this.#swap();
    this.encoding = Encoding.listpack;
  }

  #addPacked(b: Buffer, s: number, e: number): boolean {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#db.engine.settings;
    const from = this.#packed.bytes;
    if (findEntry(from, LISTPACK_HEADER, b, s, e, 0) !== NONE) return false;
    const bytes = listpackBytes(from, 0);
    if (
      listpackCount(from, 0) >= setMaxListpackEntries ||
      e - s > setMaxListpackValue ||
      bytes + e - s > LISTPACK_LIMIT
    ) {
      this.#toTable();
      return this.add(b, s, e);
    }
    const gap = entrySize(b, s, e);
    const into = this.#packed.grow(bytes + gap, bytes);
    openGap(into, 0, bytes - 1, bytes - 1, gap, 1);
    writeEntry(into, bytes - 1, b, s, e);
    return true;
  }

  #swap(): void {
    const packed = this.#packed;
    this.#packed = this.#other;
    this.#other = packed;
  }

  #toTable(): void {
    this.#table = setTableOf(this.#db, this.#packed.bytes, 0, this.encoding);
    this.encoding = Encoding.hashtable;
  }

  /** Makes an intset of a set of nothing but integers, if it may be one. */
  preferIntset(): void {
    if (this.encoding === Encoding.intset) return;
    const limit = Math.min(this.#db.engine.settings.setMaxIntsetEntries, INTSET_LIMIT);
    if (this.size > limit) return;
    const values = new BigInt64Array(this.size);
    let n = 0;
    this.visitAll(({ bytes, start, end }) => {
      assert(integer.parse(bytes, start, end), 'all members are integers');
      values[n++] = integer.toBigInt();
    });
    this.discard();
    this.startEmpty(this.#db, Encoding.intset);
    const text = Buffer.allocUnsafe(24);
    // Ascending, so that each goes in at the end and none moves.
    for (const value of values.sort()) {
      integer.setBig(value);
      this.add(text, 0, integer.write(text, 0));
    }
  }

  /** Makes it the value of a key, `ref` being the key's set so far (0: none, or another kind). */
  store(key: ValueKey, ref: Ref): void {
    const table = this.#table;
    if (table === undefined) {
      storePackedSet(key, ref, this.encoding, this.#packed.bytes, 0);
    } else if (!this.#isStored) {
      key.db.setObject(key.b, key.s, key.e, Kind.set, Encoding.hashtable, table);
    }
    this.#table = undefined;
  }

  /** Lets go of a set that was built for a reply. */
  discard(): void {
    if (this.#table !== undefined && !this.#isStored) this.#db.engine.dropObject(this.#table);
    this.#table = undefined;
  }
}

/** Digits of the longest member: the first or the last. */
function longestMember(b: Buffer, count: number): number {
  const text = Buffer.allocUnsafe(24);
  intsetAt(b, 0, 0, bound);
  const first = bound.write(text, 0);
  intsetAt(b, 0, count - 1, bound);
  return Math.max(first, bound.write(text, 0));
}

/** Most that a member takes as a listpack entry. */
function largestEntry(b: Buffer, count: number): number {
  intsetAt(b, 0, 0, bound);
  const first = integerEntrySize(bound);
  intsetAt(b, 0, count - 1, bound);
  return Math.max(first, integerEntrySize(bound));
}
