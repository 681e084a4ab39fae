// Randomness of the operating system, drawn in blocks because a call per number costs microseconds.

import { randomBytes } from 'node:crypto';
import type { Random } from '../random.ts';

const BLOCK_BYTES = 4096;

export class NodeRandom implements Random {
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  bytes(count: number): Buffer {
    return randomBytes(count);
  }

  uint32(): number {
    if (this.#used + 4 > this.#block.length) {
      this.#block = randomBytes(BLOCK_BYTES);
      this.#used = 0;
    }
    const value = this.#block.readUInt32LE(this.#used);
    this.#used += 4;
    return value;
  }

  below(limit: number): number {
    // Rejection keeps it uniform: the last, incomplete multiple of `limit` is thrown away.
    if (limit <= 0x100000000) {
      const fair = 0x100000000 - (0x100000000 % limit);
      for (;;) {
        const value = this.uint32();
        if (value < fair) return value % limit;
      }
    }
    const whole = 2 ** 53;
    const fair = whole - (whole % limit);
    for (;;) {
      const value = (this.uint32() >>> 11) * 0x100000000 + this.uint32();
      if (value < fair) return value % limit;
    }
  }

  hex(digits: number): string {
    return randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits);
  }
}
