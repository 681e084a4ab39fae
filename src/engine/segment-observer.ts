// What a snapshot wants to hear of the tables that it is saving.

import type { Ref } from './arena.ts';
import type { Dict } from './dict.ts';

/** Told of changes in segments that are not yet in the snapshot of its epoch. */
export interface SegmentObserver {
  readonly epoch: number;
  /** Records with this hash are about to change, to go, or to come for the first time. */
  beforeChange(dict: Dict, segment: Ref, hash: number): void;
  /** The segment is about to be joined with one that is in the snapshot. */
  beforeJoin(dict: Dict, segment: Ref): void;
}
