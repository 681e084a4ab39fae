// Builds the views from the world, at one moment.

import { agrees } from './asking.ts';
import { votesNeeded } from './election.ts';
import type { DataNode, Instance, Master, Peer, Replica } from './instance.ts';
import type {
  CachedInfo,
  DataNodeView,
  InstanceView,
  MasterSummary,
  MasterView,
  QuorumView,
  ReplicaView,
  SentinelView,
} from './views.ts';
import type { World } from './world.ts';

function age(now: number, at: number): number {
  return Math.max(0, Math.floor(now - at));
}

function viewOf(world: World, instance: Instance, now: number): InstanceView {
  const { link, down, address } = instance;
  return {
    name: instance.name,
    ip: world.announced(address),
    port: address.port,
    runId: instance.runId,
    flags: flagsOf(world, instance).join(','),
    linkPendingCommands: link.pendingCommands,
    linkRefcount: link.owners.size,
    failoverState: instance.type === 'master' ? instance.failover?.state : undefined,
    lastPingSent: link.pendingPingAt === undefined ? 0 : age(now, link.pendingPingAt),
    lastOkPingReply: age(now, link.lastAvailableAt),
    lastPingReply: age(now, link.lastPongAt),
    sDownTime: down.state === 'up' ? undefined : age(now, down.since),
    oDownTime: down.state === 'odown' ? age(now, down.agreedSince) : undefined,
    downAfterMs: instance.master.settings.downAfterMs,
    refusal: refusalOf(instance),
  };
}

function refusalOf(instance: Instance): string {
  const { refusals } = instance.link;
  return [...refusals].map(([command, error]) => `${command}: ${error}`).join('; ');
}

function flagsOf(world: World, instance: Instance): string[] {
  const { link, down, type } = instance;
  const flags: string[] = [];
  const add = (isSet: boolean, flag: string) => isSet && flags.push(flag);
  add(down.state !== 'up', 's_down');
  add(down.state === 'odown', 'o_down');
  flags.push(type);
  add(!link.isComplete, 'disconnected');
  if (type === 'sentinel') {
    add(agrees(world, instance), 'master_down');
  } else if (type === 'master') {
    add(instance.failover !== undefined, 'failover_in_progress');
    add(instance.failover?.isForced === true, 'force_failover');
  } else {
    const { reconfiguration, master } = instance;
    add(master.failover?.promoted === instance, 'promoted');
    add(reconfiguration.state !== 'none', `reconf_${reconfiguration.state}`);
  }
  add(link.isScriptKillSent, 'script_kill_sent');
  add(type === 'master' && instance.rebootedAt !== undefined, 'master_reboot');
  return flags;
}

function dataNodeView(world: World, node: DataNode, now: number): DataNodeView {
  return {
    ...viewOf(world, node, now),
    infoRefresh: node.infoAt === undefined ? 0 : age(now, node.infoAt),
    roleReported: node.reportedRole,
    roleReportedTime: age(now, node.reportedRoleAt),
  };
}

export function masterView(world: World, master: Master, now: number): MasterView {
  const { settings } = master;
  return {
    ...dataNodeView(world, master, now),
    configEpoch: master.configEpoch,
    replicaCount: master.replicas.size,
    otherSentinelCount: master.peers.size,
    quorum: settings.quorum,
    failoverTimeoutMs: settings.failoverTimeoutMs,
    parallelSyncs: settings.parallelSyncs,
    notificationScript: settings.notificationScript,
    clientReconfigScript: settings.clientReconfigScript,
  };
}

export function replicaView(world: World, replica: Replica, now: number): ReplicaView {
  return {
    ...dataNodeView(world, replica, now),
    masterLinkDownTime: replica.masterLinkDownMs,
    masterLinkStatus: replica.isMasterLinkUp ? 'ok' : 'err',
    masterHost: replica.masterHost || '?',
    masterPort: replica.masterPort,
    priority: replica.priority,
    replicationOffset: replica.offset,
    isAnnounced: replica.isAnnounced,
  };
}

export function sentinelView(world: World, peer: Peer, now: number): SentinelView {
  return {
    ...viewOf(world, peer, now),
    lastHelloMessage: age(now, peer.lastHelloAt),
    votedLeader: peer.vote?.leader ?? '?',
    votedLeaderEpoch: peer.vote?.epoch ?? 0,
  };
}

export function quorumView(world: World, master: Master): QuorumView {
  let usable = 1;
  const refusals: string[] = [];
  const note = (instance: Instance) => {
    const refusal = refusalOf(instance);
    if (refusal !== '')
      refusals.push(`${instance.type} ${world.label(instance.address)}: ${refusal}`);
  };
  note(master);
  for (const peer of master.peers.values()) {
    note(peer);
    if (peer.down.state === 'up') usable++;
  }
  const majority = Math.floor((master.peers.size + 1) / 2) + 1;
  return {
    usable,
    hasQuorum: usable >= master.settings.quorum,
    hasMajority: usable >= majority,
    votesNeeded: votesNeeded(master),
    refusals,
  };
}

export function masterSummary(world: World, master: Master): MasterSummary {
  return {
    name: master.name,
    status: master.down.state === 'up' ? 'ok' : master.down.state,
    ip: world.announced(master.address),
    port: master.address.port,
    replicaCount: master.replicas.size,
    sentinelCount: master.peers.size + 1,
  };
}

export function cachedInfo(master: Master, now: number): CachedInfo {
  const nodes = [master, ...master.replicas.values()].map(({ info, infoAt }) => ({
    age: infoAt === undefined ? 0 : age(now, infoAt),
    info,
  }));
  return { master: master.name, nodes };
}
