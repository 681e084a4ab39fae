// The services that commands see of a data node: configuration, host, randomness, time.

import type {
  AofService,
  CommandSettings,
  ConfigService,
  DataServer,
  DebugSwitches,
  HostService,
  MemoryReport,
  MigrationService,
  PersistenceService,
  RandomSource,
  ShutdownOptions,
} from '../commands/context.ts';
import type { ReplicationService } from '../commands/replication/replication-service.ts';
import type { Engine } from '../engine/engine.ts';
import type { Environment } from '../env/environment.ts';
import { isAllowed, type RunningConfiguration } from './config/running-configuration.ts';
import type { Settings } from './config/settings.ts';

/** What the composition root does for commands. */
export interface NodeControl {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly engine: Engine;
  readonly configuration: RunningConfiguration;
  readonly debug: DebugSwitches;
  readonly replication: ReplicationService;
  readonly persistence: PersistenceService;
  readonly aof: AofService;
  readonly migrations: MigrationService;
  nowMs(): number;
  infoText(sections: readonly string[]): string;
  memory(): MemoryReport;
  resetStatistics(): void;
  shutdown(options: ShutdownOptions): string | undefined;
  abortShutdown(): boolean;
  crash(reason: string): void;
}

export class NodeServices implements DataServer, HostService, ConfigService {
  readonly debug: DebugSwitches;
  readonly random: RandomSource;
  readonly #control: NodeControl;

  constructor(control: NodeControl) {
    this.#control = control;
    this.debug = control.debug;
    this.random = control.environment.random;
  }

  // DataServer

  get engine(): Engine {
    return this.#control.engine;
  }

  get settings(): CommandSettings {
    return this.#control.settings;
  }

  get config(): ConfigService {
    return this;
  }

  get host(): HostService {
    return this;
  }

  nowMs(): number {
    return this.#control.nowMs();
  }

  // ConfigService

  get(patterns: readonly Buffer[]): readonly (readonly [string, string])[] {
    return this.#control.configuration.get(patterns);
  }

  isSensitive(name: string): boolean {
    return this.#control.configuration.isSensitive(name);
  }

  set(
    pairs: readonly (readonly [string, string])[],
    isLocal: boolean,
    done: (error: string | undefined) => void,
  ): void {
    const result = this.#control.configuration.set(pairs, isLocal);
    if (result instanceof Promise) void result.then(done);
    else done(result);
  }

  rewrite(everything = false): string | undefined {
    return this.#control.configuration.rewrite(everything);
  }

  rewriteSoon(done: (error: string | undefined) => void): void {
    void this.#control.configuration.rewriteSoon().then(done);
  }

  allows(directive: 'debug' | 'module', isLocal: boolean): boolean {
    const { enableDebugCommand, enableModuleCommand } = this.#control.settings;
    return isAllowed(directive === 'debug' ? enableDebugCommand : enableModuleCommand, isLocal);
  }

  get hz(): number {
    return this.#control.settings.hz;
  }

  get slowlogLogSlowerThan(): number {
    return this.#control.settings.slowlogLogSlowerThan;
  }

  get latencyMonitorThreshold(): number {
    return this.#control.settings.latencyMonitorThreshold;
  }

  // HostService

  get replication(): ReplicationService {
    return this.#control.replication;
  }

  get persistence(): PersistenceService {
    return this.#control.persistence;
  }

  get aof(): AofService {
    return this.#control.aof;
  }

  get migrations(): MigrationService {
    return this.#control.migrations;
  }

  info(sections: readonly string[]): string {
    return this.#control.infoText(sections);
  }

  memory(): MemoryReport {
    return this.#control.memory();
  }

  resetStatistics(): void {
    this.#control.resetStatistics();
  }

  wallUs(): number {
    return this.#control.environment.clock.wallUs();
  }

  shutdown(options: ShutdownOptions): string | undefined {
    return this.#control.shutdown(options);
  }

  abortShutdown(): boolean {
    return this.#control.abortShutdown();
  }

  sleep(seconds: number): void {
    this.#control.environment.host.sleepNow(seconds * 1000);
  }

  crash(reason: string): void {
    this.#control.crash(reason);
  }

  log(level: 'debug' | 'verbose' | 'notice' | 'warning', text: string): void {
    this.#control.environment.log[level](text);
  }
}
