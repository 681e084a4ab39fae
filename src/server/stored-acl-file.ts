// The `aclfile` on disk. It is small and read or written only when somebody asks, so it is done at once;
// ACL SAVE's reply means that the file is durable.

import type { AclFile } from '../dispatch/acl/acl-file.ts';
import { FileError, type Files } from '../env/files.ts';
import { replaceFile } from '../env/replace-file.ts';

export interface StoredAclFileOptions {
  readonly files: Files;
  /** As configured; relative to the working folder. */
  readonly path: string;
  /** The working folder; `dir` may change it. */
  readonly folder: () => string;
  /** Part of the name of temporary files. */
  readonly temporarySuffix: () => string;
}

export class StoredAclFile implements AclFile {
  readonly path: string;
  readonly #options: StoredAclFileOptions;

  constructor(options: StoredAclFileOptions) {
    this.path = options.path;
    this.#options = options;
  }

  read(): { readonly text: string } | { readonly error: string } {
    try {
      return { text: this.#options.files.readWhole(this.#fullPath).toString('latin1') };
    } catch (error) {
      if (error instanceof FileError) return { error: error.message };
      throw error;
    }
  }

  replace(text: string): string | undefined {
    const { files, temporarySuffix } = this.#options;
    try {
      replaceFile(files, this.#fullPath, Buffer.from(text, 'latin1'), temporarySuffix());
      return undefined;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return `${steps.get(error.operation) ?? 'Opening temp ACL file'} for ACL SAVE: ${error.message}`;
    }
  }

  get #fullPath(): string {
    return this.#options.files.resolve(this.#options.folder(), this.path);
  }
}

/** What failed, in the words of Redis's log. */
const steps: ReadonlyMap<string, string> = new Map([
  ['write', 'Writing ACL file'],
  ['fsync', 'Syncing ACL file'],
  ['rename', 'Renaming ACL file'],
]);
