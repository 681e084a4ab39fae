// What follows from a hello: another sentinel is known or has moved, an epoch is later than ours, or
// the master lives somewhere else by now. Hellos come by the hundred a second and nearly all repeat
// the last one of their sender: those cost one look into a table.

import { isIpAddress, sameAddress } from './address.ts';
import { adoptEpoch, isPlausibleEpoch } from './epochs.ts';
import { runReconfigScript } from './failover.ts';
import { type Hello, parseHello } from './hello-text.ts';
import type { Master, Peer } from './instance.ts';
import { reopen, resolve } from './links.ts';
import { currentAddress } from './probes.ts';
import { addPeer, addressOf, changeAddress, removePeer } from './roster.ts';
import type { World } from './world.ts';

/** Names that hellos may make us look up at a time, and senders that may wait for each. */
const MAX_WAITING_NAMES = 64;
const MAX_WAITING_SENDERS = 64;

export function receiveHello(world: World, text: string): void {
  const known = world.hellos.get(text);
  if (known !== undefined && !known.isReleased && known.lastHelloText === text) {
    known.lastHelloAt = world.now;
    return;
  }
  if (text.includes(world.myId)) return;
  const hello = parseHello(text);
  const master = hello === undefined ? undefined : world.masters.get(hello.master);
  if (hello === undefined || master === undefined) return;
  if (!isPlausibleEpoch(world, hello.currentEpoch)) return;
  if (waitsForName(world, hello, text)) return;
  const peer = meet(world, master, hello);
  adoptEpoch(world, master, hello.currentEpoch);
  if (peer === undefined) return;
  if (master.configEpoch < hello.configEpoch) adoptConfiguration(world, master, peer, hello);
  peer.lastHelloAt = world.now;
  remember(world, peer, text);
}

function remember(world: World, peer: Peer, text: string): void {
  if (peer.lastHelloText !== '') world.hellos.delete(peer.lastHelloText);
  peer.lastHelloText = text;
  world.hellos.set(text, peer);
}

/** A name whose address nobody has asked for yet: this hello is read again when it is known. */
function waitsForName(world: World, hello: Hello, text: string): boolean {
  const { masterHost } = hello;
  const name = masterHost.toLowerCase();
  if (isIpAddress(masterHost) || !world.settings.resolveHostnames) return false;
  if (world.addresses.has(name)) return false;
  let waiting = world.waitingHellos.get(name);
  if (waiting === undefined) {
    if (world.waitingHellos.size >= MAX_WAITING_NAMES) return true;
    waiting = new Map();
    world.waitingHellos.set(name, waiting);
    resolve(world, masterHost);
  }
  if (waiting.size < MAX_WAITING_SENDERS) waiting.set(`${hello.runId} ${hello.master}`, text);
  return true;
}

/** The name has been looked up: what waited for it is read; without an address it is dropped. */
export function readWaiting(world: World, host: string, isKnown: boolean): void {
  const name = host.toLowerCase();
  const waiting = world.waitingHellos.get(name);
  if (waiting === undefined) return;
  world.waitingHellos.delete(name);
  if (!isKnown) return;
  for (const text of waiting.values()) receiveHello(world, text);
}

/** The sender, known from now on; undefined when its address can be none. */
function meet(world: World, master: Master, hello: Hello): Peer | undefined {
  const { host, port, runId } = hello;
  if (!isIpAddress(host) && !world.settings.resolveHostnames) return undefined;
  const address = addressOf(world, host, port);
  const known = master.peers.get(runId);
  if (known !== undefined && sameAddress(known.address, address)) return known;
  if (known !== undefined) {
    const text = `ip ${host} port ${port} for ${runId}`;
    world.event('notice', '+sentinel-address-switch', master, text);
    moveSentinel(world, known, address);
    world.save();
    return known;
  }
  dropStranger(world, master, address);
  const peer = addPeer(world, master, runId, address);
  if (peer === undefined) return undefined;
  world.event('notice', '+sentinel', peer);
  world.save();
  return peer;
}

/** Another sentinel is said to live at this address now: the old one is gone, for all masters. */
function dropStranger(world: World, master: Master, address: Peer['address']): void {
  for (const other of master.peers.values()) {
    if (!sameAddress(other.address, address)) continue;
    world.event('notice', '+sentinel-invalid-addr', other);
    for (const each of world.masters.values()) removePeer(world, each, other.runId);
    return;
  }
}

/** The same sentinel at another address, for all masters that it watches with us. */
function moveSentinel(world: World, peer: Peer, address: Peer['address']): void {
  let others = 0;
  for (const owner of peer.link.owners) {
    if (owner.type !== 'sentinel') continue;
    owner.address = address;
    owner.lastHelloText = '';
    owner.saysDown = false;
    owner.vote = undefined;
    if (owner !== peer) others++;
  }
  peer.link.peerKind = 'unknown';
  reopen(world, peer.link);
  if (others > 0) {
    const text = `${others} additional matching instances`;
    world.event('notice', '+sentinel-address-update', peer, text);
  }
}

/**
 * A failover that somebody else has led to its end: the later epoch is right, whatever we see. It may have
 * led back to the address that we are just leaving, so what counts is the one that we would tell.
 */
function adoptConfiguration(world: World, master: Master, peer: Peer, hello: Hello): void {
  master.configEpoch = hello.configEpoch;
  world.save();
  const told = currentAddress(master);
  const address = addressOf(world, hello.masterHost, hello.masterPort);
  const isSame = sameAddress(told, address);
  if (isSame && !isOvertaken(master, hello.configEpoch)) return;
  if (address.ip === '') return;
  world.event('warning', '+config-update-from', peer);
  const old = sameAddress(master.address, address) ? told : master.address;
  if (!isSame) {
    const from = `${world.announced(old)} ${old.port}`;
    const to = `${hello.masterHost} ${hello.masterPort}`;
    world.rawEvent('warning', '+switch-master', `${master.name} ${from} ${to}`, master);
  }
  changeAddress(world, master, address);
  if (!isSame) runReconfigScript(world, master, 'observer', old, master.address);
}

/** Whether an attempt of ours, which has promoted nobody yet, would end in an epoch that is past. */
function isOvertaken({ failover }: Master, configEpoch: number): boolean {
  if (failover === undefined || failover.epoch > configEpoch) return false;
  return failover.state !== 'reconf_slaves' && failover.state !== 'update_config';
}
