// What can be done to a hash whatever its form: a listpack of fields and values in turn, or a table
// once that would exceed `hash-max-listpack-entries` or a text `hash-max-listpack-value`. Callers have
// looked the key up for writing and report the change to the gate; after a changing function the ref
// is gone.

import type { Database } from './database.ts';
import type { Dict } from './dict.ts';
import {
  EMPTY_LISTPACK_BYTES,
  findEntry,
  LISTPACK_END,
  LISTPACK_HEADER,
  LISTPACK_LIMIT,
  ListpackEntry,
  listpackBytes,
  listpackCount,
  NONE,
  nextEntry,
} from './listpack.ts';
import {
  copyWithGap,
  entrySize,
  openGap,
  skipEntries,
  writeEmptyListpack,
  writeEntry,
} from './listpack-edit.ts';
import { Encoding, Kind, type Ref } from './record.ts';
import { Scratch } from './scratch.ts';
import type { ValueKey } from './value-key.ts';

const scratch = new Scratch();
const field = new ListpackEntry();
const value = new ListpackEntry();
const empty: Buffer = Buffer.alloc(EMPTY_LISTPACK_BYTES);
writeEmptyListpack(empty, 0);

export function hashLength(db: Database, ref: Ref): number {
  if (db.isObject(ref)) return db.object(ref).length;
  return listpackCount(db.page(ref), db.valueStart(ref)) >> 1;
}

/** Sets `into` to the value of a field; false when there is no such field. */
export function readField(
  db: Database,
  ref: Ref,
  b: Buffer,
  s: number,
  e: number,
  into: ListpackEntry,
): boolean {
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    const found = dict.find(b, s, e);
    if (found === 0) return false;
    const start = dict.valueStart(found);
    into.set(dict.page(found), start, start + dict.valueLength(found));
    return true;
  }
  const page = db.page(ref);
  const p = findEntry(page, db.valueStart(ref) + LISTPACK_HEADER, b, s, e, 1);
  if (p === NONE) return false;
  into.load(page, nextEntry(page, p));
  return true;
}

/** Visits every field with its value until the visitor returns false. It must not change the hash. */
export function forEachField(
  db: Database,
  ref: Ref,
  visit: (field: ListpackEntry, value: ListpackEntry) => boolean | void,
): void {
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    const visitMember = (member: Ref): boolean | void => {
      loadMember(dict, member, field, value);
      return visit(field, value);
    };
    dict.forEach(visitMember);
    return;
  }
  const page = db.page(ref);
  let p = db.valueStart(ref) + LISTPACK_HEADER;
  while (page[p] !== LISTPACK_END) {
    p = value.load(page, field.load(page, p));
    if (visit(field, value) === false) return;
  }
}

/** Sets `key` and `into` to a member of a table. */
export function loadMember(dict: Dict, member: Ref, key: ListpackEntry, into: ListpackEntry): void {
  const ks = dict.keyStart(member);
  key.set(dict.keyPage(member), ks, ks + dict.keyLength(member));
  const vs = dict.valueStart(member);
  into.set(dict.page(member), vs, vs + dict.valueLength(member));
}

/** A table with what the listpack at b[start] holds. */
function tableOf(db: Database, b: Buffer, start: number): Dict {
  const dict = db.engine.newDict();
  let p = start + LISTPACK_HEADER;
  while (b[p] !== LISTPACK_END) {
    p = value.load(b, field.load(b, p));
    dict.set(field.bytes, field.start, field.end, value.bytes, value.start, value.end);
  }
  return dict;
}

function toTable(key: ValueKey, b: Buffer, start: number): Dict {
  const dict = tableOf(key.db, b, start);
  key.db.setObject(key.b, key.s, key.e, Kind.hash, Encoding.hashtable, dict);
  return dict;
}

function packedPage(key: ValueKey, ref: Ref): Buffer {
  return ref === 0 ? empty : key.db.page(ref);
}

function packedStart(key: ValueKey, ref: Ref): number {
  return ref === 0 ? 0 : key.db.valueStart(ref);
}

function store(key: ValueKey, ref: Ref, from: Buffer, start: number, bytes: number): void {
  key.storePacked(ref, Kind.hash, Encoding.listpack, from, start, start + bytes);
}

/** Sets one field; `ref` 0 makes a new hash. True when the field is new. */
export function setField(
  key: ValueKey,
  ref: Ref,
  fb: Buffer,
  fs: number,
  fe: number,
  vb: Buffer,
  vs: number,
  ve: number,
): boolean {
  const { db } = key;
  if (ref !== 0 && db.isObject(ref)) {
    return (db.object(ref) as Dict).set(fb, fs, fe, vb, vs, ve);
  }
  const { hashMaxListpackEntries, hashMaxListpackValue } = db.engine.settings;
  const page = packedPage(key, ref);
  const start = packedStart(key, ref);
  const bytes = listpackBytes(page, start);
  if (
    fe - fs > hashMaxListpackValue ||
    ve - vs > hashMaxListpackValue ||
    bytes + fe - fs + ve - vs > LISTPACK_LIMIT
  ) {
    return toTable(key, page, start).set(fb, fs, fe, vb, vs, ve);
  }
  const valueSize = entrySize(vb, vs, ve);
  const p = findEntry(page, start + LISTPACK_HEADER, fb, fs, fe, 1);
  if (p !== NONE) {
    const from = nextEntry(page, p);
    const to = nextEntry(page, from);
    if (to - from === valueSize) {
      writeEntry(page, from, vb, vs, ve);
      return false;
    }
    const into = scratch.reserve(bytes + valueSize);
    const total = copyWithGap(page, start, from, to, valueSize, 0, into);
    writeEntry(into, from - start, vb, vs, ve);
    store(key, ref, into, 0, total);
    return false;
  }
  const gap = entrySize(fb, fs, fe) + valueSize;
  const into = scratch.reserve(bytes + gap);
  const end = start + bytes - 1;
  copyWithGap(page, start, end, end, gap, 2, into);
  writeEntry(into, writeEntry(into, bytes - 1, fb, fs, fe), vb, vs, ve);
  if (listpackCount(into, 0) >> 1 > hashMaxListpackEntries) toTable(key, into, 0);
  else store(key, ref, into, 0, bytes + gap);
  return true;
}

/**
 * Sets the fields b[starts[i]..ends[i]) to the arguments behind them, for i in [first, last) by two;
 * `ref` 0 makes a new hash. How many fields are new.
 */
export function setFields(
  key: ValueKey,
  ref: Ref,
  b: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  last: number,
): number {
  const { db } = key;
  if (last - first === 2) {
    const j = first + 1;
    const fresh = setField(key, ref, b, starts[first], ends[first], b, starts[j], ends[j]);
    return fresh ? 1 : 0;
  }
  if (ref !== 0 && db.isObject(ref)) {
    return setInTable(db.object(ref) as Dict, b, starts, ends, first, last);
  }
  const { hashMaxListpackEntries, hashMaxListpackValue } = db.engine.settings;
  const page = packedPage(key, ref);
  const start = packedStart(key, ref);
  let bytes = listpackBytes(page, start);
  let room = bytes;
  let fits = (last - first) / 2 <= hashMaxListpackEntries;
  for (let i = first; i < last; i++) {
    if (ends[i] - starts[i] > hashMaxListpackValue) fits = false;
    room += entrySize(b, starts[i], ends[i]);
  }
  if (!fits || room > LISTPACK_LIMIT) {
    return setInTable(toTable(key, page, start), b, starts, ends, first, last);
  }
  const into = scratch.reserve(room);
  page.copy(into, 0, start, start + bytes);
  let created = 0;
  for (let i = first; i < last; i += 2) {
    if (setInListpack(into, b, starts, ends, i)) created++;
    if (listpackCount(into, 0) >> 1 <= hashMaxListpackEntries) continue;
    return created + setInTable(toTable(key, into, 0), b, starts, ends, i + 2, last);
  }
  bytes = listpackBytes(into, 0);
  store(key, ref, into, 0, bytes);
  return created;
}

function setInTable(
  dict: Dict,
  b: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  last: number,
): number {
  let created = 0;
  for (let i = first; i < last; i += 2) {
    if (dict.set(b, starts[i], ends[i], b, starts[i + 1], ends[i + 1])) created++;
  }
  return created;
}

/** Sets field i of the arguments in the listpack at into[0], which has room; true when it is new. */
function setInListpack(
  into: Buffer,
  b: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  i: number,
): boolean {
  const valueSize = entrySize(b, starts[i + 1], ends[i + 1]);
  const p = findEntry(into, LISTPACK_HEADER, b, starts[i], ends[i], 1);
  if (p !== NONE) {
    const from = nextEntry(into, p);
    openGap(into, 0, from, nextEntry(into, from), valueSize, 0);
    writeEntry(into, from, b, starts[i + 1], ends[i + 1]);
    return false;
  }
  const end = listpackBytes(into, 0) - 1;
  openGap(into, 0, end, end, entrySize(b, starts[i], ends[i]) + valueSize, 2);
  const behind = writeEntry(into, end, b, starts[i], ends[i]);
  writeEntry(into, behind, b, starts[i + 1], ends[i + 1]);
  return true;
}

/** Deletes the fields b[starts[i]..ends[i]) for i in [first, last); how many there were. */
export function deleteFields(
  key: ValueKey,
  ref: Ref,
  b: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  last: number,
): number {
  const { db } = key;
  let deleted = 0;
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    for (let i = first; i < last && dict.count > 0; i++) {
      if (dict.delete(b, starts[i], ends[i])) deleted++;
    }
    return deleted;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  for (let i = first; i < last; i++) {
    const p = findEntry(page, start + LISTPACK_HEADER, b, starts[i], ends[i], 1);
    if (p === NONE) continue;
    openGap(page, start, p, skipEntries(page, p, 2), 0, -2);
    deleted++;
  }
  if (deleted > 0) store(key, ref, page, start, listpackBytes(page, start));
  return deleted;
}
