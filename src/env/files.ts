// Files as RDB, AOF, configuration and ACL files need them; not a general file system.
//
// Names are mostly synchronous, data is both. Renaming, removing and listing take microseconds on a disk that
// is not overloaded, happen a few times a minute, and their order against commands is what crash safety rests
// on, so a callback in between would only add states. Data has two forms. The `…Now` forms are for the start of a process, for
// `appendfsync always` (a reply must not leave before the data is safe) and for small files that
// must be durable before anything else happens (a sentinel's vote). The promised forms are for
// everything whose size or fsync could stall the event loop: snapshots, everysec, loading.
//
// What survives a crash, and what the simulated implementation therefore loses: bytes of a file up to
// its last sync; names (created, renamed, removed) up to the last `syncFolder` of their folder.
// A folder's entries and a file's bytes are separate promises; callers sync the file, rename, then
// sync the folder (`replace-file.ts`).
//
// Every failure is a FileError with the system's code. A promised operation of a process that was
// ended by a simulated crash never settles.

export { FileError } from './system-error.ts';

/**
 * read: must exist. write: created or emptied. append: created or kept, every write at the end.
 * update: must exist, read and write anywhere. exclusive: must not exist.
 */
export type OpenMode = 'read' | 'write' | 'append' | 'update' | 'exclusive';

export interface FileFacts {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly isFolder: boolean;
  readonly isFile: boolean;
  /** Permission bits. */
  readonly mode: number;
}

export interface FileHandle {
  readonly path: string;
  /**
   * Writes all bytes at the position (append: at the end). A failure may have written some of them: the caller
   * looks at `sizeNow` and truncates. The bytes must stay untouched until the promise settles; one
   * write at a time.
   */
  write(bytes: Uint8Array): Promise<void>;
  writeNow(bytes: Uint8Array): void;
  /** Reads at the position, or at `at` without moving it; the number of bytes, 0 at the end. */
  read(into: Uint8Array, at?: number): Promise<number>;
  readNow(into: Uint8Array, at?: number): number;
  /** Data and size are durable when it returns. */
  sync(): Promise<void>;
  syncNow(): void;
  truncateNow(sizeBytes: number): void;
  sizeNow(): number;
  /** Closing twice is allowed. It makes nothing durable. */
  close(): void;
}

export interface Files {
  /** An absolute path; relative ones are taken from `base`, and that from the working folder. */
  resolve(base: string, path: string): string;
  folderOf(path: string): string;
  nameOf(path: string): string;
  open(path: string, mode: OpenMode, permissions?: number): FileHandle;
  /**
   * The same without waiting for the disk, as all promised forms: while a file system writes its journal, making or
   * changing a name can take as long as a sync.
   */
  opened(path: string, mode: OpenMode, permissions?: number): Promise<FileHandle>;
  readWhole(path: string): Buffer;
  /** Undefined when there is nothing of that name. */
  stat(path: string): FileFacts | undefined;
  /** Names in a folder, sorted; without the folder. */
  list(folder: string): string[];
  /** What had the new name goes; its space is given back in the background. */
  rename(from: string, to: string): void;
  renamed(from: string, to: string): Promise<void>;
  /** False when there was nothing to remove. */
  remove(path: string): boolean;
  /** Takes the name away now and gives the space back in the background; never fails. */
  discard(path: string): void;
  /** Creates the last part of the path; false when it exists. */
  makeFolder(path: string): boolean;
  removeFolder(path: string): void;
  /** Makes names in the folder durable. */
  syncFolder(folder: string): void;
  folderSynced(folder: string): Promise<void>;
  setPermissions(path: string, mode: number): void;
}
