// Files on the real file system.

import * as fs from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { FileError, type FileFacts, type FileHandle, type Files, type OpenMode } from '../files.ts';

const FLAGS: Readonly<Record<OpenMode, string>> = {
  read: 'r',
  write: 'w',
  append: 'a',
  update: 'r+',
  exclusive: 'wx+',
};

export class NodeFiles implements Files {
  resolve(base: string, path: string): string {
    return resolve(base, path);
  }

  folderOf(path: string): string {
    return dirname(path);
  }

  nameOf(path: string): string {
    return basename(path);
  }

  open(path: string, mode: OpenMode, permissions = 0o644): FileHandle {
    const descriptor = attempt('open', path, () => fs.openSync(path, FLAGS[mode], permissions));
    return new NodeFileHandle(path, descriptor, mode === 'append');
  }

  async opened(path: string, mode: OpenMode, permissions = 0o644): Promise<FileHandle> {
    const descriptor = await new Promise<number>((fulfil, reject) => {
      fs.open(path, FLAGS[mode], permissions, (error, opened) => {
        if (error === null) fulfil(opened);
        else reject(new FileError(codeOf(error), 'open', path));
      });
    });
    return new NodeFileHandle(path, descriptor, mode === 'append');
  }

  readWhole(path: string): Buffer {
    return attempt('read', path, () => fs.readFileSync(path));
  }

  stat(path: string): FileFacts | undefined {
    const stats = attempt('stat', path, () => fs.statSync(path, { throwIfNoEntry: false }));
    if (stats === undefined) return undefined;
    return {
      sizeBytes: stats.size,
      modifiedMs: Math.floor(stats.mtimeMs),
      isFolder: stats.isDirectory(),
      isFile: stats.isFile(),
      mode: stats.mode & 0o7777,
    };
  }

  list(folder: string): string[] {
    return attempt('list', folder, () => fs.readdirSync(folder)).sort();
  }

  rename(from: string, to: string): void {
    const replaced = openIfThere(to);
    try {
      attempt('rename', from, () => fs.renameSync(from, to));
    } finally {
      if (replaced !== undefined) fs.close(replaced, () => {});
    }
  }

  renamed(from: string, to: string): Promise<void> {
    return new Promise((fulfil, reject) => {
      fs.rename(from, to, (error) => {
        if (error === null) fulfil();
        else reject(new FileError(codeOf(error), 'rename', from));
      });
    });
  }

  remove(path: string): boolean {
    try {
      fs.unlinkSync(path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw new FileError(codeOf(error), 'remove', path);
    }
  }

  discard(path: string): void {
    const descriptor = openIfThere(path);
    if (descriptor === undefined) return;
    try {
      fs.unlinkSync(path);
    } catch {}
    fs.close(descriptor, () => {});
  }

  makeFolder(path: string): boolean {
    try {
      fs.mkdirSync(path, 0o755);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST' && this.stat(path)?.isFolder) return false;
      throw new FileError(codeOf(error), 'mkdir', path);
    }
  }

  removeFolder(path: string): void {
    attempt('rmdir', path, () => fs.rmdirSync(path));
  }

  syncFolder(folder: string): void {
    const descriptor = attempt('open', folder, () => fs.openSync(folder, 'r'));
    try {
      fs.fsyncSync(descriptor);
    } catch (error) {
      // File systems without this operation (some network and FUSE ones) answer EINVAL; nothing more
      // can be had from them.
      if (codeOf(error) !== 'EINVAL') throw new FileError(codeOf(error), 'fsync', folder);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  async folderSynced(folder: string): Promise<void> {
    const descriptor = attempt('open', folder, () => fs.openSync(folder, 'r'));
    const code = await new Promise<string>((resolve) => {
      fs.fsync(descriptor, (error) => resolve(error === null ? '' : codeOf(error)));
    });
    fs.close(descriptor, () => {});
    if (code !== '' && code !== 'EINVAL') throw new FileError(code, 'fsync', folder);
  }

  setPermissions(path: string, mode: number): void {
    attempt('chmod', path, () => fs.chmodSync(path, mode));
  }
}

/**
 * A descriptor that keeps the space of a file which is about to lose its name, so that the slow part,
 * freeing it, happens in close, on a thread. Undefined when there is none to be had.
 */
function openIfThere(path: string): number | undefined {
  try {
    return fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

class NodeFileHandle implements FileHandle {
  readonly path: string;
  readonly #descriptor: number;
  readonly #appends: boolean;
  // Every write names its position: the descriptor's own one is shared with operations that run on
  // threads, so it would depend on their order. Appending leaves the position to the system.
  #position = 0;
  #pending = 0;
  #closed = false;

  constructor(path: string, descriptor: number, appends: boolean) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#appends = appends;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const at = done;
      const written = await this.#later('write', (callback) =>
        fs.write(this.#descriptor, bytes, at, bytes.length - at, this.#writeAt(), callback),
      );
      done += written;
      this.#position += written;
    }
  }

  writeNow(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const written = this.#now('write', () =>
        fs.writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#writeAt()),
      );
      done += written;
      this.#position += written;
    }
  }

  async read(into: Uint8Array, at?: number): Promise<number> {
    const from = at ?? this.#position;
    const count = await this.#later('read', (callback) =>
      fs.read(this.#descriptor, into, 0, into.length, from, callback),
    );
    if (at === undefined) this.#position += count;
    return count;
  }

  readNow(into: Uint8Array, at?: number): number {
    const from = at ?? this.#position;
    const count = this.#now('read', () =>
      fs.readSync(this.#descriptor, into, 0, into.length, from),
    );
    if (at === undefined) this.#position += count;
    return count;
  }

  async sync(): Promise<void> {
    await this.#later('fsync', (callback) =>
      fs.fdatasync(this.#descriptor, (error) => callback(error, 0)),
    );
  }

  syncNow(): void {
    this.#now('fsync', () => fs.fdatasyncSync(this.#descriptor));
  }

  truncateNow(sizeBytes: number): void {
    this.#now('truncate', () => fs.ftruncateSync(this.#descriptor, sizeBytes));
    if (this.#position > sizeBytes) this.#position = sizeBytes;
  }

  sizeNow(): number {
    return this.#now('stat', () => fs.fstatSync(this.#descriptor).size);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#pending === 0) this.#release();
  }

  #writeAt(): number | null {
    return this.#appends ? null : this.#position;
  }

  // A descriptor must not be closed under an operation that runs on a thread: its number could be
  // given to another file meanwhile, and the operation would hit that one.
  #release(): void {
    fs.close(this.#descriptor, () => {});
  }

  #now<T>(operation: string, run: () => T): T {
    if (this.#closed) throw new FileError('EBADF', operation, this.path);
    return attempt(operation, this.path, run);
  }

  #later(
    operation: string,
    start: (callback: (error: NodeJS.ErrnoException | null, count: number) => void) => void,
  ): Promise<number> {
    if (this.#closed) return Promise.reject(new FileError('EBADF', operation, this.path));
    this.#pending++;
    return new Promise((fulfil, reject) => {
      start((error, count) => {
        this.#pending--;
        if (this.#closed && this.#pending === 0) this.#release();
        if (error === null) fulfil(count);
        else reject(new FileError(codeOf(error), operation, this.path));
      });
    });
  }
}

function attempt<T>(operation: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new FileError(codeOf(error), operation, path);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EIO';
}
