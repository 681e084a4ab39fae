// What can be done to a sorted set whatever its form: a listpack of members and scores in turn, in
// order, or a `SortedSet` once that would exceed `zset-max-listpack-entries` or a member
// `zset-max-listpack-value`. Ranks count from 0 in ascending order. Callers have looked the key up for
// writing and report the change to the gate; after a changing function the ref is gone.

import { formatDouble, parseDouble } from '../util/double.ts';
import type { Database } from './database.ts';
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
  previousEntry,
  seekEntry,
} from './listpack.ts';
import {
  entrySize,
  openGap,
  skipEntries,
  writeEmptyListpack,
  writeEntry,
} from './listpack-edit.ts';
import { Encoding, Kind, type Ref } from './record.ts';
import { Scratch } from './scratch.ts';
import { SortedSet } from './sorted-set.ts';
import type { ValueKey } from './value-key.ts';

const scratch = new Scratch();
const member = new ListpackEntry();
const scoreEntry = new ListpackEntry();
const scoreText: Buffer = Buffer.allocUnsafeSlow(32);
const empty: Buffer = Buffer.alloc(EMPTY_LISTPACK_BYTES);
writeEmptyListpack(empty, 0);

export type VisitMember = (member: ListpackEntry, score: number) => boolean | void;

export function zsetLength(db: Database, ref: Ref): number {
  if (db.isObject(ref)) return db.object(ref).length;
  return listpackCount(db.page(ref), db.valueStart(ref)) >> 1;
}

/** The score in the entry at `p`. */
function scoreAt(b: Buffer, p: number): number {
  scoreEntry.load(b, p);
  if (scoreEntry.isInteger) return scoreEntry.integer.value;
  return parseDouble(scoreEntry.bytes, scoreEntry.start, scoreEntry.end);
}

/** The member's score; undefined when there is no such member. */
export function zsetScore(
  db: Database,
  ref: Ref,
  b: Buffer,
  s: number,
  e: number,
): number | undefined {
  if (db.isObject(ref)) return (db.object(ref) as SortedSet).score(b, s, e);
  const page = db.page(ref);
  const p = findEntry(page, db.valueStart(ref) + LISTPACK_HEADER, b, s, e, 1);
  return p === NONE ? undefined : scoreAt(page, nextEntry(page, p));
}

/** `zsetSet` right after `zsetScore` of this member. */
export function zsetSetFound(
  key: ValueKey,
  ref: Ref,
  b: Buffer,
  s: number,
  e: number,
  score: number,
): boolean {
  const { db } = key;
  if (ref === 0 || !db.isObject(ref)) return zsetSet(key, ref, b, s, e, score);
  return (db.object(ref) as SortedSet).setFound(b, s, e, score);
}

/** Gives a member this score; `ref` 0 makes a new sorted set. True when the member is new. */
export function zsetSet(
  key: ValueKey,
  ref: Ref,
  b: Buffer,
  s: number,
  e: number,
  score: number,
): boolean {
  const { db } = key;
  if (ref !== 0 && db.isObject(ref)) return (db.object(ref) as SortedSet).set(b, s, e, score);
  const { zsetMaxListpackEntries, zsetMaxListpackValue } = db.engine.settings;
  const page = ref === 0 ? empty : db.page(ref);
  const start = ref === 0 ? 0 : db.valueStart(ref);
  const bytes = listpackBytes(page, start);
  const old = findEntry(page, start + LISTPACK_HEADER, b, s, e, 1);
  const members = (listpackCount(page, start) >> 1) + (old === NONE ? 1 : 0);
  if (
    members > zsetMaxListpackEntries ||
    (old === NONE && e - s > zsetMaxListpackValue) ||
    bytes + e - s > LISTPACK_LIMIT
  ) {
    return toSortedSet(key, page, start).set(b, s, e, score);
  }
  const textLength = writeScore(score);
  const size = entrySize(b, s, e) + entrySize(scoreText, 0, textLength);
  const into = scratch.reserve(bytes + size);
  page.copy(into, 0, start, start + bytes);
  if (old !== NONE) {
    const from = old - start;
    openGap(into, 0, from, skipEntries(into, from, 2), 0, -2);
  }
  const at = placeFor(into, score, b, s, e);
  openGap(into, 0, at, at, size, 2);
  writeEntry(into, writeEntry(into, at, b, s, e), scoreText, 0, textLength);
  key.storePacked(ref, Kind.zset, Encoding.listpack, into, 0, listpackBytes(into, 0));
  return old === NONE;
}

/** Position of the first pair behind (score, b[s..e)) in the listpack at b[0]. */
function placeFor(lp: Buffer, score: number, b: Buffer, s: number, e: number): number {
  let p = LISTPACK_HEADER;
  while (lp[p] !== LISTPACK_END) {
    const at = nextEntry(lp, p);
    const other = scoreAt(lp, at);
    if (other > score || (other === score && compareEntry(lp, p, b, s, e) > 0)) return p;
    p = nextEntry(lp, at);
  }
  return p;
}

function compareEntry(lp: Buffer, p: number, b: Buffer, s: number, e: number): number {
  member.load(lp, p);
  return compareBytes(member.bytes, member.start, member.end, b, s, e);
}

/** As memcmp, the shorter first where one begins with the other. */
function compareBytes(
  a: Uint8Array,
  as: number,
  ae: number,
  b: Uint8Array,
  bs: number,
  be: number,
): number {
  const shared = Math.min(ae - as, be - bs);
  for (let i = 0; i < shared; i++) {
    const difference = a[as + i] - b[bs + i];
    if (difference !== 0) return difference;
  }
  return ae - as - (be - bs);
}

/** Whole scores are packed as integers, which know no -0: adding 0 drops the sign. */
function writeScore(score: number): number {
  return scoreText.write(formatDouble(score + 0), 'latin1');
}

/** Replaces the packed form at b[start] by a table and a tree. */
function toSortedSet(key: ValueKey, b: Buffer, start: number): SortedSet {
  const set = new SortedSet(key.db.engine.newDict());
  const copy = Buffer.from(b.subarray(start, start + listpackBytes(b, start)));
  let p = LISTPACK_HEADER;
  while (copy[p] !== LISTPACK_END) {
    const at = member.load(copy, p);
    set.set(member.bytes, member.start, member.end, scoreAt(copy, at));
    p = nextEntry(copy, at);
  }
  key.db.setObject(key.b, key.s, key.e, Kind.zset, Encoding.skiplist, set);
  return set;
}

/** Removes a member; false when there is none. The last one leaves an empty value behind. */
export function zsetDelete(key: ValueKey, ref: Ref, b: Buffer, s: number, e: number): boolean {
  const { db } = key;
  if (db.isObject(ref)) return (db.object(ref) as SortedSet).delete(b, s, e);
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const p = findEntry(page, start + LISTPACK_HEADER, b, s, e, 1);
  if (p === NONE) return false;
  removePacked(key, ref, p, skipEntries(page, p, 2), 1);
  return true;
}

/** Takes the bytes [from, to) with `n` members out, in place. */
function removePacked(key: ValueKey, ref: Ref, from: number, to: number, n: number): void {
  const page = key.db.page(ref);
  const start = key.db.valueStart(ref);
  openGap(page, start, from, to, 0, -2 * n);
  const end = start + listpackBytes(page, start);
  key.storePacked(ref, Kind.zset, Encoding.listpack, page, start, end);
}

/** Removes `n` members from rank `rank` on. */
export function zsetDeleteRange(key: ValueKey, ref: Ref, rank: number, n: number): void {
  const { db } = key;
  if (!db.isObject(ref)) {
    const page = db.page(ref);
    const from = seekEntry(page, db.valueStart(ref), 2 * rank);
    removePacked(key, ref, from, skipEntries(page, from, 2 * n), n);
    return;
  }
  const set = db.object(ref) as SortedSet;
  for (let i = 0; i < n; i++) {
    set.tree.seek(rank);
    const name = set.members.records.copyKey(set.tree.ref);
    set.delete(name, 0, name.length);
  }
}

/** The member's rank; undefined when there is no such member. */
export function zsetRank(
  db: Database,
  ref: Ref,
  b: Buffer,
  s: number,
  e: number,
): number | undefined {
  if (db.isObject(ref)) return (db.object(ref) as SortedSet).rank(b, s, e);
  const page = db.page(ref);
  const first = db.valueStart(ref) + LISTPACK_HEADER;
  const found = findEntry(page, first, b, s, e, 1);
  if (found === NONE) return undefined;
  let rank = 0;
  for (let p = first; p !== found; p = skipEntries(page, p, 2)) rank++;
  return rank;
}

/** Members with a score below `score`, or up to it: the rank where the others begin. */
export function zsetCountBelowScore(
  db: Database,
  ref: Ref,
  score: number,
  orEqual: boolean,
): number {
  if (db.isObject(ref)) {
    return (db.object(ref) as SortedSet).tree.countBelowScore(score, orEqual);
  }
  const page = db.page(ref);
  let below = 0;
  for (let p = db.valueStart(ref) + LISTPACK_HEADER; page[p] !== LISTPACK_END; below++) {
    const at = nextEntry(page, p);
    const other = scoreAt(page, at);
    if (orEqual ? other > score : other >= score) break;
    p = nextEntry(page, at);
  }
  return below;
}

/** Members whose name sorts before b[s..e), or up to it, where all scores are equal. */
export function zsetCountBelowName(
  db: Database,
  ref: Ref,
  b: Buffer,
  s: number,
  e: number,
  orEqual: boolean,
): number {
  if (db.isObject(ref)) {
    return (db.object(ref) as SortedSet).tree.countBelowName(b, s, e, orEqual);
  }
  const page = db.page(ref);
  let below = 0;
  for (let p = db.valueStart(ref) + LISTPACK_HEADER; page[p] !== LISTPACK_END; below++) {
    const order = compareEntry(page, p, b, s, e);
    if (orEqual ? order > 0 : order >= 0) break;
    p = skipEntries(page, p, 2);
  }
  return below;
}

/** Visits `n` members from rank `rank` on, downwards if `reverse`, until the visitor returns false. */
export function zsetForEach(
  db: Database,
  ref: Ref,
  rank: number,
  n: number,
  reverse: boolean,
  visit: VisitMember,
): void {
  if (n <= 0) return;
  if (db.isObject(ref)) {
    forEachInTree(db.object(ref) as SortedSet, rank, n, reverse, visit);
    return;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  let p = seekEntry(page, start, 2 * rank);
  for (let left = n; left > 0; left--) {
    const at = member.load(page, p);
    if (visit(member, scoreAt(page, at)) === false || left === 1) return;
    if (reverse) p = previousEntry(page, start, previousEntry(page, start, p));
    else p = nextEntry(page, at);
  }
}

function forEachInTree(
  set: SortedSet,
  rank: number,
  n: number,
  reverse: boolean,
  visit: VisitMember,
): void {
  const { tree, members } = set;
  tree.seek(rank);
  for (let left = n; left > 0; left--) {
    const { ref } = tree;
    const start = members.keyStart(ref);
    member.set(members.keyPage(ref), start, start + members.keyLength(ref));
    if (visit(member, tree.score) === false || left === 1) return;
    if (reverse) tree.backward();
    else tree.forward();
  }
}

/** Stores a sorted set built elsewhere, in the form that its size asks for. */
export function zsetStore(key: ValueKey, set: SortedSet, longestMember: number): void {
  const { db } = key;
  const { zsetMaxListpackEntries, zsetMaxListpackValue } = db.engine.settings;
  if (set.length > zsetMaxListpackEntries || longestMember > zsetMaxListpackValue) {
    db.setObject(key.b, key.s, key.e, Kind.zset, Encoding.skiplist, set);
    return;
  }
  let bytes = EMPTY_LISTPACK_BYTES;
  writeEmptyListpack(scratch.reserve(bytes), 0);
  forEachInTree(set, 0, set.length, false, (name, score) => {
    const textLength = writeScore(score);
    const size = entrySize(name.bytes, name.start, name.end) + entrySize(scoreText, 0, textLength);
    const into = scratch.grow(bytes + size, bytes);
    openGap(into, 0, bytes - 1, bytes - 1, size, 2);
    const at = writeEntry(into, bytes - 1, name.bytes, name.start, name.end);
    writeEntry(into, at, scoreText, 0, textLength);
    bytes += size;
  });
  db.setPacked(key.b, key.s, key.e, Kind.zset, Encoding.listpack, scratch.bytes, 0, bytes);
  while (!set.free(1 << 20));
}
