// What follows from INFO: replicas are discovered, restarts and changes of role are noticed, and a
// replica that is not what the configuration says is put right, after a while in which whoever leads
// a failover can tell the news.

import { sameAddress } from './address.ts';
import { checkDown } from './detection.ts';
import { onReplicaInfo, reconfigure } from './failover.ts';
import { type InfoReport, parseInfo } from './info-reply.ts';
import type { DataNode, Master, Replica } from './instance.ts';
import { armInfo } from './probes.ts';
import { watchReconfiguration } from './reconfiguration.ts';
import { changeRole, keepRole } from './roles.ts';
import { addReplica, addressOf } from './roster.ts';
import type { World } from './world.ts';

/** SENTINEL INFO-CACHE shows this much of an INFO. */
const MAX_CACHED_INFO_BYTES = 256 * 1024;
/** A replica that says it is a master is believed to be news for this many publish periods. */
const NEWS_PERIODS = 4;
/** A correction is not repeated before the first one can show. ms. */
const CORRECTION_PAUSE_MS = 2000;

export function applyInfo(world: World, node: DataNode, bytes: Buffer): void {
  const report = parseInfo(bytes);
  node.info = bytes.subarray(0, MAX_CACHED_INFO_BYTES);
  node.infoAt = world.now;
  noticeRestart(world, node, report);
  if (node.type === 'master') discoverReplicas(world, node, report);
  else readReplica(world, node, report);
  if (report.role !== undefined && report.role !== node.reportedRole) {
    noticeRole(world, node, report.role);
  }
  armInfo(world, node);
  if (node.type === 'slave' && !world.isTilted) actOnReplica(world, node);
}

function noticeRestart(world: World, node: DataNode, { runId }: InfoReport): void {
  if (runId === '' || runId === node.runId) return;
  if (node.runId !== '') {
    world.event('notice', '+reboot', node);
    if (node.type === 'master' && node.settings.rebootDownAfterMs > 0) {
      node.rebootedAt = world.now;
      checkDown(world, node);
    }
  }
  node.runId = runId;
}

function discoverReplicas(world: World, master: Master, report: InfoReport): void {
  for (const { host, port } of report.replicas) {
    const address = addressOf(world, host, port);
    if (address.ip === '' && !world.settings.resolveHostnames) continue;
    if (isKnown(master, address)) continue;
    const replica = addReplica(world, master, address);
    if (replica === undefined) continue;
    world.event('notice', '+slave', replica);
    world.save();
  }
}

/** Mostly it is there under the name that it would get; only a name may hide behind an address. */
function isKnown(master: Master, address: Replica['address']): boolean {
  const direct = master.replicas.get(`${address.host}:${address.port}`);
  if (direct !== undefined && sameAddress(direct.address, address)) return true;
  for (const replica of master.replicas.values()) {
    if (sameAddress(replica.address, address)) return true;
  }
  return false;
}

function readReplica(world: World, replica: Replica, report: InfoReport): void {
  replica.masterLinkDownMs = report.masterLinkDownMs;
  if (report.role !== 'slave') return;
  const { masterHost, masterPort } = report;
  const isOtherHost = masterHost?.toLowerCase() !== replica.masterHost.toLowerCase();
  if (masterHost !== undefined && isOtherHost) {
    replica.masterHost = masterHost;
    replica.masterChangedAt = world.now;
  }
  if (masterPort !== undefined && masterPort !== replica.masterPort) {
    replica.masterPort = masterPort;
    replica.masterChangedAt = world.now;
  }
  replica.isMasterLinkUp = report.isMasterLinkUp ?? replica.isMasterLinkUp;
  replica.priority = report.priority ?? replica.priority;
  replica.offset = report.offset ?? replica.offset;
  replica.isAnnounced = report.isAnnounced ?? replica.isAnnounced;
}

function noticeRole(world: World, node: DataNode, role: DataNode['reportedRole']): void {
  node.reportedRole = role;
  node.reportedRoleAt = world.now;
  if (node.type === 'slave' && role === 'slave') node.masterChangedAt = world.now;
  const name = node.type === role ? '+role-change' : '-role-change';
  world.event('verbose', name, node, `new reported role is ${role}`);
  if (node.type === 'master') checkDown(world, node);
}

function actOnReplica(world: World, replica: Replica): void {
  const { master } = replica;
  const { failover } = master;
  const promoted = failover?.promoted;
  if (promoted !== undefined && replica.reportedRole === 'slave') {
    if (watchReconfiguration(world, replica, promoted)) reconfigure(world, master);
  }
  // The connection that carried the change is gone, and with it the answer that we waited for.
  if (replica.roleSentOn !== replica.link.command?.id) keepRole(world, replica);
  if (promoted !== replica) putRight(world, replica);
  onReplicaInfo(world, replica);
}

/** A replica that leads, or follows somebody else, though its master is well. */
function putRight(world: World, replica: Replica): void {
  const { master } = replica;
  const isLeading = replica.reportedRole === 'master';
  if (!isLeading && followsMaster(replica)) return;
  const patience = isLeading
    ? world.timings.publishPeriod * NEWS_PERIODS
    : master.settings.failoverTimeoutMs;
  const since = isLeading ? replica.reportedRoleAt : replica.masterChangedAt;
  const due = since + patience;
  if (world.now <= due) {
    world.schedule.armNoLater(replica.infoTimer, due + 1);
    return;
  }
  if (!looksSane(world, master) || world.now - replica.lastDownAt <= patience) return;
  if (world.now - replica.correctedAt < CORRECTION_PAUSE_MS) return;
  if (!changeRole(world, replica, master.address)) return;
  replica.correctedAt = world.now;
  world.event('notice', isLeading ? '+convert-to-slave' : '+fix-slave-config', replica);
}

function followsMaster(replica: Replica): boolean {
  const { address } = replica.master;
  const host = replica.masterHost.toLowerCase();
  const isSameHost = host === address.ip.toLowerCase() || host === address.host.toLowerCase();
  return isSameHost && replica.masterPort === address.port;
}

/** It is up, says that it is a master, and said so lately: others may be made to follow it. */
function looksSane(world: World, master: Master): boolean {
  const { down, reportedRole, infoAt } = master;
  const isFresh = infoAt !== undefined && world.now - infoAt < world.timings.infoPeriod * 2;
  return down.state === 'up' && reportedRole === 'master' && isFresh;
}
