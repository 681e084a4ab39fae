// Segments of a table: their layout, and what only reads them. A segment is one block of the arena:
//
//   word 0   number of slots (16 bits) | local depth << 16
//   word 1   records in it
//   word 2   epoch of the last snapshot that has it
//   word 3   a lower bound of the earliest expiry in it, seconds since 1970; -1: none expires
//   then     slots: pairs of (ref, hash), linear probing from the place that `homeOf` gives
//
// A segment grows through several sizes before it splits: all segments fill at the same pace, so with
// one size the whole table would swing between 3/4 and 3/8 full (11 against 21 bytes a key).

import { PAGE_MASK, PAGE_SHIFT, type Ref } from './arena.ts';
import type { Dict } from './dict.ts';
import type { HashSet } from './hash-set.ts';

export const HEADER_WORDS = 4;
export const MAX_SLOTS = 512;
const SIZES = [8, 16, 32, 64, 128, 256, 320, 384, 448, MAX_SLOTS];
export const NEVER = -1;

/** One past the last hash position. */
const POSITIONS = 0x100000000;

/** The slot where a record's probe begins: the low 16 bits of the hash, scaled. */
export function homeOf(hash: number, slots: number): number {
  return ((hash & 0xffff) * slots) >>> 16;
}

/**
 * Records that a segment takes. By the formula for linear probing a search for a key that is not there looks at
 * 8.5 slots at 3/4 and at 32.5 at 7/8; 2 million keys took 58.4 bytes each with either.
 */
export function capacityOf(slots: number): number {
  return slots - (slots >>> 2);
}

/** Slots of the smallest segment that has room for one more than `records`. */
export function slotsFor(records: number): number {
  let i = 0;
  while (i < SIZES.length - 1 && capacityOf(SIZES[i]) <= records) i++;
  return SIZES[i];
}

// Scratch of a scan: the records ahead in one segment, and (hash, index) in one number to sort by.
const scanRefs = new Int32Array(MAX_SLOTS);
const scanOrder = new Float64Array(MAX_SLOTS);

/** Visits the records of a segment whose hash this is. */
export function forEachOfHash(
  { records }: Dict,
  segment: Ref,
  hash: number,
  visit: (ref: Ref) => void,
): void {
  const words = records.arena.words[segment >>> PAGE_SHIFT];
  const base = (segment & PAGE_MASK) << 1;
  const slots = words[base] & 0xffff;
  const first = base + HEADER_WORDS;
  const end = first + slots * 2;
  let at = first + homeOf(hash, slots) * 2;
  for (; words[at] !== 0; at = at + 2 === end ? first : at + 2) {
    if (words[at + 1] === hash) visit(words[at]);
  }
}

/** Visits the records of a segment whose hash is not in `left`. */
export function forEachBut(
  { records }: Dict,
  segment: Ref,
  left: HashSet,
  visit: (ref: Ref) => void,
): void {
  const words = records.arena.words[segment >>> PAGE_SHIFT];
  const base = (segment & PAGE_MASK) << 1;
  const end = base + HEADER_WORDS + 2 * (words[base] & 0xffff);
  for (let at = base + HEADER_WORDS; at < end; at += 2) {
    if (words[at] !== 0 && (left.size === 0 || !left.has(words[at + 1]))) visit(words[at]);
  }
}

/**
 * A record of a table that is not empty. Segments are drawn evenly (a shallow one only by the first of its
 * directory entries), then slots, until one is taken.
 */
export function randomRecord(dict: Dict, random: () => number): Ref {
  const depth = 31 - Math.clz32(dict.directoryLength);
  for (;;) {
    const position = depth === 0 ? 0 : random();
    const segment = dict.segmentOf(position);
    const words = dict.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    const local = words[base] >>> 16;
    const entry = depth === 0 ? 0 : position >>> (32 - depth);
    if ((entry & ((1 << (depth - local)) - 1)) !== 0) continue;
    // Out of as many slots as the largest has, so that a small segment is not drawn too often.
    const slot = random() % (depth === 0 ? words[base] & 0xffff : MAX_SLOTS);
    if (slot >= (words[base] & 0xffff)) continue;
    const ref = words[base + HEADER_WORDS + slot * 2];
    if (ref !== 0) return ref;
  }
}

/** Marks every segment as being in the snapshot of `epoch`. */
export function markSegments(dict: Dict, epoch: number): void {
  for (let position = 0; position < POSITIONS; ) {
    const { segment, next } = dict.segmentAt(position);
    dict.setEpoch(segment, epoch);
    position = next;
  }
}

/** See `Dict.scan`. */
export function scanTable(
  dict: Dict,
  cursor: number,
  limit: number,
  visit: (ref: Ref) => void,
): number {
  let position = cursor >>> 0;
  let left = Math.max(1, limit);
  for (;;) {
    const { segment, next } = dict.segmentAt(position);
    const ahead = collectAhead(dict, segment, position);
    if (ahead > left) return visitPart(ahead, left, visit);
    // The whole rest of the segment goes, so its order does not matter.
    for (let i = 0; i < ahead; i++) visit(scanRefs[i]);
    left -= ahead;
    position = next;
    if (position >= POSITIONS) return 0;
    if (left <= 0) return position;
  }
}

/** Collects the records of a segment whose hash is at least `position`; returns their number. */
function collectAhead(dict: Dict, segment: Ref, position: number): number {
  const words = dict.records.arena.words[segment >>> PAGE_SHIFT];
  const base = (segment & PAGE_MASK) << 1;
  const end = base + HEADER_WORDS + 2 * (words[base] & 0xffff);
  let n = 0;
  for (let at = base + HEADER_WORDS; at < end; at += 2) {
    if (words[at] === 0) continue;
    const hash = words[at + 1] >>> 0;
    if (hash < position) continue;
    scanRefs[n] = words[at];
    scanOrder[n] = hash * MAX_SLOTS + n;
    n++;
  }
  return n;
}

/** Visits the `left` lowest hashes and all that equal the last; returns the position after them. */
function visitPart(ahead: number, left: number, visit: (ref: Ref) => void): number {
  scanOrder.subarray(0, ahead).sort();
  let last = -1;
  for (let taken = 0; taken < ahead; taken++) {
    const hash = Math.floor(scanOrder[taken] / MAX_SLOTS);
    if (taken >= left && hash !== last) return hash;
    last = hash;
    visit(scanRefs[scanOrder[taken] % MAX_SLOTS]);
  }
  return last + 1 >= POSITIONS ? 0 : last + 1;
}

/** What DEBUG HTSTATS prints of a table. */
export interface TableFigures {
  readonly slots: number;
  readonly segments: number;
  readonly directory: number;
  readonly longestProbe: number;
}

export function tableFigures(dict: Dict): TableFigures {
  let slots = 0;
  let longestProbe = 0;
  for (let position = 0; position < POSITIONS; ) {
    const { segment, next } = dict.segmentAt(position);
    const words = dict.records.arena.words[segment >>> PAGE_SHIFT];
    const base = (segment & PAGE_MASK) << 1;
    const size = words[base] & 0xffff;
    slots += size;
    for (let i = 0; i < size; i++) {
      const at = base + HEADER_WORDS + i * 2;
      if (words[at] === 0) continue;
      longestProbe = Math.max(longestProbe, (i - homeOf(words[at + 1], size) + size) % size);
    }
    position = next;
  }
  return { slots, segments: dict.segmentCount, directory: dict.directoryLength, longestProbe };
}
