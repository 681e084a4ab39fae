// Epochs never go back: neither the one that a sentinel told last, nor that of the configuration it
// announces, nor the one in the memory of one process. A restart may forget only what nobody heard.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import { SentinelWire } from './sentinel-wire.ts';

export class Epochs implements Checker {
  readonly name = 'epochs';
  readonly #findings = new Findings(this.name);
  readonly #told = new Map<string, number>();

  attach(world: World): void {
    const told = (what: string, epoch: number): void => {
      const before = this.#told.get(what) ?? 0;
      if (epoch < before)
        this.#findings.add(world.nowMs, `${what} went from ${before} to ${epoch}`);
      else this.#told.set(what, epoch);
    };
    const wire = SentinelWire.of(world);
    wire.onHello.push((sentinel, { currentEpoch, configEpoch, master }) => {
      told(`epoch of ${sentinel}`, currentEpoch);
      told(`epoch of ${master}'s configuration by ${sentinel}`, configEpoch);
    });
    wire.onVote.push(({ voter, master, epoch }) => told(`vote of ${voter} for ${master}`, epoch));
    world.onLog.push((node, { text }) => {
      if (node.kind !== 'sentinel' || !text.startsWith('+new-epoch ')) return;
      told(`epoch in process ${node.starts} of ${node.name}`, Number(text.split(' ')[1]));
    });
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
