// How long a command's calls took, in bounded memory: buckets whose width grows with the value, as an
// HDR histogram of two significant digits over 1 ns to 1 s keeps them, which is what Redis uses.
// Percentiles and LATENCY HISTOGRAM therefore come out on the same grid.

/** Values below this have a bucket each; beyond, each doubling is cut in half as many. */
const SUB_BUCKETS = 256;
const HALF = SUB_BUCKETS / 2;
const MAX_NS = 1_000_000_000;
/** Doublings until SUB_BUCKETS << n exceeds MAX_NS. */
const DOUBLINGS = 23;

export class LatencyHistogram {
  readonly #counts: Float64Array = new Float64Array((DOUBLINGS + 1) * HALF);
  total = 0;

  /** `count` calls of `ns` each; values beyond the range count as its end. */
  record(ns: number, count: number): void {
    const value = ns < 1 ? 1 : ns > MAX_NS ? MAX_NS : Math.floor(ns);
    this.#counts[bucketOf(value)] += count;
    this.total += count;
  }

  /** The value, in ns, that `percentile` percent of the calls do not exceed. */
  percentileNs(percentile: number): number {
    const wanted = Math.max(1, Math.floor((Math.min(percentile, 100) / 100) * this.total + 0.5));
    let seen = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i];
      if (seen >= wanted) return upperEnd(i);
    }
    return 0;
  }

  /**
   * Calls that took at most about 1, 2, 4, 8, 16, 33 us and so on, cumulatively: a row for each bound
   * at which the number grows. Bounds are powers of two of 1024 ns, rounded up to a bucket's end.
   */
  cumulative(): readonly (readonly [us: number, calls: number])[] {
    const rows: (readonly [number, number])[] = [];
    let index = 0;
    let seen = 0;
    for (let bound = 1024; seen < this.total; bound *= 2) {
      const before = seen;
      const last = Math.min(bucketOf(bound), this.#counts.length - 1);
      while (index <= last) seen += this.#counts[index++];
      if (seen > before) rows.push([Math.floor(upperEnd(last) / 1000), seen]);
    }
    return rows;
  }
}

/** For positive int32 values. */
function bucketOf(value: number): number {
  const doubling = 24 - Math.clz32(value | (SUB_BUCKETS - 1));
  return doubling * HALF + (value >> doubling);
}

/** Where the bucket begins: the smallest value in it. */
function lowerEnd(index: number): number {
  const doubling = index < SUB_BUCKETS ? 0 : Math.floor(index / HALF) - 1;
  return (index - doubling * HALF) * 2 ** doubling;
}

/** The largest value in the bucket. */
function upperEnd(index: number): number {
  const doubling = index < SUB_BUCKETS ? 0 : Math.floor(index / HALF) - 1;
  return lowerEnd(index) + 2 ** doubling - 1;
}
