// What must hold, and who watches it. A checker looks on while a run goes and says at the end what it
// saw; it changes nothing, not even by a message.

import type { Load } from '../workload.ts';
import type { World } from '../world.ts';

export interface Violation {
  /** The checker's name. */
  readonly checker: string;
  /** Virtual time at which it was seen, in ms. */
  readonly atMs: number;
  readonly text: string;
}

export interface Checker {
  readonly name: string;
  /** Begins to watch. */
  attach(world: World, load: Load): void;
  /** After faults have ended and the fleet has had its time to recover. */
  finish(): readonly Violation[];
}
