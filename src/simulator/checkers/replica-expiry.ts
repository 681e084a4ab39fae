// A replica never ends a key on its own clock: it hides what has expired and waits for its master's DEL.
// Otherwise two clocks would decide, and the data would part without anybody having written.

import { ServerNode } from '../server-node.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';

export class ReplicaExpiry implements Checker {
  readonly name = 'replica-expiry';
  readonly #findings = new Findings(this.name);

  attach(world: World): void {
    for (const node of world.servers) this.#watch(world, node);
    world.onCreated.push((node) => this.#watch(world, node));
  }

  #watch(world: World, node: SimulatedNode): void {
    const parts = node instanceof ServerNode ? node.process?.parts : undefined;
    if (parts === undefined) return;
    const { observer } = parts.engine;
    const { removed } = observer;
    observer.removed = (db, key, why): void => {
      const { replication } = parts;
      if (why === 'expired' && replication.role === 'replica' && !replication.localExpiry.isOn) {
        const text = `${node.name} ended ${key.toString('latin1')}, a replica`;
        this.#findings.add(world.nowMs, text);
      }
      removed.call(observer, db, key, why);
    };
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
