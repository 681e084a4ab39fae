// Which replica becomes the master: alive, fresh, not too long cut off, allowed by its priority, and
// of those the one that has read most of what the dead master wrote.

import type { Master, Replica } from './instance.ts';
import type { World } from './world.ts';

/** PING must have been answered within this many ping periods, and INFO while the master is down. */
const FRESH_PERIODS = 5;
/** INFO while the master is up, in info periods. */
const FRESH_INFO_PERIODS = 3;
/** How long it may have been cut off from its master, in down-after periods, before that went down. */
const MAX_LINK_DOWN_PERIODS = 10;

/** The best of the suitable ones. */
export function selectReplica(world: World, master: Master): Replica | undefined {
  let best: Replica | undefined;
  for (const replica of master.replicas.values()) {
    if (!isSuitable(world, master, replica)) continue;
    if (best === undefined || compareForPromotion(replica, best) < 0) best = replica;
  }
  return best;
}

function isSuitable(world: World, master: Master, replica: Replica): boolean {
  const { now, timings } = world;
  if (!canBeAsked(replica) || replica.priority === 0 || replica.infoAt === undefined) return false;
  if (now - replica.link.lastAvailableAt > timings.pingPeriod * FRESH_PERIODS) return false;
  const isMasterDown = master.down.state !== 'up';
  const infoLasts = isMasterDown
    ? timings.pingPeriod * FRESH_PERIODS
    : timings.infoPeriod * FRESH_INFO_PERIODS;
  if (now - replica.infoAt > infoLasts) return false;
  const cutOffLimit =
    now - lostAt(world, master) + master.settings.downAfterMs * MAX_LINK_DOWN_PERIODS;
  return replica.masterLinkDownMs <= cutOffLimit;
}

/** Since when there is no master: it was found silent, or came back as a replica. */
function lostAt(world: World, master: Master): number {
  const downAt = master.down.state === 'up' ? world.now : master.down.since;
  return master.reportedRole === 'slave' ? Math.min(downAt, master.reportedRoleAt) : downAt;
}

/** Whether an answer can be expected at all. */
export function canBeAsked(replica: Replica): boolean {
  return replica.down.state === 'up' && replica.link.isUsable;
}

/** Negative when `a` is the better master: lower priority, more data, smaller run id (none: last). */
function compareForPromotion(a: Replica, b: Replica): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.offset !== b.offset) return a.offset > b.offset ? -1 : 1;
  if (a.runId === b.runId) return 0;
  if (a.runId === '') return 1;
  if (b.runId === '') return -1;
  return a.runId.toLowerCase() < b.runId.toLowerCase() ? -1 : 1;
}
