// The 24 bits of a record that tell how recently (LRU) or how often (LFU) it was used, with Redis's
// resolution and rules: LRU counts seconds; LFU keeps minutes in 16 bits and a logarithmic counter
// in 8, which decays as time goes by.

import type { EngineSettings } from './settings.ts';

const LFU_INIT = 5;

export class AccessClock {
  /** Whether the policy counts frequency. */
  lfu = false;
  /** What a record touched now carries under LRU. */
  lru = 0;
  /** Minutes, 16 bits. */
  #minutes = 0;
  #policy = '';
  readonly #settings: EngineSettings;
  readonly #random: () => number;

  constructor(settings: EngineSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  tick(wallMs: number): void {
    this.lru = Math.floor(wallMs / 1000) & 0xffffff;
    this.#minutes = Math.floor(wallMs / 60_000) & 0xffff;
    if (this.#policy !== this.#settings.maxmemoryPolicy) {
      this.#policy = this.#settings.maxmemoryPolicy;
      this.lfu = this.#policy.endsWith('lfu');
    }
  }

  /** The clock of a record that has just been made. */
  initial(): number {
    return this.lfu ? (this.#minutes << 8) | LFU_INIT : this.lru;
  }

  /** The clock of a record after one more access. */
  touched(clock: number): number {
    if (!this.lfu) return this.lru;
    return (this.#minutes << 8) | this.#increment(this.frequency(clock));
  }

  /** The LFU counter after decay, 0-255. */
  frequency(clock: number): number {
    const decay = this.#settings.lfuDecayTime;
    const elapsed = (this.#minutes - (clock >>> 8)) & 0xffff;
    const periods = decay === 0 ? 0 : Math.floor(elapsed / decay);
    return Math.max(0, (clock & 0xff) - periods);
  }

  /** Seconds since the last access under LRU, with the clock's wrap after 194 days. */
  idleSeconds(clock: number): number {
    return (this.lru - clock) & 0xffffff;
  }

  /** A clock that reads as `seconds` idle, for RESTORE IDLETIME. */
  idleFor(seconds: number): number {
    return (this.lru - seconds) & 0xffffff;
  }

  /** A clock that reads as frequency `counter`, for RESTORE FREQ. */
  withFrequency(counter: number): number {
    return (this.#minutes << 8) | (counter & 0xff);
  }

  #increment(counter: number): number {
    if (counter === 255) return 255;
    const above = Math.max(0, counter - LFU_INIT);
    const chance = 1 / (above * this.#settings.lfuLogFactor + 1);
    return this.#random() / 0x100000000 < chance ? counter + 1 : counter;
  }
}
