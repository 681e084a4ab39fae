// What the answers to our commands mean. Every one is matched to what was sent; a shape that Redis
// does not send says nothing, and an error that refuses us is kept apart from silence: a server that
// answers NOAUTH lives.

import type { Reply } from '../../protocol/reply-reader.ts';
import { hear } from './asking.ts';
import { checkAgreement, checkDown } from './detection.ts';
import { countVotes } from './election.ts';
import { isRunId } from './hello-text.ts';
import type { InstanceLink, InstanceSent, LinkEnd, Question } from './instance-link.ts';
import { closeEnd, commandName, firstOwner, scheduleReconnect, send } from './links.ts';
import { applyInfo } from './node-report.ts';
import { pollQuickly } from './probes.ts';
import { keepRole } from './roles.ts';
import type { World } from './world.ts';

/** Of an error that is kept to be shown. */
const MAX_REFUSAL_LENGTH = 200;

export function onAnswer(world: World, end: LinkEnd, id: number, reply: Reply): void {
  let sent = end.sent.shift();
  while (sent !== undefined && sent.id < id) sent = end.sent.shift();
  if (sent?.id !== id) return;
  const { link } = end;
  const { about } = sent;
  switch (about.what) {
    case 'auth':
      noteRefusal(world, link, 'AUTH', isNeedlessPassword(reply) ? undefined : reply);
      return;
    case 'ping':
      onPong(world, end, reply);
      return;
    case 'subscribe':
      if (reply.kind === 'error') onSubscribeRefused(world, end, reply);
      else noteRefusal(world, link, 'SUBSCRIBE', undefined);
      return;
    case 'kind':
      readKind(link, reply);
      return;
    case 'identity':
      readIdentity(world, link, reply);
      return;
    case 'name':
    case 'scriptKill':
      return;
    default:
      onInstanceAnswer(world, link, id, about, reply);
  }
}

/** Answers about one instance; those about instances that are gone are dropped. */
function onInstanceAnswer(
  world: World,
  link: InstanceLink,
  id: number,
  about: InstanceSent | Question,
  reply: Reply,
): void {
  const { instance } = about;
  if (about.what === 'info' && instance.type !== 'sentinel' && instance.infoSent === id) {
    instance.infoSent = 0;
  }
  if (instance.isReleased) return;
  switch (about.what) {
    case 'info':
      noteRefusal(world, link, 'INFO', reply);
      if (instance.type === 'sentinel') return;
      if (reply.kind === 'bulk' || reply.kind === 'verbatim') {
        applyInfo(world, instance, reply.bytes);
      }
      return;
    case 'hello':
      noteRefusal(world, link, 'PUBLISH', reply);
      if (reply.kind !== 'error') instance.lastHelloSentAt = world.now;
      return;
    case 'role':
      noteRefusal(world, link, 'SLAVEOF', reply);
      return;
    case 'exec':
      noteRefusal(world, link, 'SLAVEOF', firstError(reply));
      if (instance.type !== 'slave') return;
      if (reply.kind === 'array') keepRole(world, instance);
      pollQuickly(world, instance);
      return;
    case 'rewrite':
      noteRefusal(world, link, 'CONFIG', reply);
      return;
    case 'ask':
      noteRefusal(world, link, 'SENTINEL', reply);
      if (link.isStranger) return;
      if (instance.type !== 'sentinel') return;
      if (!hear(world, instance, reply, about.downSince)) return;
      checkAgreement(world, instance.master);
      countVotes(world, instance.master);
      return;
  }
}

/** EXEC: the answer to SLAVEOF is the first. */
function firstError(reply: Reply): Reply | undefined {
  return reply.kind === 'array' ? reply.items[0] : reply;
}

function onPong(world: World, end: LinkEnd, reply: Reply): void {
  const { link } = end;
  link.lastPongAt = world.now;
  if (reply.kind !== 'simple' && reply.kind !== 'error') return;
  noteRefusal(world, link, 'PING', reply);
  const { text } = reply;
  const isPong = text.startsWith('PONG');
  const isBusy = text.startsWith('LOADING') || text.startsWith('MASTERDOWN');
  // Another sentinel that refuses us can neither agree nor vote; a data node that does is not down.
  const isAlive = link.target !== 'sentinel' && isRefusal(reply);
  if (isPong || isBusy || isAlive) {
    onAvailable(world, link, isPong);
  } else if (text.startsWith('BUSY') && link.downOwners > 0 && !link.isScriptKillSent) {
    const owner = firstOwner(link);
    if (owner === undefined) return;
    link.isScriptKillSent = true;
    send(world, end, { what: 'scriptKill' }, [commandName(owner, 'SCRIPT'), 'KILL']);
  }
}

function onAvailable(world: World, link: InstanceLink, isPong: boolean): void {
  link.lastAvailableAt = world.now;
  link.pendingPingAt = undefined;
  link.silentSince = undefined;
  link.attempts = 0;
  if (isPong && link.target === 'master') {
    for (const owner of link.owners) if (owner.type === 'master') owner.rebootedAt = undefined;
  }
  if (link.downOwners === 0) return;
  for (const owner of [...link.owners]) if (owner.down.state !== 'up') checkDown(world, owner);
}

/** The connection is of no use then; the next attempt comes with the usual pause. */
function onSubscribeRefused(world: World, end: LinkEnd, reply: Reply): void {
  noteRefusal(world, end.link, 'SUBSCRIBE', reply);
  closeEnd(world, end);
  end.link.attempts++;
  scheduleReconnect(world, end.link);
}

/** `INFO server` of another sentinel: ours name themselves there, and agree on quicker rules. */
function readKind(link: InstanceLink, reply: Reply): void {
  const text =
    reply.kind === 'bulk' || reply.kind === 'verbatim'
      ? reply.bytes.toString('latin1', 0, 16_384)
      : '';
  link.peerKind = /^understudy_version:/m.test(text) ? 'ours' : 'other';
}

/**
 * SENTINEL MYID: an address can have passed to another sentinel, or two addresses lead to the same one.
 * What it says about a master counts only under its own id, once a hello has told where that lives.
 */
function readIdentity(world: World, link: InstanceLink, reply: Reply): void {
  const owner = firstOwner(link);
  if (owner === undefined || reply.kind !== 'bulk') return;
  const runId = reply.bytes.toString('latin1', 0, 64);
  if (!isRunId(runId) || runId.toLowerCase() === owner.runId.toLowerCase()) return;
  link.isStranger = true;
  const address = world.label(owner.address);
  world.log('warning', `At ${address} is sentinel ${runId}, not ${owner.runId}: it has no vote`);
}

/** Credentials are wrong or missing, or the user may not do this. */
function isRefusal(reply: Reply): boolean {
  return (
    reply.kind === 'error' && /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password)/.test(reply.text)
  );
}

/** A password for a server that wants none: worth no word. */
function isNeedlessPassword(reply: Reply): boolean {
  return reply.kind === 'error' && /without any password|no password is set/.test(reply.text);
}

/** Keeps why a command was refused, or that it is not any more; each change is logged once. */
function noteRefusal(
  world: World,
  link: InstanceLink,
  command: string,
  reply: Reply | undefined,
): void {
  if (reply?.kind !== 'error' || !isRefusal(reply)) {
    if (link.refusals.size > 0) link.refusals.delete(command);
    return;
  }
  const text = reply.text.slice(0, MAX_REFUSAL_LENGTH);
  if (link.refusals.get(command) === text) return;
  link.refusals.set(command, text);
  const owner = firstOwner(link);
  if (owner === undefined) return;
  world.log('warning', `${command} refused by ${world.describe(owner)}: ${text}`);
}
