import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedDisk, SimulatedFiles } from '../env/simulated/simulated-files.ts';
import { SimulatedTime } from '../env/simulated/simulated-time.ts';
import { StoredAclFile } from './stored-acl-file.ts';

test('the file is found in the working folder, replaced as a whole, and its failures have words', () => {
  const disk = new SimulatedDisk();
  const files = new SimulatedFiles(new SimulatedTime(), disk);
  files.makeFolder('/data');
  const file = new StoredAclFile({
    files,
    path: 'users.acl',
    folder: () => '/data',
    temporarySuffix: () => '1',
  });
  assert.deepEqual(file.read(), { error: 'No such file or directory' });
  assert.equal(file.replace('user \xe9 on\n'), undefined);
  assert.deepEqual(file.read(), { text: 'user \xe9 on\n' });
  assert.equal(files.readWhole('/data/users.acl')[5], 0xe9);
  for (const [operation, words] of [
    ['open', 'Opening temp ACL file for ACL SAVE: No space left on device'],
    ['write', 'Writing ACL file for ACL SAVE: No space left on device'],
    ['fsync', 'Syncing ACL file for ACL SAVE: No space left on device'],
    ['rename', 'Renaming ACL file for ACL SAVE: No space left on device'],
  ]) {
    disk.faults = (failing) => (failing === operation ? 'ENOSPC' : undefined);
    assert.equal(file.replace('other'), words);
    disk.faults = undefined;
    assert.deepEqual(file.read(), { text: 'user \xe9 on\n' });
  }
});
