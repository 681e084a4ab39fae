// What kinds of fleets and faults a simulation is made of. A profile may draw from the seed too: then
// the configuration is part of the swarm.

import { SeededRandom } from '../util/seeded-random.ts';
import { clockFaults, diskFaults, networkFaults, processFaults } from './faults.ts';
import type { RunOptions } from './run.ts';
import { uniqueWrites } from './workload.ts';

type ProfileOptions = Omit<RunOptions, 'seed' | 'faultMs'>;

export interface Profile {
  readonly name: string;
  readonly summary: string;
  options(seed: number): ProfileOptions;
}

/**
 * A link that the way has forgotten is noticed by silence alone; with Redis's minute the fleet would have
 * no time to recover in.
 */
const QUICK_REPLICATION = ['repl-timeout 15', 'repl-ping-replica-period 3'];
/** Another sequence than that of the world of the same seed. */
const CONFIGURATION_SEEDS = 0x5eed_c0f1;

function fixed(name: string, summary: string, options: ProfileOptions): Profile {
  const serverLines = [...QUICK_REPLICATION, ...(options.serverLines ?? [])];
  return { name, summary, options: () => ({ ...options, serverLines }) };
}

/** The first is the one that is taken unless another is named. */
export const profiles: readonly Profile[] = [
  {
    name: 'swarm',
    summary: 'fleets, configurations and faults of every kind, drawn from the seed',
    options: drawnOptions,
  },
  fixed('quiet', 'nothing happens; one client', {
    kinds: [],
    clients: 1,
    thinkMs: 200,
    workloads: [uniqueWrites],
  }),
  fixed('processes', 'crashes, power failures, frozen processes', { kinds: processFaults }),
  fixed('network', 'partitions, slow and broken links', { kinds: networkFaults }),
  fixed('disks', 'disks that fail under an AOF', {
    kinds: [...diskFaults, 'crash', 'power'],
    serverLines: ['appendonly yes'],
  }),
  fixed('clocks', 'clocks that jump and drift, with crashes', { kinds: [...clockFaults, 'crash'] }),
  fixed('durable', 'appendfsync always: what was acknowledged is on the disk', {
    kinds: [...processFaults, 'torn'],
    serverLines: ['appendonly yes', 'appendfsync always'],
  }),
  fixed('guarded', 'masters that take no writes without a replica near them', {
    kinds: [...processFaults, ...networkFaults],
    serverLines: ['min-replicas-to-write 1', 'min-replicas-max-lag 2'],
  }),
  fixed('large', 'two masters, three replicas each, five sentinels', {
    masters: 2,
    replicas: 3,
    sentinels: 5,
    clients: 4,
  }),
];

export function findProfile(name: string): Profile | undefined {
  return profiles.find((one) => one.name === name);
}

function drawnOptions(seed: number): ProfileOptions {
  const random = new SeededRandom(seed + CONFIGURATION_SEEDS);
  const one = <T>(values: readonly T[]): T => values[random.below(values.length)];
  const appendOnly = one([
    [],
    [],
    ['appendonly yes'],
    ['appendonly yes', 'appendfsync always'],
    ['save 5 1'],
  ]);
  const serverLines = [
    ...QUICK_REPLICATION,
    ...appendOnly,
    `repl-diskless-sync ${one(['yes', 'no'])}`,
    `repl-diskless-load ${one(['disabled', 'on-empty-db', 'swapdb'])}`,
    `repl-backlog-size ${one(['16kb', '64kb', '1mb'])}`,
    ...one([[], [], ['min-replicas-to-write 1', 'min-replicas-max-lag 2']]),
  ];
  return {
    serverLines,
    replicas: one([1, 2, 2, 3]),
    sentinels: one([3, 3, 5]),
    downAfterMs: one([500, 1000, 3000]),
    failoverTimeoutMs: one([3000, 10_000]),
    delayUs: one([
      [100, 400],
      [500, 20_000],
      [20, 50],
    ]),
    everyMs: one([2000, 6000, 15_000]),
    lastingMs: one([1500, 5000, 15_000]),
    clients: one([1, 2, 3]),
    thinkMs: one([20, 50, 150]),
  };
}
