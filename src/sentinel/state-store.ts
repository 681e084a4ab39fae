// Where a sentinel's state survives: in its configuration file, as redis-sentinel keeps it, or in a
// folder of its own beside a configuration that nobody may write (a container's). What `save` said is
// safe survives a crash at any later moment: file synced, renamed over the old one, folder synced.

import { FileError, type Files } from '../env/files.ts';
import { replaceFileSoon } from '../env/replace-file.ts';
import { rewriteStateLines } from './config/rewrite-state-lines.ts';
import { stateLines } from './config/state-lines.ts';
import type { SavedState } from './core/settings.ts';

export interface StateStore {
  /** The file the state is in, for messages. */
  readonly path: string;
  /** Why the state cannot be written; undefined when it can. */
  obstacle(): string | undefined;
  /** Undefined when it is durable, else why not. One at a time. */
  save(state: SavedState): Promise<string | undefined>;
}

export interface StoreOptions {
  readonly files: Files;
  /** Part of the names of temporary files. */
  readonly temporarySuffix: () => string;
}

/** The rest of a configuration file: server directives and users as they are now. Text is latin1. */
export type RewriteDirectives = (old: string) => string;

export class ConfigFileStore implements StateStore {
  readonly path: string;
  readonly #options: StoreOptions;
  readonly #rewrite: RewriteDirectives;

  constructor(path: string, rewrite: RewriteDirectives, options: StoreOptions) {
    this.path = path;
    this.#rewrite = rewrite;
    this.#options = options;
  }

  obstacle(): string | undefined {
    return fileError(() => this.#options.files.open(this.path, 'update').close());
  }

  async save(state: SavedState): Promise<string | undefined> {
    const { files, temporarySuffix } = this.#options;
    return await laterFileError(async () => {
      const text = rewriteStateLines(this.#rewrite(this.#old()), stateLines(state));
      await replaceFileSoon(files, this.path, Buffer.from(text, 'latin1'), temporarySuffix());
    });
  }

  /** What stands there now: somebody may have edited it. A file that is gone is written anew. */
  #old(): string {
    const { files } = this.#options;
    if (files.stat(this.path) === undefined) return '';
    return files.readWhole(this.path).toString('latin1');
  }
}

/** `directives`: what of the configuration changes at run time and is not the core's (users). */
export class StateFolderStore implements StateStore {
  readonly path: string;
  readonly #options: StoreOptions;
  readonly #folder: string;
  readonly #head: string;
  readonly #directives: () => readonly string[];

  constructor(
    folder: string,
    fingerprint: string,
    directives: () => readonly string[],
    options: StoreOptions,
  ) {
    this.path = stateFile(options.files, folder);
    this.#folder = folder;
    this.#head = stateFileHead(fingerprint);
    this.#directives = directives;
    this.#options = options;
  }

  obstacle(): string | undefined {
    const { files, temporarySuffix } = this.#options;
    return fileError(() => {
      files.makeFolder(this.#folder);
      const probe = files.resolve(this.#folder, `probe.${temporarySuffix()}.tmp`);
      files.open(probe, 'exclusive').close();
      files.remove(probe);
    });
  }

  async save(state: SavedState): Promise<string | undefined> {
    const { files, temporarySuffix } = this.#options;
    const lines = [...this.#directives(), ...stateLines(state).map((line) => line.text)];
    const text = `${this.#head}\n${lines.map((line) => `${line}\n`).join('')}`;
    return await laterFileError(() =>
      replaceFileSoon(files, this.path, Buffer.from(text, 'latin1'), temporarySuffix()),
    );
  }
}

/** Keeps nothing, and says that it does. */
export const forgetfulStore: StateStore = {
  path: '',
  obstacle: () => undefined,
  save: () => Promise.resolve(undefined),
};

export function stateFile(files: Files, folder: string): string {
  return files.resolve(folder, 'sentinel-state.conf');
}

/** The first line of a state file: which configuration its settings were made from. */
export function stateFileHead(fingerprint: string): string {
  return `# Understudy sentinel state, configuration ${fingerprint}`;
}

function fileError(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof FileError) return error.message;
    throw error;
  }
}

async function laterFileError(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof FileError) return error.message;
    throw error;
  }
}
