// Time to live on replicas: what clients of a writable one gave it ends there, what came from the master
// ends when the master says so.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeOnNetwork, newWorld } from './replica-fixture.ts';

const MASTER = '10.0.0.1';
const REPLICA = '10.0.0.2';
const WRITABLE = 'replica-read-only no\n';

async function pair(lines: string) {
  const world = newWorld();
  const master = await NodeOnNetwork.start(world, MASTER);
  const replica = await NodeOnNetwork.start(world, REPLICA, lines);
  await replica.follow(MASTER);
  await replica.catchUp(master);
  const tracked = (): Promise<string | undefined> => replica.info('slave_expires_tracked_keys');
  return { world, master, replica, tracked };
}

test('keys of a writable replica end there, in every database', async () => {
  const { world, master, replica, tracked } = await pair(WRITABLE);
  const client = replica.connect();
  await client.ask('SET', 'short', '1', 'PX', '100');
  await client.ask('SET', 'long', '1', 'EX', '1000');
  await client.ask('SET', 'kept', '1', 'PX', '100');
  await client.ask('PERSIST', 'kept');
  await client.ask('SELECT', '3');
  await client.ask('HSET', 'h', 'f', 'v');
  await client.ask('PEXPIRE', 'h', '100');
  assert.equal(await tracked(), '4');
  await world.time.advance(1000);
  assert.equal(await tracked(), '1');
  assert.equal(await client.ask('DBSIZE'), ':0\r\n');
  assert.equal(await replica.ask('DBSIZE'), ':2\r\n');
  assert.equal(await replica.info('expired_keys'), '2');
  assert.equal(await master.ask('DBSIZE'), ':0\r\n');
  assert.equal(replica.offset, master.offset, 'what a replica deletes is in no history');
});

test('a replica that becomes writable remembers from the first key on', async () => {
  const { world, replica, tracked } = await pair('');
  for (let i = 0; i < 2; i++) {
    await replica.ask('PING');
    await world.time.advance(10);
  }
  assert.equal(replica.node.parts.engine.interest, 0, 'nobody was there to be told');
  assert.equal(await replica.ask('CONFIG', 'SET', 'replica-read-only', 'no'), '+OK\r\n');
  await replica.ask('SET', 'short', '1', 'PX', '100');
  assert.equal(await tracked(), '1');
  await world.time.advance(1000);
  assert.equal(await replica.ask('DBSIZE'), ':0\r\n');
});

test('more keys than one look takes: the last of them has its turn', async () => {
  const { world, replica, tracked } = await pair(WRITABLE);
  const client = replica.connect();
  for (let i = 0; i < 5000; i++) await client.askAlone('SET', `k${i}`, '1', 'EX', '1000');
  await client.ask('SET', 'last', '1', 'PX', '10');
  await client.ask('SELECT', '1');
  await client.ask('SET', 'other', '1', 'PX', '10');
  await world.time.advance(1000);
  assert.equal(await replica.ask('DBSIZE'), ':5000\r\n');
  assert.equal(await client.ask('DBSIZE'), ':0\r\n');
  assert.equal(await tracked(), '5000');
});

test('keys of the master are hidden when they are due, and stay until it deletes them', async () => {
  const { world, master, replica, tracked } = await pair(WRITABLE);
  // DEBUG SET-ACTIVE-EXPIRE, and nobody reads the key: the master does not notice.
  await master.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
  await master.ask('SET', 'k', '1', 'PX', '100');
  await replica.catchUp(master);
  await world.time.advance(1000);
  assert.equal(await tracked(), '0');
  assert.equal(await replica.ask('DBSIZE'), ':1\r\n');
  assert.equal(await replica.ask('GET', 'k'), '$-1\r\n');
  assert.equal(await replica.ask('EXISTS', 'k'), ':0\r\n');
  assert.equal(await master.ask('GET', 'k'), '$-1\r\n');
  await replica.catchUp(master);
  assert.equal(await replica.ask('DBSIZE'), ':0\r\n');
});

test('what was remembered is forgotten with the data, and with the right to write', async () => {
  const { world, master, replica, tracked } = await pair(WRITABLE);
  await replica.ask('SET', 'k', '1', 'EX', '10');
  assert.equal(await tracked(), '1');
  await master.ask('FLUSHALL');
  await replica.catchUp(master);
  assert.equal(await tracked(), '0');
  // The master's key of the same name is the master's to delete.
  await master.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
  await master.ask('SET', 'k', '2', 'PX', '100');
  await replica.catchUp(master);
  await world.time.advance(1000);
  assert.equal(await replica.ask('DBSIZE'), ':1\r\n');
  await replica.ask('SET', 'mine', '1', 'EX', '10');
  assert.equal(await tracked(), '1');
  await replica.ask('CONFIG', 'SET', 'replica-read-only', 'yes');
  assert.equal(await tracked(), '0');
});

test('promoted, a replica ends what is due, whoever gave it its time', async () => {
  const { world, master, replica, tracked } = await pair(WRITABLE);
  await master.ask('SET', 'theirs', '1', 'PX', '500');
  await replica.catchUp(master);
  await replica.ask('SET', 'ours', '1', 'PX', '500');
  await replica.ask('REPLICAOF', 'NO', 'ONE');
  assert.equal(await tracked(), '0');
  await world.time.advance(2000);
  assert.equal(await replica.ask('DBSIZE'), ':0\r\n');
});
