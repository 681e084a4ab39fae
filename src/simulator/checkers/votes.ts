// A sentinel votes at most once an epoch and master, also when it crashes in between.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Elections } from './elections.ts';
import { Findings } from './findings.ts';
import { SentinelWire } from './sentinel-wire.ts';

export class Votes implements Checker {
  readonly name = 'votes';
  readonly #findings = new Findings(this.name);
  readonly #cast = new Map<string, string>();

  attach(world: World): void {
    const cast = (voter: string, master: string, epoch: number, leader: string): void => {
      const key = `${voter} of ${master} in epoch ${epoch}`;
      const before = this.#cast.get(key);
      if (before === undefined) this.#cast.set(key, leader);
      else if (before !== leader) {
        this.#findings.add(world.nowMs, `vote by ${key}: for ${before}, then for ${leader}`);
      }
    };
    SentinelWire.of(world).onVote.push(({ voter, master, epoch, leader }) =>
      cast(voter, master, epoch, leader),
    );
    // The log does not name the master, so of several it tells nothing.
    if (world.masterNames.length > 1) return;
    Elections.of(world).onVoted.push((voter, leader, epoch) =>
      cast(voter, world.masterNames[0], epoch, leader),
    );
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
