// No process ends by itself: not by a broken invariant, not by an exception, not because it could not
// start from what it had left on its disk. The one exception is a disk that has just refused something
// to this very process: with `appendfsync always` there is nothing left to promise, and a replica that
// cannot write must not go on as if it could. Redis ends there too.

import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';

/** A slow disk tells its refusal up to two seconds late, and a start or a write is several operations. */
const TOLD_WITHIN_MS = 10_000;
/** For what there is no disk any more: the promise of `always`, the first state of a process. */
const WITHOUT_DISK = ['', 'it could not start'];
/** It is held against a replica until it has saved again, which may be after the disk is well. */
const UNABLE = 'Replica was unable to write command to disk';
/** That a server could write again what it could not write before, by the kind of file. */
const SAVED = {
  snapshot: ['Background saving terminated with success'],
  appendOnly: ['AOF write error looks solved', 'Background AOF rewrite finished successfully'],
} as const;

type Kind = keyof typeof SAVED;

export class ProcessEnds implements Checker {
  readonly name = 'process-ends';
  readonly #violations: Violation[] = [];
  /** When a server last said so, in ms, by kind and name. */
  readonly #savedAtMs = new Map<string, number>();

  attach(world: World): void {
    world.onLog.push((node, { text }) => {
      for (const kind of ['snapshot', 'appendOnly'] as const) {
        if (!SAVED[kind].some((line) => text.startsWith(line))) continue;
        this.#savedAtMs.set(keyOf(kind, node.name), world.nowMs);
      }
    });
    world.onEnded.push((node, code, reason) => {
      if (this.#isForDisk(world, node, reason)) return;
      const text = `${node.name} ended with ${code}${reason === '' ? '' : `: ${reason}`}`;
      this.#violations.push({ checker: this.name, atMs: world.nowMs, text });
    });
  }

  /** Whether the disk refused something to the process that ended, and it ended of that. */
  #isForDisk(world: World, { name, refusal }: SimulatedNode, reason: string): boolean {
    if (refusal === undefined) return false;
    const refusedAtMs = refusal.atUs / 1000;
    if (reason.startsWith(UNABLE)) {
      const kind = refusal.path.includes('appendonly') ? 'appendOnly' : 'snapshot';
      return (this.#savedAtMs.get(keyOf(kind, name)) ?? 0) <= refusedAtMs;
    }
    return WITHOUT_DISK.includes(reason) && world.nowMs - refusedAtMs <= TOLD_WITHIN_MS;
  }

  finish(): readonly Violation[] {
    return this.#violations;
  }
}

function keyOf(kind: Kind, name: string): string {
  return `${kind} ${name}`;
}
