// From the election won to the new master announced. Which state follows which fact is in
// failover-table.ts; here is what is done on the way. Nothing waits for a tick: each state is left by
// the fact that ends it, or by its timeout.

import { assert } from '../../util/assert.ts';
import type { Address } from './address.ts';
import { type FailoverFact, failoverTable } from './failover-table.ts';
import type { Instance, Master, Replica } from './instance.ts';
import { askInfo, pollQuickly, tellEverybody } from './probes.ts';
import { moveReplica, reconfigureMore, tellTheRest } from './reconfiguration.ts';
import { changeRole, restoreRole } from './roles.ts';
import { changeAddress } from './roster.ts';
import { canBeAsked, selectReplica } from './selection.ts';
import type { World } from './world.ts';

/** How long a choice waits for INFO that was asked for when the attempt began. ms. */
const FRESH_INFO_PATIENCE_MS = 100;
/** How long the news of a promotion waits for our disk. ms. */
const SAVE_PATIENCE_MS = 50;
/** Exit code of a crash by SIMULATE-FAILURE. */
const CRASH_EXIT_CODE = 99;

/** A quorum agrees, or somebody asked: the attempt begins in an epoch of its own. */
export function beginFailover(world: World, master: Master, isForced: boolean): number {
  const epoch = ++world.currentEpoch;
  world.rawEvent('warning', '+new-epoch', String(epoch), master);
  assert(master.failover === undefined, 'a second failover of one master');
  master.failover = {
    state: 'wait_start',
    epoch,
    isForced,
    changedAt: world.now,
    promoted: undefined,
    isSaving: false,
  };
  world.event('warning', '+try-failover', master);
  return epoch;
}

/** Takes a fact in: the next state, its event, and nothing else. False where it says nothing. */
function move(world: World, master: Master, fact: FailoverFact, about: Instance): boolean {
  const { failover } = master;
  const cell = failoverTable[failover?.state ?? 'none'][fact];
  assert(cell !== 'never', `${fact} of a failover in state ${failover?.state ?? 'none'}`);
  if (cell === 'ignored' || failover === undefined) return false;
  const { to, event } = cell;
  world.schedule.cancel(master.failoverTimer);
  master.failover =
    to === 'none' ? undefined : { ...failover, state: to, changedAt: world.now, isSaving: false };
  const isQuiet = event === '+failover-state-wait-promotion';
  if (event !== '') world.event(isQuiet ? 'notice' : 'warning', event, about);
  return true;
}

/** Gives up before anything was promoted; `retryAt` and the usual distance are the election's. */
function abort(
  world: World,
  master: Master,
  fact: 'not_elected' | 'no_good_replica' | 'timeout',
): void {
  move(world, master, fact, master);
}

export function notElected(world: World, master: Master): void {
  abort(world, master, 'not_elected');
}

export function elected(world: World, master: Master): void {
  move(world, master, 'elected', master);
  if (world.crashAfterElection) {
    crash(world);
    return;
  }
  world.event('warning', '+failover-state-select-slave', master);
  world.schedule.arm(master.failoverTimer, world.now + FRESH_INFO_PATIENCE_MS);
  selectWhenFresh(world, master);
}

function crash(world: World): void {
  world.log('warning', 'Sentinel CRASH because of SENTINEL simulate-failure');
  world.emit({ kind: 'exit', code: CRASH_EXIT_CODE });
}

/** Chooses as soon as every replica that can answer has answered since the attempt began. */
function selectWhenFresh(world: World, master: Master): void {
  const { failover } = master;
  if (failover?.state !== 'select_slave') return;
  for (const replica of master.replicas.values()) {
    if (canBeAsked(replica) && replica.infoSent !== 0) return;
  }
  select(world, master);
}

function select(world: World, master: Master): void {
  const replica = selectReplica(world, master);
  if (replica === undefined) {
    abort(world, master, 'no_good_replica');
    restoreMaster(world, master);
    return;
  }
  move(world, master, 'replica_chosen', replica);
  assert(master.failover !== undefined, 'a choice without a failover');
  master.failover = { ...master.failover, promoted: replica };
  world.event('notice', '+failover-state-send-slaveof-noone', replica);
  armTimeout(world, master);
  promote(world, master, replica);
}

/**
 * Nobody can take the place of a master that answers and takes itself for a replica, as one does whose
 * disk did not take its promotion: the fleet would wait for it forever. We were elected, so we may say.
 */
function restoreMaster(world: World, master: Master): void {
  const isThere = world.now - master.link.lastAvailableAt < master.settings.downAfterMs;
  if (master.reportedRole !== 'slave' || !isThere) return;
  if (restoreRole(world, master)) world.event('warning', '+restore-master', master);
}

function armTimeout(world: World, master: Master): void {
  world.schedule.arm(master.failoverTimer, world.now + master.settings.failoverTimeoutMs);
}

/** Tells the chosen replica; without a connection it waits for one until the timeout. */
function promote(world: World, master: Master, replica: Replica): void {
  if (!changeRole(world, replica, undefined)) return;
  move(world, master, 'promotion_sent', replica);
  armTimeout(world, master);
}

/**
 * The chosen replica leads. The epoch goes to the disk first, then the world hears of it. A disk that
 * hangs must not leave two masters: what safety rests on, our vote, is on it already, and if we forget
 * the new address now, whoever was told reminds us with a later epoch.
 */
function promotionSeen(world: World, master: Master, replica: Replica): void {
  const { failover } = master;
  if (failover?.state !== 'wait_promotion' || failover.isSaving) return;
  const saving = { ...failover, isSaving: true };
  master.failover = saving;
  world.schedule.arm(master.failoverTimer, world.now + SAVE_PATIENCE_MS);
  world.save((ok) => {
    if (master.failover !== saving) return;
    // It leads whether we can write or not; keeping silent would leave two masters.
    if (!ok) world.log('warning', 'The new master is told although its epoch was not saved');
    announce(world, master, replica, saving.epoch);
  });
}

function announce(world: World, master: Master, replica: Replica, epoch: number): void {
  master.configEpoch = epoch;
  move(world, master, 'promoted', replica);
  if (world.crashAfterPromotion) {
    crash(world);
    return;
  }
  world.event('warning', '+failover-state-reconf-slaves', master);
  runReconfigScript(world, master, 'leader', master.address, replica.address);
  tellEverybody(world, master);
  armTimeout(world, master);
  reconfigure(world, master);
}

/** client-reconfig-script: clients without a sentinel library learn the new address from it. */
export function runReconfigScript(
  world: World,
  master: Master,
  role: 'leader' | 'observer',
  from: Address,
  to: Address,
): void {
  const path = master.settings.clientReconfigScript;
  if (path === '') return;
  const fromArgs = [world.announced(from), String(from.port)];
  const toArgs = [world.announced(to), String(to.port)];
  const args = [master.name, role, 'start', ...fromArgs, ...toArgs];
  world.emit({ kind: 'script', path, args });
}

/** More replicas may move, or all have arrived. */
export function reconfigure(world: World, master: Master): void {
  const { failover } = master;
  if (failover?.state !== 'reconf_slaves' || failover.promoted === undefined) return;
  const missing = reconfigureMore(world, master, failover.promoted);
  if (missing > 0 || failover.promoted.down.state !== 'up') return;
  move(world, master, 'all_reconfigured', master);
  switchMaster(world, master, failover.promoted);
}

function switchMaster(world: World, master: Master, promoted: Replica): void {
  const from = `${world.announced(master.address)} ${master.address.port}`;
  const to = `${world.announced(promoted.address)} ${promoted.address.port}`;
  const text = `${master.name} ${from} ${to}`;
  world.rawEvent('warning', '+switch-master', text, master);
  changeAddress(world, master, promoted.address);
}

/** The timeout of the state, whichever it is. */
export function onFailoverTimer(world: World, master: Master): void {
  const { failover } = master;
  if (failover === undefined) return;
  if (failover.isSaving) {
    assert(failover.promoted !== undefined, 'saving without a promotion');
    announce(world, master, failover.promoted, failover.epoch);
    return;
  }
  switch (failover.state) {
    case 'wait_start':
    case 'update_config':
      return;
    case 'select_slave':
      select(world, master);
      return;
    case 'send_slaveof_noone':
    case 'wait_promotion':
      abort(world, master, 'timeout');
      return;
    case 'reconf_slaves':
      endForTimeout(world, master);
      return;
  }
}

/** Also when the promoted one has gone: only under its own name can it be failed over in turn. */
function endForTimeout(world: World, master: Master): void {
  const promoted = master.failover?.promoted;
  if (promoted === undefined) return;
  move(world, master, 'timeout', master);
  world.event('warning', '+failover-end', master);
  tellTheRest(world, master, promoted);
  switchMaster(world, master, promoted);
}

/** INFO of a replica came in while its master is being failed over. */
export function onReplicaInfo(world: World, replica: Replica): void {
  const { master } = replica;
  const { failover } = master;
  if (failover === undefined) return;
  if (failover.state === 'select_slave') selectWhenFresh(world, master);
  if (failover.state !== 'wait_promotion' || failover.promoted !== replica) return;
  if (replica.reportedRole === 'master') {
    promotionSeen(world, master, replica);
    return;
  }
  // The connection that carried the command is gone, and perhaps the command with it.
  if (replica.roleSentOn === replica.link.command?.id) pollQuickly(world, replica);
  else changeRole(world, replica, undefined);
}

/** A replica can be reached (again), or cannot be any more. */
export function onReplicaReachable(world: World, replica: Replica): void {
  const { failover } = replica.master;
  if (failover === undefined) return;
  if (failover.state === 'select_slave') selectWhenFresh(world, replica.master);
  else if (failover.state === 'send_slaveof_noone' && failover.promoted === replica) {
    promote(world, replica.master, replica);
  } else if (failover.state === 'wait_promotion' && failover.promoted === replica) {
    askInfo(world, replica);
  } else if (failover.state === 'reconf_slaves') {
    reconfigure(world, replica.master);
  }
}

/** It was told to follow the new master and has not done so in time. */
export function onReconfigurationTimer(world: World, replica: Replica): void {
  moveReplica(world, replica, 'timeout');
  reconfigure(world, replica.master);
}
