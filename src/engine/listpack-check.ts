// Are these bytes a listpack? For what arrives from outside: RESTORE, RDB files, a master's snapshot.
// After `isListpack` the readers of listpack.ts cannot leave the buffer.

import {
  backLengthBytes,
  COUNT_UNKNOWN,
  encodedLength,
  LISTPACK_END,
  LISTPACK_HEADER,
  ListpackEntry,
  listpackBytes,
} from './listpack.ts';

/** True when b[start..end) is exactly one well-formed listpack. `deep` looks at every entry. */
export function isListpack(b: Uint8Array, start: number, end: number, deep = true): boolean {
  if (end - start < LISTPACK_HEADER + 1) return false;
  if (listpackBytes(b, start) !== end - start || b[end - 1] !== LISTPACK_END) return false;
  if (!deep) return true;
  let p = start + LISTPACK_HEADER;
  let count = 0;
  while (p < end && b[p] !== LISTPACK_END) {
    p = checkedNext(b, p, end);
    if (p < 0) return false;
    count++;
  }
  if (p !== end - 1) return false;
  const known = b[start + 4] | (b[start + 5] << 8);
  return known === COUNT_UNKNOWN || known === count;
}

/** Position behind the entry at `p`, or -1 when it is malformed or leaves no room for the terminator. */
function checkedNext(b: Uint8Array, p: number, end: number): number {
  const h = b[p];
  const headBytes = h === 0xf0 ? 5 : h >= 0xe0 && h < 0xf0 ? 2 : 1;
  if (p + headBytes >= end) return -1;
  const length = encodedLength(b, p);
  if (length === 0) return -1;
  const back = backLengthBytes(length);
  const next = p + length + back;
  if (next >= end) return -1;
  // Read as a backward walk will: it must find the same length in the same number of bytes.
  let value = 0;
  let unit = 1;
  for (let i = 1; i <= back; i++) {
    const byte = b[next - i];
    value += (byte & 0x7f) * unit;
    unit *= 128;
    if (((byte & 0x80) !== 0) !== i < back) return -1;
  }
  return value === length ? next : -1;
}

/**
 * True when a well-formed listpack holds whole tuples of `width` entries (hash, zset: 2; set: 1) whose
 * first entries all differ.
 */
export function hasDistinctTuples(b: Buffer, start: number, width: number): boolean {
  const entry = new ListpackEntry();
  const seen = new Set<string>();
  let p = start + LISTPACK_HEADER;
  let count = 0;
  while (b[p] !== LISTPACK_END) {
    p = entry.load(b, p);
    if (count++ % width !== 0) continue;
    const text = entry.bytes.toString('latin1', entry.start, entry.end);
    if (seen.has(text)) return false;
    seen.add(text);
  }
  return count % width === 0;
}
