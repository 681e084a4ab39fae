// Elections as their sentinels log them: who tries, in which epoch, and who has won. Shared by the
// checkers that hold elections to what was told on the wire and to what was true.

import type { LogEntry } from '../../env/simulated/simulated-log.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import { perWorld } from './per-world.ts';
import { SentinelWire } from './sentinel-wire.ts';

export interface Election {
  readonly sentinel: string;
  readonly master: string;
  /** Where the master is that is given up. */
  readonly address: string;
  readonly epoch: number;
  /** SENTINEL FAILOVER asked for it: it needs no agreement and no votes. */
  readonly isForced: boolean;
}

export class Elections {
  readonly onWon: ((election: Election) => void)[] = [];
  /** `+vote-for-leader`: a vote that is on disk, also a sentinel's for itself. */
  readonly onVoted: ((voter: string, leader: string, epoch: number) => void)[] = [];
  readonly #epochs = new Map<string, number>();
  readonly #tries = new Map<string, Election>();
  readonly #forced = new Set<string>();

  static readonly of: (world: World) => Elections = perWorld((world) => new Elections(world));

  private constructor(world: World) {
    world.onLog.push((node, entry) => this.#read(node, entry));
    SentinelWire.of(world).onOperator.push((sentinel, [, command]) => {
      if (command.toUpperCase() === 'FAILOVER') this.#forced.add(sentinel);
    });
  }

  #read(node: SimulatedNode, { text }: LogEntry): void {
    if (node.kind !== 'sentinel' || !text.startsWith('+')) return;
    const [event, ...words] = text.split(' ');
    if (event === '+new-epoch') this.#epochs.set(node.name, Number(words[0]));
    else if (event === '+vote-for-leader') {
      for (const hear of this.onVoted) hear(node.name, words[0], Number(words[1]));
    } else if (event === '+try-failover') {
      const [, master, host, port] = words;
      const epoch = this.#epochs.get(node.name) ?? 0;
      const isForced = this.#forced.delete(node.name);
      const address = `${host}:${port}`;
      const election = { sentinel: node.name, master, address, epoch, isForced };
      this.#tries.set(`${node.name} ${master}`, election);
    } else if (event === '+elected-leader') {
      const election = this.#tries.get(`${node.name} ${words[1]}`);
      if (election !== undefined) for (const hear of this.onWon) hear(election);
    }
  }
}
