// Many seeds, one after another, and for each that fails what a person needs to understand it. It
// knows no real time: whoever calls measures.

import type { Violation } from './checkers/checker.ts';
import type { Fault } from './faults.ts';
import type { Profile } from './profiles.ts';
import { type RunOptions, type RunResult, runSeed } from './run.ts';
import { shrinkFaults } from './shrink.ts';
import { lineText } from './trace.ts';

export interface SimulateOptions {
  readonly seeds: number;
  /** 1 by default. */
  readonly firstSeed?: number;
  /** Virtual time with faults, of each seed; the recovery comes on top. */
  readonly faultMs: number;
  readonly profile: Profile;
  /** Failing seeds that are shrunk and told in full; of others only the violations. 3 by default. */
  readonly explained?: number;
  /** After each seed; false ends the simulation. */
  readonly onSeed?: (result: RunResult) => boolean;
  /** Before a failing seed is shrunk, which takes as long as many seeds. */
  readonly onShrink?: (result: RunResult) => void;
}

export interface Failure {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly faults: readonly Fault[];
  /** Fewer faults with the same violation, and the transcript with them; undefined when not explained. */
  readonly shrunk: readonly Fault[] | undefined;
  readonly transcript: readonly string[];
}

export interface SimulationSummary {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly lost: number;
  /** How many faults of each kind. */
  readonly faults: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
}

/** All lines of any run that ends. */
const WHOLE_TRANSCRIPT = 1_000_000;

/** What one seed of a simulation is run with. */
export function optionsOf(profile: Profile, seed: number, faultMs: number): RunOptions {
  return { ...profile.options(seed), seed, faultMs };
}

export async function simulate(options: SimulateOptions): Promise<SimulationSummary> {
  const { seeds, firstSeed = 1, faultMs, profile, explained = 3 } = options;
  const faults = new Map<string, number>();
  const failures: Failure[] = [];
  const sum = { seeds: 0, virtualMs: 0, acknowledged: 0, refused: 0, unknown: 0, lost: 0 };
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const runOptions = optionsOf(profile, seed, faultMs);
    const result = await runSeed(runOptions);
    sum.seeds++;
    sum.virtualMs += result.virtualMs;
    sum.acknowledged += result.acknowledged;
    sum.refused += result.refused;
    sum.unknown += result.unknown;
    sum.lost += result.lost;
    for (const { kind } of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + 1);
    if (result.violations.length > 0) {
      const isExplained = failures.length < explained;
      if (isExplained) options.onShrink?.(result);
      failures.push(isExplained ? await explain(runOptions, result) : plain(result));
    }
    if (options.onSeed?.(result) === false) break;
  }
  return { ...sum, faults, failures };
}

function plain({ seed, violations, faults }: RunResult): Failure {
  return { seed, violations, faults, shrunk: undefined, transcript: [] };
}

async function explain(options: RunOptions, failed: RunResult): Promise<Failure> {
  const { seed, violations, faults } = failed;
  const shrunk = (await shrinkFaults(options, failed)).faults;
  const again = await runSeed({ ...options, faults: shrunk, keptLines: WHOLE_TRANSCRIPT });
  // Randomness is drawn as things happen: with other faults the promise may hold by chance.
  const isSame = again.violations.length > 0;
  const told = isSame ? again : await runSeed({ ...options, keptLines: WHOLE_TRANSCRIPT });
  const transcript = told.world.trace.lines.map(lineText);
  return { seed, violations, faults, shrunk: isSame ? shrunk : faults, transcript };
}
