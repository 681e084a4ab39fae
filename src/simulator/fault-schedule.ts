// Makes the faults of a plan happen. Faults of one kind may overlap on one node or link; the end of the
// first is then the end of both, as an operator who repairs something repairs it.

import type { DiskTrouble } from './disk-trouble.ts';
import type { Fault, NodeFault } from './faults.ts';
import type { World } from './world.ts';

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
    case 'partition':
      return world.partition(fault.from, fault.to, fault.oneWay);
    case 'slow':
      return world.slow(fault.from, fault.to, fault.ms);
    case 'jitter':
      return world.jitter(fault.from, fault.to, fault.ms);
    case 'reset':
    case 'half-open':
      return world.breakLinks(fault.from, fault.to, fault.kind === 'reset');
    case 'clock':
      return world.stepClock(fault.node, fault.ms);
    case 'drift':
      return world.drift(fault.node, fault.amount);
    case 'disk-slow':
      return world.slowDisk(fault.node, fault.amount);
    default:
      return beginAtNode(world, fault);
  }
}

function beginAtNode(world: World, { kind, node }: NodeFault): void {
  switch (kind) {
    case 'crash':
    case 'power':
    case 'torn':
      if (world.node(node).state === 'down') return;
      return world.crash(node, kind === 'crash' ? false : kind === 'power' ? true : 'torn');
    case 'pause':
      return world.pause(node);
    case 'refuse':
      return world.refuse(node, true);
    default:
      return world.disk(node, diskTrouble[kind]);
  }
}

const diskTrouble = {
  'disk-full': 'full',
  'disk-read-only': 'read-only',
  'disk-broken': 'broken',
} as const satisfies Record<string, DiskTrouble>;

function end(world: World, fault: Fault): void {
  switch (fault.kind) {
    case 'crash':
    case 'power':
    case 'torn':
      if (world.node(fault.node).state === 'down') world.restartSoon(fault.node);
      return;
    case 'pause':
      return world.resume(fault.node);
    case 'refuse':
      return world.refuse(fault.node, false);
    case 'partition':
      return world.rejoin(fault.from, fault.to);
    case 'slow':
      return world.slow(fault.from, fault.to, 0);
    case 'jitter':
      return world.jitter(fault.from, fault.to, 0);
    case 'drift':
      return world.drift(fault.node, 0);
    case 'disk-slow':
      return world.slowDisk(fault.node, 0);
    case 'disk-full':
    case 'disk-read-only':
    case 'disk-broken':
      return world.disk(fault.node, undefined);
  }
}
