// The package's `understudy-server/simulator`: a fleet of the production code in one thread on virtual
// time, from one seed.
//
//   const world = await World.create({ seed: 7 });
//   world.partition(['server-1', 'sentinel-1'], ['server-2', 'server-3', 'sentinel-2', 'sentinel-3']);
//   await world.run(10_000);
//   world.heal();
//   await world.settle();

export type { Checker, Violation } from './checkers/checker.ts';
export type { DiskTrouble } from './disk-trouble.ts';
export { type Fault, type FaultKind, faultKinds, faultText } from './faults.ts';
export type { Answer } from './fleet-client.ts';
export type { Operation } from './operation.ts';
export { findProfile, type Profile, profiles } from './profiles.ts';
export { type RunOptions, type RunResult, runSeed } from './run.ts';
export type { SentinelNode } from './sentinel-node.ts';
export type { ServerNode } from './server-node.ts';
export { type Failure, optionsOf, type SimulationSummary, simulate } from './simulate.ts';
export type { NodeState, Power } from './simulated-node.ts';
export { lineText, type TraceLine } from './trace.ts';
export {
  counters,
  expiries,
  Load,
  pairs,
  sets,
  transactions,
  uniqueWrites,
  type Workload,
  waits,
  workloads,
} from './workload.ts';
export { World, type WorldOptions } from './world.ts';
