// The judgement of a sentinel: facts go in, effects come out, in order. It opens no socket, reads no
// clock and draws no random number of its own, so any failover can be replayed, printed and explained
// from its inputs. What happens in which case stands in the files beside this one; here are only the
// way in, the clock, and the way out. Specified by docs/sentinel.md and, where real sentinels must
// agree, by sentinel.c of Redis 7.2.

import { isIpAddress } from './address.ts';
import { onAnswer } from './answers.ts';
import { ask } from './asking.ts';
import { checkDown, onAskTimer } from './detection.ts';
import type { SentinelAnswer, SentinelEffect } from './effect.ts';
import { considerFailover, onElectionTimer } from './election.ts';
import { onFailoverTimer, onReconfigurationTimer, onReplicaReachable } from './failover.ts';
import { readWaiting, receiveHello } from './hello-rules.ts';
import type { SentinelInput } from './input.ts';
import type { Instance, Master } from './instance.ts';
import type { LinkEnd } from './instance-link.ts';
import {
  firstOwner,
  forget,
  onConnectTimer,
  onResolved,
  reopen,
  scheduleReconnect,
} from './links.ts';
import { askInfo, currentAddress, onHelloTimer, onInfoTimer, onPingTimer } from './probes.ts';
import { handleRequest, type Waiting } from './requests.ts';
import { restore, savedState } from './saved-state.ts';
import {
  defaultTimings,
  type GlobalSettings,
  type MasterSettings,
  type SavedState,
  type Timings,
} from './settings.ts';
import type { Task } from './task.ts';
import {
  cachedInfo,
  masterSummary,
  masterView,
  quorumView,
  replicaView,
  sentinelView,
} from './view-builder.ts';
import type {
  CachedInfo,
  MasterSummary,
  MasterView,
  QuorumView,
  ReplicaView,
  SentinelSummary,
  SentinelView,
} from './views.ts';
import { World } from './world.ts';

/** A wake so late that answers may be waiting unread in the sockets. ms. */
const LATE_MS = 20;
/** How long they are waited for at most. ms. */
const MAX_GRACE_MS = 200;
/** At least this often something happens, so that a longer gap is a stalled process. ms. */
const HEARTBEAT_MS = 500;

export interface SentinelCoreOptions {
  readonly state: SavedState;
  readonly timings?: Timings;
  /** Uniform in [0, 1): from a seed in simulations. */
  readonly random: () => number;
}

export class SentinelCore {
  readonly #world: World;
  readonly #saved: SavedState;
  readonly #waiting: Waiting = new Map();
  /** What runs when the state of that id is on disk. */
  readonly #afterSave = new Map<number, ((ok: boolean) => void)[]>();
  #isStarted = false;
  #lastStepAt = 0;
  /** The wake that the shell was asked for and has not given. */
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor({ state, timings = defaultTimings, random }: SentinelCoreOptions) {
    this.#saved = state;
    this.#world = new World(state.myId, state.currentEpoch, state.settings, timings, random);
  }

  /** Takes one fact in. `now` is monotonic, in ms; it never goes back. */
  step(now: number, input: SentinelInput): SentinelEffect[] {
    const world = this.#world;
    world.now = Math.max(now, world.now);
    if (this.#isStarted) this.#checkTilt();
    this.#lastStepAt = world.now;
    this.#take(input);
    this.#emitPersist();
    this.#emitWake();
    return world.takeEffects();
  }

  #take(input: SentinelInput): void {
    const world = this.#world;
    switch (input.kind) {
      case 'start':
        this.#start();
        return;
      case 'wake':
        this.#wake();
        return;
      case 'linkOpened':
        this.#onEnd(input.link, (end) => this.#linkOpened(end, input.localHost));
        return;
      case 'linkClosed':
        this.#onEnd(input.link, (end) => this.#linkClosed(end, input.reason));
        return;
      case 'reply':
        this.#onEnd(input.link, (end) => onAnswer(world, end, input.id, input.reply));
        return;
      case 'message':
        this.#onEnd(input.link, (end) => this.#message(end, input.message));
        return;
      case 'hello':
        receiveHello(world, input.text);
        return;
      case 'resolved':
        this.#resolved(input.host, input.ip);
        return;
      case 'persisted':
        this.#persisted(input.id, input.ok);
        return;
      case 'command': {
        const answer = (reply: SentinelAnswer) =>
          world.emit({ kind: 'answer', id: input.id, answer: reply });
        handleRequest(world, this.#waiting, input.command, answer);
        return;
      }
    }
  }

  #start(): void {
    const world = this.#world;
    this.#isStarted = true;
    restore(world, this.#saved.masters);
    for (const master of world.masters.values()) {
      world.event('warning', '+monitor', master, `quorum ${master.settings.quorum}`);
    }
    this.#armHeartbeat();
  }

  #onEnd(id: number, use: (end: LinkEnd) => void): void {
    const end = this.#world.ends.get(id);
    if (end !== undefined) use(end);
  }

  #linkOpened(end: LinkEnd, localHost: string): void {
    const world = this.#world;
    end.isOpen = true;
    end.localHost = localHost;
    if (end.purpose === 'subscription') {
      end.link.lastMessageAt = world.now;
      return;
    }
    for (const owner of [...end.link.owners]) {
      if (owner.type !== 'sentinel') askInfo(world, owner);
      else ask(world, owner, true);
      onHelloTimer(world, owner);
      if (owner.type === 'slave') onReplicaReachable(world, owner);
    }
  }

  #linkClosed(end: LinkEnd, reason: string): void {
    const world = this.#world;
    const owner = firstOwner(end.link);
    forget(world, end);
    if (owner === undefined) return;
    const name = end.purpose === 'command' ? '-cmd-link-reconnection' : '-pubsub-link-reconnection';
    world.event('debug', name, owner, `#${reason}`);
    scheduleReconnect(world, end.link);
    if (owner.type === 'slave') onReplicaReachable(world, owner);
  }

  /** `message`, the channel and the text; anything else is no hello. */
  #message(end: LinkEnd, message: Extract<SentinelInput, { kind: 'message' }>['message']): void {
    end.link.lastMessageAt = this.#world.now;
    if (message.kind !== 'array' && message.kind !== 'push') return;
    const [kind, , text] = message.items;
    if (message.items.length !== 3 || kind.kind !== 'bulk' || text.kind !== 'bulk') return;
    if (kind.bytes.toString('latin1') !== 'message') return;
    receiveHello(this.#world, text.bytes.toString('latin1', 0, 4096));
  }

  #resolved(host: string, ip: string | undefined): void {
    const world = this.#world;
    const name = host.toLowerCase();
    const isKnown = ip !== undefined && isIpAddress(ip);
    if (isKnown) world.addresses.set(name, ip);
    for (const instance of this.#instances()) {
      if (instance.address.host.toLowerCase() !== name) continue;
      if (isKnown && instance.address.ip !== ip) {
        const hadAddress = instance.address.ip !== '';
        instance.address = { ...instance.address, ip };
        if (hadAddress && !instance.link.isResolving) reopen(world, instance.link);
      }
      onResolved(world, instance.link);
    }
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const go of waiting) go(isKnown);
    readWaiting(world, host, isKnown);
  }

  *#instances(): Iterable<Instance> {
    for (const master of this.#world.masters.values()) {
      yield master;
      yield* master.replicas.values();
      yield* master.peers.values();
    }
  }

  /** One state a step, however many things in it have changed. */
  #emitPersist(): void {
    const world = this.#world;
    if (!world.isChanged) return;
    world.isChanged = false;
    const id = world.nextId();
    this.#afterSave.set(id, world.afterSave);
    world.afterSave = [];
    world.isSaving = true;
    world.emit({ kind: 'persist', id, state: savedState(world) });
  }

  #persisted(id: number, ok: boolean): void {
    const world = this.#world;
    world.isDiskFailing = !ok;
    for (const [waiting, continuations] of this.#afterSave) {
      if (waiting > id) break;
      this.#afterSave.delete(waiting);
      world.isSaving = this.#afterSave.size > 0;
      for (const go of continuations) go(ok);
    }
  }

  #emitWake(): void {
    const { next } = this.#world.schedule;
    if (next >= this.#wakeAt) return;
    this.#wakeAt = next;
    this.#world.emit({ kind: 'wake', at: next });
  }

  #wake(): void {
    const world = this.#world;
    const late = world.now - this.#wakeAt;
    if (late > LATE_MS) world.graceUntil = world.now + Math.min(late, MAX_GRACE_MS);
    this.#wakeAt = Number.POSITIVE_INFINITY;
    for (;;) {
      const timer = world.schedule.takeDue(world.now);
      if (timer === undefined) return;
      if (world.tilt.state === 'tilt' && isActing(timer.task)) {
        world.schedule.arm(timer, world.tilt.since + world.timings.tiltPeriod + 1);
      } else {
        this.#run(timer.task);
      }
    }
  }

  #run(task: Task): void {
    const world = this.#world;
    switch (task.kind) {
      case 'ping':
        return onPingTimer(world, task.link);
      case 'connect':
        return onConnectTimer(world, task.link);
      case 'down':
        return checkDown(world, task.instance);
      case 'hello':
        return onHelloTimer(world, task.instance);
      case 'info':
        return onInfoTimer(world, task.node);
      case 'reconfigured':
        return onReconfigurationTimer(world, task.replica);
      case 'ask':
        return onAskTimer(world, task.master);
      case 'begin':
        return considerFailover(world, task.master);
      case 'failover':
        onElectionTimer(world, task.master);
        return onFailoverTimer(world, task.master);
      case 'heartbeat':
        return this.#armHeartbeat();
    }
  }

  #armHeartbeat(): void {
    const world = this.#world;
    const pause = Math.max(10, Math.min(HEARTBEAT_MS, world.timings.tiltTrigger / 2));
    world.schedule.arm(world.heartbeat, world.now + pause);
  }

  /**
   * A gap in time that is longer than any pause of ours: the process was stopped or starved, and all
   * that seems silent may have spoken. It only watches until it has seen the world for a while. The
   * clock is monotonic, so setting the time of day is nothing.
   */
  #checkTilt(): void {
    const world = this.#world;
    const { tiltTrigger, tiltPeriod } = world.timings;
    if (world.now - this.#lastStepAt > tiltTrigger) {
      world.tilt = { state: 'tilt', since: world.now };
      world.rawEvent('warning', '+tilt', '#tilt mode entered', undefined);
    } else if (world.tilt.state === 'tilt' && world.now - world.tilt.since >= tiltPeriod) {
      world.tilt = { state: 'calm' };
      world.rawEvent('warning', '-tilt', '#tilt mode exited', undefined);
      // Whoever has answered meanwhile is up again, before anything is done about its having been down.
      for (const instance of this.#instances()) {
        if (instance.down.state !== 'up') checkDown(world, instance);
      }
    }
  }

  // What can be seen from outside; nothing below changes anything.

  get myId(): string {
    return this.#world.myId;
  }

  get currentEpoch(): number {
    return this.#world.currentEpoch;
  }

  get settings(): GlobalSettings {
    return this.#world.settings;
  }

  get timings(): Timings {
    return this.#world.timings;
  }

  /** As it would be written now. */
  savedState(): SavedState {
    return this.#isStarted ? savedState(this.#world) : this.#saved;
  }

  masterNames(): readonly string[] {
    return [...this.#world.masters.keys()];
  }

  masterSettings(name: string): MasterSettings | undefined {
    return this.#world.masters.get(name)?.settings;
  }

  masters(now: number): readonly MasterView[] {
    return [...this.#world.masters.values()].map((master) => masterView(this.#world, master, now));
  }

  master(name: string, now: number): MasterView | undefined {
    return this.#about(name, (master) => masterView(this.#world, master, now));
  }

  /** All of them, those that are not announced too. */
  replicas(name: string, now: number): readonly ReplicaView[] | undefined {
    return this.#about(name, ({ replicas }) =>
      [...replicas.values()].map((replica) => replicaView(this.#world, replica, now)),
    );
  }

  sentinels(name: string, now: number): readonly SentinelView[] | undefined {
    return this.#about(name, ({ peers }) =>
      [...peers.values()].map((peer) => sentinelView(this.#world, peer, now)),
    );
  }

  /** SENTINEL GET-MASTER-ADDR-BY-NAME; the successor as soon as it leads. */
  masterAddress(name: string): { readonly host: string; readonly port: number } | undefined {
    return this.#about(name, (master) => {
      const address = currentAddress(master);
      return { host: this.#world.announced(address), port: address.port };
    });
  }

  quorum(name: string): QuorumView | undefined {
    return this.#about(name, (master) => quorumView(this.#world, master));
  }

  masterSummaries(): readonly MasterSummary[] {
    return [...this.#world.masters.values()].map((master) => masterSummary(this.#world, master));
  }

  /** Of all masters, or of those named that exist, each once. */
  cachedInfo(names: readonly string[], now: number): readonly CachedInfo[] {
    const wanted = names.length === 0 ? this.masterNames() : [...new Set(names)];
    return wanted.flatMap((name) => this.#about(name, (master) => [cachedInfo(master, now)]) ?? []);
  }

  summary(now: number): SentinelSummary {
    const { tilt, crashAfterElection, crashAfterPromotion } = this.#world;
    return {
      isTilt: tilt.state === 'tilt',
      tiltSinceSeconds: tilt.state === 'tilt' ? Math.floor((now - tilt.since) / 1000) : -1,
      simulateFailureFlags: (crashAfterElection ? 1 : 0) + (crashAfterPromotion ? 2 : 0),
    };
  }

  #about<T>(name: string, view: (master: Master) => T): T | undefined {
    const master = this.#world.masters.get(name);
    return master === undefined ? undefined : view(master);
  }
}

/** What a stalled process must not do: it may have missed the fact that speaks against it. */
function isActing(task: Task): boolean {
  switch (task.kind) {
    case 'down':
    case 'reconfigured':
    case 'ask':
    case 'begin':
    case 'failover':
      return true;
    default:
      return false;
  }
}
