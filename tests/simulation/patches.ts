// Ways to break production code from the outside, for as long as a test needs: a method of a class is
// replaced and put back. Production code has no switches for this.

import type { SentinelEffect } from '../../src/sentinel/core/effect.ts';
import type { SentinelInput } from '../../src/sentinel/core/input.ts';
import { SentinelCore } from '../../src/sentinel/core/sentinel-core.ts';

/** Puts the original back. */
export type Undo = () => void;

/** Replaces a method by one that is made of it. */
export function patch<T extends object, K extends keyof T>(
  object: T,
  key: K,
  make: (original: T[K]) => T[K],
): Undo {
  const original = object[key];
  object[key] = make(original);
  return () => {
    object[key] = original;
  };
}

/** What stands between a sentinel's core and the world; `step` is the core's own. */
export type Between = (
  core: SentinelCore,
  now: number,
  input: SentinelInput,
  step: (input: SentinelInput) => SentinelEffect[],
) => SentinelEffect[];

export function patchCore(between: Between): Undo {
  return patch(
    SentinelCore.prototype,
    'step',
    (original) =>
      function (this: SentinelCore, now: number, input: SentinelInput): SentinelEffect[] {
        return between(this, now, input, (one) => original.call(this, now, one));
      },
  );
}
