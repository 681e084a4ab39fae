// The manifest that is in force and the files that it names: opens what is written next, lets a new base take
// the place of what was before it, and removes what is history. Each step is on disk before it counts, or it
// has not happened; the reason is in the log then.

import type { FileHandle } from '../env/files.ts';
import type { Log } from '../env/log.ts';
import { AofFolder, type AofFolderOptions } from './aof-folder.ts';
import { type AofManifest, emptyManifest } from './aof-manifest.ts';
import { reasonOf } from './rdb-file.ts';

export interface OpenedIncrement {
  readonly handle: FileHandle;
  readonly size: number;
  readonly name: string;
  readonly isNew: boolean;
}

export class AofParts {
  readonly folder: AofFolder;
  manifest: AofManifest = emptyManifest;
  readonly #log: Log;

  constructor(options: AofFolderOptions) {
    this.folder = new AofFolder(options);
    this.#log = options.log;
  }

  /** Reads the manifest that is on disk. */
  load(): boolean {
    const manifest = this.folder.load();
    if (manifest === undefined) return false;
    this.manifest = manifest;
    this.folder.reportStrangers(manifest);
    return true;
  }

  /** Takes over a file of before Redis 7, if there is one to take over. */
  upgrade(): boolean {
    const manifest = this.folder.upgrade(this.manifest);
    if (manifest === undefined) return false;
    this.manifest = manifest;
    return true;
  }

  nextBaseName(format: 'rdb' | 'aof'): string {
    return this.manifest.nextBaseName(this.folder.fileName, format);
  }

  /** At the start: the last incremental file, or a new one; `base`: a base that was just written. */
  openLast(base: string | undefined): OpenedIncrement | undefined {
    let manifest = base === undefined ? this.manifest : this.manifest.withBase(base, 0);
    const isNew = manifest.increments.length === 0;
    if (isNew) manifest = manifest.withIncrement(this.folder.fileName);
    const { name } = manifest.increments[manifest.increments.length - 1];
    let handle: FileHandle;
    let size: number;
    try {
      // A new file is emptied: one of that name may be left of a rewrite that a crash ended.
      const mode = isNew ? 'write' : 'append';
      handle = this.folder.files.open(this.folder.path(name), mode, 0o644);
      // What the process before left in the system's hands must not count as durable by mere reading.
      handle.syncNow();
      size = handle.sizeNow();
    } catch (error) {
      this.#log.warning(`Can't open the append-only file ${name}: ${reasonOf(error)}`);
      return undefined;
    }
    if (manifest !== this.manifest && this.folder.persist(manifest) !== 'new') {
      handle.close();
      return undefined;
    }
    this.manifest = manifest;
    return { handle, size, name, isNew };
  }

  /** A file for what comes after the moment of a snapshot; `isTemporary`: in no manifest until that is complete. */
  openNext(isTemporary: boolean): FileHandle | undefined {
    const { files, fileName, temporaryIncrement } = this.folder;
    const manifest = isTemporary ? this.manifest : this.manifest.withIncrement(fileName);
    const name = isTemporary ? temporaryIncrement : lastOf(manifest);
    let handle: FileHandle;
    try {
      handle = files.open(this.folder.path(name), 'write', 0o644);
    } catch (error) {
      this.#log.warning(`Can't open the append-only file ${name}: ${reasonOf(error)}`);
      return undefined;
    }
    if (!isTemporary) {
      const outcome = this.folder.persist(manifest);
      if (outcome !== 'new') {
        handle.close();
        if (outcome === 'old') files.discard(this.folder.path(name));
        return undefined;
      }
    }
    this.#log.notice(`Creating AOF incr file ${name} on background rewrite`);
    this.manifest = manifest;
    return handle;
  }

  /**
   * A new base, which lies there under its name, takes the place of all before it but the file that is
   * written: `temporary` is that one when it has no name yet, `none` when there is none.
   */
  adopt(baseName: string, written: 'named' | 'temporary' | 'none'): boolean {
    const { files, fileName } = this.folder;
    let { manifest } = this;
    let increment = '';
    if (written === 'temporary') {
      manifest = manifest.withIncrement(fileName);
      increment = lastOf(manifest);
      if (!this.#nameTemporary(increment)) {
        files.discard(this.folder.path(baseName));
        return false;
      }
    }
    manifest = manifest.withBase(baseName, written === 'none' ? 0 : 1);
    const outcome = this.folder.persist(manifest);
    if (outcome === 'new') {
      this.manifest = manifest;
      return true;
    }
    // Otherwise the manifest on disk may name them.
    if (outcome === 'old') {
      files.discard(this.folder.path(baseName));
      if (increment !== '') files.discard(this.folder.path(increment));
    }
    return false;
  }

  #nameTemporary(name: string): boolean {
    const { files, temporaryIncrement } = this.folder;
    try {
      files.rename(this.folder.path(temporaryIncrement), this.folder.path(name));
    } catch (error) {
      this.#log.warning(
        `Error trying to rename the temporary AOF incr file ${temporaryIncrement} into ${name}: ${reasonOf(error)}`,
      );
      return false;
    }
    this.#log.notice(
      `Successfully renamed the temporary AOF incr file ${temporaryIncrement} into ${name}`,
    );
    return true;
  }

  discardTemporary(): void {
    this.folder.files.discard(this.folder.path(this.folder.temporaryIncrement));
  }

  removeHistory(): void {
    this.manifest = this.folder.removeHistory(this.manifest);
  }
}

function lastOf(manifest: AofManifest): string {
  return manifest.increments[manifest.increments.length - 1].name;
}
