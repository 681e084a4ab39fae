// A replica that is where its master is has its master's data: looked at after every synchronisation, full
// or partial, as soon as both stand at the same offset, and once more at the end. Compared as DEBUG
// DIGEST does, keys that have expired and wait for their DEL among them.

import { digestOfAll } from '../../commands/server/digest.ts';
import { ServerNode } from '../server-node.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';

const LOOK_MS = 250;
/** A difference counts when it is there this many times: effects of a poll under way are no difference. */
const TIMES = 3;

export class EqualData implements Checker {
  readonly name = 'equal-data';
  readonly #findings = new Findings(this.name);
  /** Replicas to be compared, and how often they have differed. */
  readonly #due = new Map<string, number>();
  #world: World | undefined;

  attach(world: World): void {
    this.#world = world;
    for (const { name } of world.servers) this.#due.set(name, 0);
    world.onLog.push((node, { text }) => {
      if (text.includes('sync: Finished') || text.includes('Partial Resynchronization')) {
        this.#due.set(node.name, 0);
      }
    });
    this.#lookAgain(world);
  }

  #lookAgain(world: World): void {
    world.world.time.schedule(LOOK_MS * 1000, () => {
      for (const [name, times] of [...this.#due]) {
        const equal = compare(world, name);
        if (equal === undefined) continue;
        if (equal) this.#due.delete(name);
        else if (times + 1 < TIMES) this.#due.set(name, times + 1);
        else this.#differ(world, name);
      }
      this.#lookAgain(world);
    });
  }

  #differ(world: World, name: string): void {
    this.#due.delete(name);
    this.#findings.add(world.nowMs, `${name} is where its master is and has other data`);
  }

  finish(): readonly Violation[] {
    const world = this.#world;
    if (world === undefined) return [];
    for (const { name } of world.servers)
      if (compare(world, name) === false) this.#differ(world, name);
    return this.#findings.all;
  }
}

/** Undefined when they are not at the same place of the same history. */
function compare(world: World, name: string): boolean | undefined {
  const replica = world.server(name).process?.parts;
  const place = replica?.replication.masterAddress;
  if (replica === undefined || place === undefined || !replica.replication.replica.isUp) {
    return undefined;
  }
  const node = world.nodeAt(place.host, place.port);
  const master = node instanceof ServerNode ? node.process?.parts : undefined;
  if (master === undefined) return undefined;
  const mine = replica.replication.history;
  const its = master.replication.history;
  if (mine.id !== its.id || mine.offset !== its.offset) return undefined;
  const left = digestOfAll(replica.engine.databases).toString();
  return left === digestOfAll(master.engine.databases).toString();
}
