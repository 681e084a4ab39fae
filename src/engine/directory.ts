// The directory of a table as an array: pairs of (segment, its slots), one for each value of the leading
// `depth` bits of a hash. What the bits mean and when the depth changes is the table's business.

import type { Arena, Ref } from './arena.ts';
import { capacityOf, MAX_SLOTS, slotsFor } from './segment.ts';
import { makeSegment } from './segment-edit.ts';

/** Records that a segment made beforehand is meant for: few of them will get more than fit. */
const MEANT_RECORDS = capacityOf(MAX_SLOTS) - 48;

/** The depth at which so many records lie in segments of the largest size at most. */
export function depthFor(records: number): number {
  return records <= MEANT_RECORDS ? 0 : Math.ceil(Math.log2(records / MEANT_RECORDS));
}

/** A directory of empty segments with room for so many records together. */
export function firstDirectory(arena: Arena, depth: number, records: number): Int32Array {
  const directory = new Int32Array(2 << depth);
  const mean = records / 2 ** depth;
  // How many a segment gets varies as the square root of their mean.
  const slots = slotsFor(Math.round(mean + Math.sqrt(mean)));
  for (let i = 0; i < directory.length; i += 2) {
    directory[i] = makeSegment(arena, slots, depth);
    directory[i + 1] = slots;
  }
  return directory;
}

/** Points the entries [from, to) to a segment of that many slots. */
export function pointEntries(
  directory: Int32Array,
  from: number,
  to: number,
  segment: Ref,
  slots: number,
): void {
  for (let i = from; i < to; i++) {
    directory[2 * i] = segment;
    directory[2 * i + 1] = slots;
  }
}

/** One bit more: every entry twice. At 65 536 segments this takes about a millisecond. */
export function doubledDirectory(directory: Int32Array): Int32Array {
  const wider = new Int32Array(directory.length * 2);
  for (let i = 0; i < directory.length; i += 2) {
    wider[2 * i] = wider[2 * i + 2] = directory[i];
    wider[2 * i + 1] = wider[2 * i + 3] = directory[i + 1];
  }
  return wider;
}

/** One bit less: of two equal entries one. */
export function halvedDirectory(directory: Int32Array): Int32Array {
  const narrower = new Int32Array(directory.length / 2);
  for (let i = 0; i < narrower.length; i += 2) {
    narrower[i] = directory[2 * i];
    narrower[i + 1] = directory[2 * i + 1];
  }
  return narrower;
}
