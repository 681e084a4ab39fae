// Seeds that have found a bug of the product, kept so that it does not come back. docs/simulator.md says
// what each was. A seed tells the same story only while the simulator draws the same things; what it
// found is held by a test of its own where it was fixed.

export interface KeptSeed {
  readonly profile: string;
  readonly seed: number;
  readonly faultMs: number;
}

export const keptSeeds: readonly KeptSeed[] = [
  { profile: 'swarm', seed: 47, faultMs: 60_000 },
  { profile: 'swarm', seed: 6, faultMs: 120_000 },
  { profile: 'swarm', seed: 14, faultMs: 120_000 },
  { profile: 'swarm', seed: 42, faultMs: 120_000 },
  { profile: 'swarm', seed: 167, faultMs: 120_000 },
  { profile: 'swarm', seed: 250, faultMs: 120_000 },
  { profile: 'swarm', seed: 491, faultMs: 120_000 },
  { profile: 'swarm', seed: 10_867, faultMs: 120_000 },
  { profile: 'swarm', seed: 13_782, faultMs: 120_000 },
  { profile: 'swarm', seed: 6851, faultMs: 120_000 },
  { profile: 'swarm', seed: 17_888, faultMs: 120_000 },
  { profile: 'swarm', seed: 8577, faultMs: 120_000 },
];
