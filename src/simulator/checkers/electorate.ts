// Whose votes an election needs, as operators have left it: all sentinels of the world and its quorum,
// until SENTINEL RESET makes a sentinel forget the others, and SENTINEL SET gives it another quorum. The
// commands are read off the wire; whom it has met again since, only its own log tells.

import { globMatches } from '../../util/glob.ts';
import type { World } from '../world.ts';
import { perWorld } from './per-world.ts';
import { SentinelWire } from './sentinel-wire.ts';

export class Electorate {
  readonly #world: World;
  /** Run ids of those met since a RESET, by sentinel and master. */
  readonly #met = new Map<string, Set<string>>();
  readonly #quorums = new Map<string, number>();

  static readonly of: (world: World) => Electorate = perWorld((world) => new Electorate(world));

  private constructor(world: World) {
    this.#world = world;
    const wire = SentinelWire.of(world);
    wire.onOperator.push((sentinel, [, command, name, ...options]) => {
      if (command.toUpperCase() === 'RESET') this.#forget(sentinel, name);
      if (command.toUpperCase() === 'SET') this.#set(sentinel, name, options);
    });
    world.onLog.push((node, { text }) => {
      // +sentinel sentinel ID IP PORT @ MASTER …
      if (node.kind !== 'sentinel' || !text.startsWith('+sentinel ')) return;
      const [, , id, , , , master] = text.split(' ');
      this.#met.get(keyOf(node.name, master))?.add(id);
    });
  }

  /** How many sentinels there are for this one, itself included. */
  size(sentinel: string, master: string): number {
    const met = this.#met.get(keyOf(sentinel, master));
    return met === undefined ? this.#world.sentinels.length : met.size + 1;
  }

  quorum(sentinel: string, master: string): number {
    return this.#quorums.get(keyOf(sentinel, master)) ?? this.#world.options.quorum;
  }

  #forget(sentinel: string, pattern: string): void {
    for (const master of this.#world.masterNames) {
      if (!globMatches(Buffer.from(pattern), Buffer.from(master))) continue;
      this.#met.set(keyOf(sentinel, master), new Set());
    }
  }

  #set(sentinel: string, master: string, options: readonly string[]): void {
    for (let i = 0; i + 1 < options.length; i += 2) {
      if (options[i].toLowerCase() !== 'quorum') continue;
      this.#quorums.set(keyOf(sentinel, master), Number(options[i + 1]));
    }
  }
}

function keyOf(sentinel: string, master: string): string {
  return `${sentinel} ${master}`;
}
