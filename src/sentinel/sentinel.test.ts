// A sentinel's life on virtual time: what it needs to start, what it keeps across restarts, what it does
// when its disk fails, whom it tells what happens.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedDisk } from '../env/simulated/simulated-files.ts';
import { SENTINEL_HOST, SentinelBench } from './sentinel-fixture.ts';

const MONITOR = 'sentinel monitor mymaster 10.0.0.2 6379 1';
const OTHER = 'b'.repeat(40);

test('the first start draws an id, writes it and keeps it', async () => {
  const disk = new SimulatedDisk();
  const first = new SentinelBench({ disk, lines: ['# mine', MONITOR] });
  assert.equal(await first.start(), true);
  const id = /sentinel myid ([0-9a-f]{40})\n/.exec(first.file)?.[1];
  assert.match(first.file, /^# mine\nsentinel monitor mymaster 10\.0\.0\.2 6379 1\n/);
  const client = await first.connect();
  assert.equal(await client.ask('SENTINEL', 'MYID'), `$40\r\n${id}\r\n`);
  assert.deepEqual(first.environment.log.texts.slice(0, 3), [
    'Sentinel new configuration saved on disk',
    `Sentinel ID is ${id}`,
    '+monitor master mymaster 10.0.0.2 6379 quorum 1',
  ]);
  const second = new SentinelBench({ disk });
  assert.equal(await second.start(), true);
  assert.ok(second.log.includes(`Sentinel ID is ${id}`));
});

test('without a place for its state it does not start, in redis-sentinel words', async () => {
  assert.deepEqual(new SentinelBench({ withoutFile: true }).failure, {
    kind: 'log',
    text: 'Sentinel needs config file on disk to save state. Exiting...',
  });
  const disk = new SimulatedDisk();
  const readOnly = new SentinelBench({ disk, lines: [MONITOR] });
  disk.faults = (operation) => (operation === 'write' ? 'ENOSPC' : undefined);
  assert.equal(await readOnly.start(), false);
  assert.match(
    readOnly.log,
    /Sentinel config file \/sentinel\.conf is not writable: No space left on device\. Exiting\.\.\./,
  );
  assert.match(readOnly.file, /^sentinel monitor/);
});

test('a wrong line is named', () => {
  const { failure } = new SentinelBench({ lines: ['port 1', 'sentinel auth-pass x y'] });
  assert.equal(failure?.kind, 'stderr');
  assert.match(
    failure?.text ?? '',
    /FATAL CONFIG FILE ERROR[\s\S]*at line 2\n>>> 'sentinel auth-pass x y'\nNo such master with specified name\.\n$/,
  );
});

test('a vote survives a power failure, and is not given twice', async () => {
  const disk = new SimulatedDisk();
  const bench = new SentinelBench({ disk, lines: [MONITOR] });
  await bench.start();
  const client = await bench.connect();
  const vote = ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.2', '6379', '7'];
  assert.equal(await client.ask(...vote, OTHER), `*3\r\n:0\r\n$40\r\n${OTHER}\r\n:7\r\n`);
  // Only what was made durable is left.
  disk.names.clear();
  for (const [path, content] of disk.durableNames) disk.names.set(path, content);
  const again = new SentinelBench({ disk });
  await again.start();
  const asked = await (await again.connect()).ask(...vote, 'c'.repeat(40));
  assert.match(asked, /^\*3\r\n:0\r\n/);
  assert.equal(asked.includes('c'.repeat(40)), false);
  assert.match(again.file, /sentinel current-epoch 7\n/);
  assert.match(again.file, /sentinel leader-epoch mymaster 7\n/);
});

test('a vote that cannot be saved is not given; other commands say so', async () => {
  const disk = new SimulatedDisk();
  const bench = new SentinelBench({ disk, lines: [MONITOR] });
  await bench.start();
  const client = await bench.connect();
  disk.faults = (operation) => (operation === 'fsync' ? 'EIO' : undefined);
  const reply = await client.ask(
    ...['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.2', '6379', '7', OTHER],
  );
  assert.equal(reply.includes(OTHER), false);
  const failed = '-ERR Failed to save config file. Check server logs.\r\n';
  assert.equal(await client.ask('SENTINEL', 'FLUSHCONFIG'), failed);
  assert.equal(await client.ask('SENTINEL', 'SET', 'mymaster', 'quorum', '2'), failed);
  assert.equal(await client.ask('SENTINEL', 'REMOVE', 'mymaster'), failed);
  assert.match(
    bench.log,
    /WARNING: Sentinel was not able to save the new configuration on disk!!!: Input\/output error/,
  );
  assert.deepEqual(
    bench.environment.files.list('/').filter((name) => name.endsWith('.tmp')),
    [],
  );
  disk.faults = undefined;
  assert.equal(await client.ask('SENTINEL', 'FLUSHCONFIG'), '+OK\r\n');
});

test('what the disk did not take is saved when it does, though nothing else changes', async () => {
  const disk = new SimulatedDisk();
  const bench = new SentinelBench({ disk, lines: [MONITOR] });
  await bench.start();
  const client = await bench.connect();
  disk.faults = (operation) => (operation === 'write' ? 'ENOSPC' : undefined);
  await client.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.2', '6379', '7', OTHER);
  await bench.world.time.advance(5000);
  assert.equal(bench.log.split('was not able to save').length, 2);
  assert.equal(bench.file.includes('current-epoch 7'), false);
  disk.faults = undefined;
  await bench.world.time.advance(1500);
  assert.match(bench.file, /sentinel current-epoch 7\n/);
});

test('a state folder leaves the configuration alone and outlives it', async () => {
  const disk = new SimulatedDisk();
  const lines = [MONITOR, 'sentinel down-after-milliseconds mymaster 5000'];
  const first = new SentinelBench({ disk, lines, stateFolder: '/state' });
  await first.start();
  const before = first.file;
  const client = await first.connect();
  await client.ask('SENTINEL', 'SET', 'mymaster', 'quorum', '3');
  await client.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.2', '6379', '7', OTHER);
  await client.ask('SENTINEL', 'MONITOR', 'second', '10.0.0.3', '6379', '1');
  assert.equal(first.file, before);
  const id = await client.ask('SENTINEL', 'MYID');

  const second = new SentinelBench({ disk, stateFolder: '/state' });
  await second.start();
  const view = second.sentinel.core.master('mymaster', 0);
  assert.deepEqual([view?.quorum, view?.downAfterMs], [3, 5000]);
  assert.deepEqual(second.sentinel.core.masterNames(), ['mymaster', 'second']);
  assert.equal(second.sentinel.core.currentEpoch, 7);
  assert.equal(await (await second.connect()).ask('SENTINEL', 'MYID'), id);

  // Who edits the configuration wants its settings; what was promised still holds.
  const file = second.environment.files.open('/sentinel.conf', 'write');
  file.writeNow(Buffer.from('sentinel monitor mymaster 10.0.0.2 6379 2\n'));
  const third = new SentinelBench({ disk, stateFolder: '/state' });
  await third.start();
  assert.deepEqual(third.sentinel.core.masterNames(), ['mymaster']);
  const { quorum, downAfterMs } = third.sentinel.core.masterSettings('mymaster') ?? {};
  assert.deepEqual([quorum, downAfterMs], [2, 30_000]);
  assert.equal(third.sentinel.core.currentEpoch, 7);
  assert.equal(await (await third.connect()).ask('SENTINEL', 'MYID'), id);
});

test('a state folder that cannot be written is a reason not to start', () => {
  const disk = new SimulatedDisk();
  disk.faults = (_operation, path) => (path.startsWith('/state') ? 'EROFS' : undefined);
  const { failure } = new SentinelBench({ disk, lines: [MONITOR], stateFolder: '/state' });
  assert.equal(
    failure?.text,
    'Sentinel state folder /state is not writable: Read-only file system. Exiting...',
  );
});

test('events reach subscribers in both protocols and scripts in their order', async () => {
  const disk = new SimulatedDisk();
  const bench = new SentinelBench({ disk, lines: [MONITOR] });
  await bench.start();
  const [client, second, third] = await Promise.all([
    bench.connect('10.0.9.1'),
    bench.connect('10.0.9.2'),
    bench.connect('10.0.9.3'),
  ]);
  await third.ask('HELLO', '3');
  second.send('PSUBSCRIBE', '*');
  third.send('SUBSCRIBE', '+monitor');
  await bench.world.time.advance(100);
  second.text = '';
  third.text = '';
  assert.equal(await client.ask('SENTINEL', 'MONITOR', 'two', '10.0.0.3', '1', '2'), '+OK\r\n');
  await bench.world.time.advance(10);
  const text = 'master two 10.0.0.3 1 quorum 2';
  assert.equal(
    second.text,
    `*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$8\r\n+monitor\r\n$${text.length}\r\n${text}\r\n`,
  );
  assert.equal(
    third.text,
    `>3\r\n$7\r\nmessage\r\n$8\r\n+monitor\r\n$${text.length}\r\n${text}\r\n`,
  );
  assert.match(
    await client.ask('SENTINEL', 'SET', 'two', 'notification-script', '/notify'),
    /^-ERR Reconfiguration of scripts path is denied/,
  );
});

test('notification scripts get the event and its text', async () => {
  const disk = new SimulatedDisk();
  const lines = [MONITOR, 'sentinel notification-script mymaster /notify'];
  const seed = new SentinelBench({ disk, lines: [] });
  seed.environment.files.open('/notify', 'write', 0o755).close();
  seed.environment.files.remove('/sentinel.conf');
  const bench = new SentinelBench({ disk, lines });
  await bench.start();
  const event = ['/notify', '+monitor', 'master mymaster 10.0.0.2 6379 quorum 1'];
  assert.deepEqual(bench.processes.started[0].argv, event);
  const client = await bench.connect();
  assert.match(
    await client.ask('SENTINEL', 'PENDING-SCRIPTS'),
    /^\*1\r\n\*10\r\n\$4\r\nargv\r\n\*3\r\n.*\$5\r\nflags\r\n\$7\r\nrunning\r\n/s,
  );
  bench.processes.started[0].end({ exitCode: 2 });
  assert.match(bench.log, /-script-error \/notify 0 2/);
  assert.equal(await client.ask('SENTINEL', 'PENDING-SCRIPTS'), '*0\r\n');
});

test('SHUTDOWN and a signal end it in order', async () => {
  const bench = new SentinelBench({ lines: [MONITOR] });
  await bench.start();
  const client = await bench.connect();
  client.send('SHUTDOWN');
  await bench.world.time.until(() => client.isClosed);
  await bench.world.time.until(() => bench.exits.length > 0);
  assert.deepEqual(bench.exits, [0]);
  assert.deepEqual(bench.environment.log.texts.slice(-2), [
    'User requested shutdown...',
    'Sentinel is now ready to exit, bye bye...',
  ]);
});

test('a name server that never answers makes nobody wait', async () => {
  const lines = [
    'sentinel resolve-hostnames yes',
    'sentinel monitor slow no.answer 6379 1',
    MONITOR,
  ];
  for (let i = 0; i < 50; i++) lines.push(`sentinel monitor slow${i} no.answer${i} 6379 1`);
  const bench = new SentinelBench({ lines, names: new Map() });
  assert.equal(await bench.start(), true);
  const client = await bench.connect();
  assert.equal(await client.ask('PING'), '+PONG\r\n');
  const waiting = await bench.connect('10.0.9.8');
  waiting.send('SENTINEL', 'MONITOR', 'new', 'another.name', '6379', '1');
  await bench.world.time.advance(60_000);
  assert.equal(waiting.text, '');
  assert.equal(await client.ask('SENTINEL', 'FLUSHCONFIG'), '+OK\r\n');
  assert.equal(
    await client.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'),
    '*2\r\n$8\r\n10.0.0.2\r\n$4\r\n6379\r\n',
  );
});

test('it answers as a sentinel and serves nothing else', async () => {
  const bench = new SentinelBench({ lines: [MONITOR], settings: { requirepass: 'secret' } });
  await bench.start();
  const client = await bench.connect();
  client.send('SENTINEL', 'MASTERS');
  await bench.world.time.until(() => client.text !== '');
  assert.equal(client.text, '-NOAUTH Authentication required.\r\n');
  assert.equal(await client.ask('AUTH', 'secret'), '+OK\r\n');
  assert.equal(await client.ask('ROLE'), '*2\r\n$8\r\nsentinel\r\n*1\r\n$8\r\nmymaster\r\n');
  assert.equal(await client.ask('COMMAND', 'COUNT'), ':15\r\n');
  for (const name of ['GET', 'MULTI', 'QUIT', 'PUBSUB', 'REPLICAOF', 'CONFIG', 'EVAL']) {
    assert.match(await client.ask(name, 'x', 'y'), /^-ERR unknown command/);
  }
  assert.match(await client.ask('CLIENT', 'NO-TOUCH', 'on'), /^-ERR unknown subcommand/);
  const info = await client.ask('INFO', 'server', 'sentinel');
  assert.match(info, /redis_mode:sentinel\r\n/);
  assert.match(
    info,
    /master0:name=mymaster,status=ok,address=10\.0\.0\.2:6379,slaves=0,sentinels=1\r\n/,
  );
  assert.doesNotMatch(await client.ask('INFO'), /used_memory|cluster_enabled|master_repl_offset/);
  assert.equal(bench.sentinel.listeners.addresses[0], SENTINEL_HOST);
});
