// CRC-64 with the Jones polynomial, reflected, start 0, no final inversion: the checksum of RDB files
// and of DUMP payloads (redis crc64.c). Eight bytes a step with eight tables; a 64-bit value is two
// int32, since BigInt would allocate at every step.

/** The polynomial 0xad93d23594c935a9 with its bits in reverse order. */
const POLYNOMIAL_HIGH = 0x95ac9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;

/** Entry k * 256 + n: what byte n does when k more bytes follow it. */
const LOW: Int32Array = new Int32Array(8 * 256);
const HIGH: Int32Array = new Int32Array(8 * 256);

for (let n = 0; n < 256; n++) {
  let low = n;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry === 1) {
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
  }
  LOW[n] = low;
  HIGH[n] = high;
}
for (let i = 256; i < LOW.length; i++) {
  const low = LOW[i - 256];
  const high = HIGH[i - 256];
  LOW[i] = LOW[low & 255] ^ ((low >>> 8) | (high << 24));
  HIGH[i] = HIGH[low & 255] ^ (high >>> 8);
}

/** A running checksum. */
export class Crc64 {
  #low = 0;
  #high = 0;

  reset(): void {
    this.#low = 0;
    this.#high = 0;
  }

  /** Takes b[start..end) in. */
  update(b: Uint8Array, start = 0, end: number = b.length): void {
    let low = this.#low;
    let high = this.#high;
    let at = start;
    for (const last = end - 8; at <= last; at += 8) {
      low ^= b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
      high ^= b[at + 4] | (b[at + 5] << 8) | (b[at + 6] << 16) | (b[at + 7] << 24);
      const i7 = 1792 + (low & 255);
      const i6 = 1536 + ((low >>> 8) & 255);
      const i5 = 1280 + ((low >>> 16) & 255);
      const i4 = 1024 + (low >>> 24);
      const i3 = 768 + (high & 255);
      const i2 = 512 + ((high >>> 8) & 255);
      const i1 = 256 + ((high >>> 16) & 255);
      const i0 = high >>> 24;
      low = LOW[i7] ^ LOW[i6] ^ LOW[i5] ^ LOW[i4] ^ LOW[i3] ^ LOW[i2] ^ LOW[i1] ^ LOW[i0];
      high = HIGH[i7] ^ HIGH[i6] ^ HIGH[i5] ^ HIGH[i4] ^ HIGH[i3] ^ HIGH[i2] ^ HIGH[i1] ^ HIGH[i0];
    }
    for (; at < end; at++) {
      const i = (low ^ b[at]) & 255;
      low = LOW[i] ^ ((low >>> 8) | (high << 24));
      high = HIGH[i] ^ (high >>> 8);
    }
    this.#low = low;
    this.#high = high;
  }

  get value(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  /** Writes the eight bytes, least significant first, as RDB files end. */
  writeTo(b: Uint8Array, at: number): void {
    for (let i = 0; i < 4; i++) {
      b[at + i] = this.#low >>> (8 * i);
      b[at + 4 + i] = this.#high >>> (8 * i);
    }
  }

  /** Whether the eight bytes at b[at..] are this checksum. */
  equals(b: Uint8Array, at: number): boolean {
    for (let i = 0; i < 4; i++) {
      if (b[at + i] !== ((this.#low >>> (8 * i)) & 255)) return false;
      if (b[at + 4 + i] !== ((this.#high >>> (8 * i)) & 255)) return false;
    }
    return true;
  }
}
