// What only time brings about in the net layer, on virtual time: idle clients, soft limits, turns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { type Cleanup, TestClient, TestNode } from './net-bench-fixture.ts';
import { netLimits } from './net-settings.ts';

/** A simulated node, where time is ours. */
async function simulated(context: Cleanup): Promise<{
  node: TestNode;
  world: SimulatedWorld;
  process: ReturnType<SimulatedWorld['start']>;
}> {
  const world = new SimulatedWorld(5);
  const process = world.start('10.0.0.1');
  const node = await TestNode.start(
    { environment: process, until: (condition) => world.time.until(condition), folder: '' },
    context,
  );
  return { node, world, process };
}

test('idle clients are closed after timeout; blocked and subscribed ones are not', async (context) => {
  const { node, world } = await simulated(context);
  node.settings.timeout = 3;
  const idle = await node.join();
  const busy = await node.join();
  const blocked = await node.join();
  const subscribed = await node.join();
  blocked.send('BLOCK\r\n');
  subscribed.send('CLASS pubsub\r\n');
  for (let i = 0; i < 10; i++) {
    busy.send('PING\r\n');
    await world.time.advance(1000);
  }
  assert.equal(idle.isClosed, true);
  assert.equal(busy.isClosed, false);
  assert.equal(blocked.isClosed, false);
  assert.equal(subscribed.isClosed, false);
  assert.match(node.log, /Closing idle client/);
});

test('the soft output limit is a matter of time, with traffic and without', async (context) => {
  const { node, world } = await simulated(context);
  node.settings.clientOutputBufferLimit = {
    ...node.settings.clientOutputBufferLimit,
    normal: { hardBytes: 0, softBytes: 100_000, softSeconds: 5 },
  };
  const client = await node.join();
  client.keeps = false;
  client.connection.pause();
  client.send('BIG 900000\r\n');
  await world.time.advance(4000);
  assert.equal(node.clients.count, 1);
  client.connection.resume();
  await world.time.advance(1000);
  client.connection.pause();
  client.send('BIG 900000\r\n');
  await world.time.advance(4900);
  assert.equal(node.clients.count, 1);
  await world.time.advance(2000);
  assert.equal(node.clients.count, 0);
});

test('a pipeline of slow requests takes turns with other clients', async (context) => {
  const { node, world } = await simulated(context);
  node.host.spin = () => {
    world.time.nowUs += 200;
  };
  const greedy = await node.join();
  const modest = await node.join();
  greedy.send('SPIN\r\n'.repeat(5000));
  modest.send('PING\r\n');
  await node.until(() => modest.text === '+PONG\r\n');
  assert.ok(node.host.executed < 500, `${node.host.executed} requests first`);
  await node.until(() => greedy.bytes === 5 * 5000);
});

test('what an idle client had reserved to read with is no longer counted', async (context) => {
  const { node, world } = await simulated(context);
  const client = await node.join();
  client.send('PING\r\n');
  await node.until(() => client.bytes === 7);
  const { link } = node.host.sessions[0];
  assert.equal(link.usage().queryBufferFreeBytes, netLimits.queryRoomBytes);
  await world.time.advance(4000);
  assert.equal(link.usage().queryBufferFreeBytes, 0);
});

test('protected mode trusts loopback, Unix sockets and passwords only', async (context) => {
  const { node, world, process } = await simulated(context);
  const stranger = world.start('10.0.0.2');
  await node.listeners.rebind({ bind: ['0.0.0.0'], port: 6379 });
  const knock = (): TestClient =>
    new TestClient(stranger.network.connect({ host: '10.0.0.1', port: 6379 }));
  const refused = knock();
  await node.until(() => refused.isClosed);
  assert.match(
    refused.text,
    /^-DENIED Redis is running in protected mode .* from the outside\.\r\n$/,
  );
  const local = new TestClient(process.network.connect({ host: '127.0.0.1', port: 6379 }));
  local.send('PING\r\n');
  await node.until(() => local.bytes === 7);
  node.host.requiresPassword = true;
  const withPassword = knock();
  withPassword.send('AUTH\r\nPING\r\n');
  await node.until(() => withPassword.text === '+OK\r\n+PONG\r\n');
  node.host.requiresPassword = false;
  node.settings.protectedMode = false;
  const trusting = knock();
  trusting.send('PING\r\n');
  await node.until(() => trusting.bytes === 7);
  assert.equal(node.clients.statistics.rejected, 1);
});

test('closing everybody from within a command ends, and so does that command', async (context) => {
  const { node, world } = await simulated(context);
  const other = await node.join();
  const client = await node.join();
  node.host.spin = () => node.clients.closeAll(false);
  client.send('SPIN\r\nPING\r\n');
  await node.until(() => client.isClosed && other.isClosed);
  await world.time.advance(1000);
  assert.equal(node.clients.count, 0);
  assert.equal(node.host.executed, 1);
  assert.equal(client.text, '');
});

test('a large argument counts whole once it is announced, until its client falls silent', async (context) => {
  const { node, world } = await simulated(context);
  const client = await node.join();
  const { link } = node.host.sessions[0];
  client.send('*1\r\n$1000000\r\nbegun');
  await node.until(() => link.usage().queryBufferBytes === 5);
  assert.equal(link.usage().queryBufferFreeBytes, 1_000_002 - 5);
  await world.time.advance(netLimits.activeMs + 2000);
  assert.ok(link.usage().queryBufferFreeBytes < 2000);
});

test('rbs follows what the replies need, between 1 and 16 KiB', async (context) => {
  const { node, world } = await simulated(context);
  const switches = { cronPaused: false, replyBufferPeakResetMs: 100, replyBufferResizing: true };
  node.clients.switches = switches;
  const client = await node.join();
  const { link } = node.host.sessions[0];
  assert.equal(link.usage().replyBufferBytes, netLimits.replyBufferBytes);
  await world.time.advance(3000);
  assert.equal(link.usage().replyBufferBytes, 1024);
  assert.equal(node.clients.statistics.replyBufferShrinks, 1);
  switches.replyBufferPeakResetMs = -1;
  for (let i = 0; i < 8; i++) {
    client.send('BIG 30000\r\n');
    await world.time.advance(1000);
  }
  assert.equal(link.usage().replyBufferBytes, netLimits.replyBufferBytes);
  switches.replyBufferResizing = false;
  switches.replyBufferPeakResetMs = 100;
  await world.time.advance(3000);
  assert.equal(link.usage().replyBufferBytes, netLimits.replyBufferBytes);
  assert.equal(node.clients.statistics.replyBufferExpands, 4);
});
