// Moving the other replicas to the new master, `parallel-syncs` at a time: while one synchronizes it
// may not answer its clients.

import { assert } from '../../util/assert.ts';
import type { Master, Replica } from './instance.ts';
import { pollQuickly } from './probes.ts';
import { type ReconfigurationFact, reconfigurationTable } from './reconfiguration-table.ts';
import { changeRole, keepRole } from './roles.ts';
import type { World } from './world.ts';

/** Takes a fact about a replica in; what the table calls impossible stops the process. */
export function moveReplica(world: World, replica: Replica, fact: ReconfigurationFact): void {
  const cell = reconfigurationTable[replica.reconfiguration.state][fact];
  assert(cell !== 'never', `${fact} of a replica in state ${replica.reconfiguration.state}`);
  if (cell === 'ignored') return;
  const { to, event } = cell;
  replica.reconfiguration = to === 'sent' ? { state: to, at: world.now } : { state: to };
  if (to === 'sent') {
    const { slaveReconfTimeout } = world.timings;
    world.schedule.arm(replica.reconfiguredTimer, world.now + slaveReconfTimeout);
  } else {
    world.schedule.cancel(replica.reconfiguredTimer);
  }
  if (event !== '') world.event('notice', event, replica);
}

/**
 * Tells as many replicas as may move at once; returns how many are not there yet. One that is down serves
 * nobody, and so takes no place: what went away together with the master would keep the others waiting for
 * all its time, and clients for the replicas that `min-replicas-to-write` wants.
 */
export function reconfigureMore(world: World, master: Master, promoted: Replica): number {
  let moving = 0;
  for (const replica of master.replicas.values()) {
    if (isMoving(replica) && replica.down.state === 'up') moving++;
  }
  for (const replica of master.replicas.values()) {
    if (moving >= master.settings.parallelSyncs) break;
    if (replica === promoted || replica.reconfiguration.state !== 'none') continue;
    if (!changeRole(world, replica, promoted.address)) continue;
    moveReplica(world, replica, 'told');
    if (replica.down.state === 'up') moving++;
  }
  let missing = 0;
  for (const replica of master.replicas.values()) {
    const isThere = replica === promoted || replica.reconfiguration.state === 'done';
    if (!isThere && replica.down.state === 'up') missing++;
  }
  return missing;
}

function isMoving(replica: Replica): boolean {
  const { state } = replica.reconfiguration;
  return state === 'sent' || state === 'inprog';
}

/** Time is over: whoever has not been told is told now, and nobody waits for them. */
export function tellTheRest(world: World, master: Master, promoted: Replica): void {
  for (const replica of master.replicas.values()) {
    const { state } = replica.reconfiguration;
    if (replica === promoted || state === 'done' || state === 'sent') continue;
    if (!changeRole(world, replica, promoted.address)) continue;
    keepRole(world, replica);
    world.event('notice', '+slave-reconf-sent-be', replica);
  }
}

/** What INFO says about the way of a replica; true when it has arrived. */
export function watchReconfiguration(world: World, replica: Replica, promoted: Replica): boolean {
  if (!isMoving(replica)) return false;
  const { address } = promoted;
  const host = replica.masterHost.toLowerCase();
  const follows =
    replica.masterPort === address.port &&
    (host === address.ip.toLowerCase() || host === address.host.toLowerCase());
  if (follows) moveReplica(world, replica, 'follows');
  if (replica.isMasterLinkUp) moveReplica(world, replica, 'synchronized');
  if (replica.reconfiguration.state === 'done') return true;
  pollQuickly(world, replica);
  return false;
}
