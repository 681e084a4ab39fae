// What goes wrong in a run, as plain data: drawn from the seed before the run begins, so that a failing
// run can be repeated with fewer of them. A swarm: each run has only some kinds of faults, since a fleet
// that suffers all of them at once never gets far enough for the interesting ones.

import type { SeededRandom } from '../util/seeded-random.ts';
import type { World } from './world.ts';

/** Times in ms since the faults begin. `untilMs` ends what can end. */
export type Fault =
  | {
      readonly kind: 'crash';
      readonly atMs: number;
      readonly untilMs: number;
      readonly node: string;
    }
  | {
      readonly kind: 'power';
      readonly atMs: number;
      readonly untilMs: number;
      readonly node: string;
    }
  | {
      readonly kind: 'pause';
      readonly atMs: number;
      readonly untilMs: number;
      readonly node: string;
    }
  | {
      readonly kind: 'partition';
      readonly atMs: number;
      readonly untilMs: number;
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly oneWay: boolean;
    }
  | {
      readonly kind: 'slow';
      readonly atMs: number;
      readonly untilMs: number;
      readonly from: string;
      readonly to: string;
      readonly ms: number;
    }
  | { readonly kind: 'clock'; readonly atMs: number; readonly node: string; readonly ms: number };

export type FaultKind = Fault['kind'];

export const faultKinds: readonly FaultKind[] = [
  'crash',
  'power',
  'pause',
  'partition',
  'slow',
  'clock',
];

export interface FaultPlanOptions {
  /** Faults begin within this time. */
  readonly durationMs: number;
  /** On average, between the beginnings of two. */
  readonly everyMs: number;
  /** On average, of each. */
  readonly lastingMs: number;
  /** Kinds to draw from; all by default. */
  readonly kinds?: readonly FaultKind[];
}

/** The faults of a run, by the time they begin. */
export function drawFaults(
  random: SeededRandom,
  nodes: readonly string[],
  options: FaultPlanOptions,
): Fault[] {
  const kinds = swarm(random, options.kinds ?? faultKinds);
  const faults: Fault[] = [];
  const { durationMs, everyMs, lastingMs } = options;
  for (
    let atMs = random.below(2 * everyMs);
    atMs < durationMs;
    atMs += 1 + random.below(2 * everyMs)
  ) {
    const untilMs = atMs + 1 + random.below(2 * lastingMs);
    faults.push(drawFault(random, nodes, kinds[random.below(kinds.length)], atMs, untilMs));
  }
  return faults;
}

/** About half of the kinds, one at least. */
function swarm(random: SeededRandom, kinds: readonly FaultKind[]): readonly FaultKind[] {
  const drawn = kinds.filter(() => random.below(2) === 0);
  return drawn.length > 0 ? drawn : [kinds[random.below(kinds.length)]];
}

function drawFault(
  random: SeededRandom,
  nodes: readonly string[],
  kind: FaultKind,
  atMs: number,
  untilMs: number,
): Fault {
  const node = nodes[random.below(nodes.length)];
  if (kind === 'partition') {
    const from = nodes.filter(() => random.below(2) === 0);
    const side = from.length > 0 && from.length < nodes.length ? from : [node];
    const to = nodes.filter((one) => !side.includes(one));
    return { kind, atMs, untilMs, from: side, to, oneWay: random.below(4) === 0 };
  }
  if (kind === 'slow') {
    const others = nodes.filter((one) => one !== node);
    const to = others[random.below(others.length)];
    return { kind, atMs, untilMs, from: node, to, ms: 1 + random.below(3000) };
  }
  if (kind === 'clock') return { kind, atMs, node, ms: random.below(7_200_000) - 3_600_000 };
  return { kind, atMs, untilMs, node };
}

/** Arranges for the faults to happen; what still lasts when `World.heal` comes is over then. */
export function scheduleFaults(world: World, faults: readonly Fault[]): void {
  const { time } = world.world;
  const later = (ms: number, run: () => void): void => void time.schedule(ms * 1000, run);
  for (const fault of faults) {
    later(fault.atMs, () => begin(world, fault));
    if ('untilMs' in fault) later(fault.untilMs, () => end(world, fault));
  }
}

function begin(world: World, fault: Fault): void {
  switch (fault.kind) {
    case 'crash':
    case 'power':
      if (world.node(fault.node).state !== 'down') world.crash(fault.node, fault.kind === 'power');
      break;
    case 'pause':
      world.pause(fault.node);
      break;
    case 'partition':
      world.partition(fault.from, fault.to, fault.oneWay);
      break;
    case 'slow':
      world.slow(fault.from, fault.to, fault.ms);
      break;
    case 'clock':
      world.stepClock(fault.node, fault.ms);
  }
}

function end(world: World, fault: Fault): void {
  switch (fault.kind) {
    case 'crash':
    case 'power':
      if (world.node(fault.node).state === 'down') world.restartSoon(fault.node);
      break;
    case 'pause':
      world.resume(fault.node);
      break;
    case 'partition':
      world.rejoin(fault.from, fault.to);
      break;
    case 'slow':
      world.slow(fault.from, fault.to, 0);
  }
}

/** One line for people. */
export function faultText(fault: Fault): string {
  const until = 'untilMs' in fault ? `-${(fault.untilMs / 1000).toFixed(3)}` : '';
  const at = `${(fault.atMs / 1000).toFixed(3)}${until} s`;
  if (fault.kind === 'partition') {
    const arrow = fault.oneWay ? '->' : '|';
    return `${at}: ${fault.from.join(' ')} ${arrow} ${fault.to.join(' ')}`;
  }
  if (fault.kind === 'slow') return `${at}: ${fault.from} -> ${fault.to} slower by ${fault.ms} ms`;
  if (fault.kind === 'clock') return `${at}: clock of ${fault.node} stepped by ${fault.ms} ms`;
  return `${at}: ${fault.kind} ${fault.node}`;
}
