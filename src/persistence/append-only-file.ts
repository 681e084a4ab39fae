// The append-only file of a node: off, on, or on but waiting for its first rewrite (switched on while the
// node serves, or after the disk lost what was written). It says which file is written, starts rewrites, and
// knows what a failure means. Effects come through `writer`; model: aof.c of Redis 7.2.
//
// Differences to Redis, each so that no restart finds a hole in the middle of the data: the file that is
// left behind by a rewrite is durable before a manifest names the next one; and after an fsync that failed,
// when nobody knows what the disk kept, the old files stay as they are and a rewrite begins anew.

import type { AofLoading, AofOutcome } from './aof-loading.ts';
import { AofLoads } from './aof-loads.ts';
import type { AofOptions } from './aof-options.ts';
import { AofParts } from './aof-parts.ts';
import { baseOptionsOf, writeBaseInBackground, writeFirstBase } from './aof-rewrite.ts';
import { AofWriter } from './aof-writer.ts';
import { reasonOf } from './rdb-file.ts';
import type { LoadedFacts, LocalDurability } from './replication-facts.ts';
import { RewriteLimit } from './rewrite-limit.ts';
import type { SnapshotRunner } from './snapshot-runner.ts';

type State = 'off' | 'waiting' | 'on';

/** A rewrite under way. Until the file that it leaves behind is durable there is no runner. */
interface Rewrite {
  readonly startedMs: number;
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
  readonly writer: AofWriter;
  readonly limit: RewriteLimit;
  readonly #options: AofOptions;
  readonly #parts: AofParts;
  readonly #loads: AofLoads;
  #state: State = 'off';
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
    this.#parts = new AofParts(options);
    this.#loads = new AofLoads(options, this.#parts);
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

  /** While files are loaded. */
  get loading(): AofLoading | undefined {
    return this.#loads.current;
  }

  /** What the files that were loaded say of the history. */
  get loadedFacts(): LoadedFacts | undefined {
    return this.#loads.facts;
  }

  /** Reads the manifest, and the data if the file is on. `failed`: the reason is in the log. */
  async load(): Promise<AofOutcome> {
    const outcome = await this.#loads.atStart();
    this.currentSize = this.#loads.totalBytes;
    this.baseSize = this.#loads.baseBytes;
    return outcome;
  }

  /** Opens the file for what comes; false, with the reason in the log, when the node must not serve. */
  openAtStart(): boolean {
    const { log, settings } = this.#options;
    const parts = this.#parts;
    if (!settings.appendonly) {
      parts.removeHistory();
      return true;
    }
    if (!parts.folder.ensure()) return false;
    const isEmpty = parts.manifest.isEmpty;
    const base = isEmpty ? writeFirstBase(this.#options, parts) : undefined;
    if (isEmpty && base === undefined) return false;
    const opened = parts.openLast(base);
    if (opened === undefined) return false;
    const { handle, size, name, isNew } = opened;
    this.#state = 'on';
    this.fsyncedOffset = 0;
    this.writer.open(handle, size);
    this.#sizeBefore = Math.max(0, this.currentSize - size);
    this.#options.listen(true);
    log.notice(`${isNew ? 'Creating' : 'Opening'} AOF incr file ${name} on server start`);
    parts.removeHistory();
    this.#options.onChange();
    return true;
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
        if (!this.limit.holds(this.#lost !== undefined)) this.#begin();
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
    if (!this.writer.isOpen) return;
    this.syncAll();
    this.#options.listen(false);
    this.writer.close();
    if (this.#state === 'waiting') this.#parts.discardTemporary();
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
    this.#parts.removeHistory();
  }

  /** DEBUG LOADAOF: the data are what the files say; false, with the reason in the log, when they cannot be. */
  reload(): boolean {
    this.#options.drain();
    this.writer.flush(true);
    for (const db of this.#options.engine.databases) db.flush();
    const isLoaded = this.#loads.now();
    this.currentSize = this.#loads.totalBytes;
    this.baseSize = this.#loads.baseBytes;
    this.#sizeBefore = Math.max(0, this.currentSize - this.writer.size);
    return isLoaded;
  }

  // --- rewriting ---

  /** Begins a rewrite; false, with the reason in the log, when it could not. */
  #begin(): boolean {
    const { clock, drain } = this.#options;
    this.isRewriteScheduled = false;
    if (!this.#parts.folder.ensure()) return this.#notBegun();
    drain();
    if (this.#state === 'on' && !this.writer.flush(true)) {
      this.#giveUpFile(this.writer.failure ?? '');
      this.isRewriteScheduled = false;
    }
    const rewrite: Rewrite = {
      startedMs: clock.wallMs(),
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
    const base = baseOptionsOf(this.#options, this.#parts, rewrite.temporaryName);
    rewrite.baseName = this.#parts.folder.files.nameOf(base.path);
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

  #openIncrement(): boolean {
    if (this.#state === 'off') return true;
    const handle = this.#parts.openNext(this.#state === 'waiting');
    if (handle === undefined) return false;
    this.#sizeBefore = this.currentSize;
    this.writer.open(handle, 0);
    this.#options.listen(true);
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
    const { baseName, temporaryName } = this.#rewrite as Rewrite;
    log.notice(
      `Successfully renamed the temporary AOF base file ${temporaryName} into ${baseName}`,
    );
    const written = { off: 'none', waiting: 'temporary', on: 'named' } as const;
    if (this.#parts.adopt(baseName, written[this.#state])) this.#rewriteDone();
    else this.#rewriteFailed();
  }

  #rewriteDone(): void {
    const { log, onChange, onDurable } = this.#options;
    const rewrite = this.#rewrite as Rewrite;
    if (this.#state !== 'off') {
      this.#sizeBefore = this.#parts.folder.sizeOf(rewrite.baseName) ?? 0;
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
    this.#parts.removeHistory();
    onChange();
  }

  #rewriteFailed(): void {
    const { log, listen } = this.#options;
    this.lastRewriteOk = false;
    this.limit.failed();
    if (this.#state === 'waiting') {
      listen(false);
      this.writer.close();
      const { temporaryIncrement } = this.#parts.folder;
      log.notice(`Removing the temp incr aof file ${temporaryIncrement} in the background`);
      this.#parts.discardTemporary();
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
