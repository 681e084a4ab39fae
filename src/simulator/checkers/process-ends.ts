// No process ends by itself: not by a broken invariant, not by an exception, not because it could not
// start from what it had left on its disk. The one exception is a disk that fails while it does: with
// `appendfsync always` there is nothing left to promise, and a replica that cannot write must not go on as if it could. Redis
// ends there too.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';

export class ProcessEnds implements Checker {
  readonly name = 'process-ends';
  readonly #violations: Violation[] = [];

  attach(world: World): void {
    world.onEnded.push((node, code, reason) => {
      if (node.hadDiskTrouble && (reason === '' || reason.includes('disk'))) return;
      // A save that failed counts as a failing disk until the next one, which may be after the fault.
      if (reason.startsWith('Replica was unable to write command to disk')) return;
      const text = `${node.name} ended with ${code}${reason === '' ? '' : `: ${reason}`}`;
      this.#violations.push({ checker: this.name, atMs: world.nowMs, text });
    });
  }

  finish(): readonly Violation[] {
    return this.#violations;
  }
}
