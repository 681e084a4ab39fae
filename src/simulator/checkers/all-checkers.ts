// Every checker, new for each run.

import type { Checker } from './checker.ts';
import { ProcessEnds } from './process-ends.ts';

export function allCheckers(): readonly Checker[] {
  return [new ProcessEnds()];
}
