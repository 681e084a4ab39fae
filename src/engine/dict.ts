// The table: extendible hashing over records. A directory maps the leading bits of a key's hash to a
// segment of at most 512 slots; a full segment splits alone, so no insert ever rehashes the whole
// table (measured at 20 million keys: worst pause a few ms, against 0.9 s for one flat table).
//
// Segments are ordered by hash prefix, and everything that walks the table follows from that: a SCAN
// cursor is a hash position, which no split or merge moves; a random key is a random position; an
// expiry sweep skips segments by their earliest expiry; a snapshot is a cursor over segments.
//
// It serves as the keyspace of a database and as the large form of hashes and sets. It knows
// nothing of time: an expired record is a record like any other.

import { assert } from '../util/assert.ts';
import { KEPT_BYTES, type KeyHash } from '../util/hash.ts';
import { PAGE_MASK, PAGE_SHIFT, type Ref } from './arena.ts';
import {
  depthFor,
  doubledDirectory,
  firstDirectory,
  halvedDirectory,
  pointEntries,
} from './directory.ts';
import { NO_EXPIRY, type Records } from './record.ts';
import {
  capacityOf,
  HEADER_WORDS,
  homeOf,
  MAX_SLOTS,
  NEVER,
  randomRecord,
  scanTable,
  slotsFor,
} from './segment.ts';
import {
  copyRecords,
  countWithBit,
  makeSegment,
  placeIn,
  pourSegment,
  takeOut,
  wipeSegment,
} from './segment-edit.ts';
import type { SegmentObserver } from './segment-observer.ts';
import type { StoredObject } from './stored-object.ts';

// Constants of this file: to the compiler an imported one is a cell that is read and checked each time.
const SHIFT: number = PAGE_SHIFT;
const MASK: number = PAGE_MASK;
const FIRST_SLOT: number = HEADER_WORDS;
const home = homeOf;
const LONGEST_IN_WORDS: number = KEPT_BYTES;

/** A directory of 2^24 serves seven thousand million keys; deeper means a broken hash. */
const MAX_DEPTH = 24;

export class Dict implements StoredObject {
  readonly records: Records;
  /** Records in the table. */
  count = 0;
  accountedBytes = 0;
  /** The engine's: whether it counts this one among those that are worth looking ahead in. */
  isLarge = false;
  /** A running snapshot, if any. */
  observer: SegmentObserver | undefined;
  readonly #hash: KeyHash;
  /** Pairs of (segment, its slots): with the second beside the first a lookup spares the header's cache line. */
  #directory: Int32Array;
  /** The directory has 2^depth entries. */
  #depth = 0;
  #segments = 1;
  /** Segments whose local depth is the directory's: at 0 it can be halved. */
  #deepest = 1;
  #freeCursor = 0;
  #released = false;

  // The slot that the last `find` ended at: a word index, for the operations that follow it.
  #slotWords: Int32Array;
  #slotAt = 0;
  #foundHash = 0;
  #foundSegment: Ref = 0;

  /** With room for `expected` records, which then come without any segment growing or splitting. */
  constructor(records: Records, hash: KeyHash, expected = 0) {
    this.records = records;
    this.#hash = hash;
    this.#depth = depthFor(expected);
    this.#directory = firstDirectory(records.arena, this.#depth, expected);
    this.#segments = this.#deepest = 1 << this.#depth;
    this.#slotWords = records.arena.words[0];
  }

  get memberTable(): Dict {
    return this;
  }

  /** Elements, under the name that every stored object has. */
  get length(): number {
    return this.count;
  }

  /** Bytes outside the arena; records and segments are counted there. */
  get memoryBytes(): number {
    return 160 + this.#directory.byteLength;
  }

  /** Finds a key; 0 when absent. Remembers the place for `replaceFound` and `removeFound`. */
  find(b: Uint8Array, s: number, e: number): Ref {
    return this.#search(this.#hash.hash(b, s, e), b, s, e, e - s <= LONGEST_IN_WORDS);
  }

  /** `find` of a key whose hash is known. */
  findHashed(hash: number, b: Uint8Array, s: number, e: number): Ref {
    return this.#search(hash, b, s, e, false);
  }

  /** `isInWords`: the key is the one that was hashed last, and its words were kept. */
  #search(hash: number, b: Uint8Array, s: number, e: number, isInWords: boolean): Ref {
    const records = this.records;
    const entry = ((hash >>> (31 - this.#depth)) >>> 1) << 1;
    const segment = this.#directory[entry];
    const slots = this.#directory[entry + 1];
    const words = records.arena.words[segment >>> SHIFT];
    const first = ((segment & MASK) << 1) + FIRST_SLOT;
    const end = first + slots * 2;
    this.#foundHash = hash;
    this.#foundSegment = segment;
    this.#slotWords = words;
    for (let at = first + home(hash, slots) * 2; ; at = at + 2 === end ? first : at + 2) {
      const ref = words[at];
      if (ref === 0) {
        this.#slotAt = at;
        return 0;
      }
      if (
        words[at + 1] === hash &&
        (isInWords
          ? records.keyIs(ref, this.#hash.words, this.#hash.at, e - s)
          : records.keyEquals(ref, b, s, e))
      ) {
        this.#slotAt = at;
        return ref;
      }
    }
  }

  /** Where a key with this hash lies; 0 when there is none, and another's place when two are equal. */
  refOf(hash: number): Ref {
    const entry = ((hash >>> (31 - this.#depth)) >>> 1) << 1;
    const segment = this.#directory[entry];
    const slots = this.#directory[entry + 1];
    const words = this.records.arena.words[segment >>> SHIFT];
    const first = ((segment & MASK) << 1) + FIRST_SLOT;
    const end = first + slots * 2;
    let at = first + home(hash, slots) * 2;
    while (words[at] !== 0 && words[at + 1] !== hash) at = at + 2 === end ? first : at + 2;
    return words[at];
  }

  /** Reads what the search for a key with this hash will read first. */
  slotWord(hash: number): number {
    const entry = ((hash >>> (31 - this.#depth)) >>> 1) << 1;
    const segment = this.#directory[entry];
    const words = this.records.arena.words[segment >>> SHIFT];
    const base = (segment & MASK) << 1;
    const at = base + FIRST_SLOT + home(hash, this.#directory[entry + 1]) * 2;
    return words[base + 1] ^ words[at];
  }

  /** Takes the pre-image of the segment that the last `find` looked in. Before every change. */
  touchFound(): void {
    const observer = this.observer;
    const segment = this.#foundSegment;
    if (observer === undefined || this.isAt(segment, observer.epoch)) return;
    observer.beforeChange(this, segment, this.#foundHash);
  }

  /** Puts another ref in the place of the record that the last `find` returned. */
  replaceFound(ref: Ref): void {
    this.#slotWords[this.#slotAt] = ref;
  }

  /** Adds a record whose key the last `find` did not find. */
  insertFound(ref: Ref): void {
    const segment = this.#foundSegment;
    const words = this.#slotWords;
    const base = (segment & MASK) << 1;
    this.count++;
    if (words[base + 1] + 1 > capacityOf(words[base] & 0xffff)) {
      this.#makeRoom(segment);
      this.#place(this.segmentOf(this.#foundHash), ref, this.#foundHash);
      return;
    }
    words[this.#slotAt] = ref;
    words[this.#slotAt + 1] = this.#foundHash;
    words[base + 1]++;
  }

  /** Takes the record that the last `find` returned out of the table; the record itself stays. */
  removeFound(): void {
    const words = this.#slotWords;
    const base = (this.#foundSegment & MASK) << 1;
    takeOut(words, base, this.#slotAt);
    words[base + 1]--;
    this.count--;
    if (words[base + 1] < MAX_SLOTS >> 3 && this.#depth > 0) this.#mergeWithBuddy();
  }

  /** Sets a member's value; true when it is new. */
  set(b: Uint8Array, s: number, e: number, vb: Uint8Array, vs: number, ve: number): boolean {
    const ref = this.find(b, s, e);
    this.touchFound();
    if (ref === 0) {
      this.insertFound(this.records.create(0, 0, b, s, e, vb, vs, ve, NO_EXPIRY));
      return true;
    }
    this.replaceFound(this.records.rewrite(ref, 0, 0, vb, vs, ve, NO_EXPIRY));
    return false;
  }

  /** Adds a member without a value; false when it is there already. */
  add(b: Uint8Array, s: number, e: number): boolean {
    if (this.find(b, s, e) !== 0) return false;
    this.touchFound();
    this.insertFound(this.records.create(0, 0, b, s, e, b, e, e, NO_EXPIRY));
    return true;
  }

  /** Removes a member and frees its record; false when absent. */
  delete(b: Uint8Array, s: number, e: number): boolean {
    const ref = this.find(b, s, e);
    if (ref === 0) return false;
    this.touchFound();
    this.removeFound();
    this.records.free(ref);
    return true;
  }

  /** Notes that the record found last expires at `ms`, so that sweeps look at its segment. */
  noteExpiry(ms: number): void {
    const words = this.#slotWords;
    const at = ((this.#foundSegment & MASK) << 1) + 3;
    const seconds = Math.min(0xfffffffe, Math.floor(ms / 1000));
    if (words[at] === NEVER || seconds < words[at] >>> 0) words[at] = seconds | 0;
  }

  page(ref: Ref): Buffer {
    return this.records.page(ref);
  }

  valueStart(ref: Ref): number {
    return this.records.valueStart(ref);
  }

  valueLength(ref: Ref): number {
    return this.records.valueLength(ref);
  }

  keyPage(ref: Ref): Buffer {
    return this.records.keyPage(ref);
  }

  keyStart(ref: Ref): number {
    return this.records.keyStart(ref);
  }

  keyLength(ref: Ref): number {
    return this.records.keyLength(ref);
  }

  /**
   * Visits records in hash order from position `cursor`, about `limit` of them; returns the position
   * to go on from, 0 at the end. Every record that is present from the first call to the last is
   * visited; records with equal hashes always in one call. The visitor must not change the table.
   */
  scan(cursor: number, limit: number, visit: (ref: Ref) => void): number {
    return scanTable(this, cursor, limit, visit);
  }

  /** Visits every record until the visitor returns false. It must not change the table. */
  forEach(visit: (ref: Ref) => boolean | undefined | void): void {
    for (let position = 0; position < 0x100000000; ) {
      const segment = this.segmentOf(position | 0);
      if (!this.forEachIn(segment, visit)) return;
      position = this.#rangeEnd(segment, position);
    }
  }

  /** Visits the records of one segment; false when the visitor ended it. */
  forEachIn(segment: Ref, visit: (ref: Ref) => boolean | undefined | void): boolean {
    const words = this.records.arena.words[segment >>> SHIFT];
    const base = (segment & MASK) << 1;
    const end = base + FIRST_SLOT + 2 * (words[base] & 0xffff);
    for (let at = base + FIRST_SLOT; at < end; at += 2) {
      if (words[at] !== 0 && visit(words[at]) === false) return false;
    }
    return true;
  }

  /** A record, every one with the same chance; 0 when the table is empty. */
  randomRef(random: () => number): Ref {
    return this.count === 0 ? 0 : randomRecord(this, random);
  }

  /** The segment that holds hash position `hash`. */
  segmentOf(hash: number): Ref {
    return this.#directory[((hash >>> (31 - this.#depth)) >>> 1) << 1];
  }

  /** First hash position after the segment at `position`; 2^32 after the last. */
  #rangeEnd(segment: Ref, position: number): number {
    const local = this.#wordOf(segment, 0) >>> 16;
    const size = 2 ** (32 - local);
    return Math.floor(position / size) * size + size;
  }

  /** The segment at `position` and where the next one begins, for walkers that keep their place. */
  segmentAt(position: number): { readonly segment: Ref; readonly next: number } {
    const segment = this.segmentOf(position | 0);
    return { segment, next: this.#rangeEnd(segment, position) };
  }

  /** Whether a record of the segment may have expired by `seconds` since 1970. */
  mayHaveExpired(segment: Ref, seconds: number): boolean {
    const earliest = this.#wordOf(segment, 3);
    return earliest !== NEVER && earliest >>> 0 <= seconds;
  }

  /** Whether any record of the segment has an expiry. */
  mayExpire(segment: Ref): boolean {
    return this.#wordOf(segment, 3) !== NEVER;
  }

  get segmentCount(): number {
    return this.#segments;
  }

  get directoryLength(): number {
    return this.#directory.length / 2;
  }

  /** Sets the lower bound of a segment's expiries after a sweep has looked at all of them. */
  setEarliest(segment: Ref, ms: number): void {
    const words = this.records.arena.words[segment >>> SHIFT];
    words[((segment & MASK) << 1) + 3] =
      ms === Number.POSITIVE_INFINITY ? NEVER : Math.min(0xfffffffe, Math.floor(ms / 1000)) | 0;
  }

  isAt(segment: Ref, epoch: number): boolean {
    return this.#epochOf(segment) === epoch;
  }

  setEpoch(segment: Ref, epoch: number): void {
    const words = this.records.arena.words[segment >>> SHIFT];
    words[((segment & MASK) << 1) + 2] = epoch;
  }

  /** Empties the table segment by segment; true when nothing is left. The table is unusable then. */
  free(budget: number): boolean {
    let left = budget;
    while (!this.#released && left > 0) {
      const { segment, next } = this.segmentAt(this.#freeCursor);
      this.forEachIn(segment, (ref) => {
        left--;
        this.count--;
        if (this.records.isObject(ref)) this.onObjectFreed?.(this.records.object(ref));
        this.records.free(ref);
      });
      wipeSegment(this.records.arena, segment);
      this.#freeCursor = next;
      if (next >= 0x100000000) this.#release();
    }
    return this.#released;
  }

  /** Takes over the objects of records that `free` meets. */
  onObjectFreed: ((object: StoredObject) => void) | undefined;

  /** Ends a table whose records have all been freed or taken elsewhere. */
  #release(): void {
    for (let position = 0; position < 0x100000000; ) {
      const { segment, next } = this.segmentAt(position);
      position = next;
      this.records.arena.free(segment);
    }
    this.#released = true;
  }

  /** An empty table over the same records. */
  emptyLike(): Dict {
    return new Dict(this.records, this.#hash);
  }

  clone(): Dict {
    const copy = new Dict(this.records, this.#hash, this.count);
    copyRecords(this, copy);
    return copy;
  }

  #wordOf(segment: Ref, word: number): number {
    return this.records.arena.words[segment >>> SHIFT][((segment & MASK) << 1) + word];
  }

  #epochOf(segment: Ref): number {
    return this.#wordOf(segment, 2);
  }

  /** Puts a record into a segment that has room and lacks it; the place counts as found. */
  #place(segment: Ref, ref: Ref, hash: number): void {
    const { arena } = this.records;
    this.#slotAt = placeIn(arena, segment, ref, hash);
    this.#slotWords = arena.words[segment >>> SHIFT];
    this.#foundSegment = segment;
  }

  #makeRoom(segment: Ref): void {
    const head = this.#wordOf(segment, 0);
    const local = head >>> 16;
    if ((head & 0xffff) < MAX_SLOTS) {
      const { arena } = this.records;
      const wider = makeSegment(arena, slotsFor(this.#wordOf(segment, 1)), local);
      pourSegment(arena, segment, wider, wider, 0);
      this.#point(local, (this.#foundHash >>> (31 - local)) >>> 1, wider);
      arena.free(segment);
      return;
    }
    this.#split(segment, local + 1);
    // All records of a segment may share the bit that split it.
    const target = this.segmentOf(this.#foundHash);
    const slots = this.#wordOf(target, 0) & 0xffff;
    if (this.#wordOf(target, 1) + 1 > capacityOf(slots)) this.#makeRoom(target);
  }

  #split(segment: Ref, local: number): void {
    assert(local <= MAX_DEPTH, 'the keyed hash spreads keys');
    if (local > this.#depth) this.#doubleDirectory();
    const bit = 32 - local;
    const { arena } = this.records;
    const ones = countWithBit(arena, segment, bit);
    const lower = makeSegment(arena, slotsFor(this.#wordOf(segment, 1) - ones), local);
    const upper = makeSegment(arena, slotsFor(ones), local);
    pourSegment(arena, segment, lower, upper, bit);
    const prefix = (this.#foundHash >>> (31 - local)) >>> 1;
    this.#point(local, prefix & ~1, lower);
    this.#point(local, prefix | 1, upper);
    arena.free(segment);
    this.#segments++;
    if (local === this.#depth) this.#deepest += 2;
  }

  /** Points all directory entries with the `local` leading bits `prefix` to a segment. */
  #point(local: number, prefix: number, segment: Ref): void {
    const slots = this.#wordOf(segment, 0) & 0xffff;
    const shift = this.#depth - local;
    pointEntries(this.#directory, prefix << shift, (prefix + 1) << shift, segment, slots);
  }

  #doubleDirectory(): void {
    this.#directory = doubledDirectory(this.#directory);
    this.#depth++;
    this.#deepest = 0;
  }

  /** Joins the segment found last with the other half of its prefix when both have become small. */
  #mergeWithBuddy(): void {
    const segment = this.#foundSegment;
    const local = this.#wordOf(segment, 0) >>> 16;
    if (local === 0) return;
    const prefix = (this.#foundHash >>> (31 - local)) >>> 1;
    const buddy = this.#directory[((prefix ^ 1) << (this.#depth - local)) << 1];
    if (this.#wordOf(buddy, 0) >>> 16 !== local) return;
    const together = this.#wordOf(buddy, 1) + this.#wordOf(segment, 1);
    if (together > MAX_SLOTS >> 2) return;
    const observer = this.observer;
    if (observer !== undefined) {
      const isIn = this.isAt(segment, observer.epoch);
      if (isIn !== this.isAt(buddy, observer.epoch)) {
        observer.beforeJoin(this, isIn ? buddy : segment);
      }
    }
    const { arena } = this.records;
    const joined = makeSegment(arena, slotsFor(together), local - 1);
    pourSegment(arena, buddy, joined, joined, 0);
    pourSegment(arena, segment, joined, joined, 0);
    this.#point(local - 1, prefix >>> 1, joined);
    arena.free(buddy);
    arena.free(segment);
    this.#segments--;
    if (local === this.#depth) this.#deepest -= 2;
    while (this.#depth > 0 && this.#deepest === 0) this.#halveDirectory();
  }

  #halveDirectory(): void {
    const directory = halvedDirectory(this.#directory);
    this.#directory = directory;
    this.#depth--;
    this.#deepest = 0;
    for (let i = 0; i < directory.length; i += 2) {
      if (this.#wordOf(directory[i], 0) >>> 16 === this.#depth) this.#deepest++;
    }
  }
}
