// Everything about the snapshot that a replica gets: which way it takes, who must stop meanwhile, and what
// is left when it goes wrong.

import type { Engine } from '../../engine/engine.ts';
import { reasonOf } from '../../persistence/rdb-file.ts';
import type { LoadingProgress, LoadOutcome } from '../../persistence/rdb-loading.ts';
import type { SnapshotFraming } from '../../replication/replica-handshake.ts';
import type { NodeReplicationOptions } from './node-replication.ts';
import {
  DirectLoad,
  FileReceipt,
  type ReceiptOptions,
  type SnapshotReceipt,
} from './snapshot-receipt.ts';

export interface IntakeEvents {
  hold(on: boolean): void;
  /** The file is whole. */
  received(): void;
  /** The databases hold the snapshot; `rest` came behind it. */
  loaded(rest: Buffer): void;
  /** The reason is in the log. */
  failed(): void;
  /** The old data are about to be lost. */
  dataGone(): void;
  /** Loading begins or is over, for better or worse: the AOF stands aside meanwhile. */
  aside(isBeginning: boolean): void;
}

/** Old data are freed for so long between two looks at the sockets. */
const FREE_SLICE_US = 1000;

export class SnapshotIntake {
  /** Of the snapshot that was loaded last. */
  streamDb = 0;
  readonly #options: NodeReplicationOptions;
  readonly #events: IntakeEvents;
  #receipt: SnapshotReceipt | undefined;
  #direct: DirectLoad | undefined;
  #totalBytes = -1;
  /** A load of a file is under way; every one has its own number. */
  #load = 0;
  #isLoadingFile = false;
  /** What was loaded so far is in the databases that are served. */
  #isExposed = false;
  #isAside = false;
  #fileRest: Buffer = Buffer.alloc(0);
  #freeing: LoadingProgress | undefined;

  constructor(options: NodeReplicationOptions, events: IntakeEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Bytes are wanted. */
  get isReceiving(): boolean {
    return this.#receipt !== undefined;
  }

  get isBusy(): boolean {
    return this.isReceiving || this.#isLoadingFile;
  }

  /** -1: not known. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  get readBytes(): number {
    return this.#receipt?.frame.payloadBytes ?? Math.max(0, this.#totalBytes);
  }

  /** repl-diskless-load, now. */
  get loadsFromLink(): boolean {
    const { settings, engine } = this.#options;
    if (settings.replDisklessLoad === 'swapdb') return true;
    if (settings.replDisklessLoad === 'disabled') return false;
    return engine.databases.every((db) => db.keyCount === 0);
  }

  receive(framing: SnapshotFraming, to: 'file' | 'databases', isSameHistory: boolean): void {
    this.#totalBytes = framing.kind === 'length' ? framing.bytes : 0;
    const { environment, settings } = this.#options;
    const options: ReceiptOptions = {
      environment,
      settings,
      framing,
      hold: (on) => this.#events.hold(on),
      done: (rest) => this.#fileDone(rest),
      failed: (reason) => this.#fileFailed(reason),
    };
    if (to === 'databases') {
      this.#receiveDirectly(options, isSameHistory);
      return;
    }
    try {
      this.#receipt = new FileReceipt(options);
    } catch (error) {
      const reason = reasonOf(error);
      environment.log.warning(
        `Opening the temp file needed for MASTER <-> REPLICA synchronization: ${reason}`,
      );
      this.#events.failed();
    }
  }

  take(bytes: Buffer): void {
    this.#receipt?.take(bytes);
  }

  /** Gives up whatever is under way. What it left in the databases goes. */
  cancel(): void {
    if (this.#direct !== undefined && this.#receipt === this.#direct) {
      this.#logDirect(this.#direct.explain('Unexpected EOF reading RDB file'));
    }
    this.#receipt?.cancel();
    this.#receipt = undefined;
    this.#load++;
    if (this.#isLoadingFile) this.#options.persistence.loading?.stop();
    this.#endLoading();
    if (this.#isExposed) this.#flush();
    this.#isExposed = false;
    this.#isLoadingFile = false;
    this.#totalBytes = -1;
  }

  // --- by a file ---

  #fileDone(rest: Buffer): void {
    this.#receipt = undefined;
    this.#fileRest = rest;
    this.#events.received();
  }

  #fileFailed(reason: string): void {
    this.#receipt = undefined;
    this.#options.environment.log.warning(
      `Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA synchronization: ${reason}`,
    );
    this.#events.failed();
  }

  /** The file is whole and takes the place of the data. */
  loadFile(): void {
    const { persistence, environment } = this.#options;
    this.#isLoadingFile = true;
    const load = ++this.#load;
    this.#clear();
    this.#freeOld(() => {
      environment.log.notice('MASTER <-> REPLICA sync: Loading DB in memory');
      void persistence.load().then((outcome) => {
        if (load === this.#load) this.#fileLoaded(outcome);
      });
    });
  }

  /**
   * Without replica-lazy-flush the old data are gone before the new ones come, since there may be no room
   * for both. In slices all the same, with LOADING for the clients.
   */
  #freeOld(then: () => void): void {
    const { engine, environment, persistence, settings } = this.#options;
    const { clock, timers } = environment;
    const { lazyFree } = engine;
    const load = this.#load;
    const step = (): void => {
      if (load !== this.#load) return;
      const startUs = clock.monotonicUs();
      while (lazyFree.pending > 0 && clock.monotonicUs() - startUs < FREE_SLICE_US) lazyFree.step();
      if (lazyFree.pending > 0) {
        timers.immediate(step);
        return;
      }
      this.#freed();
      then();
    };
    if (settings.replicaLazyFlush || lazyFree.pending === 0) {
      then();
      return;
    }
    this.#freeing = new Freeing(clock.wallMs());
    persistence.beginLoading(this.#freeing);
    step();
  }

  #freed(): void {
    const freeing = this.#freeing;
    this.#freeing = undefined;
    if (freeing !== undefined) this.#options.persistence.endLoading(freeing);
  }

  #fileLoaded(outcome: LoadOutcome): void {
    const { persistence, environment, settings } = this.#options;
    const { log, files } = environment;
    this.#isLoadingFile = false;
    if (settings.rdbDelSyncFiles && settings.save.length === 0 && !settings.appendonly) {
      log.notice(
        'Removing the RDB file obtained from the master. This replica has persistence disabled',
      );
      files.discard(persistence.path);
    }
    if (outcome !== 'loaded') {
      log.warning(
        'Failed trying to load the MASTER synchronization DB from disk, check server logs.',
      );
      this.#events.failed();
      return;
    }
    this.#finish(persistence.loadedFacts, this.#fileRest);
  }

  // --- as it comes ---

  #receiveDirectly(options: ReceiptOptions, isSameHistory: boolean): void {
    const { engine, persistence, settings, environment } = this.#options;
    const isSwap = settings.replDisklessLoad === 'swapdb';
    const into = isSwap ? engine.newEmpty() : engine;
    if (isSwap) persistence.cancelBackground();
    else this.#clear();
    const direct = new DirectLoad({
      ...options,
      engine: into,
      // Old data of the same history are only old; of another one they would be wrong.
      isAsync: isSwap && isSameHistory,
      done: (rest) => this.#directDone(direct, into, rest),
      failed: (reason) => this.#directFailed(reason, isSwap),
    });
    this.#receipt = direct;
    this.#direct = direct;
    direct.pause();
    const begin = (): void => {
      environment.log.notice('MASTER <-> REPLICA sync: Loading DB in memory');
      persistence.beginLoading(direct);
      direct.resume();
    };
    if (isSwap) begin();
    else this.#freeOld(begin);
  }

  #directDone(direct: DirectLoad, loaded: Engine, rest: Buffer): void {
    const { engine, persistence, environment } = this.#options;
    const { log } = environment;
    this.#receipt = undefined;
    if (loaded !== engine) {
      this.#standAside();
      this.#events.dataGone();
      log.notice('MASTER <-> REPLICA sync: Swapping active DB with loaded DB');
      this.#replaceData(() => engine.adopt(loaded));
      log.notice('MASTER <-> REPLICA sync: Discarding old DB in background');
    }
    const { loader } = direct;
    for (const what of loader.skippedParts) {
      log.warning(`The snapshot holds ${what}, which this server has no use for: it was left out.`);
    }
    log.notice(`Done loading RDB, keys loaded: ${loader.keysLoaded}, keys expired: 0.`);
    persistence.replaced(loader.keysLoaded);
    this.#finish(loader.facts, rest);
  }

  #directFailed(reason: string, isSwap: boolean): void {
    const { log } = this.#options.environment;
    this.#receipt = undefined;
    this.#logDirect(reason);
    if (isSwap) log.notice('MASTER <-> REPLICA sync: Discarding temporary DB in background');
    this.#events.failed();
  }

  #logDirect(reason: string): void {
    const { log } = this.#options.environment;
    log.warning(reason);
    log.warning(
      'Failed trying to load the MASTER synchronization DB from socket, check server logs.',
    );
  }

  #finish(facts: ReadonlyMap<string, string>, rest: Buffer): void {
    const db = Number(facts.get('repl-stream-db') ?? 0);
    const { length } = this.#options.engine.databases;
    this.streamDb = Number.isInteger(db) && db >= 0 && db < length ? db : 0;
    this.#totalBytes = -1;
    this.#endLoading();
    this.#isExposed = false;
    this.#events.loaded(rest);
  }

  #endLoading(): void {
    const { persistence } = this.#options;
    const direct = this.#direct;
    this.#direct = undefined;
    this.#freed();
    if (direct !== undefined) persistence.endLoading(direct);
  }

  #standAside(): void {
    if (!this.#isAside) this.#events.aside(true);
    this.#isAside = true;
  }

  /**
   * The data are whole again, or this node is to be a master with what it has. After a load that
   * failed an AOF goes on standing aside: what it holds is better than nothing.
   */
  comeBack(): void {
    if (this.#isAside) this.#events.aside(false);
    this.#isAside = false;
  }

  /** Makes room for the snapshot: from here on the old data are lost. */
  #clear(): void {
    const { persistence, environment } = this.#options;
    if (persistence.isSaving) {
      environment.log.notice(
        'Replica is about to load the RDB file received from the master, but there is a pending RDB child running. Killing it and removing its temp file to avoid any race',
      );
      persistence.cancelBackground();
    }
    this.#events.dataGone();
    this.#standAside();
    environment.log.notice('MASTER <-> REPLICA sync: Flushing old data');
    this.#flush();
    this.#isExposed = true;
  }

  #flush(): void {
    const { engine } = this.#options;
    this.#replaceData(() => {
      for (const db of engine.databases) db.flush();
    });
  }

  /** Whoever watches or waits for keys is told that all of them may have changed. */
  #replaceData(replace: () => void): void {
    const { engine, dispatcher } = this.#options;
    for (const { index } of engine.databases) dispatcher.watches.touchDatabase(index);
    replace();
    for (const { index } of engine.databases) dispatcher.blocking.signalDatabase(index);
  }
}

/** Shown as a load of which nothing has come yet. */
class Freeing implements LoadingProgress {
  readonly isAsync = false;
  readonly totalBytes = 0;
  readonly loadedBytes = 0;
  readonly usedMemory = 0;
  readonly startedMs: number;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
  }

  stop(): void {}
}
