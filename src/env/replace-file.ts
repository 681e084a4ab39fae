// Replaces a small file as a whole, so that a crash at any moment leaves the old or the new content,
// never a mixture and never an empty file. CONFIG REWRITE, ACL SAVE and a sentinel's state use it.

import type { Files } from './files.ts';

/** Durable when it returns; throws a FileError and leaves the old file as it was otherwise. */
export function replaceFile(
  files: Files,
  path: string,
  content: Uint8Array,
  temporarySuffix: string,
): void {
  const folder = files.folderOf(path);
  const temporary = files.resolve(folder, `${files.nameOf(path)}.${temporarySuffix}.tmp`);
  const permissions = files.stat(path)?.mode ?? 0o644;
  try {
    const handle = files.open(temporary, 'write', permissions);
    try {
      handle.writeNow(content);
      handle.syncNow();
    } finally {
      handle.close();
    }
    // The mode given to `open` is subject to the umask, and to an older temporary file's own mode.
    files.setPermissions(temporary, permissions);
    files.rename(temporary, path);
  } catch (error) {
    files.discard(temporary);
    throw error;
  }
  files.syncFolder(folder);
}

/** The same without stopping everything else while the disk works; rejects with a FileError. */
export async function replaceFileSoon(
  files: Files,
  path: string,
  content: Uint8Array,
  temporarySuffix: string,
): Promise<void> {
  const folder = files.folderOf(path);
  const temporary = files.resolve(folder, `${files.nameOf(path)}.${temporarySuffix}.tmp`);
  const permissions = files.stat(path)?.mode ?? 0o644;
  try {
    const handle = await files.opened(temporary, 'write', permissions);
    try {
      await handle.write(content);
      await handle.sync();
    } finally {
      handle.close();
    }
    if (files.stat(temporary)?.mode !== permissions) files.setPermissions(temporary, permissions);
    await files.renamed(temporary, path);
  } catch (error) {
    files.discard(temporary);
    throw error;
  }
  await files.folderSynced(folder);
}
