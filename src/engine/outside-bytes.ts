// A long key or value: bytes of their own beside the arena, which has only a number for them.

export class OutsideBytes {
  /** May be longer than the value, so that appending does not copy each time. */
  bytes: Buffer;
  length: number;

  constructor(bytes: Buffer, length: number) {
    this.bytes = bytes;
    this.length = length;
  }

  /** A copy of b[start..end). */
  static of(b: Uint8Array, start: number, end: number): OutsideBytes {
    const bytes = Buffer.allocUnsafeSlow(end - start);
    bytes.set(b.subarray(start, end));
    return new OutsideBytes(bytes, end - start);
  }
}
