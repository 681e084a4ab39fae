// Reading a set whatever its form: an intset while all members are integers, a listpack while it is
// small, else a table. Changing one is set-builder.ts and, in place, the functions at the end here.
// Callers have looked the key up and report changes to the gate; after a changing function the ref is
// gone.

import type { Database } from './database.ts';
import type { Dict } from './dict.ts';
import { Int64 } from './int64.ts';
import { intsetAt, intsetBytes, intsetCount, intsetRemoveAt, intsetSearch } from './intset.ts';
import {
  findEntry,
  LISTPACK_END,
  LISTPACK_HEADER,
  ListpackEntry,
  listpackBytes,
  listpackCount,
  NONE,
  nextEntry,
} from './listpack.ts';
import { openGap } from './listpack-edit.ts';
import { Encoding, Kind, type Ref } from './record.ts';
import type { ValueKey } from './value-key.ts';

const integer = new Int64();
const digits: Buffer = Buffer.alloc(24);

export function setSize(db: Database, ref: Ref): number {
  if (db.isObject(ref)) return db.object(ref).length;
  const count = db.encoding(ref) === Encoding.intset ? intsetCount : listpackCount;
  return count(db.page(ref), db.valueStart(ref));
}

export function isMember(db: Database, ref: Ref, b: Buffer, s: number, e: number): boolean {
  if (db.isObject(ref)) return (db.object(ref) as Dict).find(b, s, e) !== 0;
  const page = db.page(ref);
  const start = db.valueStart(ref);
  if (db.encoding(ref) === Encoding.intset) {
    return integer.parse(b, s, e) && intsetSearch(page, start, integer) >= 0;
  }
  return findEntry(page, start + LISTPACK_HEADER, b, s, e, 0) !== NONE;
}

/** Sets `into` to member `index` of the intset at b[start]; the digits are gone with the next call. */
export function loadInteger(b: Buffer, start: number, index: number, into: ListpackEntry): void {
  intsetAt(b, start, index, integer);
  into.set(digits, 0, integer.write(digits, 0));
}

export function loadSetMember(dict: Dict, ref: Ref, into: ListpackEntry): void {
  const start = dict.keyStart(ref);
  into.set(dict.keyPage(ref), start, start + dict.keyLength(ref));
}

/** Visits every member until the visitor returns false. It must not change the set. */
export function forEachMember(
  db: Database,
  ref: Ref,
  visit: (member: ListpackEntry) => boolean | void,
): void {
  if (db.isObject(ref)) {
    forEachInTable(db.object(ref) as Dict, visit);
  } else {
    forEachPacked(db.page(ref), db.valueStart(ref), db.encoding(ref), visit);
  }
}

export function forEachInTable(dict: Dict, visit: (member: ListpackEntry) => boolean | void): void {
  const entry = new ListpackEntry();
  const visitMember = (ref: Ref): boolean | void => {
    loadSetMember(dict, ref, entry);
    return visit(entry);
  };
  dict.forEach(visitMember);
}

/** Visits the members of the intset or listpack at b[start]. */
export function forEachPacked(
  b: Buffer,
  start: number,
  encoding: number,
  visit: (member: ListpackEntry) => boolean | void,
): void {
  const entry = new ListpackEntry();
  if (encoding === Encoding.intset) {
    // The visitor may walk another intset, and the shared digits are then not these any more.
    const text = Buffer.allocUnsafe(24);
    const count = intsetCount(b, start);
    for (let i = 0; i < count; i++) {
      intsetAt(b, start, i, integer);
      entry.set(text, 0, integer.write(text, 0));
      if (visit(entry) === false) return;
    }
    return;
  }
  for (let p = start + LISTPACK_HEADER; b[p] !== LISTPACK_END; ) {
    p = entry.load(b, p);
    if (visit(entry) === false) return;
  }
}

/** Removes the members b[starts[i]..ends[i]) for i in [first, last); how many there were. */
export function removeMembers(
  key: ValueKey,
  ref: Ref,
  b: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  last: number,
): number {
  const { db } = key;
  let removed = 0;
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    for (let i = first; i < last && dict.count > 0; i++) {
      if (dict.delete(b, starts[i], ends[i])) removed++;
    }
    return removed;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const encoding = db.encoding(ref);
  for (let i = first; i < last; i++) {
    if (removePacked(page, start, encoding, b, starts[i], ends[i])) removed++;
  }
  if (removed > 0) storePackedSet(key, ref, encoding, page, start);
  return removed;
}

/** Removes a member of the intset or listpack at page[start], in place. */
export function removePacked(
  page: Buffer,
  start: number,
  encoding: number,
  b: Buffer,
  s: number,
  e: number,
): boolean {
  if (encoding === Encoding.intset) {
    const index = integer.parse(b, s, e) ? intsetSearch(page, start, integer) : -1;
    if (index < 0) return false;
    intsetRemoveAt(page, start, index);
    return true;
  }
  const p = findEntry(page, start + LISTPACK_HEADER, b, s, e, 0);
  if (p === NONE) return false;
  openGap(page, start, p, nextEntry(page, p), 0, -1);
  return true;
}

/** Stores the intset or listpack at from[start] as the key's value. */
export function storePackedSet(
  key: ValueKey,
  ref: Ref,
  encoding: number,
  from: Buffer,
  start: number,
): void {
  const bytes =
    encoding === Encoding.intset ? intsetBytes(from, start) : listpackBytes(from, start);
  key.storePacked(ref, Kind.set, encoding, from, start, start + bytes);
}

/** A table with the members of the intset or listpack at b[start]. */
export function setTableOf(db: Database, b: Buffer, start: number, encoding: number): Dict {
  const dict = db.engine.newDict();
  forEachPacked(b, start, encoding, (entry) => {
    dict.set(entry.bytes, entry.start, entry.end, digits, 0, 0);
  });
  return dict;
}
