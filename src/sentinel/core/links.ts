// Opening, closing and using the connections of an instance. What an answer means is not known here.

import { isIpAddress } from './address.ts';
import type { Instance } from './instance.ts';
import type { About, InstanceLink, LinkEnd } from './instance-link.ts';
import type { World } from './world.ts';

/** Commands that may wait for an answer on a link, for each owner; periodic ones are skipped beyond. */
const MAX_PENDING = 100;
/** First pause after a failed attempt; it doubles up to the ping period. */
const FIRST_RETRY_MS = 100;
/** How long a name may take before its last known address is used. */
const RESOLVE_PATIENCE_MS = 1000;

export const helloChannel = '__sentinel__:hello';

/** Brings up whatever is missing of a link; a name is looked up first, each time. */
export function connect(world: World, link: InstanceLink): void {
  const owner = firstOwner(link);
  if (owner === undefined || link.isResolving) return;
  const { host } = owner.address;
  // A name that may no longer be looked up keeps the address it had.
  if (isIpAddress(host) || !world.settings.resolveHostnames) {
    openMissing(world, link, owner);
    return;
  }
  link.isResolving = true;
  link.lastAttemptAt = world.now;
  resolve(world, host);
  world.schedule.arm(link.connectTimer, world.now + RESOLVE_PATIENCE_MS);
}

/** Asks for the address of a name; one question for all who wait. */
export function resolve(world: World, host: string): void {
  world.emit({ kind: 'resolve', host });
}

/** The connect timer: another attempt, or the end of the patience with a name. */
export function onConnectTimer(world: World, link: InstanceLink): void {
  const owner = firstOwner(link);
  if (!link.isResolving || owner === undefined) {
    connect(world, link);
    return;
  }
  link.isResolving = false;
  openMissing(world, link, owner);
}

/** The name has an address now (or the last known one serves on). */
export function onResolved(world: World, link: InstanceLink): void {
  const owner = firstOwner(link);
  if (!link.isResolving || owner === undefined) return;
  link.isResolving = false;
  openMissing(world, link, owner);
}

function openMissing(world: World, link: InstanceLink, owner: Instance): void {
  link.lastAttemptAt = world.now;
  if (owner.address.ip === '') {
    scheduleReconnect(world, link);
    return;
  }
  if (link.command === undefined) {
    link.attempts++;
    link.command = open(world, link, owner, 'command');
    sayWho(world, link.command, owner);
    sendPing(world, link, owner);
    link.isStranger = false;
    if (link.target === 'sentinel') {
      send(world, link.command, { what: 'identity' }, ['SENTINEL', 'MYID']);
    }
    if (link.target === 'sentinel' && link.peerKind === 'unknown') {
      send(world, link.command, { what: 'kind' }, ['INFO', 'server']);
    }
  }
  if (link.target !== 'sentinel' && link.subscription === undefined) {
    link.subscription = open(world, link, owner, 'subscription');
    link.lastMessageAt = world.now;
    sayWho(world, link.subscription, owner);
    const args = [commandName(owner, 'SUBSCRIBE'), helloChannel];
    send(world, link.subscription, { what: 'subscribe' }, args);
  }
}

function open(
  world: World,
  link: InstanceLink,
  owner: Instance,
  purpose: LinkEnd['purpose'],
): LinkEnd {
  const id = world.nextId();
  const { ip, port } = owner.address;
  world.emit({ kind: 'open', link: id, purpose, target: link.target, host: ip, port });
  const end: LinkEnd = {
    id,
    purpose,
    link,
    since: world.now,
    isOpen: false,
    localHost: '',
    sent: [],
  };
  world.ends.set(id, end);
  return end;
}

/** AUTH where there is a password, and the name that CLIENT LIST shows. */
function sayWho(world: World, end: LinkEnd, owner: Instance): void {
  const [user, password] = credentials(world, owner);
  if (password !== '') {
    const args = user === '' ? [password] : [user, password];
    send(world, end, { what: 'auth' }, [commandName(owner, 'AUTH'), ...args]);
  }
  const suffix = end.purpose === 'command' ? 'cmd' : 'pubsub';
  const name = `sentinel-${world.myId.slice(0, 8)}-${suffix}`;
  send(world, end, { what: 'name' }, [commandName(owner, 'CLIENT'), 'SETNAME', name]);
}

function credentials(world: World, owner: Instance): readonly [string, string] {
  if (owner.type !== 'sentinel') {
    return [owner.master.settings.authUser, owner.master.settings.authPass];
  }
  const { sentinelUser, sentinelPass, requirePass } = world.settings;
  return sentinelPass === '' ? ['', requirePass] : [sentinelUser, sentinelPass];
}

/** Names of commands on the data nodes of a master; sentinels know the real ones. */
export function commandName(instance: Instance, command: string): string {
  if (instance.type === 'sentinel') return command;
  return instance.master.settings.renamedCommands.get(command) ?? command;
}

/** Sends on an end that is open or opening; returns the id that its answer will carry. */
export function send(world: World, end: LinkEnd, about: About, args: readonly string[]): number {
  const id = world.nextId();
  end.sent.push({ id, about });
  const subscribes = about.what === 'subscribe';
  world.emit({ kind: 'send', link: end.id, id, args, subscribes });
  return id;
}

/** Whether one more periodic command may go out. */
export function hasRoom(link: InstanceLink): boolean {
  return link.isUsable && link.pendingCommands < MAX_PENDING * Math.max(1, link.owners.size);
}

export function sendPing(world: World, link: InstanceLink, owner: Instance): void {
  if (link.command === undefined) return;
  send(world, link.command, { what: 'ping' }, [commandName(owner, 'PING')]);
  link.lastPingAt = world.now;
  link.pendingPingAt ??= world.now;
  link.silentSince ??= world.now;
}

/** Ends one connection on our side. */
export function closeEnd(world: World, end: LinkEnd | undefined): void {
  if (end === undefined) return;
  world.emit({ kind: 'close', link: end.id });
  forget(world, end);
}

/** Ends what there is of a link and connects again at once: credentials or an address have changed. */
export function reopen(world: World, link: InstanceLink): void {
  closeLink(world, link);
  link.attempts = 0;
  link.refusals.clear();
  connect(world, link);
}

export function closeLink(world: World, link: InstanceLink): void {
  closeEnd(world, link.command);
  closeEnd(world, link.subscription);
  link.isResolving = false;
  world.schedule.cancel(link.connectTimer);
}

/** A connection is gone, by whatever side. */
export function forget(world: World, end: LinkEnd): void {
  const { link } = end;
  world.ends.delete(end.id);
  for (const { about } of end.sent) {
    if (about.what === 'info' && about.instance.type !== 'sentinel') about.instance.infoSent = 0;
  }
  if (link.command === end) {
    link.command = undefined;
    link.silentSince ??= world.now;
  } else if (link.subscription === end) {
    link.subscription = undefined;
  }
}

/**
 * The next attempt: at once after a connection that has worked, so that a restarted server and one
 * that only dropped us are told apart without delay; later and later while nothing answers.
 */
export function scheduleReconnect(world: World, link: InstanceLink): void {
  const { pingPeriod } = world.timings;
  const pause = Math.min(pingPeriod, FIRST_RETRY_MS * 2 ** Math.min(link.attempts, 10));
  world.schedule.armNoLater(link.connectTimer, Math.max(world.now + 1, link.lastAttemptAt + pause));
}

export function firstOwner(link: InstanceLink): Instance | undefined {
  for (const owner of link.owners) return owner;
  return undefined;
}
