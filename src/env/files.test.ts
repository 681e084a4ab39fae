// One suite for files on disk and in memory, then what only one of them can show.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Files } from './files.ts';
import { NodeFiles } from './node/node-files.ts';
import { replaceFile } from './replace-file.ts';
import { SimulatedDisk, SimulatedFiles } from './simulated/simulated-files.ts';
import { SimulatedTime } from './simulated/simulated-time.ts';

interface Bench {
  readonly files: Files;
  readonly folder: string;
  /** Lets a promised operation happen. */
  complete<T>(promise: Promise<T>): Promise<T>;
}

const root = mkdtempSync(join(tmpdir(), 'understudy-'));
after(() => rmSync(root, { recursive: true }));

function nodeBench(): Bench {
  return {
    files: new NodeFiles(),
    folder: mkdtempSync(join(root, 'case-')),
    complete: (promise) => promise,
  };
}

function simulatedBench(): Bench {
  const time = new SimulatedTime();
  const files = new SimulatedFiles(time, new SimulatedDisk(), { workingFolder: '/data' });
  return { files, folder: '/data', complete: (promise) => time.complete(promise) };
}

for (const [name, create] of [
  ['node', nodeBench],
  ['simulated', simulatedBench],
] as const) {
  describe(`files: ${name}`, () => {
    test('append, read at positions, truncate', async () => {
      const { files, folder, complete } = create();
      const path = files.resolve(folder, 'log.aof');
      const writer = files.open(path, 'append');
      writer.writeNow(Buffer.from('one '));
      await complete(writer.write(Buffer.from('two ')));
      await complete(writer.sync());
      writer.syncNow();
      assert.equal(writer.sizeNow(), 8);
      writer.truncateNow(4);
      writer.writeNow(Buffer.from('three'));
      writer.close();
      writer.close();
      assert.equal(files.readWhole(path).toString(), 'one three');
      const reader = files.open(path, 'read');
      const into = Buffer.alloc(5);
      assert.equal(reader.readNow(into), 5);
      assert.equal(await complete(reader.read(into)), 4);
      assert.equal(into.toString('latin1', 0, 4), 'hree');
      assert.equal(reader.readNow(into), 0);
      assert.equal(await complete(reader.read(into, 4)), 5);
      assert.equal(into.toString(), 'three');
      assert.throws(() => reader.writeNow(Buffer.from('x')), { code: 'EBADF' });
      reader.close();
      assert.throws(() => reader.readNow(into), { name: 'FileError', code: 'EBADF' });
      await assert.rejects(complete(reader.read(into)), { code: 'EBADF' });
      const again = files.open(path, 'append');
      again.writeNow(Buffer.from('!'));
      again.close();
      assert.equal(files.stat(path)?.sizeBytes, 10);
    });

    test('update writes in place, write empties, exclusive refuses', () => {
      const { files, folder } = create();
      const path = files.resolve(folder, 'a');
      const first = files.open(path, 'write', 0o600);
      first.writeNow(Buffer.from('0123456789'));
      first.close();
      assert.equal(files.stat(path)?.mode, 0o600);
      const update = files.open(path, 'update');
      update.writeNow(Buffer.from('abc'));
      update.close();
      assert.equal(files.readWhole(path).toString(), 'abc3456789');
      assert.throws(() => files.open(path, 'exclusive'), { code: 'EEXIST' });
      files.open(path, 'write').close();
      assert.equal(files.stat(path)?.sizeBytes, 0);
      assert.throws(() => files.open(files.resolve(folder, 'none'), 'read'), {
        code: 'ENOENT',
        message: 'No such file or directory',
        operation: 'open',
      });
      assert.throws(() => files.open(files.resolve(folder, 'none'), 'update'), { code: 'ENOENT' });
    });

    test('names: rename, remove, folders, lists', () => {
      const { files, folder } = create();
      const path = (part: string): string => files.resolve(folder, part);
      files.open(path('a'), 'write').close();
      files.rename(path('a'), path('b'));
      assert.equal(files.makeFolder(path('sub')), true);
      assert.equal(files.makeFolder(path('sub')), false);
      files.open(path('sub/c'), 'write').close();
      assert.deepEqual(files.list(folder), ['b', 'sub']);
      assert.equal(files.stat(path('sub'))?.isFolder, true);
      assert.throws(() => files.removeFolder(path('sub')), { code: 'ENOTEMPTY' });
      assert.equal(files.remove(path('sub/c')), true);
      assert.equal(files.remove(path('sub/c')), false);
      files.removeFolder(path('sub'));
      files.discard(path('b'));
      files.discard(path('b'));
      assert.deepEqual(files.list(folder), []);
      assert.throws(() => files.list(path('none')), { code: 'ENOENT' });
      assert.throws(() => files.rename(path('none'), path('x')), { code: 'ENOENT' });
      assert.throws(() => files.open(path('none/x'), 'write'), { code: 'ENOENT' });
      files.syncFolder(folder);
      assert.equal(files.folderOf(path('b')), folder);
      assert.equal(files.nameOf(path('b')), 'b');
      assert.equal(files.resolve(folder, '/x/../y'), '/y');
    });

    test('a closed handle finishes what it had begun', async () => {
      const { files, folder, complete } = create();
      const path = files.resolve(folder, 'late');
      const handle = files.open(path, 'append');
      const written = handle.write(Buffer.alloc(3_000_000, 'x'));
      if (name === 'node') handle.close();
      await complete(written);
      assert.equal(files.stat(path)?.sizeBytes, 3_000_000);
    });

    test('replacing a file keeps its mode and leaves nothing behind', () => {
      const { files, folder } = create();
      const path = files.resolve(folder, 'conf');
      replaceFile(files, path, Buffer.from('one'), '1');
      files.setPermissions(path, 0o640);
      replaceFile(files, path, Buffer.from('two'), '2');
      assert.equal(files.readWhole(path).toString(), 'two');
      assert.equal(files.stat(path)?.mode, 0o640);
      assert.deepEqual(files.list(folder), ['conf']);
      const lost = files.resolve(folder, 'none/conf');
      assert.throws(() => replaceFile(files, lost, Buffer.from('x'), '3'), { code: 'ENOENT' });
    });
  });
}

test('node: a discarded file is gone at once, also while it is open', () => {
  const { files, folder } = nodeBench();
  const path = files.resolve(folder, 'big');
  const handle = files.open(path, 'write');
  handle.writeNow(Buffer.alloc(100_000));
  files.discard(path);
  assert.deepEqual(readdirSync(folder), []);
  handle.writeNow(Buffer.from('x'));
  handle.close();
});

function crashing(): { files: SimulatedFiles; disk: SimulatedDisk; time: SimulatedTime } {
  const time = new SimulatedTime();
  const disk = new SimulatedDisk();
  return { files: new SimulatedFiles(time, disk, { workingFolder: '/data' }), disk, time };
}

test('simulated: a crash takes what was not synced, bytes and names apart', () => {
  const { files, disk } = crashing();
  const kept = files.open('/data/kept', 'append');
  kept.writeNow(Buffer.from('safe'));
  kept.syncNow();
  files.syncFolder('/data');
  kept.writeNow(Buffer.from(' unsafe'));
  const unnamed = files.open('/data/unnamed', 'write');
  unnamed.writeNow(Buffer.from('synced, but its name was not'));
  unnamed.syncNow();
  files.rename('/data/kept', '/data/renamed');
  disk.crash();
  assert.deepEqual(files.list('/data'), ['kept']);
  assert.equal(files.readWhole('/data/kept').toString(), 'safe');
});

test('simulated: replaceFile survives a crash at every step with old or new content', () => {
  for (let step = 0; step < 12; step++) {
    const { files, disk } = crashing();
    replaceFile(files, '/data/conf', Buffer.from('old'), '0');
    let operations = 0;
    disk.faults = () => (operations++ >= step ? 'EIO' : undefined);
    let failed = false;
    try {
      replaceFile(files, '/data/conf', Buffer.from('new'), '1');
    } catch {
      failed = true;
    }
    disk.faults = undefined;
    disk.crash();
    const content = files.readWhole('/data/conf').toString();
    assert.ok(content === 'new' || (failed && content === 'old'), `${step}: '${content}'`);
  }
});

test('simulated: a full disk takes half, and a dead process hears nothing more', async () => {
  const { files, disk, time } = crashing();
  const handle = files.open('/data/a', 'append');
  disk.faults = (operation) => (operation === 'write' ? 'ENOSPC' : undefined);
  await assert.rejects(time.complete(handle.write(Buffer.from('12345678'))), {
    code: 'ENOSPC',
    message: 'No space left on device',
  });
  assert.equal(handle.sizeNow(), 4);
  disk.faults = undefined;
  let settled = false;
  const forget = (): void => {
    settled = true;
  };
  handle.write(Buffer.from('x')).then(forget, forget);
  files.stop();
  await time.advance(1000);
  assert.equal(settled, false);
});
