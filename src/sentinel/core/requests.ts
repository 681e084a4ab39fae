// Commands of people and of other sentinels. Their syntax has been checked; what they change is
// answered once it is on disk.

import { Glob } from '../../util/glob.ts';
import { type Address, isHost, isIpAddress, isPort, sameAddress } from './address.ts';
import { checkDown } from './detection.ts';
import type { SentinelAnswer } from './effect.ts';
import { startElection } from './election.ts';
import { isRunId } from './hello-text.ts';
import type { MasterChange, SentinelRequest } from './input.ts';
import type { Master } from './instance.ts';
import { reopen, resolve } from './links.ts';
import { armHello, armInfo, armPing } from './probes.ts';
import { addMaster, addressOf, forgetState, removeMaster, removePeer } from './roster.ts';
import { selectReplica } from './selection.ts';
import { defaultMasterSettings, type GlobalSettings, type MasterSettings } from './settings.ts';
import { requestVote } from './voting.ts';
import type { World } from './world.ts';

export type Answer = (answer: SentinelAnswer) => void;
type Request<Name extends SentinelRequest['name']> = Extract<SentinelRequest, { name: Name }>;

/** MONITOR with a name that is being resolved: what goes on when its address comes, or does not. */
export type Waiting = Map<string, ((isKnown: boolean) => void)[]>;
/** MONITOR commands that may wait for names. */
const MAX_WAITING = 64;

export function handleRequest(
  world: World,
  waiting: Waiting,
  request: SentinelRequest,
  answer: Answer,
): void {
  switch (request.name) {
    case 'monitor':
      monitorHost(world, waiting, request, answer);
      return;
    case 'reset':
      answer({ kind: 'count', count: reset(world, request.pattern) });
      return;
    case 'isMasterDown':
      isMasterDown(world, request, answer);
      return;
    case 'configSet':
      configSet(world, request.changes, answer);
      return;
    case 'debug':
      world.timings = { ...world.timings, ...request.changes };
      for (const master of world.masters.values()) rearm(world, master);
      answer({ kind: 'ok' });
      return;
    case 'simulateFailure':
      world.crashAfterElection = request.crashAfterElection;
      world.crashAfterPromotion = request.crashAfterPromotion;
      answer({ kind: 'ok' });
      return;
    case 'flushConfig':
      saveAndAnswer(world, answer);
      return;
    default: {
      const master = world.masters.get(request.master);
      if (master === undefined) answer({ kind: 'unknownMaster' });
      else handleMasterRequest(world, master, request, answer);
    }
  }
}

function handleMasterRequest(
  world: World,
  master: Master,
  request: Request<'remove' | 'set' | 'failover'>,
  answer: Answer,
): void {
  switch (request.name) {
    case 'remove':
      world.event('warning', '-monitor', master);
      removeMaster(world, master);
      saveAndAnswer(world, answer);
      return;
    case 'set':
      for (const change of request.changes) applyChange(world, master, change);
      saveAndAnswer(world, answer);
      return;
    case 'failover':
      if (master.failover !== undefined) answer({ kind: 'failoverInProgress' });
      else if (selectReplica(world, master) === undefined) answer({ kind: 'noGoodReplica' });
      else {
        world.log('notice', `Executing user requested FAILOVER of '${master.name}'`);
        startElection(world, master, true);
        answer({ kind: 'ok' });
      }
      return;
  }
}

function saveAndAnswer(world: World, answer: Answer): void {
  world.save((ok) => answer(ok ? { kind: 'ok' } : { kind: 'notSaved' }));
}

function monitorHost(
  world: World,
  waiting: Waiting,
  request: Request<'monitor'>,
  answer: Answer,
): void {
  const { host } = request;
  const isName = !isIpAddress(host);
  if (isName && (!world.settings.resolveHostnames || !isHost(host))) {
    answer({ kind: 'invalidHost' });
    return;
  }
  if (!isName || world.addresses.has(host.toLowerCase())) {
    monitor(world, request, answer);
    return;
  }
  const others = waiting.get(host.toLowerCase()) ?? [];
  if (others.length >= MAX_WAITING || waiting.size >= MAX_WAITING) {
    answer({ kind: 'invalidHost' });
    return;
  }
  if (others.length === 0) resolve(world, host);
  others.push((isKnown) => {
    if (isKnown) monitor(world, request, answer);
    else answer({ kind: 'invalidHost' });
  });
  waiting.set(host.toLowerCase(), others);
}

function monitor(world: World, request: Request<'monitor'>, answer: Answer): void {
  const { master: name, host, port, quorum } = request;
  if (!isPort(port)) {
    answer({ kind: 'invalidPort' });
    return;
  }
  if (world.masters.has(name)) {
    answer({ kind: 'duplicateMaster' });
    return;
  }
  const settings = defaultMasterSettings(quorum, world.timings);
  const master = addMaster(world, name, addressOf(world, host, port), settings);
  world.event('warning', '+monitor', master, `quorum ${quorum}`);
  saveAndAnswer(world, answer);
}

function applyChange(world: World, master: Master, change: MasterChange): void {
  const { rename } = change;
  const old = master.settings;
  let renamedCommands = old.renamedCommands;
  if (rename !== undefined) {
    const from = rename.from.toUpperCase();
    const next = new Map(renamedCommands);
    next.delete(from);
    if (rename.to.toUpperCase() !== from) next.set(from, rename.to);
    renamedCommands = next;
  }
  master.settings = { ...old, ...change.settings, renamedCommands };
  world.event('warning', '+set', master, change.event);
  if (isOther(old, master.settings, ['authUser', 'authPass'])) {
    reopen(world, master.link);
    for (const replica of master.replicas.values()) reopen(world, replica.link);
  }
  if (isOther(old, master.settings, ['downAfterMs', 'rebootDownAfterMs'])) rearm(world, master);
}

function isOther<T extends MasterSettings | GlobalSettings>(
  before: T,
  after: T,
  keys: readonly (keyof T)[],
): boolean {
  return keys.some((key) => before[key] !== after[key]);
}

/** Periods or limits have changed: every timer of this master begins anew. */
function rearm(world: World, master: Master): void {
  const nodes = [master, ...master.replicas.values()];
  for (const node of nodes) armInfo(world, node);
  for (const instance of [...nodes, ...master.peers.values()]) {
    armPing(world, instance.link);
    armHello(world, instance);
    checkDown(world, instance);
  }
}

function reset(world: World, pattern: string): number {
  const glob = new Glob(Buffer.from(pattern, 'latin1'));
  let count = 0;
  for (const master of world.masters.values()) {
    if (!glob.matches(Buffer.from(master.name, 'latin1'))) continue;
    for (const runId of [...master.peers.keys()]) removePeer(world, master, runId);
    forgetState(world, master);
    world.event('warning', '+reset-master', master);
    world.save();
    count++;
  }
  return count;
}

/** Asked by address, not by name: other sentinels may call the same master by another name. */
function isMasterDown(world: World, request: Request<'isMasterDown'>, answer: Answer): void {
  const { host, port, epoch, runId } = request;
  const address = addressOf(world, host, port);
  const master = findByAddress(world, address);
  const isDown = !world.isTilted && master !== undefined && master.down.state !== 'up';
  if (master === undefined || !isRunId(runId)) {
    answer({ kind: 'masterDown', isDown, leader: '*', leaderEpoch: 0 });
    return;
  }
  requestVote(world, master, epoch, runId, ({ leader, epoch: leaderEpoch }) =>
    answer({ kind: 'masterDown', isDown, leader: leader || '*', leaderEpoch }),
  );
}

function findByAddress(world: World, address: Address): Master | undefined {
  for (const master of world.masters.values()) {
    if (sameAddress(master.address, address)) return master;
  }
  return undefined;
}

function configSet(world: World, changes: Partial<GlobalSettings>, answer: Answer): void {
  const old = world.settings;
  world.settings = { ...old, ...changes };
  saveAndAnswer(world, answer);
  if (!isOther(old, world.settings, ['sentinelUser', 'sentinelPass'])) return;
  for (const link of world.peerLinks.values()) reopen(world, link);
}
