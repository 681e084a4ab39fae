// What World can do to networks, disks and clocks, seen from the fleet.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../env/network.ts';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { World } from './world.ts';

function linkStates(world: World): readonly (boolean | undefined)[] {
  return world.servers.slice(1).map((node) => node.process?.parts.replication.replica.isUp);
}

test('connections that are reset are made anew; forgotten ones end by silence', async () => {
  const world = await World.create({ seed: 2, serverLines: ['repl-timeout 5'] });
  world.breakLinks('server-1', 'server-2');
  await world.run(0);
  assert.deepEqual(linkStates(world), [false, true]);
  await world.until(() => world.isAssembled(), 5000);

  world.breakLinks('server-1', 'server-3', false);
  await world.run(1000);
  assert.deepEqual(linkStates(world), [true, true]);
  await world.until(() => linkStates(world)[1] === false, 20_000);
  await world.settle();
});

test('a node that refuses connections keeps those it has', async () => {
  const world = await World.create({ seed: 3 });
  world.refuse('server-1', true);
  await world.run(5000);
  assert.ok(world.isAssembled());
  world.breakLinks('server-1', 'server-2');
  await world.run(1000);
  assert.deepEqual(linkStates(world), [false, true]);
  world.refuse('server-1', false);
  await world.settle();
});

test('a clock that drifts moves time and timers of its machine only', async () => {
  const world = await World.create({ seed: 4 });
  const [node, other] = world.sentinels;
  const [before, otherBefore] = [node.clock.monotonicUs(), other.clock.monotonicUs()];
  let ticks = 0;
  node.environment?.timers.every(100, () => ticks++);
  world.drift(node.name, 100_000);
  await world.run(10_000);
  assert.equal(node.clock.monotonicUs() - before, 11_000_000);
  assert.equal(other.clock.monotonicUs() - otherBefore, 10_000_000);
  assert.ok(ticks >= 109 && ticks <= 110, `${ticks}`);
  world.drift(node.name, 0);
  assert.equal(node.clock.monotonicUs() - before, 11_000_000);
});

test('a slow disk holds up who waits for it', async () => {
  const lines = ['appendonly yes', 'appendfsync always'];
  const world = await World.create({ seed: 5, serverLines: lines });
  const file = world.server('server-1').environment?.files.open('/probe', 'write');
  world.slowDisk('server-1', 700);
  let firedAtMs = 0;
  world.server('server-1').environment?.timers.after(1, () => {
    firedAtMs = world.nowMs;
  });
  const beganMs = world.nowMs;
  file?.syncNow();
  await world.run(2000);
  assert.equal(firedAtMs - beganMs, 700);
});

test('disks refuse what they cannot take, and a torn one keeps any part', async () => {
  const world = await World.create({ seed: 6 });
  const { environment, disk } = world.server('server-2');
  const files = environment?.files;
  assert.ok(files !== undefined);
  const file = files.open('/probe', 'write');
  file.writeNow(Buffer.from('synced'));
  file.syncNow();
  files.syncFolder('/');
  world.disk('server-2', 'full');
  assert.throws(() => file.writeNow(Buffer.from('12345678')), { code: 'ENOSPC' });
  assert.equal(file.sizeNow(), 'synced1234'.length);
  world.disk('server-2', 'read-only');
  assert.throws(() => files.open('/other', 'write'), { code: 'EROFS' });
  assert.throws(() => file.writeNow(Buffer.from('x')), { code: 'EROFS' });
  assert.equal(files.open('/probe', 'read').sizeNow(), 'synced1234'.length);
  world.disk('server-2', 'broken');
  assert.throws(() => file.syncNow(), { code: 'EIO' });
  world.disk('server-2', undefined);
  world.crash('server-2', 'torn');
  assert.equal(disk.faults, undefined);
  assert.ok(await world.restart('server-2'));
  const found = world.server('server-2').environment?.files.readWhole('/probe').toString('latin1');
  assert.match(found ?? '', /^synced(1(2(3(4)?)?)?)?$/);
});

test('a connection attempt into a partition gets through when that ends', async () => {
  const world = await World.create({ seed: 7 });
  const client = world.world.start(world.clientAddress(9));
  world.partition(['client-9'], ['server-1']);
  let connectedAtMs = 0;
  client.network.connect({ host: world.node('server-1').address, port: 6379 }).handle({
    onConnect: () => {
      connectedAtMs = world.nowMs;
    },
    onData: () => {},
    onClose: () => {},
  });
  const beganMs = world.nowMs;
  await world.run(2000);
  world.heal();
  await world.run(3000);
  assert.equal(Math.floor((connectedAtMs - beganMs) / 1000), 3);
});

test('what two machines sent each other before both lost power comes to rest', async () => {
  let messages = 0;
  const delayUs = (): number => {
    messages++;
    return 50;
  };
  const world = new SimulatedWorld(1, { delayUs });
  const [server, client] = [world.start('10.0.0.1'), world.start('10.0.0.2')];
  const quiet = { onData: () => {}, onClose: () => {} };
  const onConnection = (accepted: Connection): void => accepted.handle(quiet);
  await world.time.complete(server.network.listen({ host: '10.0.0.1', port: 1 }, { onConnection }));
  const connection = client.network.connect({ host: '10.0.0.1', port: 1 });
  connection.handle(quiet);
  await world.time.advance(10);
  connection.write(Buffer.from('on its way'));
  for (const { network } of [server, client]) network.vanish();
  for (const address of ['10.0.0.1', '10.0.0.2']) world.start(address);
  await world.time.advance(10);
  const before = messages;
  await world.time.advance(100);
  assert.equal(messages, before);
});
