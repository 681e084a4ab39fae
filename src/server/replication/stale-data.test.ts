// replica-serve-stale-data no: who may ask what while the master is away, and when that is over.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeOnNetwork, newWorld, PORT, Relay } from './replica-fixture.ts';

const MASTER = '10.0.0.1';
const REPLICA = '10.0.0.2';
const RELAY = '10.0.0.3';
const MASTERDOWN =
  "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n";

/** A replica that has the key `a` and has just lost its master. */
async function orphaned(lines: string) {
  const world = newWorld();
  const master = await NodeOnNetwork.start(world, MASTER);
  const relay = Relay.start(world, RELAY, MASTER);
  const replica = await NodeOnNetwork.start(world, REPLICA, lines);
  await master.ask('SET', 'a', '1');
  // Not with a PING behind it, as `follow` asks: that would be refused.
  await replica.connect().askAlone('REPLICAOF', RELAY, String(PORT));
  await replica.catchUp(master);
  // Opened while there is something to ask.
  const client = replica.connect();
  assert.equal(await client.ask('GET', 'a'), '$1\r\n1\r\n');
  await client.askAlone('MULTI');
  await client.askAlone('GET', 'a');
  world.fabric.cut(MASTER, RELAY);
  relay.cut();
  await world.time.until(() => !replica.isUp);
  return { world, master, replica, client };
}

test('a replica that must not serve stale data refuses what reads or writes data', async () => {
  const { replica } = await orphaned('replica-serve-stale-data no\n');
  const ask = (...words: string[]): Promise<string> => replica.connect().askAlone(...words);
  for (const words of [
    ['GET', 'a'],
    ['PING'],
    ['KEYS', '*'],
    ['DBSIZE'],
    ['SCAN', '0'],
    ['SAVE'],
  ]) {
    assert.equal(await ask(...words), MASTERDOWN, words.join(' '));
  }
  assert.match(await ask('SET', 'a', '2'), /^-READONLY /);
  assert.equal(await ask('ECHO', 'x'), '$1\r\nx\r\n');
  assert.equal(await ask('SELECT', '1'), '+OK\r\n');
  assert.match(await ask('ROLE'), /^\*5\r\n\$5\r\nslave\r\n/);
  assert.match(await ask('INFO', 'replication'), /^\$/);
  assert.match(await ask('SUBSCRIBE', 'c'), /^\*3\r\n/);
  assert.match(await ask('PUBLISH', 'c', 'x'), /^:/);
});

test('a writable one refuses writes too', async () => {
  const { replica } = await orphaned('replica-serve-stale-data no\nreplica-read-only no\n');
  assert.equal(await replica.connect().askAlone('SET', 'a', '2'), MASTERDOWN);
});

test('what was queued before the link was lost is not run after it', async () => {
  const { client } = await orphaned('replica-serve-stale-data no\n');
  assert.equal(
    await client.askAlone('EXEC'),
    `-EXECABORT Transaction discarded because of: ${MASTERDOWN.slice(1)}`,
  );
});

test('by default stale data are served', async () => {
  const { replica, client } = await orphaned('');
  assert.equal(await replica.ask('GET', 'a'), '$1\r\n1\r\n');
  assert.match(await client.askAlone('EXEC'), /^\*1\r\n/);
});

test('CONFIG SET takes effect at once, either way', async () => {
  const { replica } = await orphaned('');
  const client = replica.connect();
  await client.askAlone('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
  assert.equal(await client.askAlone('GET', 'a'), MASTERDOWN);
  await client.askAlone('CONFIG', 'SET', 'replica-serve-stale-data', 'yes');
  assert.equal(await client.ask('GET', 'a'), '$1\r\n1\r\n');
});

test('the end of the refusals: the master is back, or is needed no more', async () => {
  const back = await orphaned('replica-serve-stale-data no\n');
  await back.master.ask('SET', 'a', '2');
  back.world.fabric.heal(MASTER, RELAY);
  await back.replica.catchUp(back.master);
  assert.equal(await back.replica.ask('GET', 'a'), '$1\r\n2\r\n');
  const alone = await orphaned('replica-serve-stale-data no\n');
  assert.equal(await alone.replica.connect().askAlone('REPLICAOF', 'NO', 'ONE'), '+OK\r\n');
  assert.equal(await alone.replica.ask('GET', 'a'), '$1\r\n1\r\n');
});

test('how long the master is away is told by a clock that nobody sets', async () => {
  const { world, replica } = await orphaned('');
  await world.time.advance(20_000);
  replica.environment.clock.stepWall(-3_600_000);
  assert.equal(await replica.info('master_link_down_since_seconds'), '20');
  replica.environment.clock.stepWall(7_200_000);
  assert.equal(await replica.info('master_link_down_since_seconds'), '20');
});
