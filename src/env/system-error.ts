// Failures of the operating system in the words of strerror(3), because Redis's log lines and error
// replies quote them ("bind: Address already in use"). Node gives a code and words of its own.

const TEXTS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'Permission denied'],
  ['EADDRINUSE', 'Address already in use'],
  ['EADDRNOTAVAIL', 'Cannot assign requested address'],
  ['EAFNOSUPPORT', 'Address family not supported by protocol'],
  ['EBADF', 'Bad file descriptor'],
  ['EBUSY', 'Device or resource busy'],
  ['ECONNABORTED', 'Software caused connection abort'],
  ['ECONNREFUSED', 'Connection refused'],
  ['ECONNRESET', 'Connection reset by peer'],
  ['EDQUOT', 'Disk quota exceeded'],
  ['EEXIST', 'File exists'],
  ['EFBIG', 'File too large'],
  ['EHOSTUNREACH', 'No route to host'],
  ['EINVAL', 'Invalid argument'],
  ['EIO', 'Input/output error'],
  ['EISDIR', 'Is a directory'],
  ['EMFILE', 'Too many open files'],
  ['ENAMETOOLONG', 'File name too long'],
  ['ENETUNREACH', 'Network is unreachable'],
  ['ENFILE', 'Too many open files in system'],
  ['ENOENT', 'No such file or directory'],
  ['ENOSPC', 'No space left on device'],
  ['ENOTDIR', 'Not a directory'],
  ['ENOTEMPTY', 'Directory not empty'],
  ['ENOTFOUND', 'Name or service not known'],
  ['EPERM', 'Operation not permitted'],
  ['EPIPE', 'Broken pipe'],
  ['EROFS', 'Read-only file system'],
  ['ETIMEDOUT', 'Connection timed out'],
  ['EXDEV', 'Invalid cross-device link'],
]);

/** What strerror says of `code` ('ENOENT'); the code itself when it is not a known one. */
export function systemErrorText(code: string): string {
  return TEXTS.get(code) ?? code;
}

/** A file operation that failed: an ordinary outcome that the caller must have a plan for. */
export class FileError extends Error {
  readonly code: string;
  readonly operation: string;
  readonly path: string;

  constructor(code: string, operation: string, path: string) {
    super(systemErrorText(code));
    this.name = 'FileError';
    this.code = code;
    this.operation = operation;
    this.path = path;
  }
}

/** A network operation that failed; sockets report theirs through `onClose` and never throw it. */
export class NetworkError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(systemErrorText(code));
    this.name = 'NetworkError';
    this.code = code;
  }
}
