// Randomness as an argument: the real one cannot be guessed (run ids, passwords, the hash key that
// hostile keys are held against), the simulated one repeats from its seed.

export interface Random {
  bytes(count: number): Buffer;
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A uniform integer in [0, limit); 1 <= limit <= 2^53. */
  below(limit: number): number;
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
}
