import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readEarlierRun } from './earlier-run.ts';
import { ExitError } from './exit-codes.ts';
import { defaultFleetFolder, FleetFolder } from './fleet-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'understudy-test-'));
after(() => rmSync(root, { recursive: true }));

const ports = { server1: 1, server2: 2, sentinel1: 11, sentinel2: 12 };

/** A folder with these files, by node. */
function folderWith(name: string, files: Readonly<Record<string, readonly string[]>>): FleetFolder {
  const folder = new FleetFolder(join(root, name));
  mkdirSync(folder.path);
  folder.writeLayout({ masterName: 'm', ports });
  for (const [node, lines] of Object.entries(files)) {
    mkdirSync(join(folder.path, node));
    const file = node.startsWith('server') ? 'redis.conf' : 'sentinel.conf';
    writeFileSync(join(folder.path, node, file), lines.join('\n'));
  }
  return folder;
}

test('a fresh folder knows nothing', () => {
  const { master, sentinelState } = readEarlierRun(new FleetFolder(join(root, 'nowhere')));
  assert.equal(master, undefined);
  assert.equal(sentinelState.size, 0);
});

test('the newest configuration names the master, and sentinels keep what they must not forget', () => {
  const { master, sentinelState } = readEarlierRun(
    folderWith('sentinels', {
      sentinel1: [
        'port 11',
        'sentinel myid aaaa',
        'sentinel monitor m 127.0.0.1 1 2',
        'sentinel config-epoch m 3',
        'sentinel leader-epoch m 3',
        'sentinel known-replica m 127.0.0.1 2',
        'sentinel current-epoch 3',
      ],
      sentinel2: ['sentinel monitor m 127.0.0.1 2 2', 'sentinel config-epoch m 4'],
      server1: ['port 1'],
    }),
  );
  assert.equal(master, 'server2');
  assert.deepEqual(sentinelState.get('sentinel1'), [
    'sentinel myid aaaa',
    'sentinel config-epoch m 3',
    'sentinel leader-epoch m 3',
    'sentinel current-epoch 3',
  ]);
});

test('without sentinels the server that follows nobody led', () => {
  const { master } = readEarlierRun(
    folderWith('servers', { server1: ['port 1', 'replicaof 127.0.0.1 2'], server2: ['port 2'] }),
  );
  assert.equal(master, 'server2');
});

test('a lock keeps others out until its owner is gone', () => {
  const folder = new FleetFolder(join(root, 'locked'));
  folder.lock();
  assert.throws(
    () => new FleetFolder(folder.path).lock(),
    (error: unknown) => {
      return error instanceof ExitError && error.code === 4 && /runs in/.test(error.message);
    },
  );
  folder.unlock();
  writeFileSync(join(folder.path, 'fleet.lock'), '999999999\n');
  folder.lock();
  assert.equal(folder.readRunning(), undefined);
  folder.writeRunning({ pid: process.pid, controlPort: 1, token: 't', page: null });
  assert.equal(folder.readRunning()?.token, 't');
  writeFileSync(join(folder.path, 'fleet.json'), '{"pid":');
  assert.equal(folder.readRunning(), undefined);
  folder.unlock();
});

test('the default folder follows XDG where there is one', () => {
  if (process.platform !== 'linux') return;
  assert.equal(
    defaultFleetFolder({ XDG_DATA_HOME: '/data' }),
    join('/data', 'understudy', 'fleet'),
  );
});
