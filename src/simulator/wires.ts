// How long bytes take from one machine to another. Each message draws its own delay and keeps its
// place only within its connection: what goes over two connections may arrive in the other order.

import type { SeededRandom } from '../util/seeded-random.ts';

/** The queue in front of a wire that holds packets back: most pass, some take very long. */
const JITTERED_ONE_IN = 4;

export class Wires {
  readonly #random: SeededRandom;
  readonly #leastUs: number;
  readonly #spreadUs: number;
  /** By `from>to`, in microseconds. */
  readonly #slow = new Map<string, number>();
  readonly #jitter = new Map<string, number>();

  constructor(random: SeededRandom, [leastUs, spreadUs]: readonly [least: number, spread: number]) {
    this.#random = random;
    this.#leastUs = leastUs;
    this.#spreadUs = spreadUs;
  }

  delayUs(from: string, to: string): number {
    const delay = this.#leastUs + this.#random.below(this.#spreadUs + 1);
    if (this.#slow.size === 0 && this.#jitter.size === 0) return delay;
    const wire = `${from}>${to}`;
    const jitter = this.#jitter.get(wire) ?? 0;
    const isHeld = jitter > 0 && this.#random.below(JITTERED_ONE_IN) === 0;
    return delay + (this.#slow.get(wire) ?? 0) + (isHeld ? this.#random.below(jitter) : 0);
  }

  slow(from: string, to: string, us: number): void {
    set(this.#slow, `${from}>${to}`, us);
  }

  jitter(from: string, to: string, us: number): void {
    set(this.#jitter, `${from}>${to}`, us);
  }

  /** What a fault adds at most, in microseconds. */
  addedUs(from: string, to: string): number {
    if (this.#slow.size === 0 && this.#jitter.size === 0) return 0;
    const wire = `${from}>${to}`;
    return (this.#slow.get(wire) ?? 0) + (this.#jitter.get(wire) ?? 0);
  }

  clear(): void {
    this.#slow.clear();
    this.#jitter.clear();
  }
}

function set(map: Map<string, number>, wire: string, us: number): void {
  if (us > 0) map.set(wire, us);
  else map.delete(wire);
}
