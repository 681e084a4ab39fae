// What clients that want to be replicas say, right and wrong, and what WAIT answers meanwhile: a node on
// simulated time. Snapshots and streams between nodes are in the tests of the replica's side.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeBench } from '../node-fixture.ts';

test('WAIT and WAITAOF without replicas', async () => {
  const bench = new NodeBench();
  await bench.start();
  const client = bench.connect();
  for (const [words, reply] of [
    ['wait 0 100', ':0'],
    ['wait 1 100', ':0'],
    ['wait x 100', '-ERR value is not an integer or out of range'],
    ['wait 1 -1', '-ERR timeout is negative'],
    ['wait 1 x', '-ERR timeout is not an integer or out of range'],
    ['wait 1 9223372036854775807', '-ERR timeout is out of range'],
    ['waitaof 0 0 0', '*2\r\n:0\r\n:0'],
    ['waitaof 0 1 50', '*2\r\n:0\r\n:0'],
    ['waitaof 2 0 0', '-ERR value is out of range, value must between 0 and 1'],
    ['waitaof 0 -1 0', '-ERR value is out of range, must be positive'],
    [
      'waitaof 1 0 0',
      '-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
    ],
  ]) {
    assert.equal(await client.ask(...words.split(' ')), `${reply}\r\n`, words);
  }
});

test('REPLCONF takes what it knows, passes over unknown capabilities and refuses the rest', async () => {
  const bench = new NodeBench();
  await bench.start();
  const client = bench.connect();
  const long = 'a'.repeat(256);
  for (const [words, reply] of [
    ['replconf', '+OK'],
    ['replconf listening-port', '-ERR syntax error'],
    ['replconf listening-port x', '-ERR value is not an integer or out of range'],
    ['replconf LISTENING-PORT 6380 capa eof capa psync2 capa other', '+OK'],
    [
      `replconf ip-address ${long}`,
      '-ERR REPLCONF ip-address provided by replica instance is too long: 256 bytes',
    ],
    ['replconf rdb-only 2', '-ERR value is out of range, value must between 0 and 1'],
    ['replconf rdb-filter-only keys', '-ERR Unsupported rdb-filter-only option: keys'],
    ['replconf constructor 1', '-ERR Unrecognized REPLCONF option: constructor'],
    // Neither has a reply, from whomever it comes.
    ['replconf ack 5', ''],
    ['replconf getack *', ''],
  ]) {
    const expected = reply === '' ? '' : `${reply}\r\n`;
    assert.equal(await client.ask(...words.split(' ')), expected, words);
  }
});

test('PSYNC with an offset that is none is refused, and the client stays a client', async () => {
  const bench = new NodeBench();
  await bench.start();
  const client = bench.connect();
  const error = '-ERR value is not an integer or out of range\r\n';
  assert.equal(await client.ask('PSYNC', '?', 'x'), error);
  assert.equal(await client.ask('SET', 'a', '1'), '+OK\r\n');
  assert.equal(await client.info('connected_slaves', 'replication'), '0');
  assert.equal(await client.ask('REPLCONF', 'rdb-filter-only', ''), '+OK\r\n');
  assert.equal(await client.ask('SYNC'), '-ERR Filtered replica requires EOF capability\r\n');
});

test('a client that becomes a replica is told so when the snapshot begins, and what comes after it', async () => {
  const bench = new NodeBench('repl-diskless-sync-delay 2');
  await bench.start();
  const writer = bench.connect();
  const replica = bench.connect();
  assert.equal(await replica.ask('REPLCONF', 'capa', 'eof', 'capa', 'psync2'), '+OK\r\n');
  let line = await replica.askAlone('PSYNC', '?', '-1');
  // Newlines keep the link alive until then.
  line = line.replace(/^\n+/, '');
  assert.match(line, /^\+FULLRESYNC [0-9a-f]{40} 0\r\n/);
  assert.equal(await writer.info('connected_slaves', 'replication'), '1');
  await writer.ask('SET', 'a', '1');
  // The stream is held until the replica has said that it saw the end of the snapshot.
  assert.equal(await writer.ask('WAIT', '1', '10'), ':0\r\n');
  assert.match((await writer.info('slave0', 'replication')) ?? '', /state=online,offset=0/);
  assert.equal(await writer.info('sync_full', 'stats'), '1');
});
