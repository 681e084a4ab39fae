// Once faults have stopped and all nodes run, the fleet is one again within the bound of the run: all
// sentinels agree on one master that says it is one, all its replicas follow it, and every client that
// asks has found it and had a write acknowledged.

import type { Load } from '../workload.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';

export class Liveness implements Checker {
  readonly name = 'liveness';
  readonly #findings = new Findings(this.name);
  readonly #doneMs = new Map<string, number>();
  #world: World | undefined;
  #load: Load | undefined;

  attach(world: World, load: Load): void {
    this.#world = world;
    this.#load = load;
    load.onAnswer.push((client, _command, answer) => {
      if (answer.kind === 'done') this.#doneMs.set(client, world.nowMs);
    });
  }

  finish(): readonly Violation[] {
    const world = this.#world;
    if (world === undefined) return [];
    if (!world.isAssembled()) {
      this.#findings.add(world.nowMs, `the fleet is not one again: ${describe(world)}`);
    }
    for (const client of this.#load?.clientNames ?? []) {
      const doneMs = this.#doneMs.get(client) ?? 0;
      if (doneMs <= world.healedMs) {
        this.#findings.add(world.nowMs, `${client} has had no write done since the faults ended`);
      }
    }
    return this.#findings.all;
  }
}

/** Who believes what, for people. */
function describe(world: World): string {
  const sentinels = world.sentinels.map(({ name, process: sentinel, state }) => {
    const masters = sentinel?.core.masterSummaries() ?? [];
    const seen = masters.map(
      (one) => `${one.ip}:${one.port} ${one.status} ${one.replicaCount}/${one.sentinelCount}`,
    );
    return `${name} ${sentinel === undefined ? state : seen.join(' ')}`;
  });
  const servers = world.servers.map(({ name, process: server, state }) => {
    const replication = server?.parts.replication;
    if (replication === undefined) return `${name} ${state}`;
    const of = replication.masterAddress;
    const follows = of === undefined ? '' : ` of ${of.host}:${of.port}`;
    return `${name} ${replication.role}${follows} ${replication.replica.state.kind}`;
  });
  return [...sentinels, ...servers].join('; ');
}
