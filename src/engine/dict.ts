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
import type { KeyedHash } from '../util/hash.ts';
import { PAGE_MASK, PAGE_SHIFT, type Ref } from './arena.ts';
import { NO_EXPIRY, type Records } from './record.ts';
import {
  HEADER_WORDS,
  MAX_LOG_SLOTS,
  MAX_SLOTS,
  MIN_LOG_SLOTS,
  NEVER,
  scanTable,
} from './segment.ts';
import type { StoredObject } from './stored-object.ts';

/** A directory of 2^24 serves seven thousand million keys; deeper means a broken hash. */
const MAX_DEPTH = 24;

/** Told of every segment just before it changes for the first time since the epoch began. */
export interface SegmentObserver {
  readonly epoch: number;
  beforeChange(dict: Dict, segment: Ref): void;
}

// Scratch of splits, which are not re-entrant.
const movedSlots = new Int32Array(2 * MAX_SLOTS);

export class Dict implements StoredObject {
  readonly records: Records;
  /** Records in the table. */
  count = 0;
  accountedBytes = 0;
  /** A running snapshot, if any. */
  observer: SegmentObserver | undefined;
  readonly #hash: KeyedHash;
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

  constructor(records: Records, hash: KeyedHash) {
    this.records = records;
    this.#hash = hash;
    this.#directory = new Int32Array(1);
    this.#directory[0] = this.#makeSegment(MIN_LOG_SLOTS, 0, 0);
    this.#slotWords = records.arena.words[0];
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
    const records = this.records;
    const hash = this.#hash.hash(b, s, e);
    const segment = this.#directory[(hash >>> (31 - this.#depth)) >>> 1];
    const words = records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    const mask = (1 << (words[base] & 0xff)) - 1;
    const slots = base + HEADER_WORDS;
    this.#foundHash = hash;
    this.#foundSegment = segment;
    this.#slotWords = words;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const at = slots + i * 2;
      const ref = words[at];
      if (ref === 0) {
        this.#slotAt = at;
        return 0;
      }
      if (words[at + 1] === hash && records.keyEquals(ref, b, s, e)) {
        this.#slotAt = at;
        return ref;
      }
    }
  }

  /** Takes the pre-image of the segment that the last `find` looked in. Before every change. */
  touchFound(): void {
    const observer = this.observer;
    if (observer === undefined) return;
    const segment = this.#foundSegment;
    if (this.#epochOf(segment) !== observer.epoch) observer.beforeChange(this, segment);
  }

  /** Puts another ref in the place of the record that the last `find` returned. */
  replaceFound(ref: Ref): void {
    this.#slotWords[this.#slotAt] = ref;
  }

  /** Adds a record whose key the last `find` did not find. */
  insertFound(ref: Ref): void {
    const segment = this.#foundSegment;
    const words = this.#slotWords;
    const base = (segment & PAGE_MASK) << 1;
    const slots = 1 << (words[base] & 0xff);
    this.count++;
    // At 7/8 a probe is still short, and the fewer segments the fewer bytes a key.
    if (words[base + 1] + 1 > slots - (slots >>> 3)) {
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
    const base = (this.#foundSegment & PAGE_MASK) << 1;
    const slots = base + HEADER_WORDS;
    const mask = (1 << (words[base] & 0xff)) - 1;
    // Backward shift: the records after the hole move up, so that no tombstone is ever needed.
    let hole = (this.#slotAt - slots) >> 1;
    for (let i = (hole + 1) & mask; words[slots + i * 2] !== 0; i = (i + 1) & mask) {
      const home = words[slots + i * 2 + 1] & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        words[slots + hole * 2] = words[slots + i * 2];
        words[slots + hole * 2 + 1] = words[slots + i * 2 + 1];
        hole = i;
      }
    }
    words[slots + hole * 2] = 0;
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
    const at = ((this.#foundSegment & PAGE_MASK) << 1) + 3;
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
    const words = this.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    const end = base + HEADER_WORDS + (2 << (words[base] & 0xff));
    for (let at = base + HEADER_WORDS; at < end; at += 2) {
      if (words[at] !== 0 && visit(words[at]) === false) return false;
    }
    return true;
  }

  /**
   * A record, every one with the same chance; 0 when the table is empty. Segments are drawn evenly
   * (a shallow one only by the first of its directory entries), then slots, until one is taken.
   */
  randomRef(random: () => number): Ref {
    if (this.count === 0) return 0;
    for (;;) {
      const entry = this.#depth === 0 ? 0 : random() >>> (32 - this.#depth);
      const segment = this.#directory[entry];
      const words = this.records.arena.words[segment >>> PAGE_SHIFT];
      const base = (segment & PAGE_MASK) << 1;
      const local = words[base] >>> 8;
      if ((entry & ((1 << (this.#depth - local)) - 1)) !== 0) continue;
      const slot = random() & ((1 << (words[base] & 0xff)) - 1);
      const ref = words[base + HEADER_WORDS + slot * 2];
      if (ref !== 0) return ref;
    }
  }

  /** The segment that holds hash position `hash`. */
  segmentOf(hash: number): Ref {
    return this.#directory[(hash >>> (31 - this.#depth)) >>> 1];
  }

  /** First hash position after the segment at `position`; 2^32 after the last. */
  #rangeEnd(segment: Ref, position: number): number {
    const local = this.#wordOf(segment, 0) >>> 8;
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
    return this.#directory.length;
  }

  /** Sets the lower bound of a segment's expiries after a sweep has looked at all of them. */
  setEarliest(segment: Ref, ms: number): void {
    const words = this.records.arena.words[segment >>> PAGE_SHIFT];
    words[((segment & PAGE_MASK) << 1) + 3] =
      ms === Number.POSITIVE_INFINITY ? NEVER : Math.min(0xfffffffe, Math.floor(ms / 1000)) | 0;
  }

  isAt(segment: Ref, epoch: number): boolean {
    return this.#epochOf(segment) === epoch;
  }

  setEpoch(segment: Ref, epoch: number): void {
    const words = this.records.arena.words[segment >>> PAGE_SHIFT];
    words[((segment & PAGE_MASK) << 1) + 2] = epoch;
  }

  /** Marks every segment as being in the snapshot of `epoch`. */
  markAll(epoch: number): void {
    for (let position = 0; position < 0x100000000; ) {
      const { segment, next } = this.segmentAt(position);
      this.setEpoch(segment, epoch);
      position = next;
    }
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
      this.#wipe(segment);
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

  #wipe(segment: Ref): void {
    const words = this.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    const slots = base + HEADER_WORDS;
    words.fill(0, slots, slots + (2 << (words[base] & 0xff)));
    words[base + 1] = 0;
  }

  clone(): Dict {
    const copy = new Dict(this.records, this.#hash);
    const records = this.records;
    this.forEach((ref) => {
      const ks = records.keyStart(ref);
      const vs = records.valueStart(ref);
      copy.set(
        records.keyPage(ref),
        ks,
        ks + records.keyLength(ref),
        records.page(ref),
        vs,
        vs + records.valueLength(ref),
      );
    });
    return copy;
  }

  #wordOf(segment: Ref, word: number): number {
    return this.records.arena.words[segment >>> PAGE_SHIFT][((segment & PAGE_MASK) << 1) + word];
  }

  #epochOf(segment: Ref): number {
    return this.#wordOf(segment, 2);
  }

  #makeSegment(logSlots: number, localDepth: number, epoch: number): Ref {
    const words = HEADER_WORDS + (2 << logSlots);
    const segment = this.records.arena.alloc(words * 4);
    const memory = this.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    memory.fill(0, base, base + words);
    memory[base] = logSlots | (localDepth << 8);
    memory[base + 2] = epoch;
    memory[base + 3] = NEVER;
    return segment;
  }

  #place(segment: Ref, ref: Ref, hash: number): void {
    const words = this.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    const mask = (1 << (words[base] & 0xff)) - 1;
    let i = hash & mask;
    while (words[base + HEADER_WORDS + i * 2] !== 0) i = (i + 1) & mask;
    const at = base + HEADER_WORDS + i * 2;
    words[at] = ref;
    words[at + 1] = hash;
    words[base + 1]++;
    this.#foundSegment = segment;
    this.#slotWords = words;
    this.#slotAt = at;
  }

  #makeRoom(segment: Ref): void {
    const log = this.#wordOf(segment, 0) & 0xff;
    if (log < MAX_LOG_SLOTS) this.#widen(segment, log + 1);
    else this.#split(segment);
    // All records of a segment may share the bit that split it.
    const target = this.segmentOf(this.#foundHash);
    const slots = 1 << (this.#wordOf(target, 0) & 0xff);
    if (this.#wordOf(target, 1) + 1 > slots - (slots >>> 3)) this.#makeRoom(target);
  }

  /** Only the first segment is ever narrower than 512 slots. */
  #widen(segment: Ref, logSlots: number): void {
    const wider = this.#makeSegment(logSlots, this.#wordOf(segment, 0) >>> 8, 0);
    this.#copyHead(segment, wider);
    const slots = 1 << (this.#wordOf(segment, 0) & 0xff);
    for (let i = 0; i < slots; i++) {
      const ref = this.#wordOf(segment, HEADER_WORDS + i * 2);
      if (ref !== 0) this.#place(wider, ref, this.#wordOf(segment, HEADER_WORDS + i * 2 + 1));
    }
    this.#directory[0] = wider;
    this.records.arena.free(segment);
  }

  #copyHead(from: Ref, to: Ref): void {
    const words = this.records.arena.words[to >>> PAGE_SHIFT];
    const base = (to & PAGE_MASK) << 1;
    words[base + 2] = this.#wordOf(from, 2);
    words[base + 3] = this.#wordOf(from, 3);
  }

  #split(segment: Ref): void {
    const local = (this.#wordOf(segment, 0) >>> 8) + 1;
    assert(local <= MAX_DEPTH, 'the keyed hash spreads keys');
    if (local > this.#depth) this.#doubleDirectory();
    const upper = this.#makeSegment(MAX_LOG_SLOTS, local, 0);
    this.#copyHead(segment, upper);
    const words = this.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    const slots = base + HEADER_WORDS;
    movedSlots.set(words.subarray(slots, slots + 2 * MAX_SLOTS));
    this.#wipe(segment);
    words[base] = MAX_LOG_SLOTS | (local << 8);
    const bit = 32 - local;
    for (let i = 0; i < 2 * MAX_SLOTS; i += 2) {
      if (movedSlots[i] === 0) continue;
      const hash = movedSlots[i + 1];
      this.#place(((hash >>> bit) & 1) === 1 ? upper : segment, movedSlots[i], hash);
    }
    this.#pointUpperHalf(upper, local);
    this.#segments++;
    if (local === this.#depth) this.#deepest += 2;
  }

  /** Points the directory entries of the prefix that just split off to their new segment. */
  #pointUpperHalf(upper: Ref, local: number): void {
    const shift = this.#depth - local;
    const prefix = ((this.#foundHash >>> (31 - local)) >>> 1) | 1;
    this.#directory.fill(upper, prefix << shift, (prefix + 1) << shift);
  }

  #doubleDirectory(): void {
    const wider = new Int32Array(this.#directory.length * 2);
    for (let i = 0; i < this.#directory.length; i++) {
      wider[2 * i] = wider[2 * i + 1] = this.#directory[i];
    }
    this.#directory = wider;
    this.#depth++;
    this.#deepest = 0;
  }

  /** Joins the segment found last with the other half of its prefix when both have become small. */
  #mergeWithBuddy(): void {
    const segment = this.#foundSegment;
    const local = this.#wordOf(segment, 0) >>> 8;
    if (local === 0) return;
    const prefix = (this.#foundHash >>> (31 - local)) >>> 1;
    const shift = this.#depth - local;
    const buddy = this.#directory[(prefix ^ 1) << shift];
    if (this.#wordOf(buddy, 0) >>> 8 !== local) return;
    const together = this.#wordOf(buddy, 1) + this.#wordOf(segment, 1);
    if (together > MAX_SLOTS >> 2) return;
    const observer = this.observer;
    if (observer !== undefined && !this.isAt(buddy, observer.epoch)) {
      observer.beforeChange(this, buddy);
    }
    this.#absorb(segment, buddy, local);
    this.#directory.fill(segment, (prefix & ~1) << shift, ((prefix & ~1) + 2) << shift);
    this.#segments--;
    if (local === this.#depth) this.#deepest -= 2;
    while (this.#depth > 0 && this.#deepest === 0) this.#halveDirectory();
  }

  #absorb(segment: Ref, buddy: Ref, local: number): void {
    for (let i = 0; i < MAX_SLOTS; i++) {
      const ref = this.#wordOf(buddy, HEADER_WORDS + i * 2);
      if (ref !== 0) this.#place(segment, ref, this.#wordOf(buddy, HEADER_WORDS + i * 2 + 1));
    }
    const words = this.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    words[base] = MAX_LOG_SLOTS | ((local - 1) << 8);
    const earliest = this.#wordOf(buddy, 3);
    if (
      earliest !== NEVER &&
      (words[base + 3] === NEVER || earliest >>> 0 < words[base + 3] >>> 0)
    ) {
      words[base + 3] = earliest;
    }
    this.records.arena.free(buddy);
  }

  #halveDirectory(): void {
    const narrower = new Int32Array(this.#directory.length / 2);
    for (let i = 0; i < narrower.length; i++) narrower[i] = this.#directory[2 * i];
    this.#directory = narrower;
    this.#depth--;
    this.#deepest = 0;
    for (let i = 0; i < narrower.length; i++) {
      if (this.#wordOf(narrower[i], 0) >>> 8 === this.#depth) this.#deepest++;
    }
  }
}
