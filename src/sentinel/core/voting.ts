// One vote an epoch: the first that asks gets it, and it is on disk before anybody hears of it. A
// sentinel that forgot its vote could vote twice after a restart, and two leaders could be elected.

import { adoptEpoch, isPlausibleEpoch } from './epochs.ts';
import type { Master, Vote } from './instance.ts';
import type { World } from './world.ts';

/** After somebody else's attempt, and before our own, up to this long at random. ms. */
const MAX_DESYNC_MS = 1000;

/** When a failover counts as attempted, with the random delay that keeps sentinels apart. */
export function desyncedNow(world: World): number {
  return world.now + Math.floor(world.random() * MAX_DESYNC_MS);
}

/**
 * Somebody (perhaps we) asks for our vote in an epoch. `tell` gets the vote that stands, once it may
 * be told; a vote that could not be saved was not cast and has no leader.
 */
export function requestVote(
  world: World,
  master: Master,
  epoch: number,
  candidate: string,
  tell: (vote: Vote) => void,
): void {
  if (!isPlausibleEpoch(world, epoch)) {
    tell(master.isVoteSaved ? master.vote : { leader: '', epoch: master.vote.epoch });
    return;
  }
  adoptEpoch(world, master, epoch);
  if (master.vote.epoch < epoch && world.currentEpoch <= epoch) {
    castVote(world, master, { leader: candidate, epoch }, tell);
    return;
  }
  const { vote } = master;
  if (master.isVoteSaved) tell(vote);
  else master.voteListeners.push(tell);
}

function castVote(world: World, master: Master, vote: Vote, tell: (vote: Vote) => void): void {
  // Whoever asks meanwhile waits for the same write: another one would only come later. So does whoever
  // waits for a vote that this one overtakes, since what is told must not go back.
  const listeners = master.isVoteSaved ? [tell] : [...master.voteListeners, tell];
  master.vote = vote;
  master.isVoteSaved = false;
  master.voteListeners = listeners;
  if (vote.leader !== world.myId) {
    master.attemptedAt = desyncedNow(world);
    master.retryAt = undefined;
  }
  world.save((ok) => {
    if (master.voteListeners !== listeners) return;
    // Unless it was forgotten meanwhile: then nobody has it, and its epoch is used up.
    if (master.vote === vote) conclude(world, master, vote, ok);
    master.isVoteSaved = true;
    master.voteListeners = [];
    for (const each of listeners) each(master.vote);
  });
}

/** The disk has it, or not. What it holds then is unknown, so nobody gets a vote in this epoch any more. */
function conclude(world: World, master: Master, vote: Vote, ok: boolean): void {
  if (ok) {
    world.rawEvent('warning', '+vote-for-leader', `${vote.leader} ${vote.epoch}`, master);
    return;
  }
  master.vote = { leader: '', epoch: vote.epoch };
  world.log('warning', `No vote for ${vote.leader} in epoch ${vote.epoch}: it was not saved`);
}
