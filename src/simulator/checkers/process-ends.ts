// No process ends by itself: not by a broken invariant, not by an exception, not because it could not
// start from what it had left on its disk. The one exception is a disk that fails while it does: with
// `appendfsync always` there is nothing left to promise, and Redis ends there too.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';

export class ProcessEnds implements Checker {
  readonly name = 'process-ends';
  readonly #violations: Violation[] = [];

  attach(world: World): void {
    world.onEnded.push((node, code, reason) => {
      if (node.disk.faults !== undefined && (reason === '' || reason.includes('disk'))) return;
      const text = `${node.name} ended with ${code}${reason === '' ? '' : `: ${reason}`}`;
      this.#violations.push({ checker: this.name, atMs: world.nowMs, text });
    });
  }

  finish(): readonly Violation[] {
    return this.#violations;
  }
}
