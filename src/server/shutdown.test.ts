// How a node ends, or does not: signals that are taken back, the last save, and what is left on disk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCommand } from '../protocol/encode-command.ts';
import { NodeBench, type TestClient } from './node-fixture.ts';

const SLOW = 'save 900 1\nrdb-key-save-delay 100000\nenable-debug-command yes';

async function started(lines: string): Promise<{ bench: NodeBench; client: TestClient }> {
  const bench = new NodeBench(lines);
  assert.equal(await bench.start(), true);
  const client = bench.connect();
  for (let i = 0; i < 20; i++) await client.ask('SET', `k${i}`, 'v');
  return { bench, client };
}

function names(bench: NodeBench): string[] {
  return bench.environment.files.list('/').filter((name) => name.endsWith('.rdb'));
}

function logged(bench: NodeBench, text: string): boolean {
  return bench.environment.log.texts.some((line) => line.includes(text));
}

test('SHUTDOWN ABORT takes a signal back that the next tick would obey', async () => {
  const { bench, client } = await started('enable-debug-command yes');
  await client.ask('DEBUG', 'PAUSE-CRON', '1');
  bench.node.shutdownOnSignal('SIGTERM');
  assert.equal(bench.node.isEnding, true);
  assert.equal(await client.ask('SHUTDOWN', 'ABORT'), '+OK\r\n');
  assert.equal(bench.node.isEnding, false);
  assert.ok(logged(bench, 'Shutdown manually aborted.'));
  await client.ask('DEBUG', 'PAUSE-CRON', '0');
  await bench.world.time.advance(1000);
  assert.deepEqual(bench.exits, []);
  await client.ask('DEBUG', 'PAUSE-CRON', '1');
  bench.node.shutdownOnSignal('SIGTERM');
  await client.ask('DEBUG', 'PAUSE-CRON', '0');
  await bench.world.time.advance(1000);
  assert.deepEqual(bench.exits, [0]);
});

test('the last save serves reads, holds writes, and ends the node when it is whole', async () => {
  const { bench, client } = await started(SLOW);
  bench.node.shutdownOnSignal('SIGTERM');
  await bench.world.time.advance(500);
  assert.deepEqual(names(bench), [`temp-${bench.environment.pid}.rdb`]);
  assert.equal(await client.ask('GET', 'k1'), '$1\r\nv\r\n');
  let reply = '';
  const { network, files } = bench.environment;
  const writer = network.connect({ host: '127.0.0.1', port: 7000 });
  writer.handle({
    onData: (chunk) => {
      reply += chunk.toString('latin1');
    },
    onClose: () => {},
  });
  writer.write(encodeCommand(['SET', 'late', 'v']));
  await bench.world.time.advance(3000);
  assert.deepEqual(bench.exits, [0]);
  assert.equal(reply, '');
  assert.deepEqual(names(bench), ['dump.rdb']);
  const again = new NodeBench('', files.disk);
  assert.equal(await again.start(), true);
  assert.equal(await again.connect().ask('DBSIZE'), ':20\r\n');
});

test('whoever insists on the end leaves no half of a file behind', async () => {
  const { bench } = await started(SLOW);
  bench.node.shutdownOnSignal('SIGINT');
  await bench.world.time.advance(500);
  assert.equal(names(bench).length, 1);
  assert.equal(bench.node.isEnding, true);
  bench.node.insist();
  assert.deepEqual(names(bench), []);
});

test('a background save that is under way leaves no half of a file behind', async () => {
  const { bench, client } = await started(SLOW);
  await client.ask('BGSAVE');
  await bench.world.time.advance(500);
  assert.deepEqual(names(bench), [`temp-${bench.environment.pid}.rdb`]);
  await client.ask('SHUTDOWN', 'NOSAVE');
  await bench.world.time.advance(100);
  assert.deepEqual(bench.exits, [0]);
  assert.deepEqual(names(bench), []);
});

test('a last save that fails keeps the node: SHUTDOWN is told, and writes are taken again', async () => {
  const { bench, client } = await started('save 900 1');
  bench.environment.files.disk.faults = (operation) =>
    operation === 'rename' ? 'EISDIR' : undefined;
  bench.node.shutdownOnSignal('SIGTERM');
  await bench.world.time.advance(1000);
  assert.ok(logged(bench, "Error trying to save the DB, can't exit."));
  assert.equal(bench.node.isEnding, false);
  assert.equal(
    await bench.connect().askAlone('SHUTDOWN'),
    '-ERR Errors trying to SHUTDOWN. Check logs.\r\n',
  );
  assert.equal(await client.ask('SET', 'k', 'v'), '+OK\r\n');
  await client.ask('SHUTDOWN', 'FORCE');
  await bench.world.time.advance(100);
  assert.deepEqual(bench.exits, [0]);
});
