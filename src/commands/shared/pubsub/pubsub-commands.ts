// The family of pub/sub. A Sentinel takes the first list, with a PUBLISH of its own.

import type { Command } from '../../../dispatch/command.ts';
import { publish, spublish } from './publish.ts';
import { pubsub } from './pubsub.ts';
import {
  psubscribe,
  punsubscribe,
  ssubscribe,
  subscribe,
  sunsubscribe,
  unsubscribe,
} from './subscribe.ts';

/** What a Sentinel has as well. */
const subscriptionCommands: readonly Command[] = [subscribe, unsubscribe, psubscribe, punsubscribe];

export const pubsubCommands: readonly Command[] = [
  ...subscriptionCommands,
  ssubscribe,
  sunsubscribe,
  publish,
  spublish,
  pubsub,
];
