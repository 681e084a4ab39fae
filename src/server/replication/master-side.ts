// The master's side of replication on a node: the stream and the replicas that follow it. A replica with
// replicas of its own has this side too; its stream is then its master's, byte for byte.
//
// The stream is written while commands run and read at the end of the poll: then every replica gets what
// is new. While nobody replicates, the sink is not there and a command costs nothing here.

import type {
  MasterService,
  OnlineReplica,
  ReplicaOptions,
  StreamRequest,
} from '../../commands/replication/replication-service.ts';
import { Restriction } from '../../dispatch/admission.ts';
import type { Session } from '../../dispatch/session.ts';
import type { Clock } from '../../env/clock.ts';
import type { Log } from '../../env/log.ts';
import type { LocalDurability } from '../../persistence/replication-facts.ts';
import { encodeCommand } from '../../protocol/encode-command.ts';
import { errors } from '../../protocol/errors.ts';
import type { Backlog } from '../../replication/backlog.ts';
import type { History, HistoryPoint } from '../../replication/history.ts';
import { AttachedReplica, type ReplicaHost } from './attached-replica.ts';
import { FullSync, type FullSyncHost } from './full-sync.ts';
import type { NodeReplicationOptions } from './node-replication.ts';
import { refuseToContinue, refuseToSynchronize } from './refusals.ts';
import { StreamFeed } from './stream-feed.ts';

const PING: Buffer = encodeCommand(['PING']);
const GETACK: Buffer = encodeCommand(['REPLCONF', 'GETACK', '*']);

/** What the other side has to say about serving replicas. */
export interface RoleHooks {
  /** Why nobody is served now; undefined: somebody is. */
  refusal(): string | undefined;
  /** PSYNC … FAILOVER of a client: the error text, or undefined once this node is the master. */
  takeOver(id: string, client: string): string | undefined;
  /** Replicas said where they are; at the end of a poll. */
  acknowledged(): void;
}

/** Since the start or the last CONFIG RESETSTAT. */
export class SyncStatistics {
  full = 0;
  partialOk = 0;
  partialRefused = 0;
  /** Errors that replicas got, who should get no replies at all. */
  unexpectedErrors = 0;
}

export class MasterSide implements MasterService, ReplicaHost, FullSyncHost {
  /** In order of arrival: everybody who asked for the stream. */
  replicas: readonly AttachedReplica[] = [];
  goodReplicas = 0;
  statistics: SyncStatistics = new SyncStatistics();
  /** Replicas have got further, or are gone. */
  onProgress: () => void = () => {};
  /** The append-only file, when there is one. */
  durability: LocalDurability | undefined;
  hooks: RoleHooks = {
    refusal: () => undefined,
    takeOver: () => errors.takeOverOfMaster,
    acknowledged: () => {},
  };
  readonly backlog: Backlog;
  readonly environment: NodeReplicationOptions['environment'];
  readonly settings: NodeReplicationOptions['settings'];
  readonly engine: NodeReplicationOptions['engine'];
  readonly persistence: NodeReplicationOptions['persistence'];
  readonly #options: NodeReplicationOptions;
  readonly #history: History;
  readonly #feed: StreamFeed;
  readonly #fullSync: FullSync;
  readonly #bySession: WeakMap<Session, AttachedReplica> = new WeakMap();
  #isSink = false;
  #isMaster = true;
  #countsCommands = false;
  /** The backlog has bytes that replicas have not been offered. */
  #isDirty = false;
  #wantsAcks = false;
  #hasNewAcks = false;
  /** Sessions in WAIT or WAITAOF. */
  #waiting = 0;
  #ticks = 0;
  #emptySinceMs = 0;

  constructor(options: NodeReplicationOptions, history: History, backlog: Backlog) {
    this.#options = options;
    this.environment = options.environment;
    this.settings = options.settings;
    this.engine = options.engine;
    this.persistence = options.persistence;
    this.backlog = backlog;
    this.#history = history;
    this.#feed = new StreamFeed(history, backlog, () => this.#bytesCame());
    this.#fullSync = new FullSync(this);
    options.dispatcher.propagation.stream = history;
    options.dispatcher.onPollEnd = () => this.#pollEnds();
    this.countGoodReplicas();
  }

  // --- the stream ---

  /** The database that the stream is in (repl-stream-db); -1: none is selected. */
  get streamDb(): number {
    return this.#feed.dbIndex;
  }

  /** A master's bytes on their way to this node's replicas; the history moves on by them. */
  feedVerbatim(bytes: Buffer, start: number, end: number): void {
    if (this.backlog.isOpen) this.#feed.feed(bytes, start, end);
    else this.#history.feed(end - start);
  }

  /** Makes sure that there is a backlog: with the first replica, or when this node gets a master. */
  openBacklog(): void {
    if (this.backlog.isOpen) return;
    this.#options.dispatcher.propagation.flush();
    this.backlog.open(this.#history.offset);
    this.#emptySinceMs = this.#nowMs();
    this.#updateSink();
  }

  /** Frees the backlog: what was is of no use to anybody any more. All replicas must be gone. */
  closeBacklog(): void {
    if (!this.backlog.isOpen) return;
    this.#options.dispatcher.propagation.flush();
    this.backlog.close();
    this.#updateSink();
  }

  /** The node's role changes: whose effects are the stream changes with it. */
  setMaster(isMaster: boolean): void {
    this.#options.dispatcher.propagation.flush();
    this.#isMaster = isMaster;
    this.#feed.forgetDatabase();
    this.#emptySinceMs = this.#nowMs();
    this.#updateSink();
    this.countGoodReplicas();
  }

  /** An AOF needs offsets of its writes although nobody replicates. */
  countCommands(on: boolean): void {
    this.#countsCommands = on;
    this.#updateSink();
  }

  #updateSink(): void {
    const wanted = this.#isMaster && (this.backlog.isOpen || this.#countsCommands);
    if (wanted === this.#isSink) return;
    this.#isSink = wanted;
    const { propagation } = this.#options.dispatcher;
    if (wanted) propagation.addSink(this.#feed);
    else propagation.removeSink(this.#feed);
  }

  #bytesCame(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    // Expiry and timers write outside of any poll with requests.
    this.#options.clients.poll.schedule();
  }

  #pollEnds(): void {
    if (this.#wantsAcks && !this.#isPaused) this.askWhereReplicasAre();
    if (this.#hasNewAcks) this.#useAcks();
    if (!this.#isDirty) return;
    this.#isDirty = false;
    for (const replica of this.replicas) replica.flush();
  }

  /** Under a pause the stream must stand still: somebody compares offsets. */
  get #isPaused(): boolean {
    const paused = Restriction.pausedAll | Restriction.pausedWrite;
    return (this.#options.dispatcher.restrictions & paused) !== 0;
  }

  // --- replicas ---

  get clock(): Clock {
    return this.environment.clock;
  }

  get log(): Log {
    return this.environment.log;
  }

  get timeoutMs(): number {
    return this.settings.replTimeout * 1000;
  }

  get delaysSmallWrites(): boolean {
    return this.settings.replDisableTcpNodelay;
  }

  #nowMs(): number {
    return this.clock.monotonicUs() / 1000;
  }

  offset(): number {
    this.#options.dispatcher.propagation.flush();
    return this.#history.offset;
  }

  #replicaOf(session: Session): AttachedReplica {
    let replica = this.#bySession.get(session);
    if (replica === undefined) {
      replica = new AttachedReplica(session, this);
      this.#bySession.set(session, replica);
    }
    return replica;
  }

  optionsOf(session: Session): ReplicaOptions {
    return this.#replicaOf(session).facts;
  }

  synchronize(session: Session, request: StreamRequest | undefined): string | undefined {
    if (session.role !== 'client') return undefined;
    const replica = this.#replicaOf(session);
    const refused = this.hooks.refusal() ?? refuseToSynchronize(replica);
    if (refused !== undefined) return refused;
    this.log.notice(`Replica ${replica.name()} asks for synchronization`);
    if (request !== undefined && Number.isNaN(request.offset)) {
      this.log.warning(
        `Replica ${replica.name()} asks for synchronization but with a wrong offset`,
      );
      return undefined;
    }
    this.#options.dispatcher.propagation.flush();
    if (request === undefined) replica.facts.isOld = true;
    else if (this.#continues(replica, request)) return undefined;
    this.statistics.full++;
    this.#attach(replica);
    if (!this.backlog.isOpen) this.#beginHistory();
    replica.input({ kind: 'sync' });
    return undefined;
  }

  /** True when the replica goes on from the backlog. */
  #continues(replica: AttachedReplica, { id, offset }: StreamRequest): boolean {
    const answer = this.#history.canContinue(id.toLowerCase(), offset, this.backlog);
    if (answer.kind !== 'possible') {
      refuseToContinue(this.log, replica, id, offset, answer);
      if (!id.startsWith('?')) this.statistics.partialRefused++;
      return false;
    }
    this.statistics.partialOk++;
    this.#attach(replica);
    replica.input({ kind: 'continue', id: this.#history.id, offset });
    this.countGoodReplicas();
    return true;
  }

  #attach(replica: AttachedReplica): void {
    this.replicas = [...this.replicas, replica];
    replica.attach();
  }

  /** Without a backlog nothing was counted: what follows must not pass for what was before. */
  #beginHistory(): void {
    this.#history.changeId(this.environment.random.hex(40));
    this.openBacklog();
    const { id, secondId } = this.#history;
    this.log.notice(
      `Replication backlog created, my new replication IDs are '${id}' and '${secondId}'`,
    );
  }

  takeOver(session: Session, id: string): string | undefined {
    this.log.notice(`Failover request received for replid ${id}.`);
    return this.hooks.takeOver(id, session.dispatcher.describe(session));
  }

  enlist(replica: AttachedReplica): void {
    this.#fullSync.enlist(replica);
  }

  sendFile(replica: AttachedReplica): void {
    this.#fullSync.sendFile(replica);
  }

  countUnexpectedError(): void {
    this.statistics.unexpectedErrors++;
  }

  gone(replica: AttachedReplica): void {
    if (!this.replicas.includes(replica)) return;
    this.replicas = this.replicas.filter((other) => other !== replica);
    this.log.notice(`Connection with replica ${replica.name()} lost.`);
    this.#fullSync.gone(replica);
    this.#emptySinceMs = this.#nowMs();
    this.countGoodReplicas();
    this.onProgress();
  }

  /** Replicas must ask again where they are: the history changes its name, or becomes another. */
  disconnectReplicas(reason: string): void {
    if (this.replicas.length === 0) return;
    this.log.notice(`Disconnecting all replicas: ${reason}`);
    for (const replica of this.replicas) {
      replica.session.close();
      replica.leave();
    }
  }

  beginStream(): HistoryPoint {
    this.#options.dispatcher.propagation.flush();
    this.#feed.forgetDatabase();
    return { id: this.#history.id, offset: this.#history.offset };
  }

  hasNoPersistence(): boolean {
    return this.settings.save.length === 0 && this.durability === undefined;
  }

  // --- acknowledgements ---

  acknowledge(session: Session, offset: number, durable: number): void {
    const replica = this.#bySession.get(session);
    if (replica?.isAttached !== true) return;
    replica.input({ kind: 'ack', offset, durable });
    this.#hasNewAcks = true;
    this.#options.clients.poll.schedule();
  }

  #useAcks(): void {
    this.#hasNewAcks = false;
    if (this.settings.minReplicasToWrite > 0) this.countGoodReplicas();
    if (this.#waiting > 0) this.retryWaits();
    this.hooks.acknowledged();
    this.onProgress();
  }

  /** What WAIT or WAITAOF wait for may have come: also when the AOF has reached the disk. */
  retryWaits(): void {
    const { waiting } = this.#options.dispatcher;
    waiting.retry('wait');
    waiting.retry('waitaof');
  }

  get onlineReplicas(): readonly OnlineReplica[] {
    return this.replicas
      .filter(({ machine }) => machine.isOnline)
      .map(({ address, facts, machine }) => ({
        address,
        port: facts.listeningPort,
        ackOffset: machine.ackOffset,
      }));
  }

  writeOffset(session: Session): number {
    this.#options.dispatcher.propagation.flush();
    return session.writeOffset;
  }

  countExecuted(offset: number): number {
    let count = 0;
    for (const { machine } of this.replicas) {
      if (machine.isOnline && machine.ackOffset >= offset) count++;
    }
    return count;
  }

  countDurable(offset: number): number {
    let count = 0;
    for (const { machine } of this.replicas) {
      if (machine.isOnline && machine.durableOffset >= offset) count++;
    }
    return count;
  }

  get durableOffset(): number {
    return this.durability?.fsyncedOffset ?? -1;
  }

  await(change: 1 | -1): void {
    this.#waiting += change;
    if (change > 0) this.requestAcks();
  }

  /** One GETACK for everybody who wants to know, at the end of the poll. */
  requestAcks(): void {
    this.#wantsAcks = true;
    this.#options.clients.poll.schedule();
  }

  /** Puts the question into the stream now. */
  askWhereReplicasAre(): void {
    this.#wantsAcks = false;
    // A replica's own replicas get what its master sends and nothing else.
    if (!this.#isMaster || !this.backlog.isOpen || this.#isPaused) return;
    this.#options.dispatcher.propagation.flush();
    this.#feed.feed(GETACK, 0, GETACK.length);
  }

  // --- regularly ---

  /** Once a second. `pings`: nobody compares offsets now. */
  tick(pings = true): void {
    const isPingDue = ++this.#ticks % this.settings.replPingReplicaPeriod === 0;
    if (isPingDue && pings && this.#isMaster && this.replicas.length > 0) this.#ping();
    for (const replica of this.replicas) replica.tick();
    this.#freeBacklog();
    this.#fullSync.consider();
    this.#fullSync.removeFile();
    this.countGoodReplicas();
  }

  #ping(): void {
    this.#options.dispatcher.propagation.flush();
    this.#feed.feed(PING, 0, PING.length);
  }

  /** A replica keeps its backlog: it may be the next master. */
  #freeBacklog(): void {
    const { replBacklogTtl } = this.settings;
    if (replBacklogTtl === 0 || !this.#isMaster || !this.backlog.isOpen) return;
    if (this.replicas.length > 0) return;
    if (this.#nowMs() - this.#emptySinceMs <= replBacklogTtl * 1000) return;
    // From here on writes are not counted, so the offset no longer tells one state from another.
    this.#history.changeId(this.environment.random.hex(40));
    this.closeBacklog();
    this.log.notice(
      `Replication backlog freed after ${replBacklogTtl} seconds without connected replicas.`,
    );
  }

  /** min-replicas-to-write: after anything that it depends on changed. */
  countGoodReplicas(): void {
    const { minReplicasToWrite, minReplicasMaxLag } = this.settings;
    const isGood = (one: AttachedReplica): boolean =>
      one.machine.isOnline && one.lagSeconds <= minReplicasMaxLag;
    this.goodReplicas = this.replicas.filter(isGood).length;
    const isShort = minReplicasMaxLag > 0 && this.goodReplicas < minReplicasToWrite;
    this.#options.dispatcher.restrict(Restriction.fewReplicas, this.#isMaster && isShort);
  }

  /** Settings of this side changed. */
  applySettings(): void {
    if (this.backlog.limitBytes !== this.settings.replBacklogSize) {
      this.backlog.resize(this.settings.replBacklogSize);
    }
    this.countGoodReplicas();
  }

  stop(): void {
    this.#fullSync.stop();
  }

  /** A snapshot that is about to be loaded replaces the data that one is being made of. */
  cancelSnapshots(): void {
    this.#fullSync.cancel();
  }
}
