// `SENTINEL is-master-down-by-addr`: what the others think of a master that we find down, and, while
// an election is under way, for whom they vote.

import type { Reply } from '../../protocol/reply-reader.ts';
import { isRunId } from './hello-text.ts';
import type { Master, Peer } from './instance.ts';
import { hasRoom, send } from './links.ts';
import type { World } from './world.ts';

/** What others said is void after this many ask periods. */
const ANSWER_LASTS_PERIODS = 5;

/** `isForced`: also those that have answered within the last period. */
export function askOthers(world: World, master: Master, isForced: boolean): void {
  for (const peer of master.peers.values()) ask(world, peer, isForced);
}

export function ask(world: World, peer: Peer, isForced: boolean): void {
  const { link, master } = peer;
  if (master.down.state === 'up' || link.command === undefined || !hasRoom(link)) return;
  if (!isForced && world.now - peer.saidAt < world.timings.askPeriod) return;
  const { failover } = master;
  const isCandidate = failover?.state === 'wait_start';
  const about = { what: 'ask', instance: peer, downSince: master.down.since } as const;
  send(world, link.command, about, [
    'SENTINEL',
    'is-master-down-by-addr',
    world.announced(master.address),
    String(master.address.port),
    String(isCandidate ? failover.epoch : world.currentEpoch),
    isCandidate ? world.myId : '*',
  ]);
}

/** Whether its word counts, and says that the master is down. */
export function agrees(world: World, peer: Peer): boolean {
  const isFresh = world.now - peer.saidAt <= world.timings.askPeriod * ANSWER_LASTS_PERIODS;
  return isFresh && peer.saysDown;
}

/** The master is up, or another one: what was said of it must not be held against what comes next. */
export function forgetAnswers(master: Master): void {
  for (const peer of master.peers.values()) {
    peer.saysDown = false;
    peer.saidAt = Number.NEGATIVE_INFINITY;
  }
}

/** Takes an answer in; false when it has another shape than the three values of Redis. */
export function hear(world: World, peer: Peer, reply: Reply, downSince: number): boolean {
  if (reply.kind !== 'array' || reply.items.length !== 3) return false;
  const [isDown, leader, epoch] = reply.items;
  if (isDown.kind !== 'integer' || leader.kind !== 'bulk' || epoch.kind !== 'integer') return false;
  const { down } = peer.master;
  if (down.state !== 'up' && down.since === downSince) {
    peer.saidAt = world.now;
    peer.saysDown = isDown.value === 1;
  }
  const runId = leader.bytes.length === 40 ? leader.bytes.toString('latin1') : '';
  if (!isRunId(runId) || !Number.isSafeInteger(epoch.value) || epoch.value < 0) return true;
  if (peer.vote?.epoch !== epoch.value) {
    world.log('notice', `${peer.name} voted for ${runId} ${epoch.value}`);
  }
  peer.vote = { leader: runId, epoch: epoch.value };
  return true;
}
