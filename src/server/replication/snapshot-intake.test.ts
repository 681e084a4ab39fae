// What a snapshot takes the place of, and what must not reach a replica any more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedDisk } from '../../env/simulated/simulated-files.ts';
import { NodeOnNetwork, newWorld } from './replica-fixture.ts';

const MASTER = '10.0.0.1';
const REPLICA = '10.0.0.2';
const FLUSHING = 'MASTER <-> REPLICA sync: Flushing old data';
const LOADING = 'MASTER <-> REPLICA sync: Loading DB in memory';

for (const lazy of ['yes', 'no'] as const) {
  const when = lazy === 'yes' ? 'while new ones are loaded' : 'before new ones are loaded';
  test(`replica-lazy-flush ${lazy}: old data are freed ${when}`, async () => {
    const world = newWorld();
    const master = await NodeOnNetwork.start(world, MASTER);
    await master.ask('DEBUG', 'POPULATE', '2000', 'new');
    const replica = await NodeOnNetwork.start(world, REPLICA, `replica-lazy-flush ${lazy}\n`);
    await replica.ask('DEBUG', 'POPULATE', '20000', 'old');
    const { lazyFree } = replica.node.parts.engine;
    const step = lazyFree.step.bind(lazyFree);
    let before = 0;
    let after = 0;
    lazyFree.step = () => {
      if (lazyFree.pending > 0 && replica.log.includes(LOADING)) after++;
      else if (lazyFree.pending > 0) before++;
      return step();
    };
    await replica.follow(MASTER);
    await replica.catchUp(master);
    assert.equal(await replica.ask('DBSIZE'), ':2000\r\n');
    assert.equal(lazyFree.pending, 0);
    assert.deepEqual([before > 0, after > 0], [lazy === 'no', lazy === 'yes']);
  });
}

for (const lazy of ['yes', 'no'] as const) {
  test(`replica-lazy-flush ${lazy}, loaded as it comes: what FLUSHALL left is ${lazy === 'yes' ? 'there' : 'gone'} by then`, async () => {
    const world = newWorld();
    const master = await NodeOnNetwork.start(world, MASTER);
    await master.ask('DEBUG', 'POPULATE', '2000', 'new');
    const lines = `replica-lazy-flush ${lazy}\nrepl-diskless-load on-empty-db\n`;
    const replica = await NodeOnNetwork.start(world, REPLICA, lines);
    await replica.ask('DEBUG', 'POPULATE', '20000', 'old');
    const { lazyFree } = replica.node.parts.engine;
    const step = lazyFree.step.bind(lazyFree);
    // The background is kept from it, so that there is something left when the snapshot comes.
    lazyFree.step = () => replica.log.includes(FLUSHING) && step();
    await replica.ask('FLUSHALL', 'ASYNC');
    let pending = -1;
    replica.environment.log.onEntry = ({ text }) => {
      if (text === LOADING) pending = lazyFree.pending;
    };
    await replica.follow(MASTER);
    await replica.catchUp(master);
    assert.match(replica.log, /receiving streamed RDB from master with EOF to parser/);
    assert.equal(await replica.ask('DBSIZE'), ':2000\r\n');
    assert.equal(pending > 0, lazy === 'yes');
  });
}

for (const diskless of ['yes', 'no'] as const) {
  test(`a file that a slow disk still writes is nobody's snapshot, diskless ${diskless}`, async () => {
    const world = newWorld();
    const disk = new SimulatedDisk();
    const lines = `repl-diskless-sync ${diskless}\n`;
    const master = await NodeOnNetwork.start(world, MASTER, lines, disk);
    const replica = await NodeOnNetwork.start(world, REPLICA);
    await master.ask('SET', 'a', 'old');
    disk.slowUs = 2_000_000;
    await master.ask('BGSAVE');
    const { engine } = master.node.parts;
    await world.time.until(() => !engine.snapshotRunning, 60_000);
    await master.ask('SET', 'a', 'new');
    await replica.follow(MASTER);
    await world.time.until(() => master.log.includes('asks for synchronization'), 60_000);
    disk.slowUs = 0;
    await replica.catchUp(master);
    assert.equal(await replica.ask('GET', 'a'), '$3\r\nnew\r\n');
    assert.match(master.log, /Can't attach the replica to the current BGSAVE/);
  });
}

test('a replica that was killed gets nothing of what the same transaction writes', async () => {
  const world = newWorld();
  const master = await NodeOnNetwork.start(world, MASTER);
  const replica = await NodeOnNetwork.start(world, REPLICA);
  await replica.follow(MASTER);
  await master.ask('SET', 'a', '1');
  await replica.catchUp(master);
  const { offset } = replica;
  const client = master.connect();
  await client.askAlone('MULTI');
  await client.askAlone('CLIENT', 'KILL', 'TYPE', 'replica');
  await client.askAlone('SET', 'a', '2');
  await client.askAlone('EXEC');
  await replica.catchUp(master);
  assert.match(replica.log, new RegExp(`Trying a partial .*:${offset + 1}\\)`));
  assert.equal(await replica.ask('GET', 'a'), '$1\r\n2\r\n');
});

test('while a second set of databases is loaded, nobody changes the master or what is persisted', async () => {
  const world = newWorld();
  const master = await NodeOnNetwork.start(world, MASTER, 'repl-backlog-size 16384\n');
  const replica = await NodeOnNetwork.start(world, REPLICA, 'repl-diskless-load swapdb\n');
  await replica.follow(MASTER);
  await replica.catchUp(master);
  await master.ask('DEBUG', 'POPULATE', '50', 'new');
  await master.ask('CONFIG', 'SET', 'rdb-key-save-delay', '100000');
  const client = master.connect();
  await client.askAlone('MULTI');
  await client.askAlone('CLIENT', 'KILL', 'TYPE', 'replica');
  for (let i = 0; i < 4; i++) await client.askAlone('SET', 'big', 'x'.repeat(16384));
  await client.askAlone('EXEC');
  await world.time.until(() => replica.node.parts.persistence.loading !== undefined);
  assert.equal(await replica.info('async_loading'), '1');
  const loading = '-LOADING Redis is loading the dataset in memory\r\n';
  assert.equal(await replica.ask('CONFIG', 'SET', 'appendonly', 'no'), loading);
  assert.equal(await replica.ask('REPLICAOF', 'NO', 'ONE'), loading);
  assert.equal(await replica.ask('GET', 'big'), '$-1\r\n');
  await replica.catchUp(master);
  assert.equal(await replica.ask('DBSIZE'), ':51\r\n');
});
