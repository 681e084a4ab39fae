// An RDB file in the making. It is written under a name of its own, made durable, renamed, and its
// folder made durable: whoever looks finds the old file or the new one, whole, whenever the power fails.

import type { FileHandle, Files } from '../env/files.ts';
import type { SnapshotReceiver } from './snapshot-runner.ts';

/** Synced each time so much has been written, so that the last sync is no stall of the disk. */
const SYNC_EVERY_BYTES = 32 * 1024 * 1024;

export interface RdbFileOptions {
  readonly files: Files;
  /** Where the file shall be. */
  readonly path: string;
  /** Its name until then, in the same folder. */
  readonly temporaryPath: string;
  readonly incrementalSync: boolean;
  /** Instead of the usual bytes between two syncs. */
  readonly syncEveryBytes?: number;
  /** `queuedBytes` became less. */
  readonly onWritten?: () => void;
}

/** What the system said: a FileError's message, or whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Takes a snapshot, chunk by chunk, in the background. */
export class RdbFile implements SnapshotReceiver {
  queuedBytes = 0;
  failure: string | undefined;
  onFree: ((chunk: Buffer) => void) | undefined;
  readonly #options: RdbFileOptions;
  readonly #handle: FileHandle;
  readonly #queue: Buffer[] = [];
  readonly #done: (failure: string | undefined) => void;
  #isWriting = false;
  #isComplete = false;
  #isOver = false;
  #unsynced = 0;
  readonly #syncEveryBytes: number;

  /** Throws a FileError when the file cannot be made; `done` is called once unless it is cancelled. */
  constructor(options: RdbFileOptions, done: (failure: string | undefined) => void) {
    this.#options = options;
    this.#done = done;
    this.#syncEveryBytes = options.syncEveryBytes ?? SYNC_EVERY_BYTES;
    this.#handle = options.files.open(options.temporaryPath, 'write', 0o644);
  }

  write(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#queue.push(chunk);
    this.queuedBytes += chunk.length;
    if (!this.#isWriting) void this.#drain();
  }

  end(): void {
    this.#isComplete = true;
    if (!this.#isWriting) void this.#drain();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handle.close();
    this.#options.files.discard(this.#options.temporaryPath);
  }

  async #drain(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        await this.#handle.write(next);
        if (this.#isOver) return;
        this.queuedBytes -= next.length;
        this.#unsynced += next.length;
        if (this.#options.incrementalSync && this.#unsynced >= this.#syncEveryBytes) {
          this.#unsynced = 0;
          await this.#handle.sync();
          if (this.#isOver) return;
        }
        this.#options.onWritten?.();
        this.onFree?.(next);
      }
      if (this.#isComplete && !this.#isOver) await this.#finish();
    } catch (error) {
      this.#fail(reasonOf(error));
    } finally {
      this.#isWriting = false;
    }
  }

  async #finish(): Promise<void> {
    const { files, path, temporaryPath } = this.#options;
    await this.#handle.sync();
    if (this.#isOver) return;
    this.#handle.close();
    files.rename(temporaryPath, path);
    await files.folderSynced(files.folderOf(path));
    if (this.#isOver) return;
    this.#isOver = true;
    this.#done(undefined);
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.failure = reason;
    this.cancel();
    this.#done(reason);
  }
}

/** Writes a whole file now; `produce` hands its chunks to the function it is given. Throws a FileError. */
export function writeRdbFileNow(
  options: RdbFileOptions,
  produce: (emit: (chunk: Buffer) => void) => void,
): void {
  const { files, path, temporaryPath } = options;
  try {
    const handle = files.open(temporaryPath, 'write', 0o644);
    try {
      produce((chunk) => handle.writeNow(chunk));
      handle.syncNow();
    } finally {
      handle.close();
    }
    files.rename(temporaryPath, path);
  } catch (error) {
    files.discard(temporaryPath);
    throw error;
  }
  files.syncFolder(files.folderOf(path));
}
