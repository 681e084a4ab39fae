// The RDB file of a node: saved by command, by save points and at the end, loaded at the start, and the
// figures that INFO tells of all that. Log lines are redis-server's: its tools and its test suite read
// them. How a snapshot is taken is snapshot-runner.ts's.

import type { Engine } from '../engine/engine.ts';
import type { SaveOptions } from '../rdb/rdb-save.ts';
import { saveAll } from '../rdb/rdb-save.ts';
import type { RdbString } from '../rdb/rdb-source.ts';
import { assert } from '../util/assert.ts';
import { RdbFile, reasonOf, writeRdbFileNow } from './rdb-file.ts';
import {
  type LoadingOptions,
  type LoadingProgress,
  type LoadOutcome,
  RdbLoading,
} from './rdb-loading.ts';
import { SnapshotRunner } from './snapshot-runner.ts';

/** The directives that saving and loading read, live. */
export interface PersistenceSettings {
  readonly dir: string;
  readonly dbfilename: string;
  readonly rdbcompression: boolean;
  readonly rdbchecksum: boolean;
  readonly rdbTargetVersion: number;
  readonly rdbSaveIncrementalFsync: boolean;
  readonly rdbKeySaveDelay: number;
  readonly keyLoadDelay: number;
  readonly loadingProcessEventsIntervalBytes: number;
  readonly save: readonly { readonly seconds: number; readonly changes: number }[];
  readonly stopWritesOnBgsaveError: boolean;
  readonly sanitizeDumpPayload: 'no' | 'yes' | 'clients';
}

export interface PersistenceOptions extends Omit<LoadingOptions, 'keyDelayUs'> {
  readonly settings: PersistenceSettings;
  readonly pid: number;
  /** Facts that go into every file, beside the time. */
  facts(): readonly (readonly [name: string, value: string])[];
  /** A replica keeps what has expired until its master deletes it. */
  keepsExpired(): boolean;
  /** Told of each key that was left out because its time is up. */
  onExpired(dbIndex: number, key: RdbString): void;
  /** Called when `writesMustStop` or `loading` may have changed. */
  onChange(): void;
}

export interface ReloadOptions {
  readonly save: boolean;
  readonly flush: boolean;
  readonly merge: boolean;
}

/** After a failure, the next attempt of a save point. */
const RETRY_SECONDS = 5;

/** A snapshot under way. */
interface RunningSave {
  readonly runner: SnapshotRunner;
  readonly startedMs: number;
}

export class RdbPersistence {
  /** Unix time of the last save that succeeded. */
  lastSaveSeconds: number;
  lastSaveOk = true;
  /** Duration of the last background save, -1 without one. */
  lastBackgroundSeconds = -1;
  saves = 0;
  lastKeysLoaded = 0;
  lastKeysExpired = 0;
  /** While data are loaded: a file at the start, or what a master sends. */
  loading: LoadingProgress | undefined;
  /** The facts in the file that was loaded last. */
  loadedFacts: ReadonlyMap<string, string> = new Map();
  readonly #options: PersistenceOptions;
  readonly #engine: Engine;
  #dirtyAtSave = 0;
  #lastTrySeconds = 0;
  /** A snapshot on its way to replicas, which replication set going. */
  streamed: (RunningSave & { cancel(): void }) | undefined;
  #background: (RunningSave & { done(isOk: boolean): void }) | undefined;
  #isScheduled = false;

  constructor(options: PersistenceOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.lastSaveSeconds = this.#nowSeconds();
  }

  get changesSinceSave(): number {
    return this.#engine.dirty - this.#dirtyAtSave;
  }

  /** The data are those of another file: nothing has changed since. */
  dataReplaced(): void {
    this.#dirtyAtSave = this.#engine.dirty;
  }

  /** To a file or to replicas: a second one has to wait. */
  get isSaving(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Whether a snapshot may begin. A file that is still on its way to the disk counts, though the data have
   * been gone through: a second one would be written into it.
   */
  get isFree(): boolean {
    return !this.#engine.snapshotRunning && !this.isSaving;
  }

  get #running(): RunningSave | undefined {
    return this.#background ?? this.streamed;
  }

  /** Seconds that the running background save has taken, -1 without one. */
  get currentSeconds(): number {
    if (this.#running === undefined) return -1;
    return Math.floor((this.#options.clock.wallMs() - this.#running.startedMs) / 1000);
  }

  get keysSaved(): number {
    return this.#running?.runner.keysDone ?? 0;
  }

  get keysToSave(): number {
    return this.#running?.runner.keysTotal ?? 0;
  }

  /** The last save failed, and that is to be noticed. */
  get writesMustStop(): boolean {
    const { stopWritesOnBgsaveError, save } = this.#options.settings;
    return stopWritesOnBgsaveError && save.length > 0 && !this.lastSaveOk;
  }

  get path(): string {
    const { files, settings } = this.#options;
    return files.resolve(settings.dir, settings.dbfilename);
  }

  #nowSeconds(): number {
    return Math.floor(this.#options.clock.wallMs() / 1000);
  }

  /** What a file or a stream of the data of this moment says about itself. */
  saveOptions(): SaveOptions {
    const { settings, facts } = this.#options;
    return {
      version: settings.rdbTargetVersion,
      compress: settings.rdbcompression,
      checksum: settings.rdbchecksum,
      aux: [...facts(), ['ctime', String(this.#nowSeconds())]],
    };
  }

  #fileOptions(purpose: string) {
    const { files, settings, pid } = this.#options;
    return {
      files,
      path: this.path,
      temporaryPath: files.resolve(settings.dir, `temp-${purpose}${pid}.rdb`),
      incrementalSync: settings.rdbSaveIncrementalFsync,
    };
  }

  /** SAVE: everything, before it returns. False, with the reason in the log, when it failed. */
  saveNow(): boolean {
    const { log } = this.#options;
    const options = this.saveOptions();
    try {
      writeRdbFileNow(
        this.#fileOptions('now-'),
        (emit) => void saveAll(this.#engine, options, emit),
      );
    } catch (error) {
      // Whoever asked for it is told; only what fails unasked has to stop writes.
      this.#logFailure(reasonOf(error));
      return false;
    }
    log.notice('DB saved on disk');
    this.#saved(true, this.#engine.dirty);
    return true;
  }

  #logFailure(reason: string): void {
    this.#options.log.warning(`Write error saving DB on disk(${this.path}): ${reason}`);
  }

  #saved(isOk: boolean, dirty: number): void {
    this.lastSaveOk = isOk;
    if (isOk) {
      this.#dirtyAtSave = dirty;
      this.lastSaveSeconds = this.#nowSeconds();
      this.saves++;
    }
    this.#options.onChange();
  }

  /**
   * BGSAVE: false when it could not begin; the reason is in the log. None must be running. `done` is
   * called once, also when it is given up.
   */
  saveInBackground(done: (isOk: boolean) => void = () => {}): boolean {
    const { log, pid } = this.#options;
    const dirty = this.#engine.dirty;
    this.#lastTrySeconds = this.#nowSeconds();
    this.#isScheduled = false;
    if (!this.#begin(done, (failure) => this.#backgroundOver(failure, dirty))) {
      log.warning('Background saving error');
      this.#saved(false, dirty);
      return false;
    }
    log.notice(`Background saving started by pid ${pid}`);
    return true;
  }

  /**
   * SHUTDOWN's: what SAVE does, but signals are heard meanwhile, and the file can be given up. False when
   * it could not begin; the reason is in the log.
   */
  saveBeforeEnd(done: (isOk: boolean) => void): boolean {
    const dirty = this.#engine.dirty;
    return this.#begin(done, (failure) => {
      this.#background = undefined;
      if (failure === undefined) {
        this.#options.log.notice('DB saved on disk');
        this.#saved(true, dirty);
      } else this.#logFailure(failure);
      done(failure === undefined);
    });
  }

  #begin(done: (isOk: boolean) => void, over: (failure: string | undefined) => void): boolean {
    assert(this.isFree, 'a snapshot begins beside another');
    const { log, clock, timers, settings } = this.#options;
    let file: RdbFile;
    try {
      file = new RdbFile(this.#fileOptions(''), (failure) => {
        this.#background?.runner.cancel();
        over(failure);
      });
    } catch (error) {
      const { dbfilename, dir } = settings;
      log.warning(
        `Failed opening the temp RDB file for ${dbfilename} (in server root dir ${dir}) for saving: ${reasonOf(error)}`,
      );
      return false;
    }
    const runner = new SnapshotRunner(
      {
        clock,
        timers,
        engine: this.#engine,
        keyDelayUs: () => this.#options.settings.rdbKeySaveDelay,
      },
      [file],
      this.saveOptions(),
      () => {},
    );
    this.#background = { runner, startedMs: clock.wallMs(), done };
    return true;
  }

  #backgroundOver(failure: string | undefined, dirty: number): void {
    const { log, clock } = this.#options;
    const background = this.#background;
    const startedMs = background?.startedMs ?? clock.wallMs();
    this.#background = undefined;
    this.lastBackgroundSeconds = Math.floor((clock.wallMs() - startedMs) / 1000);
    if (failure === undefined) {
      log.notice('DB saved on disk');
      log.notice('Background saving terminated with success');
    } else {
      this.#logFailure(failure);
      log.warning('Background saving error');
    }
    this.#saved(failure === undefined, dirty);
    background?.done(failure === undefined);
  }

  /** Gives a running save up, to whomever its bytes go. */
  cancelAll(): void {
    this.cancelBackground();
    this.streamed?.cancel();
  }

  /** Gives a running background save up; its file is removed. */
  cancelBackground(): void {
    const background = this.#background;
    if (background === undefined) return;
    background.runner.cancel();
    this.#background = undefined;
    background.done(false);
  }

  /** The node ends: nothing is saved or loaded any more. */
  stop(): void {
    this.cancelBackground();
    this.loading?.stop();
  }

  /** BGSAVE from where none may begin now: with the next tick. */
  schedule(): void {
    this.#isScheduled = true;
  }

  /** Save points, and what was scheduled. */
  tick(): void {
    if (!this.isFree || this.loading !== undefined) return;
    const now = this.#nowSeconds();
    if (this.#isScheduled) {
      if (this.lastSaveOk || now - this.#lastTrySeconds > RETRY_SECONDS) this.saveInBackground();
      return;
    }
    for (const { seconds, changes } of this.#options.settings.save) {
      if (this.changesSinceSave < changes || now - this.lastSaveSeconds <= seconds) continue;
      if (!this.lastSaveOk && now - this.#lastTrySeconds <= RETRY_SECONDS) continue;
      this.#options.log.notice(`${changes} changes in ${seconds} seconds. Saving...`);
      this.saveInBackground();
      return;
    }
  }

  /**
   * FLUSHALL: nobody wants what was. With save points the file is to be as empty as the data, and
   * replicas come back for the little that there is now.
   */
  flushedAll(): void {
    this.cancelAll();
    if (this.#options.settings.save.length > 0 && this.loading === undefined) this.saveNow();
  }

  #open(merge: boolean): RdbLoading | LoadOutcome {
    const { settings } = this.#options;
    return RdbLoading.open(
      {
        ...this.#options,
        mostBytesAtOnce: settings.loadingProcessEventsIntervalBytes,
        keyDelayUs: () => this.#options.settings.keyLoadDelay,
      },
      this.path,
      {
        deep: settings.sanitizeDumpPayload === 'yes',
        checksum: settings.rdbchecksum,
        skipExpired: !this.#options.keepsExpired(),
        onExpired: this.#options.onExpired,
        merge,
        onEmpty: (key) => this.#options.log.notice(`rdbLoadObject skipping empty key: ${key}`),
      },
    );
  }

  /**
   * At the start, or on a replica. `failed`: the reason is in the log, and the node must not serve. A short
   * file is read on the spot: on a thread it could wait behind every sync of a busy disk, and clients
   * would be told LOADING for a few keys.
   */
  async load(): Promise<LoadOutcome> {
    const opened = this.#open(false);
    if (typeof opened === 'string') return opened;
    this.beginLoading(opened);
    const outcome = opened.isShort ? opened.runNow() : await opened.run();
    this.#loaded(opened);
    this.endLoading(opened);
    return outcome;
  }

  /** Somebody else loads: nothing is saved meanwhile, and clients are told. */
  beginLoading(progress: LoadingProgress): void {
    this.loading = progress;
    this.#options.onChange();
  }

  /** It is over, one way or the other. */
  endLoading(progress: LoadingProgress): void {
    if (this.loading !== progress) return;
    this.loading = undefined;
    this.#options.onChange();
  }

  #loaded({ loader }: RdbLoading): void {
    this.lastKeysLoaded = loader.keysLoaded;
    this.lastKeysExpired = loader.keysExpired;
    this.loadedFacts = loader.facts;
    this.#dirtyAtSave = this.#engine.dirty;
  }

  /** The data came from elsewhere: `count` keys that are in no file yet. */
  replaced(count: number): void {
    this.lastKeysLoaded = count;
    this.lastKeysExpired = 0;
    this.#engine.dirty++;
  }

  /** DEBUG RELOAD: which of the two steps failed; undefined when none did. */
  reload(options: ReloadOptions): 'save' | 'load' | undefined {
    if (options.save && !this.saveNow()) return 'save';
    if (options.flush) for (const db of this.#engine.databases) db.flush();
    const opened = this.#open(options.merge);
    if (typeof opened === 'string') return 'load';
    const outcome = opened.runNow();
    this.#loaded(opened);
    return outcome === 'loaded' ? undefined : 'load';
  }
}
