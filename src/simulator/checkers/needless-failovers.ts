// No failover of a master that a majority can reach: neither by a sentinel that has reached it itself all
// the time, nor when so many others have that no quorum can truly have missed it. "All the time" is
// `down-after` and, for what others said, as long as such an answer may be used.

import { ServerNode } from '../server-node.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { type Election, Elections } from './elections.ts';
import { Electorate } from './electorate.ts';
import { Findings } from './findings.ts';
import { Reachability } from './reachability.ts';

/** For the way of a PING and of its answer, and for the tenth of a second between two looks. */
const SLACK_MS = 1500;
/** How long the answer of another sentinel counts: five times a second, as Redis's. */
const ANSWER_LASTS_MS = 5000;

export class NeedlessFailovers implements Checker {
  readonly name = 'needless-failovers';
  readonly #findings = new Findings(this.name);

  attach(world: World): void {
    const reachability = Reachability.of(world);
    Electorate.of(world);
    Elections.of(world).onWon.push((election) => this.#won(world, reachability, election));
  }

  #won(world: World, reachability: Reachability, election: Election): void {
    if (election.isForced) return;
    const [host, port] = election.address.split(':');
    const node = world.nodeAt(host, Number(port));
    // A master that says it is a replica has to be replaced although it answers.
    if (!(node instanceof ServerNode) || node.process?.parts.replication.role !== 'master') return;
    const { downAfterMs } = world.options;
    const quorum = Electorate.of(world).quorum(election.sentinel, election.master);
    const own = reachability.reachedMs(election.sentinel, node.name);
    if (own >= downAfterMs + SLACK_MS) {
      const text = `${election.sentinel} replaces ${node.name}, which it has reached for ${own} ms`;
      this.#findings.add(world.nowMs, text);
    }
    const least = downAfterMs + SLACK_MS + ANSWER_LASTS_MS;
    const reached = world.sentinels.filter(
      ({ name }) => reachability.reachedMs(name, node.name) >= least,
    ).length;
    if (reached > world.sentinels.length - quorum) {
      const who = `${reached} of ${world.sentinels.length} sentinels`;
      const text = `${election.sentinel} replaces ${node.name}, which ${who} can reach`;
      this.#findings.add(world.nowMs, text);
    }
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
