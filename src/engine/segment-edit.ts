// What makes, fills and empties segments of a table (their layout: segment.ts). It knows single segments
// and not the directory; the hot paths of finding, replacing and removing are written out in dict.ts.

import { type Arena, PAGE_MASK, PAGE_SHIFT, type Ref } from './arena.ts';
import type { Dict } from './dict.ts';
import { HEADER_WORDS, homeOf, NEVER } from './segment.ts';

/** An empty segment. */
export function makeSegment(arena: Arena, slots: number, localDepth: number): Ref {
  const length = HEADER_WORDS + 2 * slots;
  const segment = arena.alloc(length * 4);
  const words = arena.words[segment >>> PAGE_SHIFT];
  const base = (segment & PAGE_MASK) << 1;
  words.fill(0, base, base + length);
  words[base] = slots | (localDepth << 16);
  words[base + 3] = NEVER;
  return segment;
}

/** Puts a record into a segment that has room and lacks it; returns the word index of its slot. */
export function placeIn(arena: Arena, segment: Ref, ref: Ref, hash: number): number {
  const words = arena.words[segment >>> PAGE_SHIFT];
  const base = (segment & PAGE_MASK) << 1;
  const slots = words[base] & 0xffff;
  const first = base + HEADER_WORDS;
  const end = first + slots * 2;
  let at = first + homeOf(hash, slots) * 2;
  while (words[at] !== 0) at = at + 2 === end ? first : at + 2;
  words[at] = ref;
  words[at + 1] = hash;
  words[base + 1]++;
  return at;
}

/** Empties the slot at word `at`, and closes the gap. */
export function takeOut(words: Int32Array, base: number, at: number): void {
  const slots = words[base] & 0xffff;
  const first = base + HEADER_WORDS;
  // Backward shift: the records after the hole move up, so that no tombstone is ever needed.
  let hole = (at - first) >> 1;
  for (let i = hole; ; ) {
    i = i + 1 === slots ? 0 : i + 1;
    const next = first + i * 2;
    if (words[next] === 0) break;
    const fromHome = i - homeOf(words[next + 1], slots);
    const fromHole = i - hole;
    if (fromHome + (fromHome < 0 ? slots : 0) < fromHole + (fromHole < 0 ? slots : 0)) continue;
    words[first + hole * 2] = words[next];
    words[first + hole * 2 + 1] = words[next + 1];
    hole = i;
  }
  words[first + hole * 2] = 0;
}

/** Copies all members of a table, which are no objects, into an empty one. */
export function copyRecords(from: Dict, to: Dict): void {
  const { records } = from;
  from.forEach((ref) => {
    const ks = records.keyStart(ref);
    const vs = records.valueStart(ref);
    const ke = ks + records.keyLength(ref);
    const ve = vs + records.valueLength(ref);
    to.set(records.keyPage(ref), ks, ke, records.page(ref), vs, ve);
  });
}

/** Records whose hash has this bit. */
export function countWithBit(arena: Arena, segment: Ref, bit: number): number {
  const words = arena.words[segment >>> PAGE_SHIFT];
  const base = (segment & PAGE_MASK) << 1;
  const end = base + HEADER_WORDS + 2 * (words[base] & 0xffff);
  let ones = 0;
  for (let at = base + HEADER_WORDS; at < end; at += 2) {
    if (words[at] !== 0) ones += (words[at + 1] >>> bit) & 1;
  }
  return ones;
}

/** Copies all records of a segment to one of two by a bit of their hash, marks included. */
export function pourSegment(arena: Arena, from: Ref, lower: Ref, upper: Ref, bit: number): void {
  const words = arena.words[from >>> PAGE_SHIFT];
  const base = (from & PAGE_MASK) << 1;
  copyMarks(arena, from, lower);
  copyMarks(arena, from, upper);
  const end = base + HEADER_WORDS + 2 * (words[base] & 0xffff);
  for (let at = base + HEADER_WORDS; at < end; at += 2) {
    if (words[at] === 0) continue;
    const hash = words[at + 1];
    placeIn(arena, ((hash >>> bit) & 1) === 1 ? upper : lower, words[at], hash);
  }
}

/** Carries the epoch and the earlier of the two earliest expiries over to another segment. */
function copyMarks(arena: Arena, from: Ref, to: Ref): void {
  const source = arena.words[from >>> PAGE_SHIFT];
  const sourceBase = (from & PAGE_MASK) << 1;
  const words = arena.words[to >>> PAGE_SHIFT];
  const base = (to & PAGE_MASK) << 1;
  words[base + 2] = source[sourceBase + 2];
  const earliest = source[sourceBase + 3];
  if (earliest === NEVER) return;
  if (words[base + 3] === NEVER || earliest >>> 0 < words[base + 3] >>> 0) {
    words[base + 3] = earliest;
  }
}

/** Takes all records out of a segment; they themselves stay. */
export function wipeSegment(arena: Arena, segment: Ref): void {
  const words = arena.words[segment >>> PAGE_SHIFT];
  const base = (segment & PAGE_MASK) << 1;
  const slots = base + HEADER_WORDS;
  words.fill(0, slots, slots + 2 * (words[base] & 0xffff));
  words[base + 1] = 0;
}
