// Up, subjectively down, objectively down. A deadline, not a poll, tells when an instance has been
// silent for too long; it is computed again only when it comes up or when something has changed.

import { agrees, askOthers, forgetAnswers } from './asking.ts';
import { considerFailover } from './election.ts';
import { onReplicaReachable, reconfigure } from './failover.ts';
import type { DownState, Instance, Master } from './instance.ts';
import { askInfoOfReplicas, longestPingPause } from './probes.ts';
import type { World } from './world.ts';

/** How long a PING must have been unanswered at least: silence that we did not ask about is none. */
function leastWait(world: World, instance: Instance): number {
  const { downAfterMs } = instance.master.settings;
  return Math.max(downAfterMs / 2, downAfterMs - longestPingPause(world, instance.link));
}

/** From when on it counts as down, as things stand; Infinity while it answers. */
function downDeadline(world: World, instance: Instance): number {
  const { link, master } = instance;
  const { downAfterMs, rebootDownAfterMs } = master.settings;
  let deadline = Number.POSITIVE_INFINITY;
  if (link.silentSince !== undefined) {
    const asked = link.silentSince + leastWait(world, instance);
    deadline = Math.max(link.lastAvailableAt + downAfterMs, asked);
  }
  if (instance.type !== 'master') return deadline;
  if (instance.reportedRole === 'slave') {
    const wrongRole = instance.reportedRoleAt + downAfterMs + 2 * world.timings.infoPeriod;
    deadline = Math.min(deadline, wrongRole);
  }
  if (instance.rebootedAt !== undefined) {
    deadline = Math.min(deadline, instance.rebootedAt + rebootDownAfterMs);
  }
  return deadline;
}

/** Compares what is with what was said last, and says so. */
export function checkDown(world: World, instance: Instance): void {
  const { schedule, now } = world;
  if (world.isTilted) return;
  let deadline = downDeadline(world, instance);
  if (deadline <= now && now < world.graceUntil && instance.down.state === 'up') {
    deadline = world.graceUntil;
  }
  if (deadline > now) {
    if (instance.down.state !== 'up') setUp(world, instance);
    // Nothing that is not silent now can be down sooner than this.
    schedule.arm(instance.downTimer, Math.min(deadline, now + leastWait(world, instance)));
    return;
  }
  schedule.cancel(instance.downTimer);
  if (instance.down.state === 'up') setDown(world, instance);
}

function setDown(world: World, instance: Instance): void {
  world.event('warning', '+sdown', instance);
  instance.down = { state: 'sdown', since: world.now };
  instance.lastDownAt = world.now;
  instance.link.downOwners++;
  if (instance.type === 'slave') {
    onReplicaReachable(world, instance);
  } else if (instance.type === 'master') {
    askInfoOfReplicas(world, instance);
    askOthers(world, instance, true);
    world.schedule.arm(instance.askTimer, world.now + world.timings.askPeriod);
    checkAgreement(world, instance);
  }
}

function setUp(world: World, instance: Instance): void {
  const { down } = instance;
  world.event('warning', '-sdown', instance);
  instance.down = { state: 'up' };
  instance.link.downOwners--;
  instance.link.isScriptKillSent = false;
  if (instance.type === 'slave') {
    if (instance.master.failover?.promoted === instance) reconfigure(world, instance.master);
  } else if (instance.type === 'master') {
    if (down.state === 'odown') world.event('warning', '-odown', instance);
    instance.splits = 0;
    forgetAnswers(instance);
    world.schedule.cancel(instance.askTimer);
    world.schedule.cancel(instance.beginTimer);
  }
}

/** Whether a quorum finds the master down, ourselves included. It is enough to begin, not to lead. */
export function checkAgreement(world: World, master: Master): void {
  const { down } = master;
  if (down.state === 'up' || world.isTilted) return;
  const { quorum } = master.settings;
  let count = 1;
  for (const peer of master.peers.values()) if (agrees(world, peer)) count++;
  const next: DownState['state'] = count >= quorum ? 'odown' : 'sdown';
  if (next !== down.state) {
    if (next === 'odown') {
      world.event('warning', '+odown', master, `#quorum ${count}/${quorum}`);
      master.down = { state: 'odown', since: down.since, agreedSince: world.now };
      master.lastDownAt = world.now;
    } else {
      world.event('warning', '-odown', master);
      master.down = { state: 'sdown', since: down.since };
    }
  }
  considerFailover(world, master);
}

/** Once in an ask period while the master is down. */
export function onAskTimer(world: World, master: Master): void {
  if (master.down.state === 'up') return;
  checkAgreement(world, master);
  askOthers(world, master, false);
  world.schedule.arm(master.askTimer, world.now + world.timings.askPeriod);
}
