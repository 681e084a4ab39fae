// The append-only file of a whole node on simulated files: what is written when, rewrites, failures.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulatedDisk } from '../env/simulated/simulated-files.ts';
import { NodeBench, type TestClient } from './node-fixture.ts';

const FOLDER = '/appendonlydir';
const ON = 'appendonly yes\nsave ""\nauto-aof-rewrite-percentage 0\nenable-debug-command yes\n';

async function started(lines = ON, disk?: SimulatedDisk): Promise<NodeBench> {
  const bench = new NodeBench(lines, disk);
  assert.equal(await bench.start(), true, bench.environment.log.texts.join('\n'));
  return bench;
}

function text(bench: NodeBench, name: string): string {
  return bench.environment.files.readWhole(`${FOLDER}/${name}`).toString('latin1');
}

function manifest(bench: NodeBench): string[] {
  return text(bench, 'appendonly.aof.manifest').trimEnd().split('\n');
}

function logged(bench: NodeBench, what: RegExp): number {
  return bench.environment.log.texts.filter((line) => what.test(line)).length;
}

/** Lets a rewrite that runs come to its end. */
async function rewritten(bench: NodeBench): Promise<void> {
  const { aof } = bench.node.parts;
  await bench.world.time.until(() => !aof.isRewriting && !aof.isRewriteScheduled);
}

/** The data that a start on what is on the disk now finds. */
async function restarted(bench: NodeBench, lines = ON): Promise<TestClient> {
  bench.environment.kill();
  const { disk } = bench.environment.files;
  disk.faults = undefined;
  return (await started(lines, disk)).connect();
}

test('files and manifest are those of Redis 7, and a rewrite replaces them', async () => {
  const bench = await started();
  const client = bench.connect();
  assert.deepEqual(manifest(bench), [
    'file appendonly.aof.1.base.rdb seq 1 type b',
    'file appendonly.aof.1.incr.aof seq 1 type i',
  ]);
  await client.ask('SET', 'a', '1');
  assert.equal(
    await client.ask('BGREWRITEAOF'),
    '+Background append only file rewriting started\r\n',
  );
  await client.ask('SET', 'b', '2');
  await rewritten(bench);
  assert.deepEqual(manifest(bench), [
    'file appendonly.aof.2.base.rdb seq 2 type b',
    'file appendonly.aof.2.incr.aof seq 2 type i',
  ]);
  assert.deepEqual(bench.environment.files.list(FOLDER), [
    'appendonly.aof.2.base.rdb',
    'appendonly.aof.2.incr.aof',
    'appendonly.aof.manifest',
  ]);
  const again = await restarted(bench);
  assert.equal(await again.ask('MGET', 'a', 'b'), '*2\r\n$1\r\n1\r\n$1\r\n2\r\n');
});

test('what is written: databases, transactions, results in place of chance, times, and no messages', async () => {
  const bench = await started(`${ON}aof-timestamp-enabled yes`);
  const client = bench.connect();
  await client.ask('SET', 'a', '1', 'EX', '100');
  await client.ask('SELECT', '3');
  await client.ask('PUBLISH', 'channel', 'text');
  for (const words of [['MULTI'], ['INCR', 'n'], ['PUBLISH', 'c', 't'], ['INCR', 'n'], ['EXEC']]) {
    await client.askAlone(...words);
  }
  await client.ask('GETEX', 'n');
  await client.ask('FLUSHALL');
  const words = text(bench, 'appendonly.aof.1.incr.aof')
    .split('\r\n')
    .filter((line) => line !== '' && !/^[*$]/.test(line));
  const [time, ...rest] = words;
  assert.match(time, /^#TS:1704067\d{3}$/);
  assert.deepEqual(
    rest
      .filter((line) => !line.startsWith('#'))
      .join(' ')
      .replace(/\d{13}/, 'MS'),
    ['SELECT 0 SET a 1 PXAT MS MULTI SELECT 3 INCR n INCR n EXEC FLUSHALL'].join(),
  );
});

test('a name with spaces and line feeds is quoted in the manifest and found again', async () => {
  const lines = `${ON}appendfilename " file seq \\n\\n.aof "`;
  const bench = await started(lines);
  await bench.connect().ask('SET', 'k', 'v');
  const found = text(bench, ' file seq \n\n.aof .manifest');
  assert.match(found, /^file " file seq \\n\\n\.aof \.1\.base\.rdb" seq 1 type b\n/);
  assert.equal(await (await restarted(bench, lines)).ask('GET', 'k'), '$1\r\nv\r\n');
});

test('with always, one fsync serves all clients of a poll, and no reply comes before it', async () => {
  const bench = await started(`${ON}appendfsync always`);
  const { disk } = bench.environment.files;
  const clients = Array.from({ length: 20 }, () => bench.connect());
  await Promise.all(clients.map((one) => one.ask('PING')));
  let syncs = 0;
  disk.faults = (operation) => {
    if (operation === 'fsync') syncs++;
    return undefined;
  };
  await Promise.all(clients.map((one, i) => one.ask('SET', `k${i}`, 'v')));
  assert.ok(syncs >= 1 && syncs <= 3, `${syncs} fsyncs for 20 clients`);
});

test('with always, a disk that refuses ends the node, and nobody is told that it went well', async () => {
  for (const operation of ['write', 'fsync']) {
    const bench = await started(`${ON}appendfsync always`);
    const client = bench.connect();
    await client.ask('SET', 'a', '1');
    const { disk } = bench.environment.files;
    disk.faults = (one, path) =>
      one === operation && path.endsWith('.incr.aof') ? 'EIO' : undefined;
    assert.equal(await client.askAlone('SET', 'a', '2'), '');
    assert.ok(client.isClosed);
    assert.deepEqual(bench.exits, [1]);
    assert.equal(logged(bench, /policy is 'always'.*Exiting\.\.\.$/), 1);
  }
});

test('a full disk: writes are refused until there is room, and none is lost or torn', async () => {
  const bench = await started();
  const client = bench.connect();
  const { disk } = bench.environment.files;
  await client.ask('SET', 'a', '1');
  disk.faults = (operation, path) =>
    operation === 'write' && path.endsWith('.incr.aof') ? 'ENOSPC' : undefined;
  // Redis answers this one, too: that the disk is full shows when its poll is over.
  assert.equal(await client.ask('SET', 'a', '2'), '+OK\r\n');
  const refusal = '-MISCONF Errors writing to the AOF file: No space left on device\r\n';
  assert.equal(await client.askAlone('SET', 'a', '3'), refusal);
  assert.equal(await client.askAlone('PING'), refusal);
  assert.equal(await client.askAlone('GET', 'a'), '$1\r\n2\r\n');
  assert.match(await client.askAlone('INFO'), /aof_last_write_status:err\r\n/);
  assert.equal(logged(bench, /Short write while writing to the AOF file/), 1);
  assert.doesNotMatch(text(bench, 'appendonly.aof.1.incr.aof'), /\r\n2/);
  disk.faults = undefined;
  await bench.world.time.advance(1100);
  assert.equal(await client.info('aof_last_write_status'), 'ok');
  assert.equal(logged(bench, /AOF write error looks solved/), 1);
  assert.equal(await client.ask('SET', 'b', '4'), '+OK\r\n');
  const again = await restarted(bench);
  assert.equal(await again.ask('MGET', 'a', 'b'), '*2\r\n$1\r\n2\r\n$1\r\n4\r\n');
});

test('an fsync that fails in the background: the old file is left alone and the data written anew', async () => {
  const bench = await started();
  const client = bench.connect();
  const { disk } = bench.environment.files;
  disk.faults = (operation, path) =>
    operation === 'fsync' && path.endsWith('1.incr.aof') ? 'EIO' : undefined;
  await client.ask('SET', 'a', '1');
  await bench.world.time.advance(2500);
  assert.equal(logged(bench, /Fail to fsync the AOF file: Input\/output error/), 1);
  await rewritten(bench);
  assert.equal(await client.info('aof_last_write_status'), 'ok');
  assert.deepEqual(manifest(bench), [
    'file appendonly.aof.2.base.rdb seq 2 type b',
    'file appendonly.aof.2.incr.aof seq 2 type i',
  ]);
  await client.ask('SET', 'b', '2');
  disk.crash();
  const again = await restarted(bench);
  assert.equal(await again.ask('GET', 'a'), '$1\r\n1\r\n');
});

test('while an fsync is slow, writing waits for two seconds and no longer', async () => {
  const bench = await started();
  const client = bench.connect();
  await bench.world.time.advance(1500);
  Object.assign(bench.environment.files.options, { delayUs: 10_000_000 });
  await client.ask('SET', 'a', '1');
  await bench.world.time.advance(300);
  assert.equal(await client.info('aof_pending_bio_fsync'), '1');
  await client.ask('SET', 'b', '2');
  assert.notEqual(await client.info('aof_buffer_length'), '0');
  await bench.world.time.advance(2500);
  assert.equal(await client.info('aof_buffer_length'), '0');
  assert.equal(await client.info('aof_delayed_fsync'), '1');
  assert.equal(logged(bench, /Asynchronous AOF fsync is taking too long/), 1);
});

test('rewrites that fail leave one more file each; the third makes the next one wait', async () => {
  const lines = `${ON}auto-aof-rewrite-percentage 1\nauto-aof-rewrite-min-size 1kb`;
  const bench = await started(lines);
  const client = bench.connect();
  const { disk } = bench.environment.files;
  await client.ask('SET', 'a', '1');
  disk.faults = (operation, path) =>
    operation === 'write' && path.includes('temp-rewriteaof') ? 'ENOSPC' : undefined;
  for (let i = 0; i < 3; i++) {
    await client.ask('BGREWRITEAOF');
    await bench.world.time.until(() => !bench.node.parts.aof.isRewriting);
    await client.ask('INCR', 'a');
  }
  assert.equal(await client.info('aof_last_bgrewrite_status'), 'err');
  assert.equal(await client.info('aof_rewrites_consecutive_failures'), '3');
  assert.deepEqual(
    manifest(bench).map((line) => line.split(' ')[1].replace('appendonly.aof.', '')),
    ['1.base.rdb', '1.incr.aof', '2.incr.aof', '3.incr.aof', '4.incr.aof'],
  );
  await client.ask('SET', 'large', 'x'.repeat(2000));
  await bench.world.time.advance(1000);
  assert.equal(logged(bench, /triggered the limit, will retry in 1 minutes/), 1);
  assert.equal(manifest(bench).length, 5);
  disk.faults = undefined;
  assert.match(await client.ask('BGREWRITEAOF'), /started/);
  await rewritten(bench);
  assert.equal(manifest(bench).length, 2);
  assert.equal(await client.info('aof_rewrites_consecutive_failures'), '0');
  assert.equal(await (await restarted(bench, lines)).ask('GET', 'a'), '$1\r\n4\r\n');
});

test('it grows: a rewrite by itself', async () => {
  const bench = await started(
    `${ON}auto-aof-rewrite-percentage 100\nauto-aof-rewrite-min-size 10kb`,
  );
  const client = bench.connect();
  for (let i = 0; i < 30; i++) await client.ask('SET', 'a', 'x'.repeat(1000));
  await bench.world.time.advance(500);
  assert.ok(logged(bench, /Starting automatic rewriting of AOF on \d+% growth/) >= 1);
  assert.ok(Number(await client.info('aof_current_size')) < 20_000);
});

test('off: a base and nothing after it; on again: what comes meanwhile waits in a file of its own', async () => {
  const bench = await started();
  const client = bench.connect();
  await client.ask('SET', 'a', '1');
  assert.equal(await client.ask('CONFIG', 'SET', 'appendonly', 'no'), '+OK\r\n');
  await client.ask('SET', 'a', '2');
  await client.ask('BGREWRITEAOF');
  await rewritten(bench);
  assert.deepEqual(manifest(bench), ['file appendonly.aof.2.base.rdb seq 2 type b']);
  await client.ask('CONFIG', 'SET', 'rdb-key-save-delay', '1000000');
  assert.equal(await client.ask('CONFIG', 'SET', 'appendonly', 'yes'), '+OK\r\n');
  assert.equal(await client.info('aof_rewrite_in_progress'), '1');
  await client.ask('SET', 'b', '3');
  assert.ok(bench.environment.files.list(FOLDER).includes('temp-appendonly.aof.incr'));
  assert.deepEqual(manifest(bench), ['file appendonly.aof.2.base.rdb seq 2 type b']);
  assert.equal(await client.ask('SHUTDOWN'), '-ERR Errors trying to SHUTDOWN. Check logs.\r\n');
  assert.equal(logged(bench, /Writing initial AOF, can't exit/), 1);
  await client.ask('CONFIG', 'SET', 'rdb-key-save-delay', '0');
  await rewritten(bench);
  assert.deepEqual(manifest(bench), [
    'file appendonly.aof.3.base.rdb seq 3 type b',
    'file appendonly.aof.2.incr.aof seq 2 type i',
  ]);
  const again = await restarted(bench);
  assert.equal(await again.ask('MGET', 'a', 'b'), '*2\r\n$1\r\n2\r\n$1\r\n3\r\n');
});

test('one snapshot at a time: BGSAVE and rewrites wait for each other', async () => {
  const bench = await started(`${ON}rdb-key-save-delay 500000`);
  const client = bench.connect();
  await client.ask('SET', 'a', '1');
  assert.match(await client.ask('BGSAVE'), /started/);
  assert.match(await client.ask('BGREWRITEAOF'), /scheduled/);
  assert.equal(await client.info('aof_rewrite_scheduled'), '1');
  await bench.world.time.until(() => bench.node.parts.aof.isRewriting);
  assert.match(await client.ask('BGREWRITEAOF'), /^-ERR .*already in progress/);
  assert.match(await client.ask('BGSAVE'), /^-ERR Another child process is active \(AOF\?\)/);
  assert.match(await client.ask('BGSAVE', 'SCHEDULE'), /scheduled/);
  await rewritten(bench);
  await bench.world.time.until(() => bench.node.parts.persistence.saves === 2);
});

test('history stays while it is not to be collected', async () => {
  const bench = await started(`${ON}aof-disable-auto-gc yes`);
  const client = bench.connect();
  for (let i = 0; i < 2; i++) {
    await client.ask('BGREWRITEAOF');
    await rewritten(bench);
  }
  assert.deepEqual(manifest(bench), [
    'file appendonly.aof.3.base.rdb seq 3 type b',
    'file appendonly.aof.2.incr.aof seq 2 type h',
    'file appendonly.aof.2.base.rdb seq 2 type h',
    'file appendonly.aof.1.incr.aof seq 1 type h',
    'file appendonly.aof.1.base.rdb seq 1 type h',
    'file appendonly.aof.3.incr.aof seq 3 type i',
  ]);
  await client.ask('CONFIG', 'SET', 'aof-disable-auto-gc', 'no');
  assert.equal(manifest(bench).length, 2);
  assert.equal(bench.environment.files.list(FOLDER).length, 3);
});

test('an unwritable folder: no start, and no switching on', async () => {
  const bench = new NodeBench(ON);
  const { disk } = bench.environment.files;
  disk.faults = (operation, path) =>
    operation === 'mkdir' && path === FOLDER ? 'EACCES' : undefined;
  assert.equal(await bench.start(), false);
  assert.equal(logged(bench, /Can't open or create append-only dir.*Permission denied/), 1);
  const other = await started('save ""');
  other.environment.files.disk.faults = disk.faults;
  const client = other.connect();
  assert.equal(
    await client.ask('CONFIG', 'SET', 'appendonly', 'yes'),
    "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on AOF. Check server logs.\r\n",
  );
  assert.match(await client.ask('CONFIG', 'GET', 'appendonly'), /no\r\n$/);
});

test('WAITAOF ends with the fsync, and reports what there is when the file is off', async () => {
  const bench = await started();
  const client = bench.connect();
  await client.ask('SET', 'a', '1');
  assert.equal(await client.ask('WAITAOF', '1', '0', '3000'), '*2\r\n:1\r\n:0\r\n');
  await client.ask('CONFIG', 'SET', 'appendonly', 'no');
  assert.match(await client.ask('WAITAOF', '1', '0', '10'), /^-ERR WAITAOF cannot be used when/);
});

test('a base of commands rebuilds every type', async () => {
  const bench = await started(`${ON}aof-use-rdb-preamble no\nlist-max-listpack-size 8`);
  const client = bench.connect();
  const many = Array.from({ length: 300 }, (_, i) => `m${i}`);
  const pairs = many.flatMap((word, i) => [String(i / 7), word]);
  const lines = [
    ['SET', 's', 'a\r\nb'],
    ['SET', 'n', '-12', 'EX', '1000'],
    ['RPUSH', 'l', 'a', '12'],
    ['RPUSH', 'll', ...many],
    ['SADD', 'i', '1', '-2', '99999999999'],
    ['SADD', 'w', 'x', '1'],
    ['SADD', 'ww', ...many],
    ['HSET', 'h', 'f', 'v', '1', '2'],
    ['HSET', 'hh', ...pairs],
    ['ZADD', 'z', '1.5', 'a', '-inf', 'b'],
    ['ZADD', 'zz', ...pairs],
    ['SELECT', '1'],
    ['XADD', 'x', '1-1', 'f', 'v'],
    ['XADD', 'x', '2-1', 'f', 'w', 'g', '1'],
    ['XDEL', 'x', '1-1'],
    ['XGROUP', 'CREATE', 'x', 'grp', '0'],
    ['XREADGROUP', 'GROUP', 'grp', 'me', 'STREAMS', 'x', '>'],
    ['XGROUP', 'CREATECONSUMER', 'x', 'grp', 'idle'],
    ['XADD', 'e', '5-1', 'a', 'b'],
    ['XTRIM', 'e', 'MAXLEN', '0'],
  ];
  for (const words of lines) assert.doesNotMatch(await client.ask(...words), /^-/, words.join(' '));
  const before = await client.ask('DEBUG', 'DIGEST');
  await client.ask('BGREWRITEAOF');
  await rewritten(bench);
  assert.match(manifest(bench)[0], /appendonly\.aof\.2\.base\.aof/);
  assert.equal(await client.ask('DEBUG', 'LOADAOF'), '+OK\r\n');
  assert.equal(await client.ask('DEBUG', 'DIGEST'), before);
  assert.match(await client.ask('XPENDING', 'x', 'grp'), /:1\r\n.*2-1/s);
});
