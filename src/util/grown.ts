// Room for bytes that are added at the end of a buffer.

/** A buffer with the first `used` bytes of `full` and room for `needed` in all, at least twice as large. */
export function grown(full: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, full.length * 2));
  full.copy(larger, 0, 0, used);
  return larger;
}
