// Every checker that any run can be held to, new for each; losses are counted by the run itself.

import type { Checker } from './checker.ts';
import { Configurations } from './configurations.ts';
import { DurableWrites } from './durable-writes.ts';
import { Epochs } from './epochs.ts';
import { EqualData } from './equal-data.ts';
import { Leaders } from './leaders.ts';
import { Liveness } from './liveness.ts';
import { NeedlessFailovers } from './needless-failovers.ts';
import { ProcessEnds } from './process-ends.ts';
import { Promotions } from './promotions.ts';
import { ReplicaExpiry } from './replica-expiry.ts';
import { Streams } from './streams.ts';
import { Votes } from './votes.ts';
import { WaitCounts } from './wait-counts.ts';

export function allCheckers(): readonly Checker[] {
  return [
    new ProcessEnds(),
    new Votes(),
    new Epochs(),
    new Leaders(),
    new Configurations(),
    new NeedlessFailovers(),
    new Promotions(),
    new Streams(),
    new EqualData(),
    new ReplicaExpiry(),
    new WaitCounts(),
    new DurableWrites(),
    new Liveness(),
  ];
}
