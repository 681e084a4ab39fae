import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeBench } from './node-fixture.ts';

async function started(lines = ''): Promise<NodeBench> {
  const bench = new NodeBench(lines);
  assert.equal(await bench.start(), true);
  return bench;
}

test('a node logs its start in the words that harnesses wait for, serves, and ends by SHUTDOWN', async () => {
  const bench = await started();
  const client = bench.connect();
  assert.equal(await client.ask('SET', 'k', 'v'), '+OK\r\n');
  assert.equal(await client.ask('GET', 'k'), '$1\r\nv\r\n');
  assert.equal(await client.ask('SHUTDOWN', 'SAVE', 'NOSAVE'), '-ERR syntax error\r\n');
  assert.equal(await client.ask('SHUTDOWN', 'ABORT'), '-ERR No shutdown in progress.\r\n');
  assert.equal(await client.ask('SHUTDOWN', 'NOSAVE'), '');
  assert.equal(client.isClosed, true);
  await bench.world.time.advance(100);
  assert.deepEqual(bench.exits, [0]);
  const log = bench.environment.log.texts.join('\n');
  assert.match(log, /Server initialized\n(.*\n)*Ready to accept connections tcp\n/);
  assert.match(
    log,
    /User requested shutdown\.\.\.\n(.*\n)*Redis is now ready to exit, bye bye\.\.\./,
  );
});

test('signals end a node as shutdown-on-sigterm says', async () => {
  const bench = await started('shutdown-on-sigterm nosave force');
  bench.node.shutdownOnSignal('SIGTERM');
  assert.equal(bench.node.isEnding, true);
  await bench.world.time.advance(100);
  assert.deepEqual(bench.exits, [0]);
});

test('CONFIG SET port moves the listener; a port that is taken puts the old one back', async () => {
  const bench = await started();
  const client = bench.connect();
  assert.equal(await client.ask('CONFIG', 'SET', 'port', '7001'), '+OK\r\n');
  assert.equal(await bench.connect(7001).ask('PING'), '+PONG\r\n');
  const other = bench.environment.network.listen(
    { host: '127.0.0.1', port: 7002 },
    { onConnection: () => {} },
  );
  await bench.world.time.complete(other);
  assert.equal(
    await client.ask('CONFIG', 'SET', 'port', '7002', 'maxclients', '55'),
    "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.\r\n",
  );
  assert.match(await client.ask('CONFIG', 'GET', 'port', 'maxclients'), /7001(.|\s)*10000/);
  assert.equal(await bench.connect(7001).ask('PING'), '+PONG\r\n');
});

test('DEBUG and MODULE need their directives', async () => {
  const closed = (await started()).connect();
  assert.match(
    await closed.ask('DEBUG', 'SLEEP', '0'),
    /^-ERR DEBUG command not allowed\. If the enable-debug-command option is set to "local"/,
  );
  assert.match(await closed.ask('MODULE', 'LOAD', 'x'), /^-ERR MODULE command not allowed/);
  assert.equal(await closed.ask('MODULE', 'LIST'), '*0\r\n');
  const open = (await started('enable-debug-command local')).connect();
  assert.equal(await open.ask('DEBUG', 'SLEEP', '0'), '+OK\r\n');
});

test('INFO: sections by name, several, all, everything, and none for an unknown word', async () => {
  const client = (await started()).connect();
  await client.ask('SET', 'k', 'v', 'EX', '100');
  const headings = async (...words: string[]): Promise<string[]> =>
    [...(await client.ask('INFO', ...words)).matchAll(/^# (\w+)/gm)].map(([, name]) => name);
  const normal =
    'Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace';
  assert.deepEqual(await headings(), normal.split(' '));
  assert.deepEqual(await headings('default'), normal.split(' '));
  assert.deepEqual(await headings('KEYSPACE', 'cpu', 'cpu'), ['CPU', 'Keyspace']);
  assert.ok((await headings('all')).includes('Commandstats'));
  assert.ok(!(await headings('everything')).includes('Debug'));
  assert.deepEqual(await headings('debug'), ['Debug']);
  assert.equal(await client.ask('INFO', '__proto__'), '$0\r\n\r\n');
  assert.equal(await client.info('redis_version'), '7.2.4');
  assert.match((await client.info('db0')) ?? '', /^keys=1,expires=1,avg_ttl=\d+$/);
  assert.match((await client.info('cmdstat_set', 'commandstats')) ?? '', /^calls=1,usec=/);
  assert.equal(await client.info('tcp_port'), '7000');
});

test('statistics are counted, sampled and zeroed', async () => {
  const bench = await started();
  const client = bench.connect();
  // The first sample is what the next ones are compared with.
  await bench.world.time.advance(200);
  for (let i = 0; i < 50; i++) await client.ask('GET', 'missing');
  await bench.world.time.advance(300);
  assert.ok(Number(await client.info('instantaneous_ops_per_sec')) > 0);
  assert.equal(await client.info('keyspace_misses'), '50');
  assert.equal(await client.ask('CONFIG', 'RESETSTAT'), '+OK\r\n');
  assert.equal(await client.info('keyspace_misses'), '0');
  assert.equal(await client.info('cmdstat_get', 'commandstats'), undefined);
});

test('keys expire unasked, unless a test switched that off', async () => {
  const bench = await started('enable-debug-command yes');
  const client = bench.connect();
  await client.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
  await client.ask('SET', 'a', '1', 'PX', '50');
  await bench.world.time.advance(1000);
  assert.equal(await client.ask('DBSIZE'), ':1\r\n');
  await client.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
  await bench.world.time.advance(2500);
  assert.equal(await client.ask('DBSIZE'), ':0\r\n');
  assert.equal(await client.info('expired_keys'), '1');
});

test('maxmemory: keys are evicted, and without a policy writes are refused', async () => {
  const bench = await started();
  const client = bench.connect();
  const value = 'x'.repeat(1000);
  for (let i = 0; i < 200; i++) await client.ask('SET', `k${i}`, value);
  const used = Number(await client.info('used_memory'));
  await client.ask('CONFIG', 'SET', 'maxmemory', String(used - 50_000));
  assert.match(await client.ask('SET', 'new', value), /^-OOM /);
  assert.equal(await client.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'), '+OK\r\n');
  assert.equal(await client.ask('SET', 'new', value), '+OK\r\n');
  const evicted = Number(await client.info('evicted_keys'));
  assert.ok(evicted >= 30 && evicted < 150, String(evicted));
});

test('passwords and users come from the configuration', async () => {
  const bench = await started('requirepass secret\nuser bob on >pw +get +ping ~*');
  const client = bench.connect();
  assert.equal(await client.askAlone('GET', 'k'), '-NOAUTH Authentication required.\r\n');
  assert.equal(await client.askAlone('AUTH', 'bob', 'pw'), '+OK\r\n');
  assert.match(await client.ask('SET', 'k', 'v'), /^-NOPERM /);
});

test('wrong users end the start', async () => {
  const bench = new NodeBench('user bob on +nosuchcommand');
  assert.equal(await bench.start(), false);
  assert.match(bench.environment.log.texts.join('\n'), /Error loading ACL/);
});

test('CONFIG REWRITE needs a file; SLOWLOG hides passwords that CONFIG SET was given', async () => {
  const client = (await started('slowlog-log-slower-than 0')).connect();
  assert.equal(
    await client.ask('CONFIG', 'REWRITE'),
    '-ERR The server is running without a config file\r\n',
  );
  await client.ask('CONFIG', 'SET', 'masterauth', 'secret');
  const log = await client.ask('SLOWLOG', 'GET', '5');
  assert.match(log, /\(redacted\)/);
  assert.doesNotMatch(log, /secret/);
});

test('a pause of writes hides what has expired, and deletes and evicts nothing', async () => {
  const bench = await started('maxmemory-policy allkeys-random');
  const client = bench.connect();
  await client.ask('SET', 'k', 'v', 'PX', '10');
  await client.ask('SET', 'other', 'v');
  await client.ask('CLIENT', 'PAUSE', '100000', 'WRITE');
  await bench.world.time.advance(1000);
  assert.equal(await client.ask('GET', 'k'), '$-1\r\n');
  assert.equal(await client.ask('DBSIZE'), ':2\r\n');
  assert.equal(await client.ask('CONFIG', 'SET', 'maxmemory', '1'), '+OK\r\n');
  assert.equal(await client.ask('GET', 'other'), '$1\r\nv\r\n');
  await client.ask('CONFIG', 'SET', 'maxmemory', '0');
  assert.equal(await client.info('expired_keys'), '0');
  await client.ask('CLIENT', 'UNPAUSE');
  assert.equal(await client.ask('GET', 'k'), '$-1\r\n');
  assert.equal(await client.info('expired_keys'), '1');
});

test('keys that were read under tracking are known until they change or all go', async () => {
  const bench = await started();
  const client = bench.connect();
  await client.ask('CLIENT', 'TRACKING', 'ON');
  await client.ask('MGET', 'a', 'b');
  await client.ask('CLIENT', 'TRACKING', 'OFF');
  assert.equal(await client.info('tracking_total_keys'), '2');
  await client.ask('SET', 'a', '1');
  assert.equal(await client.info('tracking_total_keys'), '1');
  await client.ask('FLUSHALL');
  assert.equal(await client.info('tracking_total_keys'), '0');
});

test('watched keys count as memory of their client', async () => {
  const client = (await started()).connect();
  const bytes = async (): Promise<number> =>
    Number(/tot-mem=(\d+)/.exec(await client.ask('CLIENT', 'INFO'))?.[1]);
  const before = await bytes();
  for (let i = 0; i < 100; i++) await client.ask('WATCH', `key:${i}`);
  assert.ok((await bytes()) - before > 100 * 400);
  await client.ask('UNWATCH');
  assert.equal(await bytes(), before);
});

test('who begins to listen hears of the next change, in the same chunk, after a time when nobody did', async () => {
  const bench = await started();
  const client = bench.connect();
  const quiet = async (): Promise<void> => {
    await client.ask('SET', 'k', '0');
    await bench.world.time.advance(10);
    await client.ask('SET', 'k', '1');
    assert.equal(bench.node.parts.engine.interest, 0);
  };
  const set = ['SET', 'k', '2'];

  await quiet();
  const broken = await client.askInOneChunk(['WATCH', 'k'], set, ['MULTI'], ['EXEC']);
  assert.equal(broken, '+OK\r\n+OK\r\n+OK\r\n*-1\r\n');

  await quiet();
  await client.ask('HELLO', '3');
  const tracked = await client.askInOneChunk(['CLIENT', 'TRACKING', 'ON'], ['GET', 'k'], set);
  assert.match(tracked, /\+OK\r\n>2\r\n\$10\r\ninvalidate\r\n\*1\r\n\$1\r\nk\r\n$/);
  await client.ask('CLIENT', 'TRACKING', 'OFF');
  await client.ask('SET', 'k', '3');

  await quiet();
  await client.ask('SUBSCRIBE', '__keyspace@0__:k');
  const events = ['CONFIG', 'SET', 'notify-keyspace-events', 'KA'];
  assert.match(await client.askInOneChunk(events, set), /__keyspace@0__:k\r\n\$3\r\nset\r\n$/);
  await client.ask('CONFIG', 'SET', 'notify-keyspace-events', '');
  await client.ask('UNSUBSCRIBE');

  await quiet();
  const waiting = bench.connect();
  const popped = waiting.askAlone('BLPOP', 'list', '0');
  await bench.world.time.advance(10);
  assert.equal(await client.ask('RPUSH', 'list', 'x'), ':1\r\n');
  assert.equal(await popped, '*2\r\n$4\r\nlist\r\n$1\r\nx\r\n');
  await quiet();
});
