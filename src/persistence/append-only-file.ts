// The append-only file of a node: off, on, or on but waiting for its first rewrite (switched on while the
// node serves, or after the disk lost what was written). It says which file is written, starts rewrites, and
// knows what a failure means. Effects come through `writer`; model: aof.c of Redis 7.2.
//
// Differences to Redis, each so that no restart finds a hole in the middle of the data: the file that is
// left behind by a rewrite is durable before a manifest names the next one; and after an fsync that failed,
// when nobody knows what the disk kept, the old files stay as they are and a rewrite begins anew.

import type { Engine } from '../engine/engine.ts';
import type { FileHandle } from '../env/files.ts';
import type { SaveOptions } from '../rdb/rdb-save.ts';
import { AofFolder, type AofFolderSettings } from './aof-folder.ts';
import { type AofExecutor, AofLoading, type AofOutcome } from './aof-loading.ts';
import { type AofManifest, emptyManifest } from './aof-manifest.ts';
import { type AofBaseOptions, writeBaseInBackground, writeBaseNow } from './aof-rewrite.ts';
import { AofWriter, type AofWriterSettings } from './aof-writer.ts';
import { reasonOf } from './rdb-file.ts';
import type { LoadingOptions } from './rdb-loading.ts';
import type { LoadedFacts, LocalDurability, ReplicationFacts } from './replication-facts.ts';
import { RewriteLimit } from './rewrite-limit.ts';
import type { SnapshotRunner } from './snapshot-runner.ts';

/** The directives that the append-only file reads, live. */
export interface AofSettings extends AofFolderSettings, AofWriterSettings {
  readonly appendonly: boolean;
  readonly autoAofRewritePercentage: number;
  readonly autoAofRewriteMinSize: number;
  readonly aofLoadTruncated: boolean;
  readonly aofUseRdbPreamble: boolean;
  readonly aofRewriteIncrementalFsync: boolean;
  readonly rdbchecksum: boolean;
  readonly rdbKeySaveDelay: number;
  readonly keyLoadDelay: number;
  readonly sanitizeDumpPayload: 'no' | 'yes' | 'clients';
}

export interface AofOptions extends Omit<LoadingOptions, 'keyDelayUs'> {
  readonly settings: AofSettings;
  readonly pid: number;
  readonly facts: ReplicationFacts;
  readonly executor: AofExecutor;
  /** How a base in RDB is written, with the facts that stand in it. */
  saveOptions(): SaveOptions;
  /** Some snapshot is being written that is not this file's. */
  isSaving(): boolean;
  /** Effects that wait in propagation go to its sinks. */
  drain(): void;
  /** Effects shall come to `writer`, or no longer. */
  listen(on: boolean): void;
  latency(event: string, us: number): void;
  sleepBeforeWrite(): void;
  /** `loading` or `failure` may have changed. */
  onChange(): void;
  /** `fsyncedOffset` changed. */
  onDurable(): void;
  /** Nothing that clients were told may be believed any more: the process must end, now. */
  fatal(): void;
}

type State = 'off' | 'waiting' | 'on';

/** A rewrite under way. Until the file that it leaves behind is durable there is no runner. */
interface Rewrite {
  readonly startedMs: number;
  readonly startUs: number;
  runner: SnapshotRunner | undefined;
  baseName: string;
  temporaryName: string;
}

/** Rounds of making durable in the background what was written meanwhile; what is left then is little. */
const SYNC_ROUNDS = 3;

export class AppendOnlyFile implements LocalDurability {
  fsyncedOffset = -1;
  isRewriteScheduled = false;
  lastRewriteOk = true;
  /** Seconds that the last rewrite took, -1 without one. */
  lastRewriteSeconds = -1;
  rewrites = 0;
  currentSize = 0;
  baseSize = 0;
  loading: AofLoading | undefined;
  /** What the file that was loaded says of the history. */
  loadedFacts: LoadedFacts | undefined;
  readonly writer: AofWriter;
  readonly limit: RewriteLimit;
  readonly #options: AofOptions;
  readonly #folder: AofFolder;
  readonly #engine: Engine;
  #state: State = 'off';
  #manifest: AofManifest = emptyManifest;
  #rewrite: Rewrite | undefined;
  /** Why the disk is not trusted until a rewrite is complete. */
  #lost: string | undefined;
  /** What `fsyncedOffset` becomes once the first rewrite is complete. */
  #pendingOffset = 0;
  /** Bytes of all files but the one that is open. */
  #sizeBefore = 0;
  #isEnded = false;

  constructor(options: AofOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.#folder = new AofFolder(options);
    this.limit = new RewriteLimit(options.clock, options.log);
    this.writer = new AofWriter({
      clock: options.clock,
      log: options.log,
      settings: options.settings,
      facts: options.facts,
      nowMs: () => options.engine.wallMs,
      isSnapshotRunning: () => options.isSaving() || this.isRewriting,
      latency: (event, us) => options.latency(event, us),
      sleepBeforeWrite: () => options.sleepBeforeWrite(),
      onDurable: (offset) => this.#durable(offset),
      onFailure: () => options.onChange(),
      onSyncLost: () => this.#giveUpFile(this.writer.failure ?? 'Input/output error'),
      fatal: () => this.#fatal(),
    });
  }

  get isOn(): boolean {
    return this.#state !== 'off';
  }

  get isRewriting(): boolean {
    return this.#rewrite !== undefined;
  }

  /** The engine's snapshot is this file's. */
  get hasSnapshot(): boolean {
    return this.#rewrite?.runner !== undefined;
  }

  /** The first base is still being written: what is on disk lacks data. */
  get isWritingFirst(): boolean {
    return this.#state === 'waiting' && this.#rewrite !== undefined;
  }

  get rewriteSeconds(): number {
    if (this.#rewrite === undefined) return -1;
    return Math.floor((this.#options.clock.wallMs() - this.#rewrite.startedMs) / 1000);
  }

  get keysRewritten(): number {
    return this.#rewrite?.runner?.keysDone ?? 0;
  }

  get keysToRewrite(): number {
    return this.#rewrite?.runner?.keysTotal ?? 0;
  }

  /** Why writes must be refused; undefined while they need not. */
  get failure(): string | undefined {
    if (this.#state === 'off') return undefined;
    return this.#lost ?? this.writer.failure;
  }

  // --- start ---

  /** Reads the manifest, and the data if the file is on. `failed`: the reason is in the log. */
  async load(): Promise<AofOutcome> {
    const { settings, clock, log, onChange } = this.#options;
    const startUs = clock.monotonicUs();
    const manifest = this.#folder.load();
    if (manifest === undefined) return 'failed';
    this.#manifest = manifest;
    if (!settings.appendonly) return 'absent';
    const upgraded = this.#folder.upgrade(manifest);
    if (upgraded === undefined) return 'failed';
    this.#manifest = upgraded;
    this.#folder.reportStrangers(upgraded);
    const loading = this.#newLoading();
    this.loading = loading;
    onChange();
    const outcome = await loading.run();
    this.loading = undefined;
    this.#loaded(loading);
    onChange();
    if (outcome === 'loaded' || outcome === 'empty') {
      const seconds = (clock.monotonicUs() - startUs) / 1_000_000;
      log.notice(`DB loaded from append only file: ${seconds.toFixed(3)} seconds`);
    }
    return outcome;
  }

  #newLoading(): AofLoading {
    const { settings } = this.#options;
    const keyDelayUs = (): number => settings.keyLoadDelay;
    return new AofLoading({ ...this.#options, keyDelayUs, folder: this.#folder }, this.#manifest);
  }

  #loaded(loading: AofLoading): void {
    this.loadedFacts = loading.facts;
    this.currentSize = loading.totalBytes;
    this.baseSize = loading.baseBytes;
  }

  /** Opens the file for what comes; false, with the reason in the log, when the node must not serve. */
  openAtStart(): boolean {
    const { log, settings } = this.#options;
    if (!settings.appendonly) {
      this.#manifest = this.#folder.removeHistory(this.#manifest);
      return true;
    }
    if (!this.#folder.ensure()) return false;
    let manifest = this.#manifest;
    if (manifest.isEmpty) {
      const name = this.#writeFirstBase();
      if (name === undefined) return false;
      manifest = manifest.withBase(name, 0);
    }
    const isNew = manifest.increments.length === 0;
    if (isNew) manifest = manifest.withIncrement(this.#folder.fileName);
    const { name } = manifest.increments[manifest.increments.length - 1];
    let handle: FileHandle;
    try {
      // A new file is emptied: one of that name may be left of a rewrite that a crash ended.
      const mode = isNew ? 'write' : 'append';
      handle = this.#folder.files.open(this.#folder.path(name), mode, 0o644);
      // What the process before left in the system's hands must not count as durable by mere reading.
      handle.syncNow();
    } catch (error) {
      log.warning(`Can't open the append-only file ${name}: ${reasonOf(error)}`);
      return false;
    }
    const size = handle.sizeNow();
    if (manifest !== this.#manifest && this.#folder.persist(manifest) !== 'new') {
      handle.close();
      return false;
    }
    this.#manifest = manifest;
    this.#state = 'on';
    this.fsyncedOffset = 0;
    this.writer.open(handle, size);
    this.#sizeBefore = Math.max(0, this.currentSize - size);
    this.#options.listen(true);
    log.notice(
      isNew
        ? `Creating AOF incr file ${name} on server start`
        : `Opening AOF incr file ${name} on server start`,
    );
    this.#manifest = this.#folder.removeHistory(this.#manifest);
    this.#options.onChange();
    return true;
  }

  #writeFirstBase(): string | undefined {
    const { log, pid } = this.#options;
    const base = this.#baseOptions(`temp-rewriteaof-${pid}.aof`);
    const name = this.#folder.files.nameOf(base.path);
    try {
      writeBaseNow(base);
    } catch (error) {
      log.warning(`Write error writing append only file on disk: ${reasonOf(error)}`);
      return undefined;
    }
    log.notice(`Creating AOF base file ${name} on server start`);
    return name;
  }

  #baseOptions(temporaryName: string): AofBaseOptions {
    const { settings, clock, timers, saveOptions } = this.#options;
    const format = settings.aofUseRdbPreamble ? 'rdb' : 'aof';
    const name = this.#manifest.nextBaseName(this.#folder.fileName, format);
    const save = saveOptions();
    return {
      files: this.#folder.files,
      clock,
      timers,
      engine: this.#engine,
      path: this.#folder.path(name),
      temporaryPath: this.#folder.outside(temporaryName),
      format,
      incrementalSync: settings.aofRewriteIncrementalFsync,
      save: { ...save, aux: save.aux.map((fact) => (fact[0] === 'aof-base' ? AOF_BASE : fact)) },
      timestamp: settings.aofTimestampEnabled ? Math.floor(clock.wallMs() / 1000) : undefined,
      keyDelayUs: () => settings.rdbKeySaveDelay,
    };
  }

  // --- while the node serves ---

  /** Once a poll, after all effects have come and before any reply leaves. */
  flush(): void {
    if (!this.writer.isOpen) return;
    this.writer.flush();
    this.currentSize = this.#sizeBefore + this.writer.size;
  }

  #durable(offset: number): void {
    this.#pendingOffset = offset;
    if (this.#state !== 'on' || this.fsyncedOffset === offset) return;
    this.fsyncedOffset = offset;
    this.#options.onDurable();
  }

  #fatal(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.listen(false);
    this.writer.close();
    this.#options.fatal();
  }

  /** Some times a second: what is scheduled, what is due, what has to be tried again. */
  tick(): void {
    const { settings, log, isSaving } = this.#options;
    if (this.loading !== undefined || this.#isEnded) return;
    if (!this.isRewriting && !isSaving()) {
      if (this.isRewriteScheduled) {
        if (!this.limit.holds()) this.#begin();
      } else if (this.#state === 'on' && settings.autoAofRewritePercentage > 0) {
        const growth = this.#growthPercent();
        if (growth >= settings.autoAofRewritePercentage && !this.limit.holds()) {
          log.notice(`Starting automatic rewriting of AOF on ${growth}% growth`);
          this.#begin();
        }
      }
    }
    this.#options.drain();
    this.flush();
  }

  #growthPercent(): number {
    if (this.currentSize <= this.#options.settings.autoAofRewriteMinSize) return -1;
    return Math.floor((this.currentSize * 100) / (this.baseSize || 1)) - 100;
  }

  /** BGREWRITEAOF. */
  rewriteInBackground(isInTransaction: boolean): 'started' | 'scheduled' | 'failed' | 'running' {
    if (this.isRewriting) return 'running';
    if (this.#options.isSaving() || isInTransaction) {
      this.isRewriteScheduled = true;
      this.limit.forget();
      return 'scheduled';
    }
    return this.#begin() ? 'started' : 'failed';
  }

  /** CONFIG SET appendonly yes, and a replica that has its master's data; false when it cannot be. */
  turnOn(isInTransaction: boolean): boolean {
    const { log, isSaving, onChange } = this.#options;
    this.#state = 'waiting';
    this.#lost = undefined;
    this.writer.forgetFailure();
    this.fsyncedOffset = 0;
    if (isSaving()) {
      this.isRewriteScheduled = true;
      log.notice(
        'AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.',
      );
    } else if (isInTransaction) {
      this.isRewriteScheduled = true;
      log.notice(
        'AOF was enabled during a transaction. An AOF background was scheduled to start when possible.',
      );
    } else {
      if (this.isRewriting) {
        log.notice(
          'AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a rewrite now.',
        );
        this.cancelRewrite();
      }
      if (!this.#begin()) {
        this.#state = 'off';
        this.isRewriteScheduled = false;
        this.limit.forget();
        this.fsyncedOffset = -1;
        log.warning(
          "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.",
        );
        return false;
      }
    }
    onChange();
    return true;
  }

  /** CONFIG SET appendonly no, and a replica that is about to take its master's data. */
  turnOff(): void {
    if (this.#state === 'off') return;
    this.#finishFile();
    this.#state = 'off';
    this.isRewriteScheduled = false;
    this.#lost = undefined;
    this.writer.forgetFailure();
    this.fsyncedOffset = -1;
    this.#pendingOffset = 0;
    this.cancelRewrite();
    this.#options.onChange();
    this.#options.onDurable();
  }

  /** All that came is on disk, as far as the disk allows; the reason in the log where it does not. */
  #finishFile(): void {
    const { log, drain, listen } = this.#options;
    drain();
    if (!this.writer.isOpen) return;
    this.syncAll();
    listen(false);
    this.writer.close();
    if (this.#state === 'waiting') this.#folder.files.discard(this.#temporaryIncrement);
    else log.verbose('The append only file was closed.');
  }

  /** For SHUTDOWN: everything is written and durable when it returns. */
  syncAll(): void {
    const { log, drain } = this.#options;
    if (!this.writer.isOpen) return;
    drain();
    this.writer.flush(true);
    const failure = this.writer.syncNow();
    if (failure !== undefined) log.warning(`Fail to fsync the AOF file: ${failure}.`);
  }

  /** The node ends. */
  close(): void {
    this.#isEnded = true;
    this.loading?.stop();
    this.cancelRewrite();
    if (!this.writer.isOpen) return;
    this.syncAll();
    this.#options.listen(false);
    this.writer.close();
  }

  /** CONFIG SET aof-disable-auto-gc no. */
  collectHistory(): void {
    this.#manifest = this.#folder.removeHistory(this.#manifest);
  }

  /** DEBUG LOADAOF: the data are what the files say; false, with the reason in the log, when they cannot be. */
  reload(): boolean {
    const { log, onChange } = this.#options;
    this.#options.drain();
    this.writer.flush(true);
    for (const db of this.#engine.databases) db.flush();
    const manifest = this.#folder.load();
    if (manifest === undefined) return false;
    this.#manifest = this.#folder.removeHistory(manifest);
    const loading = this.#newLoading();
    this.loading = loading;
    onChange();
    const outcome = loading.runNow();
    this.loading = undefined;
    this.#loaded(loading);
    onChange();
    this.#sizeBefore = Math.max(0, this.currentSize - this.writer.size);
    if (outcome !== 'loaded' && outcome !== 'empty') return false;
    log.notice('Append Only File loaded by DEBUG LOADAOF');
    return true;
  }

  // --- rewriting ---

  get #temporaryIncrement(): string {
    return this.#folder.path(this.#folder.temporaryIncrement);
  }

  /** Begins a rewrite; false, with the reason in the log, when it could not. */
  #begin(): boolean {
    const { clock, drain } = this.#options;
    this.isRewriteScheduled = false;
    if (!this.#folder.ensure()) return this.#notBegun();
    drain();
    if (this.#state === 'on' && !this.writer.flush(true)) {
      this.#giveUpFile(this.writer.failure ?? '');
      this.isRewriteScheduled = false;
    }
    const rewrite: Rewrite = {
      startedMs: clock.wallMs(),
      startUs: clock.monotonicUs(),
      runner: undefined,
      baseName: '',
      temporaryName: '',
    };
    this.#rewrite = rewrite;
    if (this.#state === 'on' && !this.writer.isDurable) {
      void this.#beginWhenDurable(rewrite);
      return true;
    }
    return this.#beginSnapshot(rewrite);
  }

  /** The file that is left behind becomes durable on a thread, while it is still written. */
  async #beginWhenDurable(rewrite: Rewrite): Promise<void> {
    for (let round = 0; round < SYNC_ROUNDS && !this.writer.isDurable; round++) {
      const failure = await this.writer.syncSoon();
      if (this.#rewrite !== rewrite) return;
      if (failure !== undefined) {
        this.#giveUpFile(failure);
        break;
      }
    }
    this.#options.drain();
    // Somebody else's snapshot came first.
    if (this.#options.isSaving()) {
      this.#rewrite = undefined;
      this.isRewriteScheduled = true;
      return;
    }
    if (this.#state === 'on') {
      const isWritten = this.writer.flush(true);
      const failure = isWritten ? this.writer.syncNow() : this.writer.failure;
      if (failure !== undefined) this.#giveUpFile(failure);
    }
    if (this.#rewrite !== rewrite) return;
    this.isRewriteScheduled = false;
    this.#beginSnapshot(rewrite);
  }

  #beginSnapshot(rewrite: Rewrite): boolean {
    const { log, pid } = this.#options;
    this.#rewrite = undefined;
    if (!this.#openIncrement()) return this.#notBegun();
    if (this.#state === 'waiting') this.#pendingOffset = this.#options.facts.offset;
    this.rewrites++;
    rewrite.temporaryName = `temp-rewriteaof-bg-${pid}.aof`;
    const base = this.#baseOptions(rewrite.temporaryName);
    rewrite.baseName = this.#folder.files.nameOf(base.path);
    this.#rewrite = rewrite;
    try {
      rewrite.runner = writeBaseInBackground(base, (failure) => this.#baseWritten(failure));
    } catch (error) {
      log.warning(
        `Opening the temp file for AOF rewrite in rewriteAppendOnlyFile(): ${reasonOf(error)}`,
      );
      this.#rewriteFailed();
      return false;
    }
    log.notice(`Background append only file rewriting started by pid ${pid}`);
    return true;
  }

  #notBegun(): boolean {
    this.lastRewriteOk = false;
    this.limit.failed();
    if (this.#state === 'waiting') this.isRewriteScheduled = true;
    return false;
  }

  /** Opens the file for what comes after the moment of the snapshot. */
  #openIncrement(): boolean {
    const { log, listen } = this.#options;
    if (this.#state === 'off') return true;
    const { files, fileName, temporaryIncrement } = this.#folder;
    const isWaiting = this.#state === 'waiting';
    const manifest = isWaiting ? this.#manifest : this.#manifest.withIncrement(fileName);
    const name = isWaiting ? temporaryIncrement : (manifest.increments.at(-1)?.name ?? '');
    let handle: FileHandle;
    try {
      handle = files.open(this.#folder.path(name), 'write', 0o644);
    } catch (error) {
      log.warning(`Can't open the append-only file ${name}: ${reasonOf(error)}`);
      return false;
    }
    if (!isWaiting) {
      const outcome = this.#folder.persist(manifest);
      if (outcome !== 'new') {
        handle.close();
        if (outcome === 'old') files.discard(this.#folder.path(name));
        return false;
      }
    }
    log.notice(`Creating AOF incr file ${name} on background rewrite`);
    this.#manifest = manifest;
    this.#sizeBefore = this.currentSize;
    this.writer.open(handle, 0);
    listen(true);
    return true;
  }

  #baseWritten(failure: string | undefined): void {
    const { log } = this.#options;
    if (failure !== undefined) {
      log.warning(`Write error writing append only file on disk: ${failure}`);
      log.warning('Background AOF rewrite terminated with error');
      this.#rewriteFailed();
      return;
    }
    log.notice('Background AOF rewrite terminated with success');
    if (this.#adoptBase()) this.#rewriteDone();
    else this.#rewriteFailed();
  }

  /** The new base counts from here on, if that can be written down. */
  #adoptBase(): boolean {
    const { log } = this.#options;
    const { baseName, temporaryName } = this.#rewrite as Rewrite;
    const { files, fileName, temporaryIncrement } = this.#folder;
    log.notice(
      `Successfully renamed the temporary AOF base file ${temporaryName} into ${baseName}`,
    );
    let manifest = this.#manifest;
    let increment = '';
    if (this.#state === 'waiting') {
      manifest = manifest.withIncrement(fileName);
      increment = manifest.increments.at(-1)?.name ?? '';
      try {
        files.rename(this.#temporaryIncrement, this.#folder.path(increment));
      } catch (error) {
        log.warning(
          `Error trying to rename the temporary AOF incr file ${temporaryIncrement} into ${increment}: ${reasonOf(error)}`,
        );
        files.discard(this.#folder.path(baseName));
        return false;
      }
      log.notice(
        `Successfully renamed the temporary AOF incr file ${temporaryIncrement} into ${increment}`,
      );
    }
    manifest = manifest.withBase(baseName, this.#state === 'off' ? 0 : 1);
    const outcome = this.#folder.persist(manifest);
    if (outcome === 'new') {
      this.#manifest = manifest;
      return true;
    }
    if (outcome === 'old') {
      files.discard(this.#folder.path(baseName));
      if (increment !== '') files.discard(this.#folder.path(increment));
    }
    return false;
  }

  #rewriteDone(): void {
    const { clock, log, onChange, onDurable } = this.#options;
    const rewrite = this.#rewrite as Rewrite;
    if (this.#state !== 'off') {
      this.#sizeBefore = this.#folder.sizeOf(rewrite.baseName) ?? 0;
      this.currentSize = this.#sizeBefore + this.writer.size;
      this.baseSize = this.currentSize;
    }
    this.lastRewriteOk = true;
    this.limit.forget();
    this.#rewriteOver();
    log.notice('Background AOF rewrite finished successfully');
    if (this.#state === 'waiting') {
      this.#state = 'on';
      this.#lost = undefined;
      this.fsyncedOffset = this.#pendingOffset;
      onDurable();
    }
    this.#manifest = this.#folder.removeHistory(this.#manifest);
    onChange();
    const us = clock.monotonicUs() - rewrite.startUs;
    log.verbose(`Background AOF rewrite took ${Math.round(us)}us`);
  }

  #rewriteFailed(): void {
    const { log, listen } = this.#options;
    this.lastRewriteOk = false;
    this.limit.failed();
    if (this.#state === 'waiting') {
      listen(false);
      this.writer.close();
      log.notice(
        `Removing the temp incr aof file ${this.#folder.temporaryIncrement} in the background`,
      );
      this.#folder.files.discard(this.#temporaryIncrement);
      this.isRewriteScheduled = true;
    }
    this.#rewriteOver();
  }

  #rewriteOver(): void {
    if (this.#rewrite === undefined) return;
    this.lastRewriteSeconds = this.rewriteSeconds;
    this.#rewrite = undefined;
  }

  /** Gives a rewrite up; that is no failure. */
  cancelRewrite(): void {
    const { log, pid } = this.#options;
    if (this.#rewrite === undefined) return;
    log.notice(`Killing running AOF rewrite child: ${pid}`);
    this.#rewrite.runner?.cancel();
    this.#rewrite = undefined;
  }

  /**
   * What was written to the open file may not be on disk, or cannot be. It stays as it is, whole up to some
   * point; the data are written anew, as if the AOF had just been switched on.
   */
  #giveUpFile(reason: string): void {
    const { listen, onChange } = this.#options;
    if (this.#state === 'off') return;
    this.#lost = reason;
    listen(false);
    this.writer.close();
    this.writer.forgetFailure();
    this.#state = 'waiting';
    if (this.#rewrite?.runner !== undefined) this.cancelRewrite();
    this.isRewriteScheduled = true;
    onChange();
  }
}

const AOF_BASE: readonly [string, string] = ['aof-base', '1'];
