// Whether a collection has lost its last element, whatever its form; only streams may be empty.

import { Encoding, Kind, type Records, type Ref } from './record.ts';

export function isEmptyCollection(records: Records, ref: Ref): boolean {
  const encoding = records.encoding(ref);
  if (encoding === Encoding.listpack || encoding === Encoding.intset) {
    const at = records.valueStart(ref) + 4;
    const page = records.page(ref);
    // Both count their elements after four bytes; a listpack in 16 bits, an intset in 32.
    if (page[at] !== 0 || page[at + 1] !== 0) return false;
    return encoding === Encoding.listpack || (page[at + 2] === 0 && page[at + 3] === 0);
  }
  return (
    records.isObject(ref) && records.kind(ref) !== Kind.stream && records.valueLength(ref) === 0
  );
}
