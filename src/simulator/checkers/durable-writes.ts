// What a master with `appendfsync always` has acknowledged is there again when it has started from its
// disk, whatever became of its machine. Only a full synchronisation may replace it, and only what the
// node itself acknowledged since then is asked for.

import { ServerNode } from '../server-node.ts';
import type { Load } from '../workload.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import { isThere } from './stored-writes.ts';
import { StreamWatch } from './stream-watch.ts';
import { isUnique } from './wait-counts.ts';

type Command = readonly (string | number)[];

export class DurableWrites implements Checker {
  readonly name = 'durable-writes';
  readonly #findings = new Findings(this.name);
  /** By node: what it has acknowledged since its data were last replaced. */
  readonly #owed = new Map<string, Command[]>();

  attach(world: World, load: Load): void {
    load.onAnswer.push((_client, command, answer) => {
      if (answer.kind !== 'done' || !isUnique(command)) return;
      const settings = world.server(answer.master).process?.parts.settings;
      if (settings?.appendonly !== true || settings.appendfsync !== 'always') return;
      const owed = this.#owed.get(answer.master);
      if (owed === undefined) this.#owed.set(answer.master, [command]);
      else owed.push(command);
    });
    StreamWatch.of(world).onReplaced.push((node) => this.#owed.delete(node));
    world.onStarted.push((node) => {
      if (node instanceof ServerNode) this.#started(world, node);
    });
  }

  #started(world: World, node: ServerNode): void {
    const owed = this.#owed.get(node.name) ?? [];
    const missing = owed.filter((command) => !isThere(node, command));
    if (missing.length === 0) return;
    const which = missing[0].join(' ');
    const text = `${node.name} starts without ${missing.length} of ${owed.length} writes: ${which}`;
    this.#findings.add(world.nowMs, text);
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
