// The first word of a record, for those who read it once (`Records.head`) and ask it several questions.

export const RecordBit: {
  readonly form: number;
  readonly hasExpiry: number;
  readonly keyOutside: number;
  readonly valueOutside: number;
  readonly object: number;
} = {
  form: 0xf,
  hasExpiry: 1 << 4,
  keyOutside: 1 << 5,
  valueOutside: 1 << 6,
  object: 1 << 7,
} as const;

const HAS_EXPIRY = RecordBit.hasExpiry;
const OBJECT = RecordBit.object;
const OUTSIDE: number = RecordBit.keyOutside | RecordBit.valueOutside | RecordBit.object;

export function headHasExpiry(head: number): boolean {
  return (head & HAS_EXPIRY) !== 0;
}

export function headIsObject(head: number): boolean {
  return (head & OBJECT) !== 0;
}

/** No expiry, and nothing outside the record: its bytes may be overwritten by others. */
export function headIsPlain(head: number): boolean {
  return (head & (HAS_EXPIRY | OUTSIDE)) === 0;
}

/** The 24 bits of the LRU or LFU clock. */
export function headAccess(head: number): number {
  return head >>> 8;
}
