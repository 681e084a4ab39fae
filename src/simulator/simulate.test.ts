import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checker } from './checkers/checker.ts';
import type { Fault } from './faults.ts';
import { findProfile, profiles } from './profiles.ts';
import { type RunOptions, runSeed } from './run.ts';
import { shrinkFaults } from './shrink.ts';
import { simulate } from './simulate.ts';
import type { World } from './world.ts';

/** Calls every restart of server-2 a violation. */
function noRestart(): readonly Checker[] {
  let world: World | undefined;
  return [
    {
      name: 'no-restart',
      attach: (attached) => {
        world = attached;
      },
      finish: () => {
        const starts = world?.node('server-2').starts ?? 0;
        return starts > 1 ? [{ checker: 'no-restart', atMs: 0, text: 'it restarted' }] : [];
      },
    },
  ];
}

const faults: readonly Fault[] = [
  { kind: 'slow', atMs: 100, untilMs: 900, from: 'server-1', to: 'server-3', ms: 20 },
  { kind: 'reset', atMs: 200, from: 'server-1', to: 'client-1' },
  { kind: 'crash', atMs: 500, untilMs: 800, node: 'server-2' },
  { kind: 'clock', atMs: 700, node: 'sentinel-1', ms: -5000 },
  { kind: 'pause', atMs: 900, untilMs: 1000, node: 'sentinel-2' },
];

test('faults that have no part in a violation are left out', async () => {
  const options: RunOptions = { seed: 4, faultMs: 2000, faults, checkers: noRestart };
  const failed = await runSeed(options);
  assert.deepEqual(
    failed.violations.map(({ checker }) => checker),
    ['no-restart'],
  );
  const { faults: shrunk } = await shrinkFaults(options, failed);
  assert.deepEqual(shrunk, [faults[2]]);
});

test('a simulation sums its seeds up, and each goes the same way alone', async () => {
  const profile = findProfile('swarm');
  assert.ok(profile !== undefined);
  const digests: string[] = [];
  const summary = await simulate({
    ...{ seeds: 3, firstSeed: 11, faultMs: 5000, profile },
    onSeed: ({ digest }) => digests.push(digest) > 0,
  });
  assert.equal(summary.seeds, 3);
  assert.deepEqual(
    summary.failures.map(({ violations }) => violations),
    [],
  );
  assert.ok(summary.acknowledged > 100);
  const again = await runSeed({ ...profile.options(13), seed: 13, faultMs: 5000 });
  assert.equal(again.digest, digests[2]);
});

test('a failing seed comes with its transcript', async () => {
  const options = { faults, checkers: noRestart };
  const profile = { name: 'own', summary: '', options: () => options };
  const { failures } = await simulate({ seeds: 1, faultMs: 2000, profile });
  assert.deepEqual(failures[0].shrunk, [faults[2]]);
  assert.ok(failures[0].transcript.some((line) => line.includes('crash server-2')));
  assert.ok(failures[0].transcript.at(-1)?.includes('violation of no-restart'));
});

test('profiles have names of their own', () => {
  assert.equal(new Set(profiles.map(({ name }) => name)).size, profiles.length);
  assert.equal(findProfile('none'), undefined);
});
