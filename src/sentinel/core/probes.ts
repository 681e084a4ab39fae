// What is sent again and again: PING to all, INFO to data nodes, hellos to everybody. Each has its
// own timer; the three of many instances are gathered on a common grid, so that a sentinel of a
// hundred masters wakes twenty times a second and not a thousand.

import { isIpAddress } from './address.ts';
import { formatHello } from './hello-text.ts';
import type { DataNode, Instance, Master, Replica } from './instance.ts';
import type { InstanceLink } from './instance-link.ts';
import {
  closeEnd,
  commandName,
  connect,
  firstOwner,
  hasRoom,
  helloChannel,
  send,
  sendPing,
} from './links.ts';
import type { World } from './world.ts';

/**
 * Periodic commands go out at the nearest multiple of a quarter of their period, within these; deadlines
 * never wait. What many instances are due is done in one wake then, and their answers come together.
 */
const FINEST_GRID_MS = 50;
const COARSEST_GRID_MS = 250;
/**
 * A PING goes out this many times in `down-after`, so that silence is noticed when it is that long,
 * but at least every `ping-period` and not more often than `FASTEST_PING_MS`.
 */
const PINGS_IN_DOWN_AFTER = 4;
const FASTEST_PING_MS = 100;
/** INFO to nodes whose role is about to change, and to replicas in trouble. */
const TROUBLE_INFO_MS = 1000;
/** A connection recycled for silence gets a new chance at once, but not more often than this. */
const SILENT_SUBSCRIPTION_PERIODS = 3;

function gridOf(period: number): number {
  return Math.min(COARSEST_GRID_MS, Math.max(FINEST_GRID_MS, period / 4));
}

/** The grid begins somewhere else in each process: sentinels of one machine must not keep step. */
function afterPeriod(world: World, since: number, period: number): number {
  const grid = gridOf(period);
  // To the nearest one: a wake that came a little late must not cost a whole step.
  const steps = Math.round((since + period - world.gridPhase) / grid);
  return steps * grid + world.gridPhase;
}

/** The longest time between two PINGs of a link. */
export function longestPingPause(world: World, link: InstanceLink): number {
  const period = pingPeriod(world, link);
  return period + gridOf(period);
}

/** Of the owner that is the quickest to call it down. */
function pingPeriod(world: World, link: InstanceLink): number {
  let downAfter = Number.POSITIVE_INFINITY;
  for (const owner of link.owners) {
    downAfter = Math.min(downAfter, owner.master.settings.downAfterMs);
  }
  const wanted = Math.max(FASTEST_PING_MS, downAfter / PINGS_IN_DOWN_AFTER);
  return Math.min(wanted, downAfter, world.timings.pingPeriod);
}

export function armPing(world: World, link: InstanceLink): void {
  world.schedule.arm(link.pingTimer, afterPeriod(world, world.now, pingPeriod(world, link)));
}

export function onPingTimer(world: World, link: InstanceLink): void {
  const owner = firstOwner(link);
  if (owner === undefined) return;
  recycleIfStuck(world, link, owner);
  if (hasRoom(link)) sendPing(world, link, owner);
  armPing(world, link);
  sendAlong(world, link);
}

/**
 * What is due soon anyway goes out together with a PING, in one write: from then on the periods, being
 * multiples of each other, fall together. All hellos to another sentinel travel as one, too.
 */
function sendAlong(world: World, link: InstanceLink): void {
  if (!link.isUsable) return;
  const soon = world.now + pingPeriod(world, link) / 2;
  for (const owner of link.owners) {
    if (owner.helloTimer.at <= soon) onHelloTimer(world, owner);
    if (owner.type !== 'sentinel' && owner.infoTimer.at <= soon) onInfoTimer(world, owner);
  }
}

/**
 * A connection can be dead without being closed (a firewall forgot it, a machine lost power). One
 * that is old enough and silent although it should speak is replaced.
 */
function recycleIfStuck(world: World, link: InstanceLink, owner: Instance): void {
  const { now, timings } = world;
  const { command, subscription, pendingPingAt } = link;
  const half = owner.master.settings.downAfterMs / 2;
  const isOld = (since: number) => now - since > timings.minLinkReconnectPeriod;
  const isMute =
    pendingPingAt !== undefined && now - pendingPingAt > half && now - link.lastPongAt > half;
  if (command !== undefined && isOld(command.since) && isMute) closeEnd(world, command);
  const quiet = timings.publishPeriod * SILENT_SUBSCRIPTION_PERIODS;
  if (subscription !== undefined && isOld(subscription.since) && now - link.lastMessageAt > quiet) {
    closeEnd(world, subscription);
  }
  if (link.command !== command || link.subscription !== subscription) connect(world, link);
}

/** At once; a second question while one is under way would only bring the same answer. */
export function askInfo(world: World, node: DataNode): void {
  const { command } = node.link;
  if (command === undefined || !hasRoom(node.link)) return;
  node.infoSent = send(world, command, { what: 'info', instance: node }, [
    commandName(node, 'INFO'),
  ]);
}

function infoPeriod(world: World, node: DataNode): number {
  const { infoPeriod: usual } = world.timings;
  if (node.type !== 'slave') return usual;
  const { master } = node;
  const inTrouble = master.down.state === 'odown' || master.failover !== undefined;
  const isCutOff = node.masterLinkDownMs !== 0;
  return inTrouble || isCutOff ? Math.min(usual, TROUBLE_INFO_MS) : usual;
}

/** The usual rhythm, counted from the last answer. */
export function armInfo(world: World, node: DataNode): void {
  world.schedule.arm(node.infoTimer, afterPeriod(world, world.now, infoPeriod(world, node)));
}

export function onInfoTimer(world: World, node: DataNode): void {
  if (node.infoSent === 0) askInfo(world, node);
  armInfo(world, node);
}

/** A fresh look at all replicas: the master has fallen silent, and one of them may be chosen soon. */
export function askInfoOfReplicas(world: World, master: Master): void {
  for (const replica of master.replicas.values()) {
    if (replica.infoSent === 0) askInfo(world, replica);
    armInfo(world, replica);
  }
}

/** Until a hello that had nothing durable to tell is tried again. */
const UNSAVED_HELLO_MS = 20;

export function armHello(world: World, instance: Instance): void {
  const at = afterPeriod(world, world.now, world.timings.publishPeriod);
  world.schedule.arm(instance.helloTimer, at);
}

export function onHelloTimer(world: World, instance: Instance): void {
  // A restart would take back what the disk does not hold, and epochs never go back. What cannot
  // wait for a disk, the outcome of a failover that somebody forced, is told when it happens.
  if (world.isSaving || world.isChanged) {
    world.schedule.arm(instance.helloTimer, world.now + UNSAVED_HELLO_MS);
    return;
  }
  if (!world.isDiskFailing) sendHello(world, instance);
  armHello(world, instance);
}

/** Tells one program who we are and where we believe the master to be. */
function sendHello(world: World, instance: Instance): void {
  const { link, master } = instance;
  if (link.command === undefined || !hasRoom(link)) return;
  const { announceIp, announcePort, port } = world.settings;
  const host = announceIp === '' ? plainAddress(link.command.localHost) : announceIp;
  if (host === '') return;
  const current = currentAddress(master);
  const text = formatHello({
    host,
    port: announcePort === 0 ? port : announcePort,
    runId: world.myId,
    currentEpoch: world.currentEpoch,
    master: master.name,
    masterHost: world.announced(current),
    masterPort: current.port,
    configEpoch: master.configEpoch,
  });
  const args = [commandName(instance, 'PUBLISH'), helloChannel, text];
  send(world, link.command, { what: 'hello', instance }, args);
}

/** `::ffff:10.0.0.1` is how a dual-stack socket writes 10.0.0.1. */
function plainAddress(host: string): string {
  const mapped = /^::ffff:(.+)$/i.exec(host)?.[1] ?? '';
  return isIpAddress(mapped) ? mapped : host;
}

/** To everybody, now: something has changed that all should know. */
export function tellEverybody(world: World, master: Master): void {
  for (const instance of [master, ...master.replicas.values(), ...master.peers.values()]) {
    sendHello(world, instance);
    armHello(world, instance);
  }
}

/** Where the master is; once its successor leads and the epoch is saved, the successor. */
export function currentAddress(master: Master): Master['address'] {
  const { failover } = master;
  const isLeading = failover?.state === 'reconf_slaves' || failover?.state === 'update_config';
  return (isLeading ? failover.promoted?.address : undefined) ?? master.address;
}

/** First pause between INFOs while a role changes, ms; it doubles up to the period in trouble. */
const QUICK_POLL_MS = 10;

/** INFO again soon: this replica's role or master is changing, and somebody waits for it. */
export function pollQuickly(world: World, replica: Replica): void {
  const pause = Math.min(TROUBLE_INFO_MS, QUICK_POLL_MS * 2 ** Math.min(replica.quickPolls, 10));
  replica.quickPolls++;
  world.schedule.armNoLater(replica.infoTimer, world.now + pause);
}
