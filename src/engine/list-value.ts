// What can be done to a list whatever its form: a listpack in the arena, or a quicklist once that
// would exceed `list-max-listpack-size`. Callers have looked the key up for writing (the pre-image is
// taken) and report the change to the gate; nothing here emits events or deletes keys. After any of
// the changing functions the ref is gone.

import type { Database } from './database.ts';
import { ListCursor } from './list-cursor.ts';
import { exceedsFill, listpackCountLimit, listpackSizeLimit } from './list-limits.ts';
import {
  EMPTY_LISTPACK_BYTES,
  LISTPACK_HEADER,
  lastEntry,
  listpackBytes,
  listpackCount,
  nextEntry,
  seekEntry,
} from './listpack.ts';
import {
  copyWithGap,
  deleteEntries,
  entrySize,
  openGap,
  skipEntries,
  writeEmptyListpack,
  writeEntry,
} from './listpack-edit.ts';
import { Quicklist } from './quicklist.ts';
import { Encoding, Kind, type Ref } from './record.ts';
import { Scratch } from './scratch.ts';
import type { ValueKey } from './value-key.ts';

const scratch = new Scratch();
const empty: Buffer = Buffer.alloc(EMPTY_LISTPACK_BYTES);
writeEmptyListpack(empty, 0);

export function listLength(db: Database, ref: Ref): number {
  if (db.isObject(ref)) return db.object(ref).length;
  return listpackCount(db.page(ref), db.valueStart(ref));
}

/** Opens a walk at element `index`; negative counts from the end. */
export function openList(
  cursor: ListCursor,
  db: Database,
  ref: Ref,
  index: number,
  forward: boolean,
): void {
  if (db.isObject(ref)) cursor.openQuicklist(db.object(ref) as Quicklist, index, forward);
  else cursor.openListpack(db.page(ref), db.valueStart(ref), index, forward);
}

function store(key: ValueKey, ref: Ref, from: Buffer, start: number, bytes: number): void {
  key.storePacked(ref, Kind.list, Encoding.listpack, from, start, start + bytes);
}

/** Makes a quicklist of the listpack, or a new one when `ref` is 0. */
function toQuicklist(key: ValueKey, ref: Ref): Quicklist {
  const { db } = key;
  const { settings } = db.engine;
  const list = new Quicklist(settings.listMaxListpackSize, settings.listCompressDepth, settings);
  if (ref !== 0) {
    const page = db.page(ref);
    const start = db.valueStart(ref);
    if (listpackCount(page, start) > 0) list.appendListpack(page, start);
  }
  db.setObject(key.b, key.s, key.e, Kind.list, Encoding.quicklist, list);
  return list;
}

/**
 * Converts a listpack that `bytes` more in `count` more elements would make too large. The ref that
 * the list has then.
 */
export function makeRoomInList(key: ValueKey, ref: Ref, bytes: number, count: number): Ref {
  const { db } = key;
  if (db.isObject(ref)) return ref;
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const total = listpackBytes(page, start) + bytes;
  const elements = listpackCount(page, start) + count;
  if (!exceedsFill(db.engine.settings.listMaxListpackSize, total, elements)) return ref;
  toQuicklist(key, ref);
  return key.ref();
}

/** Makes a listpack of a quicklist that has shrunk to half of what a listpack may be. */
function shrinkList(key: ValueKey, ref: Ref): void {
  const { db } = key;
  if (!db.isObject(ref)) return;
  const node = (db.object(ref) as Quicklist).onlyListpack;
  if (node === undefined) return;
  const fill = db.engine.settings.listMaxListpackSize;
  if (node.bytes > Math.floor(listpackSizeLimit(fill) / 2)) return;
  if (node.count > Math.floor(listpackCountLimit(fill) / 2)) return;
  store(key, 0, node.buffer, node.start, node.bytes);
}

/**
 * Pushes the elements v[starts[i]..ends[i]) for i in [first, last), one after the other, at an end;
 * `ref` 0 makes a new list. The new length.
 */
export function pushElements(
  key: ValueKey,
  ref: Ref,
  v: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  last: number,
  atHead: boolean,
): number {
  const { db } = key;
  if (ref !== 0 && db.isObject(ref)) {
    return pushToQuicklist(db.object(ref) as Quicklist, v, starts, ends, first, last, atHead);
  }
  const page = ref === 0 ? empty : db.page(ref);
  const start = ref === 0 ? 0 : db.valueStart(ref);
  const bytes = listpackBytes(page, start);
  const length = listpackCount(page, start) + last - first;
  let text = 0;
  let gap = 0;
  for (let i = first; i < last; i++) {
    text += ends[i] - starts[i];
    gap += entrySize(v, starts[i], ends[i]);
  }
  if (exceedsFill(db.engine.settings.listMaxListpackSize, bytes + text, length)) {
    const list = toQuicklist(key, ref);
    return pushToQuicklist(list, v, starts, ends, first, last, atHead);
  }
  const at = atHead ? LISTPACK_HEADER : bytes - 1;
  const into = scratch.reserve(bytes + gap);
  copyWithGap(page, start, start + at, start + at, gap, last - first, into);
  let p = at;
  if (atHead) {
    for (let i = last - 1; i >= first; i--) p = writeEntry(into, p, v, starts[i], ends[i]);
  } else {
    for (let i = first; i < last; i++) p = writeEntry(into, p, v, starts[i], ends[i]);
  }
  store(key, ref, into, 0, bytes + gap);
  return length;
}

function pushToQuicklist(
  list: Quicklist,
  v: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  last: number,
  atHead: boolean,
): number {
  for (let i = first; i < last; i++) {
    if (atHead) list.pushHead(v, starts[i], ends[i]);
    else list.pushTail(v, starts[i], ends[i]);
  }
  return list.length;
}

/** Removes the first or last element. */
export function removeEnd(key: ValueKey, ref: Ref, atHead: boolean): void {
  const { db } = key;
  if (db.isObject(ref)) {
    const list = db.object(ref) as Quicklist;
    if (atHead) list.removeHead();
    else list.removeTail();
    if (list.nodes.nodeCount === 1) shrinkList(key, ref);
    return;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const p = atHead ? start + LISTPACK_HEADER : lastEntry(page, start);
  openGap(page, start, p, nextEntry(page, p), 0, -1);
  store(key, ref, page, start, listpackBytes(page, start));
}

/** Removes elements [index, index + n), which must exist. */
export function removeElements(key: ValueKey, ref: Ref, index: number, n: number): void {
  const { db } = key;
  if (n === 0) return;
  if (db.isObject(ref)) {
    (db.object(ref) as Quicklist).removeRange(index, n);
    shrinkList(key, ref);
    return;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const p = seekEntry(page, start, index);
  openGap(page, start, p, skipEntries(page, p, n), 0, -n);
  store(key, ref, page, start, listpackBytes(page, start));
}

/** Puts v[vs..ve) in the place of element `index`; false when there is none. */
export function replaceElement(
  key: ValueKey,
  ref: Ref,
  index: number,
  v: Buffer,
  vs: number,
  ve: number,
): boolean {
  const { db } = key;
  const length = listLength(db, ref);
  const at = index < 0 ? index + length : index;
  // Redis makes room before it knows whether the element exists, and OBJECT ENCODING shows it.
  const now = makeRoomInList(key, ref, ve - vs, 1);
  if (at < 0 || at >= length) return false;
  if (db.isObject(now)) {
    (db.object(now) as Quicklist).replaceAt(at, v, vs, ve);
    shrinkList(key, now);
    return true;
  }
  const page = db.page(now);
  const start = db.valueStart(now);
  const p = seekEntry(page, start, at);
  replaceBytes(key, now, p, nextEntry(page, p), 0, v, vs, ve);
  return true;
}

/** Replaces the bytes [from, to) of the key's listpack by an entry for v. */
function replaceBytes(
  key: ValueKey,
  ref: Ref,
  from: number,
  to: number,
  countDelta: number,
  v: Buffer,
  vs: number,
  ve: number,
): void {
  const page = key.db.page(ref);
  const start = key.db.valueStart(ref);
  const size = entrySize(v, vs, ve);
  const into = scratch.reserve(listpackBytes(page, start) + size);
  const bytes = copyWithGap(page, start, from, to, size, countDelta, into);
  writeEntry(into, from - start, v, vs, ve);
  store(key, ref, into, 0, bytes);
}

/** Inserts v[vs..ve) before or after the element that the cursor is at, for which there is room. */
export function insertElement(
  key: ValueKey,
  ref: Ref,
  cursor: ListCursor,
  v: Buffer,
  vs: number,
  ve: number,
  after: boolean,
): void {
  const { db } = key;
  if (db.isObject(ref)) {
    const list = db.object(ref) as Quicklist;
    list.insertBeside(cursor.place, cursor.offset, v, vs, ve, after);
    return;
  }
  const entry = db.valueStart(ref) + cursor.offset;
  const at = after ? nextEntry(db.page(ref), entry) : entry;
  replaceBytes(key, ref, at, at, 1, v, vs, ve);
}

/** Removes up to `limit` elements equal to v[vs..ve), from the head or from the tail; how many. */
export function removeEqualElements(
  key: ValueKey,
  ref: Ref,
  v: Buffer,
  vs: number,
  ve: number,
  limit: number,
  fromHead: boolean,
): number {
  const { db } = key;
  const cursor = new ListCursor();
  openList(cursor, db, ref, fromHead ? 0 : -1, fromHead);
  if (db.isObject(ref)) {
    const removed = (db.object(ref) as Quicklist).removeEqual(cursor, v, vs, ve, limit);
    if (removed > 0) shrinkList(key, ref);
    return removed;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const positions: number[] = [];
  while (positions.length < limit && cursor.next()) {
    if (cursor.equals(v, vs, ve)) positions.push(start + cursor.offset);
  }
  if (positions.length === 0) return 0;
  if (!fromHead) positions.reverse();
  deleteEntries(page, start, positions, positions.length);
  store(key, ref, page, start, listpackBytes(page, start));
  return positions.length;
}
