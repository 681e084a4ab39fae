// Loads an RDB file into an engine, either while the node answers -LOADING, or at once (DEBUG RELOAD), with
// redis-server's log lines.

import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../env/clock.ts';
import type { FileHandle, Files } from '../env/files.ts';
import type { Log } from '../env/log.ts';
import type { Timers } from '../env/timers.ts';
import { type FileLoaderOptions, RdbFileLoader } from '../rdb/rdb-file-loader.ts';
import { ReadState } from '../rdb/rdb-reader.ts';
import { reasonOf } from './rdb-file.ts';

/** Read and parsed between two polls at most: a few milliseconds. */
const CHUNK_BYTES = 256 * 1024;

export interface LoadingOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly engine: Engine;
  /** Clients are looked after when so many bytes were read, or sooner. */
  readonly mostBytesAtOnce?: number;
  /** Microseconds to wait for each key (key-load-delay), read live. */
  keyDelayUs(): number;
  /** Stops the process for this time. */
  sleepNow(ms: number): void;
}

/** `absent`: there is no such file. */
export type LoadOutcome = 'loaded' | 'absent' | 'failed';

/** How far a load is, for INFO, and the way to end it. */
export interface LoadingProgress {
  /** 0: not known beforehand. */
  readonly totalBytes: number;
  readonly loadedBytes: number;
  readonly startedMs: number;
  /** What the writer used; 0: it did not say. */
  readonly usedMemory: number;
  /** The old data are served meanwhile. */
  readonly isAsync: boolean;
  stop(): void;
}

export class RdbLoading implements LoadingProgress {
  readonly isAsync: boolean = false;
  readonly totalBytes: number;
  readonly startedMs: number;
  readonly loader: RdbFileLoader;
  readonly #options: LoadingOptions;
  readonly #handle: FileHandle;
  readonly #startedUs: number;
  #factsLogged = 0;
  #isStopped = false;

  private constructor(options: LoadingOptions, handle: FileHandle, load: FileLoaderOptions) {
    this.#options = options;
    this.#handle = handle;
    this.totalBytes = handle.sizeNow();
    this.startedMs = options.clock.wallMs();
    this.#startedUs = options.clock.monotonicUs();
    options.engine.tick(this.startedMs);
    this.loader = new RdbFileLoader(options.engine, { ...load, totalBytes: this.totalBytes });
  }

  /** Opens a file; the outcome when there is none, or none that can be opened. */
  static open(
    options: LoadingOptions,
    path: string,
    load: FileLoaderOptions,
  ): RdbLoading | LoadOutcome {
    const { files, log } = options;
    try {
      if (files.stat(path) === undefined) return 'absent';
      return new RdbLoading(options, files.open(path, 'read'), load);
    } catch (error) {
      log.warning(`Fatal error: can't open the RDB file ${path} for reading: ${reasonOf(error)}`);
      return 'failed';
    }
  }

  get loadedBytes(): number {
    return this.loader.offset;
  }

  get usedMemory(): number {
    return Number(this.loader.facts.get('used-mem') ?? 0);
  }

  /** One chunk, and nobody asked for a slow load. */
  get isShort(): boolean {
    const { mostBytesAtOnce = CHUNK_BYTES, keyDelayUs } = this.#options;
    return this.totalBytes <= Math.min(CHUNK_BYTES, mostBytesAtOnce) && keyDelayUs() === 0;
  }

  /** Ends `run` with the next chunk. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Loads chunk by chunk; between chunks the node answers. */
  async run(): Promise<LoadOutcome> {
    const bytes = Math.min(CHUNK_BYTES, this.#options.mostBytesAtOnce ?? CHUNK_BYTES);
    const into = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)];
    const { engine } = this.#options;
    let state: number = ReadState.more;
    try {
      // The next chunk is on its way while this one is parsed.
      let next = this.#handle.read(into[0]);
      for (let i = 0; state === ReadState.more; i++) {
        const count = await next;
        if (count === 0 || this.#isStopped) break;
        const chunk = into[i & 1].subarray(0, count);
        next = this.#handle.read(into[(i + 1) & 1]);
        const { interest } = engine;
        engine.interest = 0;
        const owedMs = this.#owedMs(() => {
          state = this.#feed(chunk);
        });
        engine.interest = interest;
        if (owedMs >= 1) await this.#pause(owedMs);
      }
      await next;
    } catch (error) {
      return this.#failed(reasonOf(error));
    } finally {
      this.#handle.close();
    }
    return this.#isStopped ? 'failed' : this.#end(state);
  }

  /** Loads everything before it returns. */
  runNow(): LoadOutcome {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const { engine, sleepNow } = this.#options;
    const { interest } = engine;
    let state: number = ReadState.more;
    engine.interest = 0;
    try {
      while (state === ReadState.more) {
        const count = this.#handle.readNow(chunk);
        if (count === 0) break;
        const owedMs = this.#owedMs(() => {
          state = this.#feed(chunk.subarray(0, count));
        });
        if (owedMs >= 1) sleepNow(owedMs);
      }
    } catch (error) {
      return this.#failed(reasonOf(error));
    } finally {
      engine.interest = interest;
      this.#handle.close();
    }
    return this.#end(state);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((fulfil) => {
      this.#options.timers.after(Math.ceil(ms), fulfil);
    });
  }

  /** What key-load-delay asks for the keys that `work` loads. */
  #owedMs(work: () => void): number {
    const before = this.loader.keysLoaded;
    work();
    const delay = this.#options.keyDelayUs();
    const us = delay < 0 ? -1 / delay : delay;
    return (us * (this.loader.keysLoaded - before)) / 1000;
  }

  #feed(chunk: Buffer): number {
    const state = this.loader.feed(chunk);
    this.#logFacts();
    return state;
  }

  #logFacts(): void {
    const { facts } = this.loader;
    const { log, clock } = this.#options;
    if (facts.size === this.#factsLogged) return;
    let i = 0;
    for (const [name, value] of facts) {
      if (i++ < this.#factsLogged) continue;
      if (name === 'redis-ver' || name === 'valkey-ver') {
        log.notice(`Loading RDB produced by version ${value}`);
      } else if (name === 'ctime') {
        const age = Math.floor(clock.wallMs() / 1000) - Number(value);
        log.notice(`RDB age ${Math.max(0, age)} seconds`);
      } else if (name === 'used-mem') {
        const mb = (Number(value) / (1024 * 1024)).toFixed(2);
        log.notice(`RDB memory usage when created ${mb} Mb`);
      }
    }
    this.#factsLogged = facts.size;
  }

  #end(state: number): LoadOutcome {
    const { log, clock } = this.#options;
    const { loader } = this;
    if (state === ReadState.more) {
      loader.abandon();
      log.warning('Short read or OOM loading DB. Unrecoverable error, aborting now.');
      return this.#failed(`the file ends in the middle, after ${this.totalBytes} bytes`);
    }
    if (state === ReadState.failed) return this.#failed(loader.failure ?? 'unknown');
    for (const what of loader.skippedParts) {
      log.warning(`The RDB file holds ${what}, which this server has no use for: it was left out.`);
    }
    const empty = loader.emptyKeys > 0 ? `, empty keys skipped: ${loader.emptyKeys}` : '';
    log.notice(
      `Done loading RDB, keys loaded: ${loader.keysLoaded}, keys expired: ${loader.keysExpired}${empty}.`,
    );
    const seconds = (clock.monotonicUs() - this.#startedUs) / 1_000_000;
    log.notice(`DB loaded from disk: ${seconds.toFixed(3)} seconds`);
    return 'loaded';
  }

  #failed(reason: string): LoadOutcome {
    const { log } = this.#options;
    log.warning(
      `Internal error in RDB reading offset ${this.loader.offset} (${this.loader.context}) -> ${reason}`,
    );
    return 'failed';
  }
}
