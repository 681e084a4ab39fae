// The simulation in `npm test`: fleets, configurations and faults drawn from 200 seeds, each with little
// time and many faults, and the seeds that have found something once. `understudy simulate` runs more
// and longer ones, and explains what fails.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProfile } from '../../src/simulator/profiles.ts';
import { type RunOptions, type RunResult, runSeed } from '../../src/simulator/run.ts';
import { optionsOf } from '../../src/simulator/simulate.ts';
import { keptSeeds } from './kept-seeds.ts';
import { eventful } from './sentinel-mutations.ts';
import { guardedRun } from './server-mutations.ts';

const SEEDS = 200;
const SEEDS_A_TEST = 25;
const FAULTS_MS = 8000;
/** Many short faults: they must fit into a few seconds. */
const DENSE = { everyMs: 1200, lastingMs: 1500, clients: 1 } as const;

function options(profile: string, seed: number, faultMs: number): RunOptions {
  const found = findProfile(profile);
  assert.ok(found !== undefined);
  return optionsOf(found, seed, faultMs);
}

function assertClean({ seed, violations }: RunResult): void {
  const told = violations.map(({ checker, text }) => `${checker}: ${text}`);
  assert.deepEqual(told, [], `seed ${seed}`);
}

for (let first = 1; first <= SEEDS; first += SEEDS_A_TEST) {
  const last = first + SEEDS_A_TEST - 1;
  test(`seeds ${first} to ${last}`, async () => {
    for (let seed = first; seed <= last; seed++) {
      assertClean(await runSeed({ ...options('swarm', seed, FAULTS_MS), ...DENSE }));
    }
  });
}

for (const { profile, seed, faultMs } of keptSeeds) {
  test(`seed ${seed} of ${profile}, which has found something`, async () => {
    assertClean(await runSeed(options(profile, seed, faultMs)));
  });
}

test('a sentinel tells no epoch that a power failure could take back', async () => {
  assertClean(await runSeed({ ...eventful, seed: 1, faultMs: 20_000 }));
});

test('min-replicas bounds what a master can lose that all replicas have left', async () => {
  for (const seed of [1, 2, 3]) {
    const result = await runSeed({ ...guardedRun(), seed, faultMs: 25_000 });
    assertClean(result);
    assert.ok(result.lost > 0, 'the window is there');
  }
});
