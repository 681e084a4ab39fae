// What goes wrong in a run, as plain data: drawn from the seed before the run begins, so that a failing
// run can be repeated with fewer of them. A swarm: each run has only some kinds of faults, since a fleet
// that suffers all of them at once never gets far enough for the interesting ones.

import type { SeededRandom } from '../util/seeded-random.ts';

/** Times in ms since the faults begin. */
interface Lasting {
  readonly atMs: number;
  readonly untilMs: number;
}

/** `power`: what was not synced is lost; `torn`: any part of it. The disk's and the network's are in World. */
export type NodeFaultKind =
  | 'crash'
  | 'power'
  | 'torn'
  | 'pause'
  | 'refuse'
  | 'disk-full'
  | 'disk-read-only'
  | 'disk-broken';

export interface NodeFault extends Lasting {
  readonly kind: NodeFaultKind;
  readonly node: string;
}

/** How much: ms, and parts per million for `drift`. */
export interface MeasuredFault extends Lasting {
  readonly kind: 'disk-slow' | 'drift';
  readonly node: string;
  readonly amount: number;
}

/** From one node or client to another. */
export interface LinkFault extends Lasting {
  readonly kind: 'slow' | 'jitter';
  readonly from: string;
  readonly to: string;
  readonly ms: number;
}

export interface PartitionFault extends Lasting {
  readonly kind: 'partition';
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly oneWay: boolean;
}

/** All connections of two: both are told, or neither. */
export interface BreakFault {
  readonly kind: 'reset' | 'half-open';
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
}

export interface ClockFault {
  readonly kind: 'clock';
  readonly atMs: number;
  readonly node: string;
  readonly ms: number;
}

export type Fault =
  | NodeFault
  | MeasuredFault
  | LinkFault
  | PartitionFault
  | BreakFault
  | ClockFault;

export type FaultKind = Fault['kind'];

/** Kinds by what they befall; a profile takes one group or all. */
export const processFaults = ['crash', 'power', 'pause'] as const;
export const networkFaults = [
  'partition',
  'slow',
  'jitter',
  'reset',
  'half-open',
  'refuse',
] as const;
export const diskFaults = [
  'torn',
  'disk-full',
  'disk-read-only',
  'disk-broken',
  'disk-slow',
] as const;
export const clockFaults = ['clock', 'drift'] as const;

export const faultKinds: readonly FaultKind[] = [
  ...processFaults,
  ...networkFaults,
  ...diskFaults,
  ...clockFaults,
];

const MOST_SLOW_MS = 3000;
const MOST_DISK_SLOW_MS = 2000;
/** Far beyond what a quartz does: a virtual machine that is starved. */
const MOST_DRIFT_PPM = 100_000;
const MOST_CLOCK_STEP_MS = 3_600_000;

export interface FaultPlanOptions {
  /** Faults begin within this time. */
  readonly durationMs: number;
  /** On average, between the beginnings of two. */
  readonly everyMs: number;
  /** On average, of each. */
  readonly lastingMs: number;
  /** Kinds to draw from; all by default. */
  readonly kinds?: readonly FaultKind[];
  /** Names of clients, whom the faults of networks befall too. */
  readonly clients?: readonly string[];
}

/** The faults of a run, by the time they begin. */
export function drawFaults(
  random: SeededRandom,
  nodes: readonly string[],
  options: FaultPlanOptions,
): Fault[] {
  const { durationMs, everyMs, lastingMs, clients = [] } = options;
  const allowed = options.kinds ?? faultKinds;
  if (allowed.length === 0) return [];
  const kinds = swarm(random, allowed);
  const draw = new FaultDraw(random, nodes, [...nodes, ...clients]);
  const faults: Fault[] = [];
  for (
    let atMs = random.below(2 * everyMs);
    atMs < durationMs;
    atMs += 1 + random.below(2 * everyMs)
  ) {
    const untilMs = atMs + 1 + random.below(2 * lastingMs);
    faults.push(draw.fault(kinds[random.below(kinds.length)], atMs, untilMs));
  }
  return faults;
}

/** About half of the kinds, one at least. */
function swarm(random: SeededRandom, kinds: readonly FaultKind[]): readonly FaultKind[] {
  const drawn = kinds.filter(() => random.below(2) === 0);
  return drawn.length > 0 ? drawn : [kinds[random.below(kinds.length)]];
}

class FaultDraw {
  readonly #random: SeededRandom;
  readonly #nodes: readonly string[];
  /** Nodes and clients. */
  readonly #hosts: readonly string[];

  constructor(random: SeededRandom, nodes: readonly string[], hosts: readonly string[]) {
    this.#random = random;
    this.#nodes = nodes;
    this.#hosts = hosts;
  }

  fault(kind: FaultKind, atMs: number, untilMs: number): Fault {
    const random = this.#random;
    switch (kind) {
      case 'partition':
        return { kind, atMs, untilMs, ...this.#sides(), oneWay: random.below(4) === 0 };
      case 'slow':
      case 'jitter':
        return { kind, atMs, untilMs, ...this.#pair(), ms: 1 + random.below(MOST_SLOW_MS) };
      case 'reset':
      case 'half-open':
        return { kind, atMs, ...this.#pair() };
      case 'clock': {
        const ms = random.below(2 * MOST_CLOCK_STEP_MS) - MOST_CLOCK_STEP_MS;
        return { kind, atMs, node: this.#one(this.#nodes), ms };
      }
      case 'drift': {
        const amount = random.below(2 * MOST_DRIFT_PPM) - MOST_DRIFT_PPM;
        return { kind, atMs, untilMs, node: this.#one(this.#nodes), amount };
      }
      case 'disk-slow': {
        const amount = 1 + random.below(MOST_DISK_SLOW_MS);
        return { kind, atMs, untilMs, node: this.#one(this.#nodes), amount };
      }
      default:
        return { kind, atMs, untilMs, node: this.#one(this.#nodes) };
    }
  }

  #sides(): { readonly from: readonly string[]; readonly to: readonly string[] } {
    const drawn = this.#hosts.filter(() => this.#random.below(2) === 0);
    const isSplit = drawn.length > 0 && drawn.length < this.#hosts.length;
    const from = isSplit ? drawn : [this.#one(this.#nodes)];
    return { from, to: this.#hosts.filter((one) => !from.includes(one)) };
  }

  #pair(): { readonly from: string; readonly to: string } {
    const from = this.#one(this.#hosts);
    return { from, to: this.#one(this.#hosts.filter((one) => one !== from)) };
  }

  #one(names: readonly string[]): string {
    return names[this.#random.below(names.length)];
  }
}

/** One line for people. */
export function faultText(fault: Fault): string {
  const until = 'untilMs' in fault ? `-${(fault.untilMs / 1000).toFixed(3)}` : '';
  return `${(fault.atMs / 1000).toFixed(3)}${until} s: ${whatText(fault)}`;
}

function whatText(fault: Fault): string {
  switch (fault.kind) {
    case 'partition':
      return `partition ${fault.from.join(' ')} ${fault.oneWay ? '->' : '|'} ${fault.to.join(' ')}`;
    case 'slow':
      return `${fault.from} -> ${fault.to} slower by ${fault.ms} ms`;
    case 'jitter':
      return `${fault.from} -> ${fault.to} slower by up to ${fault.ms} ms at times`;
    case 'reset':
      return `connections of ${fault.from} and ${fault.to} reset`;
    case 'half-open':
      return `connections of ${fault.from} and ${fault.to} forgotten on the way`;
    case 'clock':
      return `clock of ${fault.node} stepped by ${fault.ms} ms`;
    case 'drift':
      return `clock of ${fault.node} off by ${fault.amount} ppm`;
    case 'disk-slow':
      return `disk of ${fault.node} slower by ${fault.amount} ms`;
    default:
      return `${fault.kind} ${fault.node}`;
  }
}
