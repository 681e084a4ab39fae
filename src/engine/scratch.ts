// A growable buffer that packed values are rebuilt in before they go back into the arena. Its bytes
// are meaningful only until its next use; nobody keeps them.

const KEPT_BYTES = 1 << 20;
const FIRST_BYTES = 1 << 16;

export class Scratch {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);

  /** The buffer, with room for `size` bytes; what it held may be lost. */
  reserve(size: number): Buffer {
    // A value of some MB must not leave its buffer behind for ever.
    if (size > this.bytes.length || (this.bytes.length > KEPT_BYTES && size <= FIRST_BYTES)) {
      this.bytes = Buffer.allocUnsafeSlow(size <= FIRST_BYTES ? FIRST_BYTES : roundUp(size));
    }
    return this.bytes;
  }

  /** Like `reserve`, but keeps the first `used` bytes. */
  grow(size: number, used: number): Buffer {
    if (size <= this.bytes.length) return this.bytes;
    const old = this.bytes;
    this.bytes = Buffer.allocUnsafeSlow(roundUp(size));
    old.copy(this.bytes, 0, 0, used);
    return this.bytes;
  }
}

function roundUp(size: number): number {
  return size > 1 << 28 ? size : 2 ** Math.ceil(Math.log2(size));
}
