// The parts of a data node, made from an environment and a configuration and connected. What they do
// is theirs; when they begin and end is data-node.ts's.

import type { DebugSwitches, MemoryReport, ShutdownOptions } from '../commands/context.ts';
import { dataCommands, sharedCommands } from '../commands/registry.ts';
import { isLocal } from '../commands/server/local.ts';
import type { AclFile } from '../dispatch/acl/acl-file.ts';
import { Restriction } from '../dispatch/admission.ts';
import type { CommandEntry } from '../dispatch/command-table.ts';
import type { Session } from '../dispatch/session.ts';
import { Engine } from '../engine/engine.ts';
import type { Clock } from '../env/clock.ts';
import type { Environment, HostFacts } from '../env/environment.ts';
import { Clients } from '../net/clients.ts';
import { Listeners } from '../net/listeners.ts';
import type { NetStatistics } from '../net/net-settings.ts';
import type { AppendOnlyFile } from '../persistence/append-only-file.ts';
import { RdbPersistence } from '../persistence/rdb-persistence.ts';
import { errors } from '../protocol/errors.ts';
import { KeyedHash } from '../util/hash.ts';
import { REDIS_VERSION } from '../util/version.ts';
import { applyStep } from './apply-steps.ts';
import { Background } from './background.ts';
import type { Configuration } from './config/load-configuration.ts';
import { RunningConfiguration } from './config/running-configuration.ts';
import type { Settings } from './config/settings.ts';
import { infoText } from './info/info.ts';
import type { InfoSource } from './info/info-source.ts';
import { MemoryLimit } from './memory-limit.ts';
import { MemoryAccounts } from './memory-report.ts';
import { Migrations } from './migrations.ts';
import { createAppendOnlyFile } from './node-aof.ts';
import { NodeDispatcher } from './node-dispatcher.ts';
import { NodeKeyspace, NodeObserver } from './node-observer.ts';
import { type NodeControl, NodeServices } from './node-services.ts';
import { NodeSession } from './node-session.ts';
import { NodeReplication } from './replication/node-replication.ts';
import { StoredAclFile } from './stored-acl-file.ts';

/** What parts ask of the node as a whole. */
export interface NodeLife {
  shutdown(options: ShutdownOptions): string | undefined;
  abortShutdown(): boolean;
  /** Ends as the last signal asked for, if any did. */
  obeySignal(): void;
  /** What is left of the time that it waits for replicas; undefined while it does not. */
  readonly shutdownInMs: number | undefined;
  crash(reason: string): void;
  /** Ends the node at once, with an exit code: nothing more is told to anybody. */
  abandon(code: number): void;
  updateTitle(): void;
}

const DEFAULT_PEAK_RESET_MS = 5000;

export class NodeParts implements InfoSource, NodeControl {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly configFile: string | undefined;
  readonly engine: Engine;
  readonly dispatcher: NodeDispatcher;
  readonly clients: Clients<Session>;
  readonly listeners: Listeners;
  readonly background: Background;
  readonly memoryLimit: MemoryLimit;
  readonly configuration: RunningConfiguration;
  readonly persistence: RdbPersistence;
  readonly aof: AppendOnlyFile;
  readonly migrations: Migrations;
  readonly debug: DebugSwitches = {
    activeExpire: true,
    aofFlushSleepUs: 0,
    cronPaused: false,
    replyBufferPeakResetMs: DEFAULT_PEAK_RESET_MS,
    replyBufferResizing: true,
    scriptsMayCallAll: false,
    skipChecksums: false,
  };
  readonly replication: NodeReplication;
  readonly runId: string;
  readonly startedMs: number;
  readonly life: NodeLife;

  readonly #accounts: MemoryAccounts;

  constructor(environment: Environment, configuration: Configuration, life: NodeLife) {
    const { clock, timers, random } = environment;
    const { settings } = configuration;
    this.environment = environment;
    this.life = life;
    this.settings = settings;
    this.configFile = configuration.configFile;
    this.runId = random.hex(40);
    this.startedMs = clock.wallMs();
    const hash = new KeyedHash(random.uint32(), random.uint32());
    const { databases } = settings;
    this.engine = new Engine({ settings, databases, hash, random: () => random.uint32() });
    this.engine.tick(this.startedMs);
    this.dispatcher = this.#makeDispatcher(hash, new NodeServices(this));
    this.clients = new Clients<Session>(environment, settings, this.dispatcher);
    this.clients.switches = this.debug;
    this.listeners = new Listeners(environment, settings, (one) => this.clients.accept(one));
    this.#accounts = new MemoryAccounts(this.engine, this.dispatcher, environment);
    this.memoryLimit = this.#makeMemoryLimit();
    this.persistence = this.#makePersistence();
    this.migrations = new Migrations(environment);
    this.replication = new NodeReplication(this);
    this.aof = createAppendOnlyFile(this);
    this.background = new Background({
      clock,
      timers,
      settings,
      engine: this.engine,
      dispatcher: this.dispatcher,
      network: this.clients.statistics,
      switches: this.debug,
      clients: () => this.clients.count,
      tick: () => this.#tick(),
    });
    this.configuration = this.#makeConfiguration();
    this.#connect(configuration);
  }

  #makeDispatcher(hash: KeyedHash, services: NodeServices): NodeDispatcher {
    const { environment, settings, engine } = this;
    const { clock, timers, log, random } = environment;
    const dispatcher = new NodeDispatcher(
      {
        clock,
        timers,
        log,
        settings,
        identity: { version: REDIS_VERSION, mode: 'standalone', role: () => this.replication.role },
        hash,
        randomUint32: () => random.uint32(),
        randomHex: (digits) => random.hex(digits),
        aclFile: this.#aclFile(),
        data: engine,
        keyspace: new NodeKeyspace(engine),
        createSession: (init) => new NodeSession(init, services),
      },
      engine,
    );
    dispatcher.use(sharedCommands);
    dispatcher.use(dataCommands);
    return dispatcher;
  }

  #aclFile(): AclFile | undefined {
    const { settings, environment } = this;
    if (settings.aclfile === '') return undefined;
    return new StoredAclFile({
      files: environment.files,
      path: settings.aclfile,
      folder: () => settings.dir,
      temporarySuffix: () => environment.random.hex(8),
    });
  }

  #makeMemoryLimit(): MemoryLimit {
    const { clock, timers } = this.environment;
    const { dispatcher } = this;
    return new MemoryLimit(this.engine, this.settings, {
      clock,
      timers,
      usedBytes: () => this.#accounts.usedBytes() - this.replication.slowReplicasBytes,
      recount: () => this.#accounts.refreshIfCheap(),
      evicted: () => {
        if (dispatcher.depth === 0) dispatcher.endBackgroundUnit();
      },
      took: (us) =>
        dispatcher.latency.add('eviction-cycle', Math.floor(us / 1000), dispatcher.nowMs()),
    });
  }

  #makePersistence(): RdbPersistence {
    const { environment, settings, engine } = this;
    const { files, clock, timers, log, pid, host } = environment;
    return new RdbPersistence({
      files,
      clock,
      timers,
      log,
      pid,
      engine,
      settings,
      sleepNow: (ms) => host.sleepNow(ms),
      facts: () => [
        ['redis-ver', REDIS_VERSION],
        ['redis-bits', '64'],
        ['used-mem', String(this.#accounts.usedBytes())],
        ['aof-base', '0'],
        ...this.replication.facts(),
      ],
      keepsExpired: () => this.replication.role === 'replica',
      onExpired: (dbIndex, key) => this.replication.expiredAtLoad(dbIndex, key),
      onChange: () => this.applyPersistence(),
    });
  }

  /** What saving and loading have to say about which commands are served. */
  applyPersistence(): void {
    const { dispatcher, persistence } = this;
    const aofFailure = this.aof.failure;
    dispatcher.diskErrorText =
      persistence.writesMustStop || aofFailure === undefined
        ? errors.diskErrorRdb
        : errors.diskErrorAof(aofFailure);
    const mustStop = persistence.writesMustStop || aofFailure !== undefined;
    dispatcher.restrict(Restriction.diskError, mustStop);
    const { loading } = persistence;
    dispatcher.restrict(Restriction.loading, loading?.isAsync === false);
    dispatcher.restrict(Restriction.asyncLoading, loading?.isAsync === true);
  }

  #makeConfiguration(): RunningConfiguration {
    const { environment, settings, configFile } = this;
    return new RunningConfiguration({
      files: environment.files,
      log: environment.log,
      settings,
      configFile,
      // Beside old data that are served, too.
      isLoading: () => this.persistence.loading !== undefined,
      apply: (step) => applyStep(this, step),
      userLines: () => (settings.aclfile === '' ? this.dispatcher.acl.descriptions() : undefined),
      temporarySuffix: () => environment.random.hex(8),
    });
  }

  #connect(configuration: Configuration): void {
    const { dispatcher, engine, settings } = this;
    for (const [from, to] of configuration.renames) dispatcher.commands.rename(from, to);
    const observer = new NodeObserver(dispatcher, settings);
    observer.localExpiry = this.replication.localExpiry;
    engine.observer = observer;
    engine.interest = 1;
    this.#accounts.streamBytes = () => this.replication.backlog.memoryBytes;
    dispatcher.makeRoom = () => this.memoryLimit.makeRoom();
    this.replication.applySettings();
    dispatcher.protectedRefusal = (entry, session) => this.#protectedRefusal(entry, session);
    if (settings.requirepass !== '') dispatcher.acl.setDefaultPassword(settings.requirepass);
    for (const user of configuration.users) dispatcher.acl.declareUser(user);
  }

  #protectedRefusal(entry: CommandEntry, session: Session): string | undefined {
    const { enableDebugCommand, enableModuleCommand } = this.settings;
    const isDebug = entry.fullName === 'debug';
    const allowed = isDebug ? enableDebugCommand : enableModuleCommand;
    if (allowed === 'yes' || (allowed === 'local' && isLocal(session))) return undefined;
    return isDebug
      ? errors.protectedCommand('DEBUG', 'enable-debug-command')
      : errors.protectedCommand('MODULE', 'enable-module-command');
  }

  #tick(): void {
    this.life.obeySignal();
    this.#accounts.tick();
    this.persistence.tick();
    this.aof.tick();
    this.#expireLocally();
  }

  /** What a replica may end by itself; everything else on a node that is none is the sweep's. */
  #expireLocally(): void {
    if (!this.debug.activeExpire || !this.replication.localExpiry.tick()) return;
    this.dispatcher.endBackgroundUnit();
    this.dispatcher.propagation.flush();
  }

  // What INFO and commands read.

  get network(): NetStatistics {
    return this.clients.statistics;
  }

  get clock(): Clock {
    return this.environment.clock;
  }

  get host(): HostFacts {
    return this.environment.host;
  }

  get pid(): number {
    return this.environment.pid;
  }

  get port(): number {
    return this.listeners.port;
  }

  get unixPath(): string {
    return this.listeners.path;
  }

  get shutdownInMs(): number | undefined {
    return this.life.shutdownInMs;
  }

  nowMs(): number {
    return this.dispatcher.nowMs();
  }

  infoText(sections: readonly string[]): string {
    return infoText(this, sections);
  }

  memory(): MemoryReport {
    return this.#accounts.report();
  }

  resetStatistics(): void {
    const { dispatcher, engine } = this;
    dispatcher.statistics.reset(dispatcher.commands.all());
    dispatcher.loop.reset();
    this.clients.statistics.reset();
    this.background.resetStatistics();
    this.memoryLimit.resetStatistics();
    this.replication.resetStatistics();
    this.#accounts.resetPeak();
    engine.hits = 0;
    engine.misses = 0;
    engine.expired = 0;
    engine.evicted = 0;
    engine.lazyFree.freed = 0;
  }

  shutdown(options: ShutdownOptions): string | undefined {
    return this.life.shutdown(options);
  }

  abortShutdown(): boolean {
    return this.life.abortShutdown();
  }

  crash(reason: string): void {
    this.life.crash(reason);
  }

  updateTitle(): void {
    this.life.updateTitle();
  }
}
