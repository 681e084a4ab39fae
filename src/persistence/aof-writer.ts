// The end of the append-only file: effects collect in a buffer, once a poll the buffer is written in one
// piece, and the policy (`appendfsync`) says when what was written becomes durable:
//
// * always: before any reply of the poll leaves, one fsync for all of them;
// * everysec: once a second, on a thread; while that takes long, writing waits up to two seconds, since a
//   write to a file under fsync would stall everybody;
// * no: when the system thinks fit.
//
// It knows one open file. Which one that is, and what a failure means for the node, is append-only-file.ts's.

import type { Clock } from '../env/clock.ts';
import type { FileHandle } from '../env/files.ts';
import type { Log } from '../env/log.ts';
import { grown } from '../util/grown.ts';
import { reasonOf } from './rdb-file.ts';
import type { ReplicationFacts } from './replication-facts.ts';

export interface AofWriterSettings {
  readonly appendfsync: 'everysec' | 'always' | 'no';
  readonly noAppendfsyncOnRewrite: boolean;
  readonly aofTimestampEnabled: boolean;
}

export interface AofWriterOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: AofWriterSettings;
  readonly facts: ReplicationFacts;
  /** Wall clock in ms as of this poll. */
  nowMs(): number;
  /** A snapshot is being written to the same disk. */
  isSnapshotRunning(): boolean;
  /** A sample for LATENCY. */
  latency(event: string, us: number): void;
  /** DEBUG AOF-FLUSH-SLEEP: stops the process for so long before each write. */
  sleepBeforeWrite(): void;
  /** All bytes of the history up to `offset` are durable. */
  onDurable(offset: number): void;
  /** `failure` changed. */
  onFailure(): void;
  /** What was written since the last fsync may be lost, whatever a later one says. */
  onSyncLost(): void;
  /** With `always` nothing can be done but to end: replies would promise what is not so. */
  fatal(): void;
}

const FIRST_ROOM = 64 * 1024;
/** A larger buffer is given back once it is empty. */
const KEPT_ROOM = 1024 * 1024;
/** Two seconds of waiting for an fsync, one second between two. */
const POSTPONE_US = 2_000_000;
const EVERY_US = 1_000_000;
const LOG_ERRORS_US = 30_000_000;
/** Short spans are copied by a loop, faster than by a call (reference/speed.md). */
const LOOP_COPY = 48;

export class AofWriter {
  /** A message of PUBLISH is nothing to a file. */
  readonly dataOnly: boolean = true;
  /** Bytes of the file that is open. */
  size = 0;
  /** Times that writing did not wait for an fsync any longer. */
  delayedSyncs = 0;
  /** Why the last write failed; undefined when it did not. */
  failure: string | undefined;
  isSyncing = false;
  readonly #options: AofWriterOptions;
  #handle: FileHandle | undefined;
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  #length = 0;
  /** The database that the file's next command runs in; -1: none selected yet. */
  #selected = -1;
  #timestamp = 0;
  /** What the latest annotation of this file says of the history. */
  #noted: { id: string; offset: number; streamDb: number } = { id: '', offset: -1, streamDb: -1 };
  /** Bytes of the file that are durable. */
  #syncedSize = 0;
  #lastSyncUs = 0;
  #postponedUs = -1;
  #loggedUs = Number.NEGATIVE_INFINITY;

  constructor(options: AofWriterOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  /** Bytes that wait to be written. */
  get bufferedBytes(): number {
    return this.#length;
  }

  get capacityBytes(): number {
    return this.#buffer.length;
  }

  get isDurable(): boolean {
    return this.#length === 0 && this.#syncedSize === this.size;
  }

  /** Goes on with this file, of which `size` bytes are there and durable. */
  open(handle: FileHandle, size: number): void {
    this.#handle?.close();
    this.#handle = handle;
    this.size = size;
    this.#syncedSize = size;
    this.#selected = -1;
    this.#noted = { id: '', offset: -1, streamDb: -1 };
    this.#lastSyncUs = this.#options.clock.monotonicUs();
    this.#postponedUs = -1;
  }

  /** Lets go of the file as it is; what waits in the buffer is dropped. */
  close(): void {
    this.#handle?.close();
    this.#handle = undefined;
    this.#length = 0;
    this.#postponedUs = -1;
    this.size = 0;
    this.#syncedSize = 0;
  }

  /** An earlier failure is forgotten: a new file begins. */
  forgetFailure(): void {
    this.failure = undefined;
  }

  /** The sink of propagation: `bytes` are lent, so they are copied. */
  append(dbIndex: number, bytes: Buffer, start: number, end: number): void {
    if (this.#options.settings.aofTimestampEnabled) this.#noteTime();
    if (dbIndex >= 0 && dbIndex !== this.#selected) this.#select(dbIndex);
    const length = end - start;
    this.#reserve(length);
    const buffer = this.#buffer;
    let at = this.#length;
    if (length > LOOP_COPY) bytes.copy(buffer, at, start, end);
    else for (let i = start; i < end; i++) buffer[at++] = bytes[i];
    this.#length += length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.length) this.#buffer = grown(this.#buffer, this.#length, needed);
  }

  #appendText(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  #select(dbIndex: number): void {
    const digits = String(dbIndex);
    this.#appendText(`*2\r\n$6\r\nSELECT\r\n$${digits.length}\r\n${digits}\r\n`);
    this.#selected = dbIndex;
  }

  #noteTime(): void {
    const seconds = Math.floor(this.#options.nowMs() / 1000);
    if (seconds <= this.#timestamp) return;
    this.#timestamp = seconds;
    this.#appendText(`#TS:${seconds}\r\n`);
  }

  /** Says behind the data of this write where the history stands: one write, so they are there together. */
  #noteHistory(): void {
    const { facts } = this.#options;
    if (!facts.isKept) return;
    const noted = this.#noted;
    const { id, offset, streamDb } = facts;
    if (noted.offset === offset && noted.id === id && noted.streamDb === streamDb) return;
    this.#appendText(
      noted.id === id ? `#RO:${offset}:${streamDb}\r\n` : `#RH:${id}:${offset}:${streamDb}\r\n`,
    );
    noted.id = id;
    noted.offset = offset;
    noted.streamDb = streamDb;
  }

  /** Once a poll. `force`: an fsync under way is no reason to wait. True when nothing waits any more. */
  flush(force = false): boolean {
    if (this.#handle === undefined) return true;
    this.#noteHistory();
    if (this.#length > 0) {
      if (!force && this.#mustWait()) return false;
      if (!this.#write(this.#handle)) return false;
    }
    this.#syncIfDue();
    return true;
  }

  #mustWait(): boolean {
    const { settings, clock, log } = this.#options;
    if (settings.appendfsync !== 'everysec' || !this.isSyncing) return false;
    const now = clock.monotonicUs();
    if (this.#postponedUs < 0) this.#postponedUs = now;
    if (now - this.#postponedUs < POSTPONE_US) return true;
    this.delayedSyncs++;
    log.notice(
      'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to complete, this may slow down Redis.',
    );
    return false;
  }

  #write(handle: FileHandle): boolean {
    const { clock, latency, sleepBeforeWrite } = this.#options;
    sleepBeforeWrite();
    const startUs = clock.monotonicUs();
    const length = this.#length;
    try {
      handle.writeNow(this.#buffer.subarray(0, length));
    } catch (error) {
      this.#writeFailed(handle, reasonOf(error));
      return false;
    } finally {
      const us = clock.monotonicUs() - startUs;
      latency(this.#kindOfWrite(), us);
      latency('aof-write', us);
      this.#postponedUs = -1;
    }
    this.size += length;
    this.#length = 0;
    if (this.#buffer.length > KEPT_ROOM) this.#buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
    if (this.failure !== undefined) {
      this.#options.log.notice('AOF write error looks solved, Redis can write again.');
      this.failure = undefined;
      this.#options.onFailure();
    }
    return true;
  }

  #kindOfWrite(): string {
    if (this.isSyncing) return 'aof-write-pending-fsync';
    return this.#options.isSnapshotRunning() ? 'aof-write-active-child' : 'aof-write-alone';
  }

  /** Takes back what was written in part; what cannot be taken back is not written again. */
  #writeFailed(handle: FileHandle, reason: string): void {
    const { clock, log, settings } = this.#options;
    const now = clock.monotonicUs();
    const canLog = now - this.#loggedUs > LOG_ERRORS_US;
    if (canLog) this.#loggedUs = now;
    const written = this.#writtenOf(handle);
    if (canLog && written <= 0) log.warning(`Error writing to the AOF file: ${reason}`);
    if (written > 0) {
      if (canLog) {
        log.warning(
          `Short write while writing to the AOF file: (nwritten=${written}, expected=${this.#length}): ${reason}`,
        );
      }
      try {
        handle.truncateNow(this.size);
      } catch (error) {
        if (canLog) {
          log.warning(
            `Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next time it starts.  ftruncate: ${reasonOf(error)}`,
          );
        }
        this.#buffer.copyWithin(0, written, this.#length);
        this.#length -= written;
        this.size += written;
      }
    }
    this.failure = reason;
    if (settings.appendfsync === 'always') {
      log.warning(
        "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
      );
      this.#options.fatal();
    } else this.#options.onFailure();
  }

  #writtenOf(handle: FileHandle): number {
    try {
      return handle.sizeNow() - this.size;
    } catch {
      return 0;
    }
  }

  #syncIfDue(): void {
    const { settings, clock, facts, onDurable, isSnapshotRunning } = this.#options;
    if (this.#syncedSize === this.size) {
      // What the history has beyond its effects (a ping to replicas) needs no disk.
      if (!this.isSyncing) onDurable(facts.offset);
      return;
    }
    if (settings.appendfsync === 'no') return;
    if (settings.noAppendfsyncOnRewrite && isSnapshotRunning()) return;
    if (settings.appendfsync === 'always') {
      this.#syncAlways();
      return;
    }
    if (this.isSyncing) return;
    const now = clock.monotonicUs();
    if (now - this.#lastSyncUs < EVERY_US) return;
    this.#lastSyncUs = now;
    void this.#syncLater();
  }

  #syncAlways(): void {
    const { clock, log, latency, facts, onDurable } = this.#options;
    const startUs = clock.monotonicUs();
    try {
      this.#handle?.syncNow();
    } catch (error) {
      this.failure = reasonOf(error);
      log.warning(
        `Can't persist AOF for fsync error when the AOF fsync policy is 'always': ${this.failure}. Exiting...`,
      );
      this.#options.fatal();
      return;
    }
    latency('aof-fsync-always', clock.monotonicUs() - startUs);
    this.#lastSyncUs = startUs;
    this.#syncedSize = this.size;
    onDurable(facts.offset);
  }

  async #syncLater(): Promise<void> {
    const handle = this.#handle;
    const { facts, log, onDurable, onSyncLost } = this.#options;
    const { size } = this;
    const { offset } = facts;
    this.isSyncing = true;
    let failure: string | undefined;
    try {
      await handle?.sync();
    } catch (error) {
      failure = reasonOf(error);
    }
    this.isSyncing = false;
    // Another file is open by now, and made durable in its own way.
    if (handle !== this.#handle) return;
    if (failure === undefined) {
      this.#syncedSize = Math.max(this.#syncedSize, size);
      onDurable(offset);
      return;
    }
    log.warning(`Fail to fsync the AOF file: ${failure}`);
    this.failure = failure;
    onSyncLost();
  }

  /** Everything that was written becomes durable now; the system's reason when it does not. */
  syncNow(): string | undefined {
    if (this.#handle === undefined || this.#syncedSize === this.size) return undefined;
    try {
      this.#handle.syncNow();
    } catch (error) {
      return reasonOf(error);
    }
    this.#lastSyncUs = this.#options.clock.monotonicUs();
    this.#syncedSize = this.size;
    return undefined;
  }

  /** The same on a thread, for what was written until now. */
  async syncSoon(): Promise<string | undefined> {
    const handle = this.#handle;
    if (handle === undefined || this.#syncedSize === this.size) return undefined;
    const { size } = this;
    try {
      await handle.sync();
    } catch (error) {
      return reasonOf(error);
    }
    if (handle === this.#handle) this.#syncedSize = Math.max(this.#syncedSize, size);
    return undefined;
  }
}
