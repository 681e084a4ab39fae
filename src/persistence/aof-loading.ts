// Loads the files that a manifest names, in order: a base in RDB or as commands, or both in one (the old
// RDB preamble), then what was written after it. Commands are run by an executor that the node gives.
//
// What may be missing is the end of the last file: a crash tore the last write, and `aof-load-truncated`
// lets the node start from what is whole. Anything else that is missing or damaged ends the load with the
// file, the position and the reason in the log: a node never starts half empty in silence.
//
// While commands are run nothing expires: the file says itself what has expired, and when.

import type { Engine } from '../engine/engine.ts';
import type { FileHandle } from '../env/files.ts';
import type { Log } from '../env/log.ts';
import { RdbFileLoader } from '../rdb/rdb-file-loader.ts';
import { ReadState } from '../rdb/rdb-reader.ts';
import type { AofFolder } from './aof-folder.ts';
import type { AofManifest, AofPart } from './aof-manifest.ts';
import { type AofCommand, AofReader, Found } from './aof-reader.ts';
import { reasonOf } from './rdb-file.ts';
import type { LoadingOptions, LoadingProgress } from './rdb-loading.ts';
import type { LoadedFacts } from './replication-facts.ts';

/** Runs the commands of a file. */
export interface AofExecutor {
  /** Whether a MULTI has no EXEC yet. */
  readonly isInTransaction: boolean;
  /** A file begins: database 0 is selected. */
  begin(): void;
  /** Why it cannot be run; undefined when it was. */
  run(command: AofCommand): string | undefined;
  /** The file is over, or cannot be read on. */
  end(): void;
}

export interface AofLoadingOptions extends LoadingOptions {
  readonly folder: AofFolder;
  readonly executor: AofExecutor;
  readonly settings: {
    readonly aofLoadTruncated: boolean;
    readonly rdbchecksum: boolean;
    readonly sanitizeDumpPayload: 'no' | 'yes' | 'clients';
  };
}

export type AofOutcome = 'loaded' | 'empty' | 'absent' | 'failed';
type FileOutcome = 'loaded' | 'truncated' | 'empty' | 'failed';

/** Read and run between two polls: a few milliseconds. */
const CHUNK_BYTES = 256 * 1024;
const SIGNATURE = 'REDIS';
const HISTORY_LINE = /^RH:([0-9a-f]{40}):(\d{1,16}):(-1|\d{1,9})$/;
const OFFSET_LINE = /^RO:(\d{1,16}):(-1|\d{1,9})$/;

export class AofLoading implements LoadingProgress {
  readonly isAsync: boolean = false;
  totalBytes = 0;
  loadedBytes = 0;
  baseBytes = 0;
  keysLoaded = 0;
  keysExpired = 0;
  usedMemory = 0;
  readonly startedMs: number;
  /** What the history is at the end of the last file; undefined when nothing says it for sure. */
  facts: LoadedFacts | undefined;
  readonly #options: AofLoadingOptions;
  readonly #manifest: AofManifest;
  readonly #log: Log;
  readonly #engine: Engine;
  #isStopped = false;
  #historyId = '';
  /** Bytes of the files before this one. */
  #bytesBefore = 0;

  constructor(options: AofLoadingOptions, manifest: AofManifest) {
    this.#options = options;
    this.#manifest = manifest;
    this.#log = options.log;
    this.#engine = options.engine;
    this.startedMs = options.clock.wallMs();
    this.#engine.tick(this.startedMs);
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Loads chunk by chunk; between chunks the node answers. */
  async run(): Promise<AofOutcome> {
    const { timers } = this.#options;
    const steps = this.#steps();
    for (;;) {
      const { done, value } = this.#inLoadingState(() => steps.next());
      if (done) return value;
      await new Promise<void>((fulfil) => {
        if (value >= 1) timers.after(Math.ceil(value), fulfil);
        else timers.immediate(fulfil);
      });
    }
  }

  /** Loads everything before it returns. */
  runNow(): AofOutcome {
    const steps = this.#steps();
    for (;;) {
      const { done, value } = this.#inLoadingState(() => steps.next());
      if (done) return value;
      if (value >= 1) this.#options.sleepNow(value);
    }
  }

  #inLoadingState<T>(work: () => T): T {
    const engine = this.#engine;
    const { interest, ignoreExpiry, mayExpire } = engine;
    engine.interest = 0;
    engine.ignoreExpiry = true;
    engine.mayExpire = false;
    try {
      return work();
    } finally {
      engine.interest = interest;
      engine.ignoreExpiry = ignoreExpiry;
      engine.mayExpire = mayExpire;
    }
  }

  /** Yields the milliseconds that key-load-delay asks for. */
  *#steps(): Generator<number, AofOutcome> {
    const manifest = this.#manifest;
    const { folder, clock } = this.#options;
    if (manifest.isEmpty) return 'absent';
    for (const part of manifest.parts) {
      const bytes = folder.sizeOf(part.name);
      if (bytes === undefined) return 'failed';
      if (part === manifest.base) this.baseBytes = bytes;
      this.totalBytes += bytes;
    }
    if (this.totalBytes === 0) return 'empty';
    const { parts } = manifest;
    for (const part of parts) {
      const startUs = clock.monotonicUs();
      const outcome = yield* this.#file(part);
      const isLast = part === parts.at(-1);
      if (outcome === 'truncated' && !isLast) {
        this.#log.warning('Fatal error: the truncated file is not the last file');
        return 'failed';
      }
      if (outcome === 'failed') return 'failed';
      this.#bytesBefore = this.loadedBytes;
      if (outcome === 'empty') continue;
      const kind = part === manifest.base ? 'base' : 'incr';
      const seconds = ((clock.monotonicUs() - startUs) / 1_000_000).toFixed(3);
      this.#log.notice(`DB loaded from ${kind} file ${part.name}: ${seconds} seconds`);
    }
    return 'loaded';
  }

  *#file(part: AofPart): Generator<number, FileOutcome> {
    const { folder, executor } = this.#options;
    const path = folder.path(part.name);
    let handle: FileHandle;
    try {
      handle = folder.files.open(path, 'read');
    } catch (error) {
      this.#log.warning(
        `Fatal error: can't open the append log file ${part.name} for reading: ${reasonOf(error)}`,
      );
      return 'failed';
    }
    executor.begin();
    try {
      if (handle.sizeNow() === 0) return 'empty';
      const head = Buffer.alloc(SIGNATURE.length);
      const isRdb = handle.readNow(head, 0) === head.length && head.toString() === SIGNATURE;
      const first = isRdb ? yield* this.#preamble(handle, part.name) : new AofReader();
      if (first === undefined) return 'failed';
      return yield* this.#commands(handle, part.name, first);
    } catch (error) {
      this.#log.warning(
        `Unrecoverable error reading the append only file ${part.name}: ${reasonOf(error)}`,
      );
      return 'failed';
    } finally {
      executor.end();
      handle.close();
    }
  }

  /** The RDB at the beginning; then a reader of the commands behind it. */
  *#preamble(handle: FileHandle, name: string): Generator<number, AofReader | undefined> {
    const { settings } = this.#options;
    const isOld = name === this.#options.folder.fileName;
    this.#log.notice(
      isOld ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...',
    );
    const loader = new RdbFileLoader(this.#engine, {
      deep: settings.sanitizeDumpPayload === 'yes',
      checksum: settings.rdbchecksum,
      skipExpired: false,
      onEmpty: (key) => this.#log.notice(`rdbLoadObject skipping empty key: ${key}`),
    });
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let state: number = ReadState.more;
    let count = 0;
    while (state === ReadState.more && !this.#isStopped) {
      count = handle.readNow(chunk);
      if (count === 0) break;
      const keysBefore = loader.keysLoaded;
      state = loader.feed(chunk.subarray(0, count));
      this.loadedBytes = this.#bytesBefore + loader.offset;
      yield this.#owedMs(loader.keysLoaded - keysBefore);
    }
    this.usedMemory = Number(loader.facts.get('used-mem') ?? 0);
    if (state !== ReadState.done) {
      if (state === ReadState.more) loader.abandon();
      const reason = loader.failure ?? 'the file ends in the middle';
      this.#log.warning(
        `Internal error in RDB reading offset ${loader.offset} (${loader.context}) -> ${reason}`,
      );
      const what = isOld ? 'RDB preamble of the AOF file' : 'RDB base file';
      this.#log.warning(`Error reading the ${what} ${name}, AOF loading aborted`);
      return undefined;
    }
    for (const what of loader.skippedParts) {
      this.#log.warning(`The RDB base file holds ${what}, which this server left out.`);
    }
    this.keysLoaded = loader.keysLoaded;
    this.keysExpired = loader.keysExpired;
    this.#log.notice(
      `Done loading RDB, keys loaded: ${loader.keysLoaded}, keys expired: ${loader.keysExpired}.`,
    );
    if (isOld) this.#log.notice('Reading the remaining AOF tail...');
    const reader = new AofReader(loader.offset);
    const left = chunk.subarray(count - loader.bytesLeft, count);
    left.copy(reader.space());
    reader.filled(left.length);
    return reader;
  }

  *#commands(handle: FileHandle, name: string, reader: AofReader): Generator<number, FileOutcome> {
    const { executor } = this.#options;
    /** Behind the last command or annotation that is not part of an open transaction. */
    let goodUpTo = reader.position;
    let count = 0;
    for (;;) {
      const found = reader.next();
      if (found === Found.command) {
        count++;
        const { command } = reader;
        const from = goodUpTo;
        const refusal = executor.run(command);
        if (refusal !== undefined) {
          this.#log.warning(`The append only file ${name} is damaged behind offset ${from}.`);
          this.#log.warning(`${refusal} reading the append only file ${name}`);
          return 'failed';
        }
        if (!executor.isInTransaction) {
          // What follows the last word of the history is beyond it.
          this.facts = undefined;
          goodUpTo = reader.position;
        }
      } else if (found === Found.annotation) {
        this.#note(reader.annotation);
        if (!executor.isInTransaction) goodUpTo = reader.position;
      } else if (found === Found.damage) {
        return this.#damaged(name, reader);
      } else {
        this.loadedBytes = this.#bytesBefore + reader.position;
        yield this.#owedMs(count);
        count = 0;
        if (this.#isStopped) return 'failed';
        const bytes = handle.readNow(reader.space().subarray(0, CHUNK_BYTES));
        if (bytes === 0) break;
        reader.filled(bytes);
      }
    }
    if (executor.isInTransaction) {
      this.#log.warning(`Revert incomplete MULTI/EXEC transaction in AOF file ${name}`);
    } else if (reader.pendingBytes === 0) return 'loaded';
    return this.#truncate(name, goodUpTo);
  }

  #note(annotation: string): void {
    const history = HISTORY_LINE.exec(annotation);
    if (history !== null) {
      const [, id, offset, streamDb] = history;
      this.#historyId = id;
      this.facts = { id, offset: Number(offset), streamDb: Number(streamDb) };
      return;
    }
    const step = OFFSET_LINE.exec(annotation);
    if (step === null || this.#historyId === '') return;
    this.facts = { id: this.#historyId, offset: Number(step[1]), streamDb: Number(step[2]) };
  }

  #damaged(name: string, reader: AofReader): FileOutcome {
    this.#log.warning(
      `The append only file ${name} is damaged at offset ${reader.understood}: ${reader.reason}; all before offset ${reader.position} is in order.`,
    );
    this.#log.warning(
      `Bad file format reading the append only file ${name}: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>`,
    );
    return 'failed';
  }

  /** The file ends amid a command or a transaction. */
  #truncate(name: string, goodUpTo: number): FileOutcome {
    const log = this.#log;
    if (this.#options.settings.aofLoadTruncated) {
      log.warning(`!!! Warning: short read while loading the AOF file ${name}!!!`);
      log.warning(`!!! Truncating the AOF ${name} at offset ${goodUpTo} !!!`);
      try {
        const handle = this.#options.folder.files.open(this.#options.folder.path(name), 'update');
        try {
          handle.truncateNow(goodUpTo);
          handle.syncNow();
        } finally {
          handle.close();
        }
        log.warning(`AOF ${name} loaded anyway because aof-load-truncated is enabled`);
        return 'truncated';
      } catch (error) {
        log.warning(`Error truncating the AOF file ${name}: ${reasonOf(error)}`);
      }
    } else {
      log.warning(
        `The append only file ${name} ends in the middle; all before offset ${goodUpTo} is in order.`,
      );
    }
    log.warning(
      `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.`,
    );
    return 'failed';
  }

  /** What key-load-delay asks for so many keys or commands. */
  #owedMs(count: number): number {
    const delay = this.#options.keyDelayUs();
    return ((delay < 0 ? -1 / delay : delay) * count) / 1000;
  }
}
