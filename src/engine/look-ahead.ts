// What is about to be looked up, several requests at a time. A lookup in a table larger than the caches
// waits for memory twice, for the slot and for the record, and each wait ends before the next lookup
// begins. Here all slots are read first and then all records: independent reads, which the processor
// does at the same time. Nothing is changed and nothing decided. The hashes are kept: all tables of an
// engine ask here for theirs.

import { KEPT_WORDS, type KeyedHash, type KeyHash } from '../util/hash.ts';
import { PAGE_MASK, PAGE_SHIFT } from './arena.ts';
import type { Dict } from './dict.ts';
import { SortedSet } from './sorted-set.ts';

// Constants of this file alone: to the compiler one that is imported or exported is a cell that is read and checked each time.
const SHIFT: number = PAGE_SHIFT;
const MASK: number = PAGE_MASK;
const KEPT: number = KEPT_WORDS;

/** Requests at a time: more than the reads that a processor keeps under way, and little to forget. */
export const LOOK_AHEAD = 16;
/**
 * A smaller table lies in the caches anyway. Measured, 16 keys at a time: 20 000 keys 1.17 times the time
 * without looking ahead, 100 000 keys 0.83 times, a million keys 0.7 times.
 */
const WORTHWHILE = 32_768;
export const WORTHWHILE_KEYS: number = WORTHWHILE;
/** A longer argument is hardly a key, and hashing it for nothing would cost. */
const LONGEST_KEY = 256;

const NONE = -1;
const UNANNOUNCED: number = 2 * LOOK_AHEAD * KEPT;

/** A request as far as its keys go: argument i is buffer[starts[i]..ends[i]). */
interface Arguments {
  readonly buffer: Buffer;
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export class LookAhead implements KeyHash {
  /** Of all that was read, so that no compiler leaves the reading out. */
  seen = 0;
  /** Of each place, and behind those of the key that was not announced. */
  readonly words: Int32Array = new Int32Array((2 * LOOK_AHEAD + 1) * KEPT);
  at: number = UNANNOUNCED;
  readonly #hash: KeyedHash;
  #buffer: Buffer | undefined;
  /** Places of keys (even) and their members (odd) in the buffer, ascending; NONE where there is none. */
  readonly #starts: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  readonly #ends: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  readonly #hashes: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  readonly #refs: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  /** Of the members. */
  readonly #tables: (Dict | undefined)[] = new Array(2 * LOOK_AHEAD).fill(undefined);
  #count = 0;
  /** What lies before it has been looked up. */
  #next = 0;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** The hash of b[s..e), which may be known already. */
  hash(b: Uint8Array, s: number, e: number): number {
    if (b === this.#buffer) {
      const starts = this.#starts;
      const count = this.#count;
      let i = this.#next;
      while (i < count && starts[i] < s) i++;
      this.#next = i;
      if (i < count && starts[i] === s && this.#ends[i] === e) {
        this.at = i * KEPT;
        return this.#hashes[i];
      }
    }
    this.at = UNANNOUNCED;
    return this.#hash.hashInto(this.words, UNANNOUNCED, b, s, e);
  }

  /** Forgets everything. Before the bytes of the buffer change. */
  clear(): void {
    this.#buffer = undefined;
    this.#count = 0;
    this.#next = 0;
  }

  /**
   * Reads what the first `count` requests, at most LOOK_AHEAD, will read in `table`. They lie in one
   * buffer, in order; nearly every command has its key, or its first key, at argument 1.
   */
  requests(
    table: Dict,
    hasLargeTables: boolean,
    requests: readonly Arguments[],
    count: number,
  ): void {
    this.clear();
    if (!hasLargeTables && table.count < WORTHWHILE) return;
    for (let i = 0; i < count; i++) {
      const { starts, ends } = requests[i];
      this.#note(2 * i, starts[1], requests[i].count > 1 ? ends[1] : starts[1], requests[i].buffer);
      this.#starts[2 * i + 1] = NONE;
    }
    this.#count = 2 * count;
    this.#buffer = requests[0].buffer;
    this.#readSlots(table);
    if (hasLargeTables && this.#noteMembers(table, requests, count)) this.#readMembers();
  }

  /** The same for the keys of one request: its arguments `first`, `first + step` … before `end`. */
  keys(table: Dict, request: Arguments, first: number, end: number, step: number): void {
    this.clear();
    if (table.count < WORTHWHILE) return;
    const { starts, ends, buffer } = request;
    let at = 0;
    for (let i = first; i < end; i += step, at += 2) {
      this.#note(at, starts[i], ends[i], buffer);
      this.#starts[at + 1] = NONE;
    }
    this.#count = at;
    this.#buffer = buffer;
    this.#readSlots(table);
  }

  /** Ranges too long for a key are left out, empty ones with them. */
  #note(at: number, start: number, end: number, buffer: Buffer): void {
    const length = end - start;
    const isKey = length > 0 && length <= LONGEST_KEY;
    this.#starts[at] = isKey ? start : NONE;
    this.#ends[at] = end;
    if (isKey) {
      this.#hashes[at] = this.#hash.hashInto(this.words, at * KEPT, buffer, start, end);
    }
  }

  /**
   * Short loops that do not look at what they read: a processor keeps some two hundred instructions
   * under way, and only reads among those happen at the same time.
   */
  #readSlots(table: Dict): void {
    const count = this.#count;
    const starts = this.#starts;
    const hashes = this.#hashes;
    const refs = this.#refs;
    const { words } = table.records.arena;
    let read = 0;
    for (let i = 0; i < count; i += 2) read ^= table.slotWord(hashes[i]);
    for (let i = 0; i < count; i += 2) refs[i] = starts[i] === NONE ? 0 : table.refOf(hashes[i]);
    for (let i = 0; i < count; i += 2) {
      read ^= words[refs[i] >>> SHIFT][(refs[i] & MASK) << 1];
    }
    this.seen ^= read;
  }

  /** Finds the members that are named in large tables; false when there are none. */
  #noteMembers(table: Dict, requests: readonly Arguments[], count: number): boolean {
    const { records } = table;
    let hasAny = false;
    for (let i = 0; i < count; i++) {
      const ref = this.#refs[2 * i];
      if (ref === 0 || !records.isObject(ref)) continue;
      const object = records.object(ref);
      const members = object.memberTable;
      if (members === undefined || members.count < WORTHWHILE) continue;
      const request = requests[i];
      // ZADD has the score before the member; all others that take one name it after the key.
      const argument = request.count > 3 && object instanceof SortedSet ? 3 : 2;
      if (request.count <= argument) continue;
      this.#note(2 * i + 1, request.starts[argument], request.ends[argument], request.buffer);
      this.#tables[2 * i + 1] = members;
      hasAny = true;
    }
    return hasAny;
  }

  #readMembers(): void {
    const count = this.#count;
    const starts = this.#starts;
    const hashes = this.#hashes;
    const tables = this.#tables;
    let read = 0;
    for (let i = 1; i < count; i += 2) {
      if (starts[i] !== NONE) read ^= tables[i]?.slotWord(hashes[i]) ?? 0;
    }
    for (let i = 1; i < count; i += 2) {
      const members = starts[i] === NONE ? undefined : tables[i];
      if (members === undefined) continue;
      const ref = members.refOf(hashes[i]);
      read ^= members.records.arena.words[ref >>> SHIFT][(ref & MASK) << 1];
      tables[i] = undefined;
    }
    this.seen ^= read;
  }
}
