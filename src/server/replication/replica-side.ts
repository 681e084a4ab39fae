// The replica's side of replication on a node: it does what the link's machine says, with a socket, a
// snapshot and a stream. It owns no history: what it received moves the node's one history on.

import { AclUser } from '../../dispatch/acl/acl-user.ts';
import type { Timer } from '../../env/timers.ts';
import { OutboundLink } from '../../net/outbound.ts';
import { encodeCommand } from '../../protocol/encode-command.ts';
import type { Backlog } from '../../replication/backlog.ts';
import type { History, HistoryPoint } from '../../replication/history.ts';
import { MasterLines } from '../../replication/master-lines.ts';
import { ReplicaLink } from '../../replication/replica-link.ts';
import type {
  LinkEffect,
  LinkFacts,
  LinkInput,
  LinkState,
  MasterPlace,
  PromisedHistory,
} from '../../replication/replica-link-state.ts';
import { copied } from '../../util/copied.ts';
import type { MasterSide } from './master-side.ts';
import { MasterStream } from './master-stream.ts';
import type { NodeReplicationOptions } from './node-replication.ts';
import { SnapshotIntake } from './snapshot-intake.ts';
import { StreamFaults } from './stream-faults.ts';

/** What both sides of a node share. */
export interface SharedReplication {
  readonly history: History;
  readonly backlog: Backlog;
  readonly master: MasterSide;
  newId(): string;
  /** The role, or what goes with it, changed. */
  onChange(): void;
  /** A failover is waiting for its target to take over. */
  readonly isTakingOver: boolean;
  failoverAnswered(isAccepted: boolean): void;
  /** Bytes of the history that are on disk; -1 without an AOF. */
  readonly fsyncedOffset: number;
  /** A snapshot is about to take the place of all data, or has. */
  snapshotLoading(isBeginning: boolean): void;
}

const TICK_MS = 1000;

export class ReplicaSide {
  readonly faults: StreamFaults;
  /** The snapshot that comes now, or that is loaded. */
  readonly intake: SnapshotIntake;
  stream: MasterStream | undefined;
  readonly #options: NodeReplicationOptions;
  readonly #shared: SharedReplication;
  readonly #link: ReplicaLink;
  readonly #user: AclUser;
  #wire: OutboundLink | undefined;
  #lines: MasterLines = new MasterLines();
  /** Counts connections: callbacks of an old one are not listened to. */
  #generation = 0;
  readonly #inputs: LinkInput[] = [];
  #isStepping = false;
  #timer: Timer | undefined;
  #isStarted = false;
  /** Whether the data are exactly what the history says, so that a master may send the rest only. */
  #hasPoint = false;
  /** The database that the stream has selected at that point. */
  #streamDb = 0;
  /** On the monotonic clock: one that is set back must not make an old replica look fresh. */
  #downSinceMs: number | undefined;
  /** What came behind the snapshot. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(options: NodeReplicationOptions, shared: SharedReplication) {
    this.#options = options;
    this.#shared = shared;
    this.faults = new StreamFaults(options);
    this.#link = new ReplicaLink(this.#facts());
    const { dispatcher } = options;
    this.#user = new AclUser('(superuser)', dispatcher.acl.settings);
    for (const rule of ['on', 'nopass', '+@all', '~*', '&*']) {
      this.#user.apply(rule, dispatcher.commands, dispatcher.acl.settings);
    }
    this.intake = new SnapshotIntake(options, {
      hold: (on) => this.#hold(on),
      received: () => this.#input({ kind: 'received' }),
      loaded: (rest) => {
        this.#rest = rest;
        this.#input({ kind: 'loaded' });
      },
      failed: () => this.#input({ kind: 'failed' }),
      dataGone: () => this.#dataGone(),
      aside: (isBeginning) => shared.snapshotLoading(isBeginning),
    });
  }

  #facts(): LinkFacts {
    const { settings } = this.#options;
    const options = this.#options;
    const shared = this.#shared;
    const point = (): HistoryPoint | undefined => this.resumePoint;
    const loadsFromLink = (): boolean => this.intake.loadsFromLink;
    return {
      get masterUser() {
        return settings.masteruser;
      },
      get masterPassword() {
        return settings.masterauth;
      },
      get announcedPort() {
        return settings.replicaAnnouncePort || options.port;
      },
      get announcedHost() {
        return settings.replicaAnnounceIp;
      },
      get isFailover() {
        return shared.isTakingOver;
      },
      get timeoutMs() {
        return settings.replTimeout * 1000;
      },
      resumePoint: point,
      loadsFromLink,
    };
  }

  get state(): LinkState {
    return this.#link.state;
  }

  get isReplica(): boolean {
    return this.state.kind !== 'idle';
  }

  get isUp(): boolean {
    return this.state.kind === 'streaming';
  }

  get master(): MasterPlace | undefined {
    return this.state.kind === 'idle' ? undefined : this.state.master;
  }

  /** From where a master would have to send; undefined: from a snapshot. */
  get resumePoint(): HistoryPoint | undefined {
    const { id, offset } = this.#shared.history;
    return this.#hasPoint ? { id, offset } : undefined;
  }

  /** The database that the history's next byte belongs to, when it can be gone on from; else -1. */
  get streamDb(): number {
    if (this.stream !== undefined) return this.stream.session.dbIndex;
    return this.#hasPoint ? this.#streamDb : -1;
  }

  /** Seconds, -1 when there was no link or it is up. */
  get downSeconds(): number {
    const since = this.#downSinceMs;
    if (this.isUp || since === undefined) return -1;
    return Math.floor((this.#nowMs() - since) / 1000);
  }

  /** Seconds since the master was heard. */
  get silentSeconds(): number {
    return Math.floor((this.#nowMs() - this.#link.heardMs) / 1000);
  }

  #nowMs(): number {
    return this.#options.environment.clock.monotonicUs() / 1000;
  }

  // --- the role ---

  /** The node listens and its data are loaded: a configured master may be called. */
  start(): void {
    this.#isStarted = true;
    const { replicaof } = this.#options.settings;
    if (replicaof !== undefined && !this.isReplica)
      this.#becomeReplica({ kind: 'remember', master: replicaof });
    else this.#tickWhileReplica();
  }

  /** The configuration names a master: this is a replica before anything is loaded. */
  adoptConfiguredRole(): void {
    const { replicaof } = this.#options.settings;
    if (replicaof === undefined) return;
    this.#shared.master.setMaster(false);
    this.#input({ kind: 'remember', master: replicaof });
  }

  stop(): void {
    this.#isStarted = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#disconnect();
  }

  /** What was loaded at the start is the history up to here. */
  restored(streamDb: number): void {
    this.#hasPoint = true;
    this.#streamDb = streamDb;
  }

  /** REPLICAOF host port. */
  follow(master: MasterPlace): void {
    this.#options.settings.replicaof = master;
    this.#options.dispatcher.waiting.disconnectAll();
    this.#becomeReplica({ kind: 'follow', master });
  }

  #becomeReplica(input: LinkInput): void {
    const wasMaster = !this.isReplica;
    if (wasMaster) {
      this.#options.dispatcher.propagation.flush();
      this.#shared.master.openBacklog();
      this.#hasPoint = true;
      this.#streamDb = 0;
      this.#options.environment.log.notice(
        'Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to synchronize with the new master with just a partial transfer.',
      );
      this.#shared.master.setMaster(false);
    }
    this.#input(input);
    this.#tickWhileReplica();
  }

  #tickWhileReplica(): void {
    if (this.#isStarted && this.isReplica) {
      this.#timer ??= this.#options.environment.timers.every(TICK_MS, () => this.#tick());
    }
  }

  /** REPLICAOF NO ONE; nothing on a master. */
  promote(): void {
    if (!this.isReplica) return;
    const { settings, environment } = this.#options;
    const { history, master } = this.#shared;
    settings.replicaof = undefined;
    this.#input({ kind: 'leave' });
    this.#timer?.cancel();
    this.#timer = undefined;
    this.intake.comeBack();
    this.#hasPoint = false;
    this.#downSinceMs = undefined;
    history.shift(this.#shared.newId());
    environment.log.notice(
      `Setting secondary replication ID to ${history.secondId}, valid up to offset: ${history.secondOffset}. New replication ID is ${history.id}`,
    );
    master.disconnectReplicas('the history goes on under another id');
    master.setMaster(true);
    this.#shared.onChange();
  }

  #tick(): void {
    if (this.state.kind === 'loading') this.#wire?.sendRaw(SIGN_OF_LIFE);
    this.#input({ kind: 'tick' });
  }

  // --- the machine ---

  /** Inputs that come while effects are carried out wait for their turn. */
  #input(input: LinkInput): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const wasUp = this.isUp;
      for (const effect of this.#link.step(this.#nowMs(), next)) this.#do(effect);
      if (wasUp && !this.isUp) this.#downSinceMs = this.#nowMs();
    }
    this.#isStepping = false;
    this.#shared.onChange();
  }

  #do(effect: LinkEffect): void {
    const { log } = this.#options.environment;
    switch (effect.kind) {
      case 'log':
        log[effect.remark.level](effect.remark.text);
        return;
      case 'connect':
        this.#connect(effect.master);
        return;
      case 'close':
        this.#disconnect();
        return;
      case 'send':
        this.#wire?.sendRaw(encodeCommand(effect.args));
        return;
      case 'receive':
        this.intake.receive(
          effect.framing,
          effect.to,
          effect.history?.id === this.#shared.history.id,
        );
        return;
      case 'load':
        this.intake.loadFile();
        return;
      case 'continue':
        this.#continue(effect.id);
        return;
      case 'begin':
        this.#begin(effect.history);
        return;
      case 'acknowledge':
        this.acknowledge();
        return;
      case 'failover':
        this.#shared.failoverAnswered(effect.isAccepted);
    }
  }

  #connect({ host, port }: MasterPlace): void {
    const { environment, settings } = this.#options;
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#lines = new MasterLines();
    this.#rest = Buffer.alloc(0);
    const { bindSourceAddr } = settings;
    const localHost = bindSourceAddr === '' ? {} : { localHost: bindSourceAddr };
    const wire = new OutboundLink(
      environment,
      { host, port, ...localHost },
      {
        onConnect: () => {
          if (isCurrent()) this.#input({ kind: 'connected' });
        },
        onClose: (reason) => {
          if (isCurrent()) this.#input({ kind: 'closed', reason });
        },
      },
      { connectTimeoutMs: 0, keepAliveSeconds: settings.tcpKeepalive },
    );
    wire.takeBytes((bytes) => {
      if (isCurrent()) this.#received(bytes);
    });
    this.#wire = wire;
  }

  #disconnect(): void {
    this.#generation++;
    this.#endStream();
    this.intake.cancel();
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.close();
  }

  #hold(on: boolean): void {
    if (on) this.#wire?.pause();
    else this.#wire?.resume();
  }

  #received(bytes: Buffer): void {
    this.#link.heardMs = this.#nowMs();
    this.#options.clients.statistics.replicationInputBytes += bytes.length;
    // The stream keeps what it has not applied, and hands it on.
    if (this.stream !== undefined) this.stream.receive(copied(bytes));
    else if (this.intake.isReceiving) this.intake.take(bytes);
    else if (this.intake.isBusy) this.#rest = Buffer.concat([this.#rest, bytes]);
    else this.#readLines(bytes);
  }

  #readLines(bytes: Buffer): void {
    const lines = this.#lines;
    const generation = this.#generation;
    lines.push(bytes);
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      this.#input({ kind: 'line', text: line });
      if (generation !== this.#generation) return;
      if (this.stream === undefined && !this.intake.isReceiving) continue;
      const rest = lines.takeRest();
      if (rest.length === 0) return;
      if (this.stream !== undefined) (this.stream as MasterStream).receive(rest);
      else this.intake.take(rest);
      return;
    }
    if (!lines.isTooLong) return;
    this.#options.environment.log.warning('MASTER sent an endless line during SYNC handshake');
    this.#input({ kind: 'failed' });
  }

  // --- history and stream ---

  /** The old data are about to go: nobody can go on from them any more. */
  #dataGone(): void {
    const { master } = this.#shared;
    this.#hasPoint = false;
    master.disconnectReplicas('the data are about to be replaced');
    master.closeBacklog();
  }

  #continue(id: string | undefined): void {
    const { history, master } = this.#shared;
    if (id !== undefined && id !== history.id) {
      this.#options.environment.log.notice(`Master replication ID changed to ${id}`);
      history.shift(id);
      master.disconnectReplicas('the history goes on under another id');
    }
    this.#beginStream();
  }

  #begin(promised: PromisedHistory): void {
    const { history } = this.#shared;
    history.adopt(promised ?? { id: this.#shared.newId(), offset: 0 });
    this.#hasPoint = promised !== undefined;
    this.#streamDb = this.intake.streamDb;
    // Not before: an AOF notes which history its data belong to.
    this.intake.comeBack();
    this.#beginStream();
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    this.#hold(false);
    if (rest.length > 0) this.stream?.receive(rest);
  }

  #beginStream(): void {
    const { environment, engine, dispatcher } = this.#options;
    const { history, master } = this.#shared;
    master.openBacklog();
    const wire = this.#wire;
    const place = this.master;
    if (wire === undefined || place === undefined) return;
    const generation = this.#generation;
    this.stream = new MasterStream({
      dispatcher,
      engine,
      clock: environment.clock,
      timers: environment.timers,
      user: this.#user,
      address: `${place.host}:${place.port}`,
      localAddress: `${wire.localHost}:0`,
      dbIndex: this.#streamDb,
      offset: history.offset,
      applied: (bytes, start, end) => master.feedVerbatim(bytes, start, end),
      failed: (count, error, command) => this.faults.failed(count, error, command),
      beforeUnsafeWrite: () => this.faults.atRisk(),
      hold: (on) => this.#hold(on),
      over: (reason, isBroken) => {
        if (generation !== this.#generation) return;
        if (isBroken) this.#streamBroken(reason);
        else this.#input({ kind: 'closed', reason });
      },
    });
  }

  /** What came was no stream: neither what we have of it nor what follows can be trusted. */
  #streamBroken(reason: string): void {
    const text = `Protocol error (${reason}) from master: closing the link and discarding the cached master.`;
    this.#options.environment.log.warning(text);
    this.stream = undefined;
    this.#hasPoint = false;
    this.#input({ kind: 'failed' });
  }

  #endStream(): void {
    const { stream } = this;
    if (stream === undefined) return;
    this.#streamDb = stream.session.dbIndex;
    this.stream = undefined;
    stream.stop();
    if (this.#hasPoint) {
      this.#options.environment.log.notice('Caching the disconnected master state.');
    }
  }

  /** REPLCONF ACK, now. */
  acknowledge(): void {
    const { stream, state } = this;
    if (stream === undefined || state.kind !== 'streaming' || !state.acknowledges) return;
    const args = ['REPLCONF', 'ACK', stream.appliedOffset];
    const { fsyncedOffset } = this.#shared;
    if (fsyncedOffset >= 0) args.push('FACK', fsyncedOffset);
    this.#wire?.sendRaw(encodeCommand(args));
  }
}

const SIGN_OF_LIFE: Buffer = Buffer.from('\n');
