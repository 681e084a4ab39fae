// Segments of a table: their layout, and what only reads them. A segment is one block of the arena:
//
//   word 0   log2 of the slots (8 bits) | local depth << 8
//   word 1   records in it
//   word 2   epoch of the last snapshot that has it
//   word 3   a lower bound of the earliest expiry in it, seconds since 1970; -1: none expires
//   then     slots: pairs of (ref, hash), linear probing from the low bits of the hash

import { PAGE_MASK, PAGE_SHIFT, type Ref } from './arena.ts';
import type { Dict } from './dict.ts';

export const HEADER_WORDS = 4;
export const MIN_LOG_SLOTS = 3;
export const MAX_LOG_SLOTS = 9;
export const MAX_SLOTS = 512;
export const NEVER = -1;

/** One past the last hash position. */
const POSITIONS = 0x100000000;

// Scratch of a scan: the records ahead in one segment, and (hash, index) in one number to sort by.
const scanRefs = new Int32Array(MAX_SLOTS);
const scanOrder = new Float64Array(MAX_SLOTS);

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
  const end = base + HEADER_WORDS + (2 << (words[base] & 0xff));
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
    const mask = (1 << (words[base] & 0xff)) - 1;
    slots += mask + 1;
    for (let i = 0; i <= mask; i++) {
      const at = base + HEADER_WORDS + i * 2;
      if (words[at] !== 0) longestProbe = Math.max(longestProbe, (i - words[at + 1]) & mask);
    }
    position = next;
  }
  return { slots, segments: dict.segmentCount, directory: dict.directoryLength, longestProbe };
}
