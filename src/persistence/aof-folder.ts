// The folder of the append-only file on disk: reads, replaces and upgrades its manifest, and removes what is
// history. A manifest is on disk, and its folder's names durable, before anybody acts on it; files that it
// names are durable by name before it is. Log lines are redis-server's.

import type { FileHandle, Files } from '../env/files.ts';
import type { Log } from '../env/log.ts';
import { type AofManifest, emptyManifest, parseManifest } from './aof-manifest.ts';
import { reasonOf } from './rdb-file.ts';

export interface AofFolderSettings {
  readonly dir: string;
  readonly appenddirname: string;
  readonly appendfilename: string;
  readonly aofDisableAutoGc: boolean;
}

export interface AofFolderOptions {
  readonly files: Files;
  readonly log: Log;
  readonly settings: AofFolderSettings;
}

export class AofFolder {
  readonly #options: AofFolderOptions;

  constructor(options: AofFolderOptions) {
    this.#options = options;
  }

  get files(): Files {
    return this.#options.files;
  }

  get fileName(): string {
    return this.#options.settings.appendfilename;
  }

  get folder(): string {
    const { files, settings } = this.#options;
    return files.resolve(settings.dir, settings.appenddirname);
  }

  get manifestName(): string {
    return `${this.fileName}.manifest`;
  }

  /** What collects writes until the first rewrite is complete. */
  get temporaryIncrement(): string {
    return `temp-${this.fileName}.incr`;
  }

  path(name: string): string {
    return this.#options.files.resolve(this.folder, name);
  }

  /** A file in `dir`, where what is in the making lies. */
  outside(name: string): string {
    const { files, settings } = this.#options;
    return files.resolve(settings.dir, name);
  }

  /** The manifest on disk, an empty one when there is none; undefined, with the reason in the log. */
  load(): AofManifest | undefined {
    const { files, log } = this.#options;
    const path = this.path(this.manifestName);
    let bytes: Buffer;
    try {
      if (files.stat(path) === undefined) return emptyManifest;
      bytes = files.readWhole(path);
    } catch (error) {
      log.warning(
        `Fatal error: can't open the AOF manifest file ${path} for reading: ${reasonOf(error)}`,
      );
      return undefined;
    }
    const manifest = parseManifest(bytes);
    if ('parts' in manifest) return manifest;
    for (const line of manifestErrorLines(manifest)) log.warning(line);
    return undefined;
  }

  /** Creates the folder when it is missing; false, with the reason in the log. */
  ensure(): boolean {
    const { files, log, settings } = this.#options;
    try {
      if (files.makeFolder(this.folder)) files.syncFolder(files.folderOf(this.folder));
      return true;
    } catch (error) {
      log.warning(
        `Can't open or create append-only dir ${settings.appenddirname}: ${reasonOf(error)}`,
      );
      return false;
    }
  }

  /**
   * Makes a manifest the one that counts. Otherwise, with the reason in the log: `old`, the one before still
   * does; `unsure`, the name is replaced but may not survive a power failure.
   */
  persist(manifest: AofManifest): 'new' | 'old' | 'unsure' {
    const { files, log } = this.#options;
    const name = this.manifestName;
    const temporary = this.path(`temp-${name}`);
    let step = `Can't open the AOF manifest file temp-${name}`;
    let handle: FileHandle | undefined;
    try {
      // First the files that it names: a manifest must not outlive them.
      files.syncFolder(this.folder);
      handle = files.open(temporary, 'write', 0o644);
      step = `Error trying to write the temporary AOF manifest file temp-${name}`;
      handle.writeNow(Buffer.from(manifest.text(), 'latin1'));
      step = `Fail to fsync the temp AOF file temp-${name}`;
      handle.syncNow();
      step = `Error trying to rename the temporary AOF manifest file temp-${name} into ${name}`;
      files.rename(temporary, this.path(name));
    } catch (error) {
      log.warning(`${step}: ${reasonOf(error)}`);
      files.discard(temporary);
      return 'old';
    } finally {
      handle?.close();
    }
    try {
      files.syncFolder(this.folder);
    } catch (error) {
      log.warning(`Fail to fsync AOF directory ${this.folder}: ${reasonOf(error)}`);
      return 'unsure';
    }
    return 'new';
  }

  /**
   * A file of before Redis 7 lies in `dir`, and nothing newer is here: it becomes the base. The manifest comes
   * first, so that a crash in between is seen for what it is at the next start. Undefined when it failed.
   */
  upgrade(manifest: AofManifest): AofManifest | undefined {
    const { files, log, settings } = this.#options;
    const old = this.outside(this.fileName);
    if (!this.#mustUpgrade(manifest, old)) return manifest;
    const upgraded = manifest.upgraded(this.fileName);
    if (!this.ensure() || this.persist(upgraded) !== 'new') return undefined;
    try {
      files.rename(old, this.path(this.fileName));
      files.syncFolder(this.folder);
      files.syncFolder(files.folderOf(old));
    } catch (error) {
      log.warning(
        `Error trying to move the old AOF file ${this.fileName} into dir ${settings.appenddirname}: ${reasonOf(error)}`,
      );
      return undefined;
    }
    log.notice(
      `Successfully migrated an old-style AOF file (${this.fileName}) into the AOF directory (${settings.appenddirname}).`,
    );
    return upgraded;
  }

  #mustUpgrade(manifest: AofManifest, old: string): boolean {
    if (this.#stat(old) === undefined) return false;
    if (manifest.isEmpty) return true;
    return (
      manifest.base?.name === this.fileName &&
      manifest.increments.length === 0 &&
      this.#stat(this.path(this.fileName)) === undefined
    );
  }

  #stat(path: string): { readonly sizeBytes: number } | undefined {
    try {
      return this.#options.files.stat(path);
    } catch {
      return undefined;
    }
  }

  /**
   * Says which files with data are newer than the manifest knows. They are what a crash left of a rewrite
   * that was not complete; or the manifest has lost its last lines, and nobody must find that out later.
   */
  reportStrangers(manifest: AofManifest): void {
    const { files, log } = this.#options;
    const head = `${this.fileName}.`;
    let names: readonly string[];
    try {
      names = files.list(this.folder);
    } catch {
      return;
    }
    for (const name of names) {
      const [, digits, kind] = /^(\d{1,15})\.(base|incr)\.\w+$/.exec(name.slice(head.length)) ?? [];
      if (digits === undefined || !name.startsWith(head)) continue;
      const known = kind === 'base' ? manifest.baseSequence : manifest.incrementSequence;
      const bytes = this.#stat(this.path(name))?.sizeBytes ?? 0;
      if (Number(digits) <= known || bytes === 0) continue;
      log.warning(
        `The AOF file ${name} (${bytes} bytes) is not in the manifest ${this.manifestName} and is not loaded.`,
      );
    }
  }

  /** Bytes of a file; undefined, with the reason in the log, when it is not there. */
  sizeOf(name: string): number | undefined {
    const { files, log } = this.#options;
    let reason = 'No such file or directory';
    try {
      const facts = files.stat(this.path(name));
      if (facts !== undefined) return facts.sizeBytes;
    } catch (error) {
      reason = reasonOf(error);
    }
    log.warning(`Unable to obtain the AOF file ${name} length. stat: ${reason}`);
    return undefined;
  }

  /** Removes the files that are history, unless that is switched off; the manifest from then on. */
  removeHistory(manifest: AofManifest): AofManifest {
    const { files, log, settings } = this.#options;
    if (settings.aofDisableAutoGc || manifest.history.length === 0) return manifest;
    for (const { name } of manifest.history) {
      log.notice(`Removing the history file ${name} in the background`);
      files.discard(this.path(name));
    }
    const shorter = manifest.withoutHistory();
    return this.persist(shorter) === 'new' ? shorter : manifest;
  }
}

/** What redis-server logs of a manifest that it cannot take. */
export function manifestErrorLines(damage: {
  readonly reason: string;
  readonly lineNumber: number;
  readonly line: string;
}): readonly string[] {
  const { reason, lineNumber, line } = damage;
  const where =
    lineNumber === 0
      ? []
      : [`Reading the manifest file, at line ${lineNumber}`, `>>> '${line.slice(0, 256)}'`];
  return ['*** FATAL AOF MANIFEST FILE ERROR ***', ...where, reason];
}
