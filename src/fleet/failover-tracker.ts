// Failovers as they can be told from what sentinels publish. The sentinel that leads tells each step;
// the others tell when they learn of the new master. Which step ends which phase stands in a table.

import type { FailoverPhase, FailoverView } from './fleet-view.ts';

const FAILOVERS_KEPT = 50;
/** How long after its begin a failover that seemed lost may still be won. */
const LATE_MS = 10_000;

export interface SentinelEvent {
  readonly atMs: number;
  readonly sentinel: string;
  readonly name: string;
  readonly text: string;
}

interface OpenPhase {
  readonly name: string;
  readonly startedMs: number;
  endedMs: number | null;
}

interface OpenFailover {
  readonly id: number;
  readonly startedMs: number;
  readonly from: string | null;
  readonly phases: OpenPhase[];
  /** Sentinels that try to be elected and have not given up. */
  readonly candidates: Set<string>;
  epoch: number | null;
  leader: string | null;
  to: string | null;
  endedMs: number | null;
  switchedMs: number | null;
  outcome: FailoverView['outcome'];
}

/** An event that ends a phase, and the phase that follows. */
const steps: ReadonlyMap<string, { readonly ends: string; readonly begins: string | null }> =
  new Map([
    ['+odown', { ends: 'agreement', begins: 'election' }],
    ['+elected-leader', { ends: 'election', begins: 'selection' }],
    ['+selected-slave', { ends: 'selection', begins: 'promotion' }],
    ['+promoted-slave', { ends: 'promotion', begins: 'reconfiguration' }],
    ['+failover-end', { ends: 'reconfiguration', begins: null }],
    ['+failover-end-for-timeout', { ends: 'reconfiguration', begins: null }],
  ]);

export class FailoverTracker {
  readonly #nameOf: (host: string, port: number) => string | null;
  #failovers: OpenFailover[] = [];
  #nextId = 1;
  /** When the master stopped working, as far as the fleet itself knows. */
  #lostMs: number | null = null;
  /** The first +sdown of the master that was not taken back. */
  #suspectedMs: number | null = null;
  #epoch: number | null = null;

  constructor(nameOf: (host: string, port: number) => string | null) {
    this.#nameOf = nameOf;
  }

  get failovers(): readonly FailoverView[] {
    return this.#failovers.map(viewOf);
  }

  get isRunning(): boolean {
    return this.#failovers.at(-1)?.outcome === 'running';
  }

  /** The master's process ended or was frozen; null: it is well again. */
  masterLost(atMs: number | null): void {
    this.#lostMs = atMs;
  }

  /** The failover that this event completed, if it did. */
  take(event: SentinelEvent): FailoverView | undefined {
    const { name, text, atMs } = event;
    const words = text.split(' ');
    if (name === '+new-epoch') this.#epoch = Number(words[0]) || this.#epoch;
    if (name === '+switch-master') return this.#switched(event, words);
    if (words[0] === 'master' && name === '+sdown') this.#suspectedMs ??= atMs;
    if (words[0] === 'master' && name === '-sdown' && !this.isRunning) this.#suspectedMs = null;
    if (name.startsWith('-failover-abort')) this.#aborted(event);
    const opens = name === '+try-failover' || (name === '+odown' && words[0] === 'master');
    if (opens && !this.isRunning) this.#open(atMs, this.#addressed(words));
    if (name === '+try-failover') this.#failovers.at(-1)?.candidates.add(event.sentinel);
    this.#step(event, words);
    return undefined;
  }

  #step({ name, sentinel, atMs }: SentinelEvent, words: readonly string[]): void {
    const failover = this.#failovers.at(-1);
    const step = steps.get(name);
    if (failover === undefined || step === undefined || failover.outcome === 'aborted') return;
    // Each sentinel agrees for itself; only the leader takes the other steps.
    const phase = failover.phases.find((known) => known.name === step.ends);
    if (name === '+elected-leader') {
      failover.leader = sentinel;
      failover.epoch = this.#epoch;
    }
    if (name === '+selected-slave') failover.to = this.#addressed(words);
    if (phase === undefined || phase.endedMs !== null) return;
    phase.endedMs = atMs;
    if (step.begins === null) failover.endedMs = atMs;
    else failover.phases.push({ name: step.begins, startedMs: atMs, endedMs: null });
  }

  #open(atMs: number, from: string | null): OpenFailover {
    const suspectedMs = this.#suspectedMs;
    const startedMs = Math.min(this.#lostMs ?? atMs, suspectedMs ?? atMs, atMs);
    const phases: OpenPhase[] = [];
    if (suspectedMs === null) {
      phases.push({ name: 'election', startedMs: atMs, endedMs: null });
    } else {
      phases.push({ name: 'detection', startedMs, endedMs: suspectedMs });
      phases.push({ name: 'agreement', startedMs: suspectedMs, endedMs: null });
    }
    const failover: OpenFailover = {
      ...{ id: this.#nextId++, startedMs, from, phases, epoch: this.#epoch, leader: null },
      ...{ to: null, endedMs: null, switchedMs: null, outcome: 'running', candidates: new Set() },
    };
    this.#failovers.push(failover);
    if (this.#failovers.length > FAILOVERS_KEPT) this.#failovers.shift();
    return failover;
  }

  #switched({ atMs }: SentinelEvent, words: readonly string[]): FailoverView | undefined {
    const [, fromHost, fromPort, toHost, toPort] = words;
    const from = this.#nameOf(fromHost, Number(fromPort));
    const to = this.#nameOf(toHost, Number(toPort));
    this.#suspectedMs = null;
    this.#lostMs = null;
    const last = this.#failovers.at(-1);
    // The second and third sentinel tell the same.
    if (last?.outcome === 'done' && last.to === to && last.from === from) return undefined;
    // Of several sentinels the one that told of its defeat may be heard before the one that won.
    const isUnderWay =
      last?.outcome === 'running' ||
      (last?.outcome === 'aborted' && last.from === from && atMs - last.startedMs < LATE_MS);
    const failover = isUnderWay ? last : this.#open(atMs, from);
    failover.to = to;
    failover.outcome = 'done';
    failover.switchedMs = atMs;
    failover.endedMs ??= atMs;
    const open = failover.phases.at(-1);
    if (open !== undefined && open.name !== 'reconfiguration') open.endedMs ??= atMs;
    return viewOf(failover);
  }

  #aborted({ sentinel, atMs }: SentinelEvent): void {
    const failover = this.#failovers.at(-1);
    if (failover?.outcome !== 'running') return;
    // One that was not elected gives up; the one that was, or that still may be, goes on.
    failover.candidates.delete(sentinel);
    if (failover.leader !== sentinel && failover.candidates.size > 0) return;
    failover.outcome = 'aborted';
    failover.endedMs = atMs;
    for (const phase of failover.phases) phase.endedMs ??= atMs;
  }

  /** 'master NAME HOST PORT …' or 'slave NAME HOST PORT @ …'. */
  #addressed(words: readonly string[]): string | null {
    return this.#nameOf(words[2] ?? '', Number(words[3]));
  }
}

function viewOf(failover: OpenFailover): FailoverView {
  const { switchedMs, phases, candidates: _, ...rest } = failover;
  return {
    ...rest,
    durationMs: switchedMs === null ? null : switchedMs - failover.startedMs,
    phases: phases.map(
      ({ name, startedMs, endedMs }): FailoverPhase => ({
        name,
        startedMs,
        durationMs: endedMs === null ? null : endedMs - startedMs,
      }),
    ),
  };
}
