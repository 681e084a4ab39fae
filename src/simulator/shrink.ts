// Fewer faults that still break the same promise: halves of the list are left out, then quarters, down
// to single faults, as long as the run still fails (delta debugging, Zeller and Hildebrandt).

import type { Fault } from './faults.ts';
import { type RunOptions, type RunResult, runSeed } from './run.ts';

export interface Shrunk {
  readonly faults: readonly Fault[];
  /** Runs that it took. */
  readonly runs: number;
}

/** Runs that are worth the time of a person who waits. */
const MOST_RUNS = 150;

/** `failed` is a run of `options`; its first violation's checker must speak again. */
export async function shrinkFaults(options: RunOptions, failed: RunResult): Promise<Shrunk> {
  const [violation] = failed.violations;
  let { faults } = failed;
  let runs = 0;
  const fails = async (fewer: readonly Fault[]): Promise<boolean> => {
    runs++;
    const result = await runSeed({ ...options, faults: fewer, keptLines: 0 });
    return result.violations.some((one) => one.checker === violation.checker);
  };
  if (await fails([])) return { faults: [], runs };
  let size = Math.max(1, faults.length >> 1);
  while (runs < MOST_RUNS) {
    let hasShrunk = false;
    for (let from = 0; from < faults.length && runs < MOST_RUNS; ) {
      const fewer = [...faults.slice(0, from), ...faults.slice(from + size)];
      if (fewer.length < faults.length && fewer.length > 0 && (await fails(fewer))) {
        faults = fewer;
        hasShrunk = true;
      } else from += size;
    }
    if (size === 1 && !hasShrunk) break;
    size = Math.max(1, size >> 1);
  }
  return { faults, runs };
}
