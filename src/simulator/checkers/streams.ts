// A node's stream is a prefix of what the master of that replication id wrote, byte for byte; its offset is
// the number of bytes that it has applied; and nobody writes the same place of a history twice. So
// nodes with the same id and offset have taken in the same bytes.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import { StreamWatch } from './stream-watch.ts';

export class Streams implements Checker {
  readonly name = 'streams';
  readonly #findings = new Findings(this.name);

  attach(world: World): void {
    StreamWatch.of(world).onProblem.push((text) => this.#findings.add(world.nowMs, text));
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
