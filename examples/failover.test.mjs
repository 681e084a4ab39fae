// A failover in a test: does the application survive the death of its master?
//
//   node --test examples/failover.test.mjs

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { createFleet } from 'understudy-server';

let fleet;
let redis;

before(async () => {
  // A master, two replicas, three sentinels, all inside this process.
  fleet = await createFleet({ downAfterMs: 500 });
  redis = new Redis({
    name: fleet.masterName,
    sentinels: fleet.sentinelAddresses(),
    retryStrategy: () => 50,
    sentinelRetryStrategy: () => 50,
  });
  redis.on('error', () => {});
});

after(async () => {
  redis.disconnect();
  await fleet.stop();
});

test('orders that were replicated outlive the master', async () => {
  await redis.set('order:1', 'paid');
  assert.equal(await redis.wait(2, 10_000), 2);

  const failover = new Promise((fulfil) => fleet.on('failover', fulfil));
  const { master } = fleet.view;
  await fleet.kill('master');
  const { from, to, durationMs } = await failover;
  assert.equal(from, master);
  assert.notEqual(to, master);
  assert.ok(durationMs > 0);

  // The client finds the new master by itself; its commands wait meanwhile.
  assert.equal(await redis.get('order:1'), 'paid');
  assert.equal(await redis.set('order:2', 'paid'), 'OK');
});

test('the old master comes back as a replica', async () => {
  const { name } = fleet.view.servers.find(({ state }) => state === 'down');
  await fleet.restart(name);
  const view = await fleet.until(
    ({ servers }) => servers.find((one) => one.name === name)?.upstream?.link === 'up',
    { what: 'the old master follows' },
  );
  assert.equal(view.servers.find((one) => one.name === name)?.upstream?.node, view.master);
});
