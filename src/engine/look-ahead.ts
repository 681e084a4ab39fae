// What is about to be looked up, several requests at a time. A lookup in a table larger than the caches
// waits for memory twice, for the slot and for the record, and each wait ends before the next lookup
// begins. Here all slots are read first and then all records: independent reads, which the processor
// does at the same time (100 000 keys, 16 at a time: a quarter of the whole time of a GET less). Nothing
// is changed and nothing decided. The hashes are kept: all tables of an engine ask here for theirs.

import { PAGE_MASK, PAGE_SHIFT, type Ref } from './arena.ts';
import type { Dict, KeyHash } from './dict.ts';
import { SortedSet } from './sorted-set.ts';

/** Requests at a time: more than the reads that a processor keeps under way, and little to forget. */
export const LOOK_AHEAD = 16;
/** A smaller table lies in the caches anyway: reading ahead then costs 30 ns a key and saves nothing. */
const WORTHWHILE_KEYS = 8192;
/** A longer argument is hardly a key, and hashing it for nothing would cost. */
const LONGEST_KEY = 256;

const NONE = -1;
const NO_ARGUMENTS: Int32Array = new Int32Array(0);

export class LookAhead implements KeyHash {
  /** Of all that was read, so that no compiler leaves the reading out. */
  seen = 0;
  readonly #hash: KeyHash;
  #buffer: Buffer | undefined;
  /** Places of keys (even) and their members (odd) in the buffer, ascending; NONE where there is none. */
  readonly #starts: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  readonly #ends: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  readonly #hashes: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  readonly #tables: Dict[] = [];
  readonly #refs: Int32Array = new Int32Array(2 * LOOK_AHEAD);
  #count = 0;
  /** What lies before it has been looked up. */
  #next = 0;
  /** The arguments of the request that each key is of. */
  readonly #argumentStarts: Int32Array[] = [];
  readonly #argumentEnds: Int32Array[] = [];
  readonly #argumentCounts: Int32Array = new Int32Array(2 * LOOK_AHEAD);

  constructor(hash: KeyHash) {
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
      if (i < count && starts[i] === s && this.#ends[i] === e) return this.#hashes[i];
    }
    return this.#hash.hash(b, s, e);
  }

  /** Forgets everything. Before the bytes of the buffer change. */
  clear(): void {
    this.#buffer = undefined;
    this.#count = 0;
    this.#next = 0;
  }

  /** Whether looking ahead in this table, or in the large objects that it may hold, gains anything. */
  isWorthwhile(table: Dict, hasObjects: boolean): boolean {
    return hasObjects || table.count >= WORTHWHILE_KEYS;
  }

  /** Announces the key b[s..e); at most LOOK_AHEAD since `clear`, all of one buffer, ascending. */
  add(b: Buffer, s: number, e: number): void {
    this.addRequest(b, s, e, NO_ARGUMENTS, NO_ARGUMENTS, 0);
  }

  /** The same for a request whose arguments, the key among them, are b[starts[i]..ends[i]). */
  addRequest(
    b: Buffer,
    s: number,
    e: number,
    starts: Int32Array,
    ends: Int32Array,
    count: number,
  ): void {
    const i = this.#count;
    this.#count += 2;
    this.#buffer = b;
    this.#starts[i] = s;
    this.#ends[i] = e;
    this.#starts[i + 1] = NONE;
    this.#argumentStarts[i] = starts;
    this.#argumentEnds[i] = ends;
    this.#argumentCounts[i] = count;
  }

  /** Reads what finding the announced keys in `table`, and their members, will read. */
  read(table: Dict): void {
    for (let i = 0; i < this.#count; i += 2) this.#tables[i] = table;
    this.#readEvery(0);
    const { records } = table;
    for (let i = 0; i < this.#count; i += 2) {
      const ref = this.#refs[i];
      if (ref === 0 || !records.isObject(ref)) continue;
      const object = records.object(ref);
      const members = object.memberTable;
      if (members === undefined || members.count < WORTHWHILE_KEYS) continue;
      // ZADD has the score before the member; all others that take one name it after the key.
      const count = this.#argumentCounts[i];
      const argument = count > 3 && object instanceof SortedSet ? 3 : 2;
      if (count <= argument) continue;
      this.#tables[i + 1] = members;
      this.#starts[i + 1] = this.#argumentStarts[i][argument];
      this.#ends[i + 1] = this.#argumentEnds[i][argument];
    }
    this.#readEvery(1);
  }

  /** Every second range from `first` on. */
  #readEvery(first: number): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    const starts = this.#starts;
    const hashes = this.#hashes;
    const tables = this.#tables;
    let read = 0;
    // No branch here that looks at what was read: the processor goes on to the next one meanwhile.
    for (let i = first; i < this.#count; i += 2) {
      if (starts[i] === NONE) continue;
      if (this.#ends[i] - starts[i] > LONGEST_KEY) {
        starts[i] = NONE;
        continue;
      }
      hashes[i] = this.#hash.hash(buffer, starts[i], this.#ends[i]);
      read ^= tables[i].slotWord(hashes[i]);
    }
    for (let i = first; i < this.#count; i += 2) {
      const ref: Ref = starts[i] === NONE ? 0 : tables[i].refOf(hashes[i]);
      this.#refs[i] = ref;
      if (ref === 0) continue;
      read ^= tables[i].records.arena.words[ref >>> PAGE_SHIFT][(ref & PAGE_MASK) << 1];
    }
    this.seen ^= read;
  }
}
