// At most one leader an epoch and master, and none without the votes of a majority of all sentinels and
// of the quorum, as operators have left both. What counts is which votes were told on the wire, not what the leader made of them.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { type Election, Elections } from './elections.ts';
import { Electorate } from './electorate.ts';
import { Findings } from './findings.ts';
import { SentinelWire } from './sentinel-wire.ts';

export class Leaders implements Checker {
  readonly name = 'leaders';
  readonly #findings = new Findings(this.name);
  readonly #leaders = new Map<string, string>();
  /** Whom a sentinel voted for, by its name and the epoch, from its own log. */
  readonly #own = new Map<string, string>();

  attach(world: World): void {
    Electorate.of(world);
    const elections = Elections.of(world);
    elections.onVoted.push((voter, leader, epoch) => this.#own.set(`${voter} ${epoch}`, leader));
    elections.onWon.push((election) => this.#won(world, election));
  }

  #won(world: World, { sentinel, master, epoch, isForced }: Election): void {
    if (isForced) return;
    const key = `${master} in epoch ${epoch}`;
    const before = this.#leaders.get(key);
    if (before !== undefined && before !== sentinel) {
      this.#findings.add(world.nowMs, `two leaders of ${key}: ${before} and ${sentinel}`);
    }
    this.#leaders.set(key, sentinel);
    const id = this.#own.get(`${sentinel} ${epoch}`);
    const voters = new Set<string>();
    for (const vote of SentinelWire.of(world).votes) {
      const isForIt = vote.leader === id && vote.to === sentinel;
      if (isForIt && vote.master === master && vote.epoch === epoch) voters.add(vote.voter);
    }
    if (id !== undefined) voters.add(sentinel);
    const electorate = Electorate.of(world);
    const majority = Math.floor(electorate.size(sentinel, master) / 2) + 1;
    const needed = Math.max(majority, electorate.quorum(sentinel, master));
    if (voters.size < needed) {
      const has = `${voters.size} of ${needed} votes`;
      this.#findings.add(world.nowMs, `${sentinel} leads ${key} with ${has}`);
    }
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
