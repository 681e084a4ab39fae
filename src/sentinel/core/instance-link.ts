// The connections to one program and what they tell about its life. A data node has a command link
// and a subscription link of its own; another sentinel has one command link, however many masters we
// watch together: it is alive or not, and one PING a second tells.

import type { Instance } from './instance.ts';
import { Timer } from './schedule.ts';
import type { Task } from './task.ts';

/** A command on its way. Answers come in the order of sending, so a queue of these is enough. */
export interface Sent {
  readonly id: number;
  readonly about: About;
}

export type About = LinkSent | InstanceSent | Question;

/** What an answer is for: about the program at the other end. */
export interface LinkSent {
  readonly what: 'auth' | 'name' | 'ping' | 'subscribe' | 'kind' | 'identity' | 'scriptKill';
}

/** About one instance: several share a link to another sentinel. */
export interface InstanceSent {
  readonly what: 'info' | 'hello' | 'role' | 'exec' | 'rewrite';
  readonly instance: Instance;
}

/** What another sentinel thinks of a master. */
export interface Question {
  readonly what: 'ask';
  readonly instance: Instance;
  /** When the master went down that it is about: an answer says nothing about the next time. */
  readonly downSince: number;
}

/** One connection. Gone once closed: a new one gets a new id. */
export interface LinkEnd {
  readonly id: number;
  readonly purpose: 'command' | 'subscription';
  readonly link: InstanceLink;
  readonly since: number;
  isOpen: boolean;
  localHost: string;
  readonly sent: Sent[];
}

/** What kind of sentinel answers: ours agree on quicker rules, real ones keep Redis's. */
export type PeerKind = 'unknown' | 'ours' | 'other';

export class InstanceLink {
  readonly target: 'master' | 'replica' | 'sentinel';
  /** One, or the same sentinel under several masters. The first one's address and settings count. */
  readonly owners: Set<Instance> = new Set();
  command: LinkEnd | undefined;
  subscription: LinkEnd | undefined;

  /** Last acceptable answer to PING; at first, when the instance became known. */
  lastAvailableAt: number;
  /** Last answer to PING of any kind. */
  lastPongAt: number;
  /** Last PING; -Infinity before the first. */
  lastPingAt: number = Number.NEGATIVE_INFINITY;
  /** When the first PING was sent that has no acceptable answer; undefined when all have one. */
  pendingPingAt: number | undefined;
  /**
   * Since when nothing proves it alive: that PING, or the end of the connection if that was first;
   * undefined while it answers.
   */
  silentSince: number | undefined;
  lastMessageAt: number;
  /** Connection attempts since the last acceptable answer: they come less and less often. */
  attempts = 0;
  lastAttemptAt: number = Number.NEGATIVE_INFINITY;
  /** A name is being resolved; the attempt goes on when the answer comes. */
  isResolving = false;
  /** Errors that refuse our credentials or rights, by the command that met them. */
  readonly refusals: Map<string, string> = new Map();
  /** Owners that are subjectively down: they must hear of the next acceptable answer. */
  downOwners = 0;
  isScriptKillSent = false;
  peerKind: PeerKind = 'unknown';
  /** Another sentinel than ours lives at this address: its word must not count for two. */
  isStranger = false;

  readonly pingTimer: Timer<Task>;
  readonly connectTimer: Timer<Task>;

  constructor(target: InstanceLink['target'], now: number) {
    this.target = target;
    this.lastAvailableAt = now;
    this.lastPongAt = now;
    this.lastMessageAt = now;
    this.silentSince = now;
    this.pendingPingAt = now;
    this.pingTimer = new Timer<Task>({ kind: 'ping', link: this });
    this.connectTimer = new Timer<Task>({ kind: 'connect', link: this });
  }

  /** Commands can be sent and will be answered, as far as we know. */
  get isUsable(): boolean {
    return this.command?.isOpen === true;
  }

  get isComplete(): boolean {
    return this.isUsable && (this.target === 'sentinel' || this.subscription?.isOpen === true);
  }

  get pendingCommands(): number {
    return (this.command?.sent.length ?? 0) + (this.subscription?.sent.length ?? 0);
  }
}
