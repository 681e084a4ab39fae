// Who is watched: instances come from the configuration, from INFO and from hellos, and go by REMOVE,
// RESET and changes of address.

import { type Address, addressLabel, isIpAddress, sameAddress } from './address.ts';
import { forgetAnswers } from './asking.ts';
import { MAX_REPLICAS } from './info-reply.ts';
import { type DataNode, type Instance, Master, Peer, Replica } from './instance.ts';
import { InstanceLink } from './instance-link.ts';
import { closeLink, connect, reopen } from './links.ts';
import { armHello, armPing } from './probes.ts';
import type { MasterSettings } from './settings.ts';
import type { World } from './world.ts';

/** Sentinels known for one master. Every one counts towards the majority, so a flood must not grow. */
const MAX_PEERS = 128;

/** An address from a host; a name is given the address that it had last, perhaps none. */
export function addressOf(world: World, host: string, port: number): Address {
  const ip = isIpAddress(host) ? host : (world.addresses.get(host.toLowerCase()) ?? '');
  return { host, ip, port };
}

export function addMaster(
  world: World,
  name: string,
  address: Address,
  settings: MasterSettings,
): Master {
  const link = new InstanceLink('master', world.now);
  const master = new Master(name, address, settings, link, world.now);
  world.masters.set(name, master);
  watch(world, master);
  return master;
}

/** undefined when it is known already, or there are too many. */
export function addReplica(world: World, master: Master, address: Address): Replica | undefined {
  const name = addressLabel(world.announced(address) || address.host, address.port);
  if (master.replicas.has(name) || master.replicas.size >= MAX_REPLICAS) return undefined;
  const link = new InstanceLink('replica', world.now);
  const replica = new Replica(master, name, address, link, world.now);
  master.replicas.set(name, replica);
  watch(world, replica);
  return replica;
}

/** The link is that of the same sentinel under other masters, if there is one. */
export function addPeer(
  world: World,
  master: Master,
  runId: string,
  address: Address,
): Peer | undefined {
  if (master.peers.has(runId) || master.peers.size >= MAX_PEERS) return undefined;
  let link = world.peerLinks.get(runId);
  if (link === undefined) {
    link = new InstanceLink('sentinel', world.now);
    world.peerLinks.set(runId, link);
  }
  const peer = new Peer(master, runId, address, link, world.now);
  master.peers.set(runId, peer);
  watch(world, peer);
  return peer;
}

function watch(world: World, instance: Instance): void {
  const { link } = instance;
  const isNew = link.owners.size === 0;
  link.owners.add(instance);
  world.schedule.arm(instance.downTimer, world.now + instance.master.settings.downAfterMs);
  armHello(world, instance);
  armPing(world, link);
  if (isNew) connect(world, link);
}

/** No longer watched; its link goes with its last owner. */
function release(world: World, instance: Instance): void {
  instance.isReleased = true;
  const { schedule } = world;
  schedule.cancel(instance.downTimer);
  schedule.cancel(instance.helloTimer);
  if (instance.type !== 'sentinel') schedule.cancel(instance.infoTimer);
  if (instance.type === 'slave') schedule.cancel(instance.reconfiguredTimer);
  const { link } = instance;
  link.owners.delete(instance);
  if (instance.down.state !== 'up') link.downOwners--;
  if (link.owners.size > 0) return;
  closeLink(world, link);
  schedule.cancel(link.pingTimer);
  if (instance.type === 'sentinel') world.peerLinks.delete(instance.runId);
}

export function removeMaster(world: World, master: Master): void {
  for (const replica of master.replicas.values()) release(world, replica);
  for (const peer of master.peers.values()) release(world, peer);
  for (const timer of [master.askTimer, master.beginTimer, master.failoverTimer]) {
    world.schedule.cancel(timer);
  }
  release(world, master);
  world.masters.delete(master.name);
}

export function removePeer(world: World, master: Master, runId: string): boolean {
  const peer = master.peers.get(runId);
  if (peer === undefined) return false;
  release(world, peer);
  master.peers.delete(runId);
  return true;
}

/**
 * Everything learned about a master is forgotten but its other sentinels; the failover under way
 * too. The link is opened anew, perhaps to another address.
 */
export function forgetState(world: World, master: Master): void {
  for (const replica of master.replicas.values()) release(world, replica);
  master.replicas.clear();
  for (const timer of [master.askTimer, master.beginTimer, master.failoverTimer]) {
    world.schedule.cancel(timer);
  }
  if (master.down.state !== 'up') master.link.downOwners--;
  master.down = { state: 'up' };
  forgetAnswers(master);
  master.rebootedAt = undefined;
  master.failover = undefined;
  master.retryAt = undefined;
  master.splits = 0;
  master.vote = { leader: '', epoch: master.vote.epoch };
  master.attemptedAt = Number.NEGATIVE_INFINITY;
  master.runId = '';
  master.reportedRole = 'master';
  master.reportedRoleAt = world.now;
  master.infoAt = undefined;
  master.info = undefined;
  startAnew(world, master);
}

/** As if it had become known just now. */
function startAnew(world: World, node: DataNode): void {
  const { link } = node;
  node.infoSent = 0;
  link.lastAvailableAt = world.now;
  link.lastPongAt = world.now;
  link.pendingPingAt = world.now;
  link.silentSince = world.now;
  link.isScriptKillSent = false;
  reopen(world, link);
  world.schedule.arm(node.downTimer, world.now + node.master.settings.downAfterMs);
}

/** The master lives at another address now; the old one and all other replicas become its replicas. */
export function changeAddress(world: World, master: Master, address: Address): void {
  const old = master.address;
  const others = [...master.replicas.values()].map((replica) => replica.address);
  const replicas = others.filter((other) => !sameAddress(other, address));
  if (!sameAddress(old, address)) replicas.push(old);
  master.address = address;
  master.lastDownAt = Number.NEGATIVE_INFINITY;
  forgetState(world, master);
  for (const other of replicas) {
    const replica = addReplica(world, master, other);
    if (replica !== undefined) world.event('notice', '+slave', replica);
  }
  world.save();
}
