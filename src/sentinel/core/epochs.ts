// Epochs number elections and the configurations that come of them. They only grow, one by one, so
// one that lies far ahead was not reached by elections: believing it would let a forger use up all
// numbers at once. (Redis believes any, up to 2^64.)

import type { Master } from './instance.ts';
import type { World } from './world.ts';

/** An election a second for half a year: further ahead nobody honest can be. */
const MAX_EPOCH_JUMP = 2 ** 24;
const REFUSAL_LOG_PERIOD_MS = 60_000;

/** Whether an epoch told by somebody else is one that can be. */
export function isPlausibleEpoch(world: World, epoch: number): boolean {
  const isPlausible =
    Number.isSafeInteger(epoch) && epoch >= 0 && epoch <= world.currentEpoch + MAX_EPOCH_JUMP;
  if (!isPlausible && world.now - world.epochRefusedAt >= REFUSAL_LOG_PERIOD_MS) {
    world.epochRefusedAt = world.now;
    const text = `Refused epoch ${epoch}: too far ahead of ${world.currentEpoch} to be true`;
    world.log('warning', text);
  }
  return isPlausible;
}

/** The world has moved on to a later epoch. */
export function adoptEpoch(world: World, master: Master, epoch: number): void {
  if (epoch <= world.currentEpoch) return;
  world.currentEpoch = epoch;
  world.save();
  world.rawEvent('warning', '+new-epoch', String(epoch), master);
}
