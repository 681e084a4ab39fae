// One run: a fleet, clients and faults from one seed; then peace, and the questions.

import type { Checker, Violation } from './checkers/checker.ts';
import { ProcessEnds } from './checkers/process-ends.ts';
import { drawFaults, type Fault, type FaultKind, faultText, scheduleFaults } from './faults.ts';
import { Load, type Workload, workloads } from './workload.ts';
import { World, type WorldOptions } from './world.ts';

export interface RunOptions extends WorldOptions {
  /** How long faults go on. */
  readonly faultMs: number;
  /** On average, between two faults. */
  readonly everyMs?: number;
  /** On average, of each fault. */
  readonly lastingMs?: number;
  readonly kinds?: readonly FaultKind[];
  /** Instead of faults from the seed. */
  readonly faults?: readonly Fault[];
  readonly clients?: number;
  readonly workloads?: readonly Workload[];
  /** Within this time after the faults the fleet must be one again. */
  readonly recoveryMs?: number;
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
  readonly digest: string;
  readonly virtualMs: number;
  readonly world: World;
}

export function allCheckers(): readonly Checker[] {
  return [new ProcessEnds()];
}

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const world = await World.create(options);
  const checkers = allCheckers();
  const mine = options.workloads ?? workloads;
  const load = new Load(world, { clients: options.clients ?? 2, workloads: mine, thinkMs: 50 });
  for (const checker of checkers) checker.attach(world, load);
  const faults =
    options.faults ??
    drawFaults(
      world.random,
      world.nodes.map((node) => node.name),
      {
        durationMs: options.faultMs,
        everyMs: options.everyMs ?? 6000,
        lastingMs: options.lastingMs ?? 5000,
        ...(options.kinds === undefined ? {} : { kinds: options.kinds }),
      },
    );
  for (const fault of faults) world.note(`planned: ${faultText(fault)}`);
  scheduleFaults(world, faults);
  await world.run(options.faultMs);
  const violations: Violation[] = [];
  await recover(world, options.recoveryMs ?? 60_000, violations);
  load.stop();
  await world.run(3000);
  const lost = countLost(world, load);
  for (const checker of checkers) violations.push(...checker.finish());
  const { acknowledged, refused, unknown } = load.log;
  return {
    ...{ seed: options.seed, faults, violations, acknowledged, refused, unknown, lost },
    ...{ digest: world.trace.digest, virtualMs: world.nowMs, world },
  };
}

async function recover(world: World, limitMs: number, violations: Violation[]): Promise<void> {
  world.heal();
  const { time } = world.world;
  const deadline = world.nowMs + limitMs;
  while (!world.isAssembled() && world.nowMs < deadline) {
    for (const node of world.nodes) if (node.state === 'down') world.restartSoon(node.name);
    await time.advance(500);
  }
  if (!world.isAssembled()) {
    const text = `the fleet is not one again ${limitMs} ms after the last fault`;
    violations.push({ checker: 'liveness', atMs: world.nowMs, text });
  }
}

function countLost(world: World, load: Load): number {
  const address = world.masterAddress(world.sentinels[0].name);
  const [host, port] = (address ?? ':0').split(':');
  const master = world.servers.find((node) => node === world.nodeAt(host, Number(port)));
  const db = master?.process?.parts.engine.databases[0];
  if (db === undefined) return 0;
  let lost = 0;
  for (const { command, answer } of load.log.all) {
    if (answer.kind !== 'done' || command[0] !== 'SET' || command.length !== 3) continue;
    const key = Buffer.from(String(command[1]), 'latin1');
    if (db.lookupQuiet(key, 0, key.length) === 0) lost++;
  }
  return lost;
}
