// FAILOVER on a node: carries out what the machine in src/replication/failover.ts says.

import type { Timer } from '../../env/timers.ts';
import {
  Failover,
  type FailoverCandidate,
  type FailoverEffect,
  type FailoverRequest,
} from '../../replication/failover.ts';
import type { NodeReplicationOptions } from './node-replication.ts';
import type { ReplicaSide } from './replica-side.ts';

/** A look at what the replicas have: often, since clients wait. */
const TICK_MS = 100;

export interface FailoverNode {
  readonly replica: ReplicaSide;
  readonly offset: number;
  candidates(): readonly FailoverCandidate[];
  /** Every replica is asked what it has. */
  requestAcknowledgements(): void;
}

export class FailoverDriver {
  readonly machine: Failover = new Failover();
  readonly #options: NodeReplicationOptions;
  readonly #node: FailoverNode;
  #timer: Timer | undefined;

  constructor(options: NodeReplicationOptions, node: FailoverNode) {
    this.#options = options;
    this.#node = node;
  }

  get isActive(): boolean {
    return this.machine.state.kind !== 'none';
  }

  get isTakingOver(): boolean {
    return this.machine.state.kind === 'takingOver';
  }

  begin(request: FailoverRequest): void {
    this.#run(this.machine.begin(this.#nowMs(), request));
    this.#node.requestAcknowledgements();
    this.#timer ??= this.#options.environment.timers.every(TICK_MS, () => this.tick());
  }

  /** Also whenever a replica has acknowledged: then nobody waits for the timer. */
  tick(): void {
    if (this.machine.state.kind !== 'waiting') return;
    this.#run(this.machine.tick(this.#nowMs(), this.#node.offset, this.#node.candidates()));
  }

  answered(isAccepted: boolean): void {
    this.#run(
      isAccepted
        ? this.machine.accepted()
        : this.machine.abort('Failover target rejected psync request'),
    );
  }

  abort(reason: string): void {
    this.#run(this.machine.abort(reason));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #nowMs(): number {
    return this.#options.environment.clock.monotonicUs() / 1000;
  }

  #run(effects: readonly FailoverEffect[]): void {
    const { dispatcher, environment } = this.#options;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'log':
          environment.log[effect.remark.level](effect.remark.text);
          break;
        case 'pause':
          dispatcher.waiting.pause('failover', 'write', Number.POSITIVE_INFINITY);
          break;
        case 'resume':
          dispatcher.waiting.unpause('failover');
          break;
        case 'follow':
          this.#node.replica.follow(effect.master);
          break;
        case 'promote':
          this.#node.replica.promote();
      }
    }
    if (!this.isActive) this.stop();
  }
}
