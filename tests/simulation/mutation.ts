// A deliberate bug, and what a checker is worth: that it finds it.

import type { RunOptions } from '../../src/simulator/run.ts';
import type { Undo } from './patches.ts';

export interface Mutation {
  readonly bug: string;
  /** The checker whose business it is. */
  readonly foundBy: string;
  readonly withinSeeds: number;
  readonly plant: () => Undo;
  /** What a run needs for the bug to matter. */
  readonly run: Omit<RunOptions, 'seed' | 'faultMs'>;
}
