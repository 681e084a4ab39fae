// Random numbers that a seed repeats: for the simulator, for tests and for choices that must replay
// (xoshiro128**, Blackman and Vigna, 32-bit arithmetic). Not for secrets: env's Random is.

const TWO_32 = 2 ** 32;

export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Any number; close seeds give unrelated sequences. */
  constructor(seed: number) {
    // SplitMix32 spreads the seed; the state must not be all zero, which four of its values never are.
    let state = (seed ^ Math.floor(seed / TWO_32)) | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return (z ^ (z >>> 16)) | 0;
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next();
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    const scaled = Math.imul(this.#b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** Uniform in [0, limit), limit a positive safe integer. Without the bias that a remainder has. */
  below(limit: number): number {
    const range = limit <= TWO_32 ? TWO_32 : 2 ** 53;
    const fair = range - (range % limit);
    for (;;) {
      const value = range === TWO_32 ? this.uint32() : this.#bits53();
      if (value < fair) return value % limit;
    }
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.#bits53() / 2 ** 53;
  }

  /** `n` random bytes. */
  bytes(n: number): Buffer {
    const bytes = Buffer.allocUnsafe(n);
    for (let i = 0; i < n; i += 4) {
      const word = this.uint32();
      for (let j = i; j < Math.min(n, i + 4); j++) bytes[j] = word >>> (8 * (j - i));
    }
    return bytes;
  }

  #bits53(): number {
    return (this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6);
  }
}
