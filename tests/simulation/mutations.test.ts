// Whether the checkers are worth anything: each bug that is planted must be found, by the checker whose
// business it is, within the number of seeds that the bug's entry states.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed } from '../../src/simulator/run.ts';
import type { Mutation } from './mutation.ts';
import { sentinelMutations } from './sentinel-mutations.ts';
import { serverMutations } from './server-mutations.ts';

const FAULTS_MS = 20_000;
/** A fleet that a bug keeps from becoming one again need not be waited for. */
const RECOVERY_MS = 20_000;

/** The first seed that finds it; 0 when none does. */
async function firstSeed({ foundBy, withinSeeds, plant, run }: Mutation): Promise<number> {
  const undo = plant();
  try {
    for (let seed = 1; seed <= withinSeeds; seed++) {
      const options = { recoveryMs: RECOVERY_MS, ...run, seed, faultMs: FAULTS_MS };
      const { violations } = await runSeed(options);
      if (violations.some(({ checker }) => checker === foundBy)) return seed;
    }
    return 0;
  } finally {
    undo();
  }
}

for (const mutation of [...sentinelMutations, ...serverMutations]) {
  const { bug, foundBy, withinSeeds } = mutation;
  test(`${foundBy} finds: ${bug}`, async (context) => {
    const seed = await firstSeed(mutation);
    assert.notEqual(seed, 0, `not within ${withinSeeds} seeds`);
    context.diagnostic(`seed ${seed}`);
  });
}
