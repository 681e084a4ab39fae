// The instantaneous_… figures of INFO: rates over the latest second and a half, from a sample each
// tenth of a second. A counter that was reset gives a sample of zero rather than a negative one.

const SAMPLES = 16;

export class Rate {
  readonly #samples: Float64Array = new Float64Array(SAMPLES);
  #next = 0;
  #value = 0;
  #base = 0;
  #isFresh = true;

  /** Notes the counter's `value` at `base`, and keeps what came since the last sample, a unit of base. */
  sample(value: number, base: number): void {
    const grown = value - this.#value;
    const span = base - this.#base;
    if (!this.#isFresh) {
      this.#samples[this.#next] = span > 0 && grown > 0 ? grown / span : 0;
      this.#next = (this.#next + 1) % SAMPLES;
    }
    this.#isFresh = false;
    this.#value = value;
    this.#base = base;
  }

  get average(): number {
    let sum = 0;
    for (const sample of this.#samples) sum += sample;
    return sum / SAMPLES;
  }

  reset(): void {
    this.#samples.fill(0);
    this.#next = 0;
    this.#isFresh = true;
  }
}

/** The rates of one node. */
export class Rates {
  readonly commands: Rate = new Rate();
  readonly inputBytes: Rate = new Rate();
  readonly outputBytes: Rate = new Rate();
  /** Of replication alone. */
  readonly replicationInputBytes: Rate = new Rate();
  readonly replicationOutputBytes: Rate = new Rate();
  readonly cycles: Rate = new Rate();
  /** Microseconds a cycle. */
  readonly cycleUs: Rate = new Rate();

  reset(): void {
    for (const rate of Object.values(this) as Rate[]) rate.reset();
  }
}
