import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPortability } from './portability.ts';

const found = (text: string): number => checkPortability([{ path: 'docs/x.md', text }]).length;

test('paths of a machine and hosts of a package index are caught', () => {
  for (const text of [
    `see /${'home'}/somebody/project`,
    `"/${'root'}/.npm"`,
    `cd /${'Users'}/Me`,
    `C:\\${'Users'}\\me`,
    `"resolved": "https://${'registry'}.example.org/x.tgz"`,
  ]) {
    assert.equal(found(text) > 0, true, text);
  }
});

test('relative paths and paths of the system are not', () => {
  for (const text of [
    '/etc/redis/redis.conf',
    '/var/run/x.pid',
    'src/network/',
    'src/commands/registry.ts',
  ]) {
    assert.equal(found(text), 0, text);
  }
});
