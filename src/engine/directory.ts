// The directory of a table as an array: pairs of (segment, its slots), one for each value of the leading
// `depth` bits of a hash. What the bits mean and when the depth changes is the table's business.

import type { Ref } from './arena.ts';

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
