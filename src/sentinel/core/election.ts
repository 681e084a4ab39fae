// Who leads a failover: the sentinel for which a majority of all known sentinels, and at least the
// quorum, voted in its epoch. The rules are Redis's, as real sentinels may be among the voters; only
// the pauses are shorter where every one of them is ours.

import { askOthers } from './asking.ts';
import { beginFailover, elected, notElected } from './failover.ts';
import type { Master, Peer } from './instance.ts';
import { askInfoOfReplicas } from './probes.ts';
import { desyncedNow, requestVote } from './voting.ts';
import type { World } from './world.ts';

/** Between attempts of one master, in failover-timeouts: Redis's pace. */
const DISTANCE_TIMEOUTS = 2;
/**
 * After a split vote among ours each candidate waits this long for every candidate with a smaller run
 * id, so that they do not collide again; in later rounds twice as long, and at random. ms.
 */
const SPLIT_PAUSE_MS = 50;
const LONGEST_SPLIT_PAUSE_MS = 1600;
/** Among ours, votes that have not come this long after our own was saved do not come. ms. */
const ROUND_MS = 500;
/** How often a disk that failed is tried while the master is down. ms. */
const DISK_RETRY_MS = 1000;

/** The master is objectively down: try, now or when the distance to the last attempt is kept. */
export function considerFailover(world: World, master: Master): void {
  if (master.down.state !== 'odown' || master.failover !== undefined || world.isTilted) return;
  const distance = master.settings.failoverTimeoutMs * DISTANCE_TIMEOUTS;
  const from = master.retryAt ?? master.attemptedAt + distance;
  if (world.now < from) {
    world.schedule.arm(master.beginTimer, from);
    logDelay(world, master, from);
    return;
  }
  if (world.isDiskFailing) {
    // An election without a vote of our own would only use up those of the others.
    world.schedule.arm(master.beginTimer, world.now + DISK_RETRY_MS);
    world.save((ok) => ok && considerFailover(world, master));
    return;
  }
  startElection(world, master, false);
}

function logDelay(world: World, master: Master, from: number): void {
  if (master.retryAt !== undefined || master.delayLoggedFor === master.attemptedAt) return;
  master.delayLoggedFor = master.attemptedAt;
  world.emit({ kind: 'failoverDelayed', master: master.name, forMs: from - world.now });
}

/** Votes for itself and asks the others at once; all replicas say where they are meanwhile. */
export function startElection(world: World, master: Master, isForced: boolean): void {
  const { schedule, timings } = world;
  schedule.cancel(master.beginTimer);
  master.retryAt = undefined;
  const epoch = beginFailover(world, master, isForced);
  master.attemptedAt = desyncedNow(world);
  const patience = Math.min(timings.electionTimeout, master.settings.failoverTimeoutMs);
  const ends = master.attemptedAt + patience;
  schedule.arm(master.failoverTimer, ends);
  askInfoOfReplicas(world, master);
  requestVote(world, master, epoch, world.myId, () => {
    if (master.failover?.epoch !== epoch) return;
    const round = world.now + ROUND_MS * (1 + world.random());
    if (isAllOurs(master)) schedule.arm(master.failoverTimer, Math.min(ends, round));
    countVotes(world, master);
  });
  askOthers(world, master, true);
}

/** Every other sentinel ever known of this master speaks our quicker rules. */
function isAllOurs(master: Master): boolean {
  for (const peer of master.peers.values()) if (peer.link.peerKind !== 'ours') return false;
  return true;
}

/** A vote has come in, of others or our own. */
export function countVotes(world: World, master: Master): void {
  const { failover, vote, isVoteSaved } = master;
  if (failover?.state !== 'wait_start' || !isVoteSaved) return;
  if (failover.isForced) {
    // Somebody wants it, and was told OK: a disk that fails is in the log, and no reason to keep it from them.
    elected(world, master);
    return;
  }
  const ownVote = vote.epoch === failover.epoch ? vote.leader : '';
  const hasOwnVote = ownVote === world.myId;
  const { votes, open } = tally(master, failover.epoch, ownVote);
  const needed = votesNeeded(master);
  const mine = votes.get(world.myId) ?? 0;
  if (hasOwnVote && mine >= needed) {
    if (master.down.state === 'up') cameBack(world, master);
    else elected(world, master);
    return;
  }
  if (!isAllOurs(master)) return;
  const best = Math.max(0, ...votes.values());
  if (hasOwnVote && best + open >= needed) return;
  giveUp(world, master, hasOwnVote && votersThere(votes, open) >= needed, votes);
}

/**
 * While the votes were written, which a slow disk can make seconds of, the master has answered: to replace
 * it now would lose writes for nothing. Its next outage need not keep a distance from this attempt.
 */
function cameBack(world: World, master: Master): void {
  notElected(world, master);
  master.retryAt = world.now;
}

/** Who has voted or still can: with too few of them, another round would end like this one. */
function votersThere(votes: ReadonlyMap<string, number>, open: number): number {
  let there = open;
  for (const count of votes.values()) there += count;
  return there;
}

/** Votes by candidate, and how many may still come. */
function tally(
  master: Master,
  epoch: number,
  ownVote: string,
): { readonly votes: Map<string, number>; readonly open: number } {
  const votes = new Map<string, number>();
  let open = 0;
  const add = (leader: string) => votes.set(leader, (votes.get(leader) ?? 0) + 1);
  if (ownVote !== '') add(ownVote);
  for (const peer of master.peers.values()) {
    if (peer.vote !== undefined && peer.vote.epoch >= epoch) {
      if (peer.vote.epoch === epoch) add(peer.vote.leader);
    } else if (canVote(peer)) {
      open++;
    }
  }
  return { votes, open };
}

function canVote(peer: Peer): boolean {
  const { link } = peer;
  return peer.down.state === 'up' && link.isUsable && !link.isStranger;
}

/** A majority of all that were ever known, the dead among them: half a quorum must never lead. */
export function votesNeeded(master: Master): number {
  const voters = master.peers.size + 1;
  return Math.max(Math.floor(voters / 2) + 1, master.settings.quorum);
}

/** `isSplit`: nobody can win this round any more, so another one does no harm. */
function giveUp(
  world: World,
  master: Master,
  isSplit: boolean,
  votes: ReadonlyMap<string, number>,
): void {
  notElected(world, master);
  if (!isSplit) return;
  let rank = 0;
  for (const candidate of votes.keys()) if (candidate < world.myId) rank++;
  const pause = Math.min(LONGEST_SPLIT_PAUSE_MS, SPLIT_PAUSE_MS * 2 ** master.splits);
  const extra = master.splits === 0 ? 0 : world.random();
  master.splits++;
  master.retryAt = world.now + pause * (rank + extra);
  considerFailover(world, master);
}

/** The time of an election is over. */
export function onElectionTimer(world: World, master: Master): void {
  const { failover } = master;
  if (failover?.state !== 'wait_start') return;
  const needed = votesNeeded(master);
  const { votes, open } = tally(master, failover.epoch, world.myId);
  const isWonByOther = [...votes].some(
    ([leader, count]) => leader !== world.myId && count >= needed - 1,
  );
  const isSplit = isAllOurs(master) && !isWonByOther && votersThere(votes, open) >= needed;
  giveUp(world, master, isSplit, votes);
}
