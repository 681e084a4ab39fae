// One run: a fleet, clients and faults from one seed; then peace, and the questions.

import { allCheckers } from './checkers/all-checkers.ts';
import type { Checker, Violation } from './checkers/checker.ts';
import { type LossCause, Losses } from './checkers/losses.ts';
import { scheduleFaults } from './fault-schedule.ts';
import { drawFaults, type Fault, type FaultKind, faultText } from './faults.ts';
import { Load, type Workload, workloads } from './workload.ts';
import { World, type WorldOptions } from './world.ts';

export interface RunOptions extends WorldOptions {
  /** How long faults go on. */
  readonly faultMs: number;
  /** On average, between two faults. */
  readonly everyMs?: number;
  /** On average, of each fault. */
  readonly lastingMs?: number;
  /** All by default; none: a fleet that nothing happens to. */
  readonly kinds?: readonly FaultKind[];
  /** Instead of faults from the seed. */
  readonly faults?: readonly Fault[];
  /** 2 by default. */
  readonly clients?: number;
  /** Of a client between an answer and the next command: at least this, at most twice that; 50 by default. */
  readonly thinkMs?: number;
  readonly workloads?: readonly Workload[];
  /** Within this time after the faults the fleet must be one again; a minute by default. */
  readonly recoveryMs?: number;
  /** All by default. */
  readonly checkers?: () => readonly Checker[];
}

export interface RunResult {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly violations: readonly Violation[];
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Acknowledged unique writes that no longer are there. */
  readonly lost: number;
  readonly lostByCause: Readonly<Partial<Record<LossCause, number>>>;
  /** Of the whole trace. */
  readonly digest: string;
  readonly virtualMs: number;
  readonly world: World;
}

/** How soon whoever looks after a process starts it again when it has ended by itself. */
const SUPERVISOR_MS = 1000;
/** Between two looks whether the fleet is one again. */
const LOOK_MS = 500;
/** In which every client must find the master of a fleet that is one again. */
const CLIENTS_MS = 5000;
/** After the clients have ended: what is under way arrives. */
const QUIET_MS = 3000;

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const world = await World.create(options);
  const losses = new Losses();
  const checkers = [...(options.checkers ?? allCheckers)(), losses];
  const { clients = 2, thinkMs = 50, workloads: mine = workloads } = options;
  const load = new Load(world, { clients, workloads: mine, thinkMs });
  for (const checker of checkers) checker.attach(world, load);
  world.onEnded.push((node) => {
    world.world.time.schedule(SUPERVISOR_MS * 1000, () => {
      if (node.state === 'down') world.restartSoon(node.name);
    });
  });
  const faults = options.faults ?? draw(world, load, options);
  for (const fault of faults) world.note(`planned: ${faultText(fault)}`);
  const violations: Violation[] = [];
  try {
    scheduleFaults(world, faults);
    await world.run(options.faultMs);
    await recover(world, options.recoveryMs ?? 60_000);
    load.stop();
    await world.run(QUIET_MS);
    for (const checker of checkers) violations.push(...checker.finish());
  } catch (error) {
    // Production code threw where nothing catches: in reality the process would be gone.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    violations.push({ checker: 'exception', atMs: world.nowMs, text });
  }
  for (const { checker, atMs, text } of violations) {
    world.note(`violation of ${checker} at ${(atMs / 1000).toFixed(3)}: ${text.split('\n', 1)[0]}`);
  }
  const { acknowledged, refused, unknown } = load.log;
  return {
    ...{ seed: options.seed, faults, violations, acknowledged, refused, unknown },
    ...{ lost: losses.lost.length, lostByCause: losses.byCause },
    ...{ digest: world.trace.digest, virtualMs: world.nowMs, world },
  };
}

function draw(world: World, load: Load, options: RunOptions): readonly Fault[] {
  const nodes = world.nodes.map((node) => node.name);
  return drawFaults(world.random, nodes, {
    durationMs: options.faultMs,
    everyMs: options.everyMs ?? 6000,
    lastingMs: options.lastingMs ?? 5000,
    clients: load.clientNames,
    ...(options.kinds === undefined ? {} : { kinds: options.kinds }),
  });
}

/**
 * Starts what is down, and waits until the fleet is one again or its time is over. What a fault has left
 * behind may show late, so it must still be one when the clients have had their time.
 */
async function recover(world: World, limitMs: number): Promise<void> {
  world.heal();
  const deadline = world.nowMs + limitMs;
  do {
    while (!world.isAssembled() && world.nowMs < deadline) {
      for (const node of world.nodes) if (node.state === 'down') world.restartSoon(node.name);
      await world.run(LOOK_MS);
    }
    await world.run(CLIENTS_MS);
  } while (!world.isAssembled() && world.nowMs < deadline);
}
