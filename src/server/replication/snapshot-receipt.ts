// A master's snapshot on its way into this node. To a file: written beside the old one, made durable,
// renamed, and loaded when it is whole, so until then the old data are served and safe. Into the
// databases as it comes: faster and without a disk, at the price that the old data are gone before the new
// are there; or (swapdb) into an engine of its own, which takes the old one's place when all is well.
//
// Whatever goes wrong, nothing is left half loaded: a load that fails leaves empty databases, or the old ones.

import type { Engine } from '../../engine/engine.ts';
import type { Environment } from '../../env/environment.ts';
import type { Timer } from '../../env/timers.ts';
import { RdbFile } from '../../persistence/rdb-file.ts';
import type { LoadingProgress } from '../../persistence/rdb-loading.ts';
import { RdbFileLoader } from '../../rdb/rdb-file-loader.ts';
import { RdbOutput } from '../../rdb/rdb-output.ts';
import { ReadState } from '../../rdb/rdb-reader.ts';
import type { SnapshotFraming } from '../../replication/replica-handshake.ts';
import { SnapshotFrame } from '../../replication/snapshot-frame.ts';
import { copied } from '../../util/copied.ts';
import type { Settings } from '../config/settings.ts';

export interface ReceiptOptions {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly framing: SnapshotFraming;
  /** Bytes have to stop coming for a while, or may go on. */
  hold(on: boolean): void;
  /**
   * The snapshot is complete, and `rest` came behind it. Once, and never after `failed`. A file lies
   * where it is loaded from.
   */
  done(rest: Buffer): void;
  /** Once, unless it was cancelled or is done. */
  failed(reason: string): void;
}

/** Where the bytes of a snapshot go. */
export interface SnapshotReceipt {
  readonly frame: SnapshotFrame;
  /** The chunk is lent. */
  take(chunk: Buffer): void;
  /** No more will come, and what came is of no use. */
  cancel(): void;
}

/** Synced each time so much was received: the last sync must not take as long as the master's patience. */
const SYNC_EVERY_BYTES = 8 * 1024 * 1024;
/** What may wait for the disk: as much as lies in chunks that are filled again. */
const QUEUE_BYTES = 4 * 1024 * 1024;

export class FileReceipt implements SnapshotReceipt {
  readonly frame: SnapshotFrame;
  readonly #options: ReceiptOptions;
  readonly #file: RdbFile;
  /** What came is gathered in chunks of its own, the same over and over: a snapshot leaves no garbage. */
  readonly #output: RdbOutput;
  #isHeld = false;

  /** Throws a FileError when the file cannot be made. */
  constructor(options: ReceiptOptions) {
    const { environment, settings } = options;
    const { files, clock, pid } = environment;
    this.#options = options;
    this.frame = new SnapshotFrame(options.framing);
    const seconds = Math.floor(clock.wallMs() / 1000);
    this.#file = new RdbFile(
      {
        files,
        path: files.resolve(settings.dir, settings.dbfilename),
        temporaryPath: files.resolve(settings.dir, `temp-${seconds}.${pid}.rdb`),
        incrementalSync: true,
        syncEveryBytes: SYNC_EVERY_BYTES,
        onWritten: () => this.#holdIfFull(),
      },
      (failure) => {
        if (failure === undefined) options.done(this.frame.rest);
        else options.failed(failure);
      },
    );
    this.#output = new RdbOutput({
      compress: false,
      checksum: false,
      emit: (chunk) => this.#file.write(chunk),
    });
    this.#file.onFree = (chunk) => this.#output.reuse(chunk);
    if (this.frame.isComplete) this.#file.end();
  }

  take(chunk: Buffer): void {
    if (this.frame.isComplete) {
      this.frame.rest = Buffer.concat([this.frame.rest, chunk]);
      return;
    }
    this.frame.take(chunk, (payload) => this.#output.raw(payload, 0, payload.length));
    if (this.frame.isComplete) {
      this.#options.hold(true);
      this.#output.flush();
      this.#file.end();
    } else this.#holdIfFull();
  }

  #holdIfFull(): void {
    const isFull = this.#file.queuedBytes > QUEUE_BYTES;
    if (isFull === this.#isHeld || this.frame.isComplete) return;
    this.#isHeld = isFull;
    this.#options.hold(isFull);
  }

  cancel(): void {
    this.#file.cancel();
  }
}

export interface DirectLoadOptions extends ReceiptOptions {
  /** Loaded into; an empty one. */
  readonly engine: Engine;
  readonly isAsync: boolean;
}

export class DirectLoad implements SnapshotReceipt, LoadingProgress {
  readonly frame: SnapshotFrame;
  readonly startedMs: number;
  readonly isAsync: boolean;
  readonly totalBytes: number;
  readonly loader: RdbFileLoader;
  readonly #options: DirectLoadOptions;
  #isParsed = false;
  #isOver = false;
  #isPaused = false;
  #delay: Timer | undefined;
  #waiting: Buffer[] = [];

  constructor(options: DirectLoadOptions) {
    const { settings, engine, environment, framing } = options;
    this.#options = options;
    this.frame = new SnapshotFrame(framing);
    this.isAsync = options.isAsync;
    this.startedMs = environment.clock.wallMs();
    this.totalBytes = framing.kind === 'length' ? framing.bytes : 0;
    engine.tick(this.startedMs);
    this.loader = new RdbFileLoader(engine, {
      deep: settings.sanitizeDumpPayload !== 'no',
      checksum: settings.rdbchecksum,
      // A replica keeps what has expired until its master deletes it.
      skipExpired: false,
      onEmpty: (key) => environment.log.notice(`rdbLoadObject skipping empty key: ${key}`),
    });
  }

  get loadedBytes(): number {
    return this.loader.offset;
  }

  get usedMemory(): number {
    return Number(this.loader.facts.get('used-mem') ?? 0);
  }

  take(chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#isPaused) {
      this.#waiting.push(copied(chunk));
      return;
    }
    const keys = this.loader.keysLoaded;
    let reason: string | undefined;
    this.frame.take(chunk, (payload) => {
      reason ??= this.#parse(payload);
    });
    if (reason !== undefined) this.#fail(reason);
    else if (this.frame.isComplete) this.#end();
    else this.#pace(this.loader.keysLoaded - keys);
  }

  #parse(payload: Buffer): string | undefined {
    const { engine } = this.#options;
    const { loader } = this;
    if (this.#isParsed) return 'Replication stream EOF marker is broken';
    const { interest } = engine;
    engine.interest = 0;
    const state = loader.feed(payload);
    engine.interest = interest;
    if (state === ReadState.failed) return this.explain(loader.failure ?? '');
    if (state === ReadState.more) return undefined;
    this.#isParsed = true;
    // What is held back for the mark counts too: nothing but the mark may follow.
    return loader.bytesLeft > 0 ? 'Replication stream EOF marker is broken' : undefined;
  }

  /** What is wrong, with the place, as the log has it. */
  explain(failure: string): string {
    const { offset, context } = this.loader;
    return `Internal error in RDB reading offset ${offset} (${context}) -> ${failure}`;
  }

  #end(): void {
    if (!this.#isParsed) {
      this.#fail('Short read or OOM loading DB. Unrecoverable error, aborting now.');
      return;
    }
    this.#isOver = true;
    this.#options.done(this.frame.rest);
  }

  /** key-load-delay: tests slow a load down. */
  #pace(keys: number): void {
    const { environment, settings } = this.#options;
    const delay = settings.keyLoadDelay;
    const ms = ((delay < 0 ? -1 / delay : delay) * keys) / 1000;
    if (ms < 1) return;
    this.pause();
    this.#delay = environment.timers.after(Math.ceil(ms), () => this.resume());
  }

  /** What comes waits until `resume`. */
  pause(): void {
    this.#isPaused = true;
    this.#options.hold(true);
  }

  resume(): void {
    if (this.#isOver) return;
    this.#isPaused = false;
    const chunks = this.#waiting;
    this.#waiting = [];
    for (const chunk of chunks) this.take(chunk);
    if (!this.#isPaused && !this.#isOver) this.#options.hold(false);
  }

  #fail(reason: string): void {
    this.cancel();
    this.#options.failed(reason);
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#delay?.cancel();
    this.#waiting = [];
    this.loader.abandon();
  }

  stop(): void {
    this.cancel();
  }
}
