// Files in memory with the promises that a disk really makes (see env/files.ts): bytes survive a
// crash up to the file's last sync, names up to their folder's last sync. The disk outlives the
// process: a new SimulatedFiles over the same disk is the process started again.

import { FileError, type FileFacts, type FileHandle, type Files, type OpenMode } from '../files.ts';
import type { Random } from '../random.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** A file's content, now and as it would be found after a crash. */
class Content {
  bytes: Buffer = Buffer.alloc(0);
  size = 0;
  durable: Buffer = Buffer.alloc(0);
  /** Bytes that a copy shares: copied when they change, and files mostly grow. */
  #shared = 0;
  /** Counts changes; of `durable`: which of them it has. */
  version = 0;
  durableVersion = 0;
  mode: number;
  modifiedMs = 0;
  readonly isFolder: boolean;

  constructor(isFolder: boolean, mode: number) {
    this.isFolder = isFolder;
    this.mode = mode;
  }

  write(at: number, bytes: Uint8Array): void {
    this.version++;
    const end = at + bytes.length;
    if (end > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, this.bytes.length * 2, 256));
      this.bytes.copy(larger, 0, 0, this.size);
      this.bytes = larger;
      this.#shared = 0;
    }
    this.#unshare(at);
    this.bytes.set(bytes, at);
    this.size = Math.max(this.size, end);
  }

  truncate(size: number): void {
    if (size > this.size) this.write(this.size, Buffer.alloc(size - this.size));
    this.#unshare(size);
    this.bytes.fill(0, size, this.size);
    this.size = size;
    this.version++;
  }

  copyNow(): { readonly bytes: Buffer; readonly version: number } {
    this.#shared = Math.max(this.#shared, this.size);
    return { bytes: this.bytes.subarray(0, this.size), version: this.version };
  }

  /** Bytes from here on are about to change. */
  #unshare(from: number): void {
    if (from >= this.#shared) return;
    this.bytes = Buffer.from(this.bytes);
    this.#shared = 0;
  }

  /** What was there when it was asked for is durable now. */
  sync({ bytes, version }: { readonly bytes: Buffer; readonly version: number }): void {
    if (version < this.durableVersion) return;
    this.durable = bytes;
    this.durableVersion = version;
  }

  revert(): void {
    this.bytes = Buffer.from(this.durable);
    this.#shared = 0;
    this.size = this.durable.length;
  }

  /**
   * What a power failure leaves when the disk had begun to write by itself: of bytes that were appended any
   * part from the front; of anything else all or nothing.
   */
  leftBehind(random: Pick<Random, 'below'>): Buffer {
    const { durable } = this;
    const now = this.bytes.subarray(0, this.size);
    if (now.length >= durable.length && now.subarray(0, durable.length).equals(durable)) {
      return Buffer.from(
        now.subarray(0, durable.length + random.below(now.length - durable.length + 1)),
      );
    }
    return Buffer.from(random.below(2) === 0 ? durable : now);
  }

  /** The same on another disk, with these bytes, all durable. */
  copy(bytes: Buffer): Content {
    const copy = new Content(this.isFolder, this.mode);
    copy.modifiedMs = this.modifiedMs;
    copy.bytes = Buffer.from(bytes);
    copy.size = bytes.length;
    copy.durable = Buffer.from(bytes);
    return copy;
  }
}

/** One change of names whose folders were not synced since; a name without content was removed. */
type NameChange = Map<string, Content | undefined>;

/** Operations under the names that FileError uses: open, read, write, fsync, rename, …; open with its mode. */
export type FaultPlan = (operation: string, path: string, mode?: OpenMode) => string | undefined;

/** Codes of a write that fails half-way. */
const halfDone: ReadonlySet<string> = new Set(['ENOSPC', 'EIO', 'EDQUOT']);

export class SimulatedDisk {
  readonly names: Map<string, Content> = new Map();
  /** Names as they would be found after a crash. */
  readonly durableNames: Map<string, Content> = new Map();
  /** Changes of names that a power failure may undo, in order; a rename is one change. */
  pendingNames: NameChange[] = [];
  /** Tells the code that an operation shall fail with; ENOSPC in a write leaves half of it behind. */
  faults: FaultPlan | undefined = undefined;
  /** Added to every operation on data: promised ones come later, others hold the process up. */
  slowUs = 0;

  constructor() {
    const root = new Content(true, 0o755);
    this.names.set('/', root);
    this.durableNames.set('/', root);
  }

  /** Makes one change of names. */
  change(change: NameChange): void {
    for (const [path, content] of change) {
      if (content === undefined) this.names.delete(path);
      else this.names.set(path, content);
    }
    this.pendingNames.push(change);
  }

  /** What the next process finds when only this one dies: all that was done. */
  afterKill(): SimulatedDisk {
    return this.#imageOf(this.names, (content) => content.copyNow().bytes);
  }

  /**
   * What a machine finds after a power failure: all that was made durable, and by chance parts of the rest,
   * since disks write by themselves too, and names in any order.
   */
  afterPowerFailure(random: Pick<Random, 'below'>): SimulatedDisk {
    const names = new Map(this.durableNames);
    for (const change of this.pendingNames) {
      if (random.below(2) === 0) continue;
      for (const [path, content] of change) {
        if (content === undefined) names.delete(path);
        else names.set(path, content);
      }
    }
    return this.#imageOf(names, (content) => content.leftBehind(random));
  }

  #imageOf(
    names: ReadonlyMap<string, Content>,
    bytesOf: (content: Content) => Buffer,
  ): SimulatedDisk {
    const image = new SimulatedDisk();
    for (const [path, content] of names) {
      const copy = content.copy(content.isFolder ? Buffer.alloc(0) : bytesOf(content));
      image.names.set(path, copy);
      image.durableNames.set(path, copy);
    }
    return image;
  }

  /** Power off: everything that was not made durable is lost; with `random` only some of it, torn anywhere. */
  crash(random?: Pick<Random, 'below'>): void {
    if (random !== undefined) this.#tear(random);
    this.pendingNames = [];
    this.names.clear();
    for (const [path, content] of this.durableNames) {
      content.revert();
      this.names.set(path, content);
    }
  }

  /** Makes durable what the disk had written by itself. */
  #tear(random: Pick<Random, 'below'>): void {
    for (const change of this.pendingNames) {
      if (random.below(2) === 0) continue;
      for (const [path, content] of change) {
        if (content === undefined) this.durableNames.delete(path);
        else this.durableNames.set(path, content);
      }
    }
    for (const content of this.durableNames.values()) {
      if (!content.isFolder) content.durable = content.leftBehind(random);
    }
  }
}

export interface FilesOptions {
  readonly workingFolder: string;
  /** Virtual duration of a promised operation. */
  readonly delayUs: number;
  /** Holds the process up for a time that a slow disk takes. */
  readonly stall: (us: number) => void;
}

export class SimulatedFiles implements Files {
  readonly disk: SimulatedDisk;
  readonly options: FilesOptions;
  readonly time: SimulatedTime;
  #isStopped = false;

  constructor(time: SimulatedTime, disk: SimulatedDisk, options: Partial<FilesOptions> = {}) {
    this.time = time;
    this.disk = disk;
    this.options = { workingFolder: '/', delayUs: 100, stall: () => {}, ...options };
    const folder = this.#absolute(this.options.workingFolder);
    if (!disk.names.has(folder)) {
      const content = new Content(true, 0o755);
      disk.names.set(folder, content);
      disk.durableNames.set(folder, content);
    }
  }

  /** The process died: what it had begun never settles. */
  stop(): void {
    this.#isStopped = true;
  }

  resolve(base: string, path: string): string {
    return normalise(path.startsWith('/') ? path : `${this.#absolute(base)}/${path}`);
  }

  folderOf(path: string): string {
    const end = path.lastIndexOf('/');
    return end < 0 ? '.' : end === 0 ? '/' : path.slice(0, end);
  }

  nameOf(path: string): string {
    return path.slice(path.lastIndexOf('/') + 1);
  }

  open(path: string, mode: OpenMode, permissions = 0o644): FileHandle {
    this.check('open', path, mode);
    const name = this.#absolute(path);
    let content = this.disk.names.get(name);
    if (content?.isFolder) throw new FileError('EISDIR', 'open', path);
    if (content === undefined) {
      if (mode === 'read' || mode === 'update') throw new FileError('ENOENT', 'open', path);
      this.#mustHaveFolder('open', path);
      content = new Content(false, permissions);
      this.disk.change(new Map([[name, content]]));
    } else if (mode === 'exclusive') throw new FileError('EEXIST', 'open', path);
    if (mode === 'write') content.truncate(0);
    return new SimulatedFileHandle(this, path, content, mode);
  }

  async opened(path: string, mode: OpenMode, permissions = 0o644): Promise<FileHandle> {
    return this.open(path, mode, permissions);
  }

  readWhole(path: string): Buffer {
    const content = this.#existing('read', path);
    if (content.isFolder) throw new FileError('EISDIR', 'read', path);
    return Buffer.from(content.bytes.subarray(0, content.size));
  }

  stat(path: string): FileFacts | undefined {
    const content = this.disk.names.get(this.#prepare('stat', path));
    if (content === undefined) return undefined;
    return {
      sizeBytes: content.size,
      modifiedMs: content.modifiedMs,
      isFolder: content.isFolder,
      isFile: !content.isFolder,
      mode: content.mode,
    };
  }

  list(folder: string): string[] {
    if (!this.#existing('list', folder).isFolder) throw new FileError('ENOTDIR', 'list', folder);
    const name = this.#absolute(folder);
    return [...this.disk.names.keys()]
      .filter((path) => isIn(path, name))
      .map((path) => this.nameOf(path))
      .sort();
  }

  rename(from: string, to: string): void {
    const content = this.#existing('rename', from);
    const target = this.#prepare('rename', to);
    this.#mustHaveFolder('rename', to);
    const change: NameChange = new Map([[this.#absolute(from), undefined]]);
    this.disk.change(change.set(target, content));
  }

  async renamed(from: string, to: string): Promise<void> {
    this.rename(from, to);
  }

  remove(path: string): boolean {
    const name = this.#prepare('remove', path);
    const content = this.disk.names.get(name);
    if (content === undefined) return false;
    if (content.isFolder) throw new FileError('EISDIR', 'remove', path);
    this.disk.change(new Map([[name, undefined]]));
    return true;
  }

  discard(path: string): void {
    try {
      this.remove(path);
    } catch {}
  }

  makeFolder(path: string): boolean {
    const name = this.#prepare('mkdir', path);
    const content = this.disk.names.get(name);
    if (content?.isFolder) return false;
    if (content !== undefined) throw new FileError('EEXIST', 'mkdir', path);
    this.#mustHaveFolder('mkdir', path);
    this.disk.change(new Map([[name, new Content(true, 0o755)]]));
    return true;
  }

  removeFolder(path: string): void {
    if (!this.#existing('rmdir', path).isFolder) throw new FileError('ENOTDIR', 'rmdir', path);
    if (this.list(path).length > 0) throw new FileError('ENOTEMPTY', 'rmdir', path);
    this.disk.change(new Map([[this.#absolute(path), undefined]]));
  }

  syncFolder(folder: string): void {
    this.#existing('fsync', folder);
    const name = this.#absolute(folder);
    const { names, durableNames, pendingNames } = this.disk;
    for (const change of pendingNames) {
      for (const path of change.keys()) if (isIn(path, name)) change.delete(path);
    }
    this.disk.pendingNames = pendingNames.filter((change) => change.size > 0);
    for (const path of [...durableNames.keys()]) {
      if (isIn(path, name) && !names.has(path)) durableNames.delete(path);
    }
    for (const [path, content] of names) if (isIn(path, name)) durableNames.set(path, content);
  }

  folderSynced(folder: string): Promise<void> {
    return this.later(() => this.syncFolder(folder));
  }

  setPermissions(path: string, mode: number): void {
    this.#existing('chmod', path).mode = mode;
  }

  /** Throws what the fault plan wants. */
  check(operation: string, path: string, mode?: OpenMode): void {
    const code = this.disk.faults?.(operation, path, mode);
    if (code !== undefined) throw new FileError(code, operation, path);
  }

  /** Runs `run` after the disk's delay; never when the process has died by then. */
  later<T>(run: () => T): Promise<T> {
    const delayUs = this.options.delayUs + this.disk.slowUs;
    return this.time.promise(delayUs, run, () => this.#isStopped);
  }

  /** After an operation that did not let anything else happen. */
  stall(): void {
    if (this.disk.slowUs > 0) this.options.stall(this.disk.slowUs);
  }

  #absolute(path: string): string {
    return normalise(path.startsWith('/') ? path : `${this.options.workingFolder}/${path}`);
  }

  #prepare(operation: string, path: string): string {
    this.check(operation, path);
    return this.#absolute(path);
  }

  #existing(operation: string, path: string): Content {
    const content = this.disk.names.get(this.#prepare(operation, path));
    if (content === undefined) throw new FileError('ENOENT', operation, path);
    return content;
  }

  #mustHaveFolder(operation: string, path: string): void {
    const folder = this.disk.names.get(this.folderOf(this.#absolute(path)));
    if (folder === undefined) throw new FileError('ENOENT', operation, path);
    if (!folder.isFolder) throw new FileError('ENOTDIR', operation, path);
  }
}

class SimulatedFileHandle implements FileHandle {
  readonly path: string;
  readonly #files: SimulatedFiles;
  readonly #content: Content;
  readonly #mode: OpenMode;
  #position = 0;
  #isClosed = false;

  constructor(files: SimulatedFiles, path: string, content: Content, mode: OpenMode) {
    this.#files = files;
    this.path = path;
    this.#content = content;
    this.#mode = mode;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#files.later(() => this.#write(bytes));
  }

  writeNow(bytes: Uint8Array): void {
    this.#files.stall();
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    this.#mustBeOpen('write');
    if (this.#mode === 'read') throw new FileError('EBADF', 'write', this.path);
    const at = this.#mode === 'append' ? this.#content.size : this.#position;
    try {
      this.#files.check('write', this.path);
    } catch (error) {
      // A full disk takes what fits: the half that callers forget about.
      if (error instanceof FileError && halfDone.has(error.code)) {
        this.#content.write(at, bytes.subarray(0, bytes.length >> 1));
      }
      throw error;
    }
    this.#content.write(at, bytes);
    this.#position = at + bytes.length;
  }

  read(into: Uint8Array, at?: number): Promise<number> {
    return this.#files.later(() => this.readNow(into, at));
  }

  readNow(into: Uint8Array, at?: number): number {
    this.#mustBeOpen('read');
    this.#files.check('read', this.path);
    const from = at ?? this.#position;
    const part = this.#content.bytes.subarray(
      from,
      Math.min(this.#content.size, from + into.length),
    );
    into.set(part);
    if (at === undefined) this.#position += part.length;
    return part.length;
  }

  sync(): Promise<void> {
    // What is written after it was asked for may be durable afterwards, but nobody said so.
    const asked = this.#content.copyNow();
    const wasClosed = this.#isClosed;
    return this.#files.later(() => {
      // A descriptor lives as long as an operation on it does.
      if (wasClosed) throw new FileError('EBADF', 'fsync', this.path);
      this.#files.check('fsync', this.path);
      this.#content.sync(asked);
    });
  }

  syncNow(): void {
    this.#files.stall();
    this.#mustBeOpen('fsync');
    this.#files.check('fsync', this.path);
    this.#content.sync(this.#content.copyNow());
  }

  truncateNow(sizeBytes: number): void {
    this.#mustBeOpen('truncate');
    this.#files.check('truncate', this.path);
    this.#content.truncate(sizeBytes);
    this.#position = Math.min(this.#position, sizeBytes);
  }

  sizeNow(): number {
    this.#mustBeOpen('stat');
    return this.#content.size;
  }

  close(): void {
    this.#isClosed = true;
  }

  #mustBeOpen(operation: string): void {
    if (this.#isClosed) throw new FileError('EBADF', operation, this.path);
  }
}

function isIn(path: string, folder: string): boolean {
  const head = folder === '/' ? '/' : `${folder}/`;
  return path !== '/' && path.startsWith(head) && !path.slice(head.length).includes('/');
}

function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
