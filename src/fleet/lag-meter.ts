// How old a replica's data is. Offsets are bytes; to tell time, the meter remembers when each master
// was seen at which offset: a replica that stands at an offset is as old as the moment after which
// the master was first seen beyond it.

const SAMPLES_KEPT = 1200;

interface Sample {
  readonly atMs: number;
  readonly offset: number;
}

export class LagMeter {
  readonly #samples = new Map<string, Sample[]>();

  saw(master: string, offset: number, atMs: number): void {
    const samples = this.#samples.get(master) ?? [];
    this.#samples.set(master, samples);
    const last = samples.at(-1);
    // Another history: what was seen before says nothing about it.
    if (last !== undefined && last.offset > offset) samples.length = 0;
    samples.push({ atMs, offset });
    if (samples.length > SAMPLES_KEPT) samples.shift();
  }

  /** 0 when it has everything; null when the master was not seen. */
  lagMs(master: string, replicaOffset: number, nowMs: number): number | null {
    const samples = this.#samples.get(master);
    if (samples === undefined) return null;
    const firstBeyond = samples.find((sample) => sample.offset > replicaOffset);
    return firstBeyond === undefined ? 0 : Math.max(0, nowMs - firstBeyond.atMs);
  }
}
