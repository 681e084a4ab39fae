// Replication on a node: one history and one backlog, which outlive every change of role, and the two
// sides that use them. What a side decides is pure and in src/replication; this folder connects it with
// sessions, sockets, timers and snapshots.

import type {
  MasterLink,
  ReplicationService,
} from '../../commands/replication/replication-service.ts';
import type { FailoverWish, MasterAddress } from '../../commands/replication/role-service.ts';
import type { InfoLine } from '../../commands/shared/info/info-lines.ts';
import { Restriction } from '../../dispatch/admission.ts';
import type { Session } from '../../dispatch/session.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Environment } from '../../env/environment.ts';
import type { Timer } from '../../env/timers.ts';
import type { Clients } from '../../net/clients.ts';
import type { RdbPersistence } from '../../persistence/rdb-persistence.ts';
import type { LoadedFacts, ReplicationFacts } from '../../persistence/replication-facts.ts';
import { errors } from '../../protocol/errors.ts';
import type { RdbString } from '../../rdb/rdb-source.ts';
import { Backlog } from '../../replication/backlog.ts';
import { type FailoverCandidate, isAt } from '../../replication/failover.ts';
import { History } from '../../replication/history.ts';
import type { StateKind } from '../../replication/replica-link-state.ts';
import type { Settings } from '../config/settings.ts';
import type { NodeDispatcher } from '../node-dispatcher.ts';
import { FailoverDriver } from './failover-driver.ts';
import { linkLines } from './link-lines.ts';
import { LocalExpiry } from './local-expiry.ts';
import { MasterSide, SyncStatistics } from './master-side.ts';
import { ReplicaSide } from './replica-side.ts';
import { RestoredHistory } from './restored-history.ts';

/** The node's parts, some of which are made after this one: read when they are needed. */
export interface NodeReplicationOptions {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly engine: Engine;
  readonly dispatcher: NodeDispatcher;
  readonly clients: Clients<Session>;
  readonly persistence: RdbPersistence;
  readonly debug: { readonly cronPaused: boolean };
  /** The port that clients reach this node by. */
  readonly port: number;
  /** Ends the process with a report. */
  crash(reason: string): void;
}

const TICK_MS = 1000;

export class NodeReplication implements ReplicationService, ReplicationFacts {
  readonly history: History;
  readonly backlog: Backlog;
  readonly master: MasterSide;
  readonly replica: ReplicaSide;
  readonly failover: FailoverDriver;
  /** Keys that clients of a writable replica gave a time. */
  readonly localExpiry: LocalExpiry;
  /** A snapshot begins to take the place of all data, or is there: an AOF stands aside meanwhile. */
  onSnapshotLoad: (isBeginning: boolean) => void = () => {};
  readonly #options: NodeReplicationOptions;
  readonly #restored: RestoredHistory;
  #timer: Timer | undefined;

  constructor(options: NodeReplicationOptions) {
    this.#options = options;
    this.history = new History(this.newId());
    this.backlog = new Backlog(options.settings.replBacklogSize);
    this.master = new MasterSide(options, this.history, this.backlog);
    this.replica = new ReplicaSide(options, this);
    this.failover = new FailoverDriver(options, this);
    this.localExpiry = new LocalExpiry(options.engine);
    this.#restored = new RestoredHistory(options.settings);
    this.master.hooks = {
      refusal: () => this.#refusal(),
      takeOver: (id, client) => this.#takeOver(id, client),
      acknowledged: () => this.failover.tick(),
    };
    this.replica.adoptConfiguredRole();
  }

  newId(): string {
    return this.#options.environment.random.hex(40);
  }

  /** The data are loaded and the node serves. */
  start(): void {
    this.replica.start();
    this.#timer = this.#options.environment.timers.every(TICK_MS, () => {
      if (this.#options.debug.cronPaused) return;
      this.master.tick(!this.failover.isActive);
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.failover.stop();
    this.replica.stop();
    this.master.stop();
  }

  /** Error replies on links between nodes, in either direction. */
  get unexpectedErrors(): number {
    return this.master.statistics.unexpectedErrors + this.replica.faults.errors;
  }

  resetStatistics(): void {
    this.master.statistics = new SyncStatistics();
    this.replica.faults.errors = 0;
  }

  /** Memory that only slow replicas need, which no key is evicted for. */
  get slowReplicasBytes(): number {
    return this.backlog.excessBytes;
  }

  // --- the role ---

  get role(): 'master' | 'replica' {
    return this.replica.isReplica ? 'replica' : 'master';
  }

  get masterAddress(): MasterAddress | undefined {
    return this.replica.master;
  }

  follow(master: MasterAddress): void {
    this.replica.follow(master);
  }

  promote(): void {
    this.replica.promote();
  }

  /** What the role means to others; after every change of it and of the directives that it goes with. */
  onChange(): void {
    const { dispatcher, engine, settings, environment } = this.#options;
    const { isReplica, isUp } = this.replica;
    if (environment.log.role !== 'C') environment.log.role = isReplica ? 'S' : 'M';
    const isWritable = isReplica && !settings.replicaReadOnly;
    dispatcher.restrict(Restriction.readOnly, isReplica && settings.replicaReadOnly);
    dispatcher.restrict(Restriction.stale, isReplica && !isUp && !settings.replicaServeStaleData);
    const evicts = !isReplica || !settings.replicaIgnoreMaxmemory;
    dispatcher.restrict(Restriction.memory, settings.maxmemory > 0 && evicts);
    engine.mayExpire = !isReplica;
    this.localExpiry.follow(isWritable);
  }

  /** A directive of replication has changed. */
  applySettings(): void {
    this.master.applySettings();
    this.onChange();
  }

  /** Why no replica is served now. */
  #refusal(): string | undefined {
    if (this.failover.isActive) return errors.noSyncInFailover;
    if (this.replica.isReplica && !this.replica.isUp) return errors.noMasterLink;
    return undefined;
  }

  #takeOver(id: string, client: string): string | undefined {
    if (!this.replica.isReplica) return errors.takeOverOfMaster;
    if (id.toLowerCase() !== this.history.id) return errors.takeOverOfOther;
    this.replica.promote();
    this.#options.environment.log.notice(`MASTER MODE enabled (failover request from '${client}')`);
    return undefined;
  }

  // --- FAILOVER ---

  get isFailingOver(): boolean {
    return this.failover.isActive;
  }

  get isTakingOver(): boolean {
    return this.failover.isTakingOver;
  }

  get replicaCount(): number {
    return this.master.replicas.length;
  }

  replicaAt(address: MasterAddress): { readonly isOnline: boolean } | undefined {
    return this.candidates().find((one) => isAt(one, address));
  }

  candidates(): readonly FailoverCandidate[] {
    return this.master.replicas.map(({ address, facts, machine }) => ({
      host: address,
      port: facts.listeningPort,
      isOnline: machine.isOnline,
      acknowledgedOffset: machine.ackOffset,
    }));
  }

  requestAcknowledgements(): void {
    this.master.requestAcks();
  }

  beginFailover(wish: FailoverWish): void {
    this.failover.begin(wish);
  }

  abortFailover(): void {
    this.failover.abort('Failover manually aborted');
  }

  failoverAnswered(isAccepted: boolean): void {
    this.failover.answered(isAccepted);
  }

  // --- the history ---

  /** With what the running poll has written. */
  get offset(): number {
    this.#options.dispatcher.propagation.flush();
    return this.history.offset;
  }

  get id(): string {
    return this.history.id;
  }

  /** DEBUG CHANGE-REPL-ID. */
  changeId(): void {
    this.history.changeId(this.newId());
  }

  /** The database that the stream has selected at the offset; -1 when its next command does. */
  get streamDb(): number {
    return this.replica.isReplica ? this.replica.streamDb : this.master.streamDb;
  }

  get isKept(): boolean {
    if (this.replica.isReplica) return this.replica.resumePoint !== undefined;
    return this.backlog.isOpen;
  }

  get fsyncedOffset(): number {
    return this.master.durability?.fsyncedOffset ?? -1;
  }

  /** What goes into every RDB file, so that a restart can go on in this history. */
  facts(): readonly (readonly [name: string, value: string])[] {
    if (!this.isKept) return [];
    const { id, offset } = this;
    return [
      ['repl-stream-db', String(Math.max(0, this.streamDb))],
      ['repl-id', id],
      ['repl-offset', String(offset)],
    ];
  }

  /** A key was left out of the data that are loaded. */
  expiredAtLoad(dbIndex: number, key: RdbString): void {
    this.#restored.expired(dbIndex, key);
  }

  /** The file that was loaded at the start, if it says where its data stand. */
  restoreFromFile(facts: ReadonlyMap<string, string>): void {
    const id = facts.get('repl-id');
    const offset = Number(facts.get('repl-offset') ?? Number.NaN);
    const streamDb = Number(facts.get('repl-stream-db') ?? 0);
    if (id === undefined || !/^[0-9a-zA-Z]{40}$/.test(id) || !(offset >= 0)) return;
    this.restore({ id, offset, streamDb: Number.isInteger(streamDb) ? streamDb : 0 });
  }

  /** The data at the start are what this history says. */
  restore({ id, offset, streamDb }: LoadedFacts): void {
    const { engine } = this.#options;
    if (this.replica.isReplica) {
      this.history.resume({ id, offset });
      this.replica.restored(streamDb > 0 && streamDb < engine.databases.length ? streamDb : 0);
    } else {
      this.history.succeed({ id, offset });
      this.#restored.apply(this.history, this.master);
    }
  }

  snapshotLoading(isBeginning: boolean): void {
    if (isBeginning) this.master.cancelSnapshots();
    this.onSnapshotLoad(isBeginning);
  }

  acknowledge(): void {
    this.replica.acknowledge();
  }

  linkLines(): readonly InfoLine[] {
    return linkLines(this.replica, this.history, this.#options.settings);
  }

  /** INFO's word. */
  get failoverState(): string {
    return this.failover.machine.word;
  }

  get masterSide(): MasterSide {
    return this.master;
  }

  get link(): MasterLink | undefined {
    const { master, state, isUp } = this.replica;
    if (master === undefined) return undefined;
    return { ...master, state: LINK_WORDS[state.kind], offset: isUp ? this.history.offset : -1 };
  }
}

const LINK_WORDS: Readonly<Record<StateKind, MasterLink['state']>> = {
  idle: 'none',
  waiting: 'connect',
  connecting: 'connecting',
  handshaking: 'handshake',
  promised: 'sync',
  receiving: 'sync',
  loading: 'sync',
  streaming: 'connected',
};
