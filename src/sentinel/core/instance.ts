// What a sentinel knows about the programs that it watches: masters, their replicas, and the other
// sentinels of each master. Plain state; the rules that change it stand in the files beside this one.
// A state with fields of its own is a variant, so that no field is ever stale.

import type { Address } from './address.ts';
import type { FailoverState } from './failover-table.ts';
import type { InstanceLink } from './instance-link.ts';
import { Timer } from './schedule.ts';
import type { MasterSettings } from './settings.ts';
import type { Task } from './task.ts';

export type Instance = Master | Replica | Peer;
export type DataNode = Master | Replica;
export type Role = 'master' | 'slave';

/** Subjectively down: in our eyes. Objectively: in those of a quorum; masters only. */
export type DownState =
  | { readonly state: 'up' }
  | { readonly state: 'sdown'; readonly since: number }
  | { readonly state: 'odown'; readonly since: number; readonly agreedSince: number };

/** A failover under way; absent while the state is `none`. */
export interface Failover {
  readonly state: Exclude<FailoverState, 'none'>;
  /** In which this sentinel leads, if it is elected. */
  readonly epoch: number;
  /** By command: no votes are needed. */
  readonly isForced: boolean;
  readonly changedAt: number;
  /** Chosen; from `send_slaveof_noone` on. */
  readonly promoted: Replica | undefined;
  /** It leads already, and the new epoch is on its way to the disk: until then nobody is told. */
  readonly isSaving: boolean;
}

/** Where a replica is on its way to the new master. */
export type Reconfiguration =
  | { readonly state: 'none' | 'inprog' | 'done' }
  | { readonly state: 'sent'; readonly at: number };

export interface Vote {
  readonly leader: string;
  readonly epoch: number;
}

abstract class Monitored {
  address: Address;
  link: InstanceLink;
  /** Empty while unknown. */
  runId = '';
  down: DownState = { state: 'up' };
  /** When it last went down; kept when it came back. */
  lastDownAt: number = Number.NEGATIVE_INFINITY;
  /** No longer watched: answers that are still under way are dropped. */
  isReleased = false;
  lastHelloSentAt: number;

  constructor(address: Address, link: InstanceLink, now: number) {
    this.address = address;
    this.link = link;
    this.lastHelloSentAt = now;
  }
}

abstract class MonitoredData extends Monitored {
  reportedRole: Role;
  reportedRoleAt: number;
  /** Of the last INFO; undefined before the first. */
  infoAt: number | undefined;
  info: Buffer | undefined;
  /** An INFO is under way: its id, 0 when none is. */
  infoSent = 0;
  readonly infoTimer: Timer<Task>;

  constructor(address: Address, link: InstanceLink, role: Role, now: number) {
    super(address, link, now);
    this.reportedRole = role;
    this.reportedRoleAt = now;
    this.infoTimer = new Timer<Task>({ kind: 'info', node: this as unknown as DataNode });
  }
}

export class Master extends MonitoredData {
  readonly type = 'master';
  readonly name: string;
  settings: MasterSettings;
  readonly replicas: Map<string, Replica> = new Map();
  /** By run id. */
  readonly peers: Map<string, Peer> = new Map();
  configEpoch = 0;
  /** When it was seen to have restarted; undefined once it answers. */
  rebootedAt: number | undefined;

  /** Our vote: never a second one in its epoch. The leader is empty where it is not known any more. */
  vote: Vote = { leader: '', epoch: 0 };
  /** The vote is being written: nobody is told of it, nor is it counted. */
  isVoteSaved = true;
  /** Who hears of the vote when it is on disk, or is known not to be. */
  voteListeners: ((vote: Vote) => void)[] = [];

  failover: Failover | undefined;
  /** When we last tried, or helped somebody else to: the next attempt keeps its distance. */
  attemptedAt: number = Number.NEGATIVE_INFINITY;
  /** For which attempt the distance was logged. */
  delayLoggedFor: number = Number.NEGATIVE_INFINITY;
  /** After a split vote among sentinels of ours: when to try again; undefined otherwise. */
  retryAt: number | undefined;
  /** Split votes in a row. */
  splits = 0;

  readonly downTimer: Timer<Task> = new Timer<Task>({ kind: 'down', instance: this });
  readonly helloTimer: Timer<Task> = new Timer<Task>({ kind: 'hello', instance: this });
  readonly askTimer: Timer<Task> = new Timer<Task>({ kind: 'ask', master: this });
  readonly beginTimer: Timer<Task> = new Timer<Task>({ kind: 'begin', master: this });
  readonly failoverTimer: Timer<Task> = new Timer<Task>({ kind: 'failover', master: this });

  constructor(
    name: string,
    address: Address,
    settings: MasterSettings,
    link: InstanceLink,
    now: number,
  ) {
    super(address, link, 'master', now);
    this.name = name;
    this.settings = settings;
  }

  get master(): Master {
    return this;
  }
}

export class Replica extends MonitoredData {
  readonly type = 'slave';
  readonly master: Master;
  /** Announced host and port: its key in the master's table. */
  readonly name: string;
  /** ms; 0 while its link to its master is up. */
  masterLinkDownMs = 0;
  isMasterLinkUp = false;
  /** Empty while unknown. */
  masterHost = '';
  masterPort = 0;
  /** When it last began to follow another master. */
  masterChangedAt: number;
  priority = 100;
  offset = 0n;
  isAnnounced = true;
  reconfiguration: Reconfiguration = { state: 'none' };
  /** On which connection the role was changed last; 0: on none. */
  roleSentOn = 0;
  /** It was told to keep the role in its configuration file. */
  isRoleKept = true;
  /** When it was last put right: +convert-to-slave, +fix-slave-config. */
  correctedAt: number = Number.NEGATIVE_INFINITY;
  /** INFO is asked for again and again while a role changes: how often that was. */
  quickPolls = 0;

  readonly downTimer: Timer<Task> = new Timer<Task>({ kind: 'down', instance: this });
  readonly helloTimer: Timer<Task> = new Timer<Task>({ kind: 'hello', instance: this });
  readonly reconfiguredTimer: Timer<Task> = new Timer<Task>({
    kind: 'reconfigured',
    replica: this,
  });

  constructor(master: Master, name: string, address: Address, link: InstanceLink, now: number) {
    super(address, link, 'slave', now);
    this.master = master;
    this.name = name;
    this.masterChangedAt = now;
  }
}

export class Peer extends Monitored {
  readonly type = 'sentinel';
  readonly master: Master;
  lastHelloAt: number;
  /** Its last hello, which it repeats word by word while nothing happens; empty: none. */
  lastHelloText = '';
  /** What it said about the master, and when; older than five times the ask period it is void. */
  saysDown = false;
  saidAt: number = Number.NEGATIVE_INFINITY;
  vote: Vote | undefined;

  readonly downTimer: Timer<Task> = new Timer<Task>({ kind: 'down', instance: this });
  readonly helloTimer: Timer<Task> = new Timer<Task>({ kind: 'hello', instance: this });

  constructor(master: Master, runId: string, address: Address, link: InstanceLink, now: number) {
    super(address, link, now);
    this.master = master;
    this.runId = runId;
    this.lastHelloAt = now;
  }

  /** Sentinels have no other name. */
  get name(): string {
    return this.runId;
  }
}
