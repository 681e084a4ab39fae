// The replica that is promoted met the rules: its priority allows it, it runs, it was not cut off from
// its master for too long, and no other that could be chosen has a better priority or, with the same,
// has read more. Held to what the nodes are, not to what a sentinel believes of them.

import { ServerNode } from '../server-node.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import { Reachability } from './reachability.ts';

/** An answer of a replica counts for five PING periods; one more for what is on its way. */
const FRESH_MS = 6000;
/** Of candidates a sentinel hears within this time, while a master is down. */
const HEARD_MS = 2500;
/** A replica may have been cut off for ten down-after periods before its master went down. */
const CUT_OFF_PERIODS = 10;
/** INFO tells whole seconds, and is up to ten of them old when the master goes down. */
const CUT_OFF_SLACK_MS = 12_000;

export class Promotions implements Checker {
  readonly name = 'promotions';
  readonly #findings = new Findings(this.name);
  readonly #priorities = new Map<string, number>();
  readonly #downAt = new Map<string, number>();

  attach(world: World): void {
    const reachability = Reachability.of(world);
    world.onLog.push((node, { text }) => {
      if (node.kind !== 'sentinel') return;
      const [event, , ip, host, port, , , masterHost, masterPort] = text.split(' ');
      if (event === '+sdown' && text.startsWith('+sdown master')) {
        this.#downAt.set(node.name, world.nowMs);
      } else if (event === '+selected-slave') {
        const chosen = world.nodeAt(host, Number(port));
        const master = world.nodeAt(masterHost, Number(masterPort));
        const lost = this.#lostAtMs(world, reachability, node.name, master);
        if (chosen instanceof ServerNode)
          this.#chosen(world, reachability, node.name, chosen, lost);
        else this.#findings.add(world.nowMs, `${node.name} chooses a stranger at ${ip}`);
      }
    });
  }

  /** Since when there is no master: it was called down, or it came back as a replica. */
  #lostAtMs(
    world: World,
    reachability: Reachability,
    sentinel: string,
    master: SimulatedNode | undefined,
  ): number {
    const downAt = this.#downAt.get(sentinel) ?? world.nowMs;
    if (!(master instanceof ServerNode)) return downAt;
    const isReplica = master.process?.parts.replication.role === 'replica';
    return isReplica ? Math.min(downAt, reachability.ledAtMs(master.name) ?? downAt) : downAt;
  }

  #chosen(
    world: World,
    reachability: Reachability,
    sentinel: string,
    chosen: ServerNode,
    downSince: number,
  ): void {
    const add = (text: string): void => {
      this.#findings.add(world.nowMs, `${sentinel} chooses ${chosen.name}, ${text}`);
    };
    if (this.#priority(chosen) === 0) add('whose priority is 0');
    const downMs = chosen.state === 'running' ? 0 : reachability.downMs(chosen.name);
    if (downMs > FRESH_MS) add(`which has not run for ${downMs} ms`);
    const cutOffSince = reachability.cutOffSinceMs(chosen.name) ?? downSince;
    const limit = CUT_OFF_PERIODS * world.options.downAfterMs + CUT_OFF_SLACK_MS;
    if (downSince - cutOffSince > limit) {
      add(`which had been cut off for ${downSince - cutOffSince} ms`);
    }
    for (const other of world.servers) {
      if (other === chosen || !this.#isCandidate(world, reachability, sentinel, chosen, other))
        continue;
      const better = this.#better(reachability, chosen, other);
      if (better !== '') add(`but ${other.name} ${better}`);
    }
  }

  #isCandidate(
    world: World,
    reachability: Reachability,
    sentinel: string,
    chosen: ServerNode,
    other: ServerNode,
  ): boolean {
    const theirs = other.process?.parts.replication;
    const master = chosen.process?.parts.replication.masterAddress;
    if (theirs === undefined || master === undefined || theirs.role !== 'replica') return false;
    const isSibling =
      theirs.masterAddress?.host === master.host && theirs.masterAddress.port === master.port;
    const isReached = reachability.reachedMs(sentinel, other.name) >= HEARD_MS;
    const cutOffMs =
      world.nowMs - (reachability.linkUpAtMs(other.name) ?? Number.NEGATIVE_INFINITY);
    const isFresh = cutOffMs <= CUT_OFF_PERIODS * world.options.downAfterMs;
    return isSibling && isReached && isFresh && this.#priority(other) > 0;
  }

  /** Why the other one should have been chosen; empty when it should not. */
  #better(reachability: Reachability, chosen: ServerNode, other: ServerNode): string {
    const priority = this.#priority(chosen);
    const others = this.#priority(other);
    if (others < priority) return `has priority ${others}, not ${priority}`;
    const now = chosen.process?.parts.replication.history;
    const before = reachability.before(other.name, HEARD_MS);
    if (others > priority || now === undefined || before === undefined) return '';
    if (before.id !== now.id || before.offset <= now.offset) return '';
    return `was at ${before.offset} already, not at ${now.offset}`;
  }

  #priority(node: ServerNode): number {
    const priority = node.process?.parts.settings.replicaPriority;
    if (priority !== undefined) this.#priorities.set(node.name, priority);
    return priority ?? this.#priorities.get(node.name) ?? 100;
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
