import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Load, uniqueWrites } from './workload.ts';
import { World } from './world.ts';

test('a fleet assembles, and a crashed master is replaced', async () => {
  const world = await World.create({ seed: 1 });
  assert.equal(world.masterAddress('sentinel-1'), '10.0.0.1:6379');
  world.crash('server-1');
  await world.until(() => world.masterAddress('sentinel-1') !== '10.0.0.1:6379', 20_000);
  assert.ok(await world.restart('server-1'));
  await world.until(() => world.isAssembled(), 60_000);
});

test('one seed, one history; another seed, another', async () => {
  const digest = async (seed: number): Promise<string> => {
    const world = await World.create({ seed });
    world.crash('server-1', true);
    await world.run(10_000);
    world.restartSoon('server-1');
    await world.run(10_000);
    return world.trace.digest;
  };
  const first = await digest(5);
  assert.equal(await digest(5), first);
  assert.notEqual(await digest(6), first);
});

test('clients find the new master, and most of what they were told lasts', async () => {
  const world = await World.create({ seed: 9 });
  const load = new Load(world, { clients: 3, workloads: [uniqueWrites], thinkMs: 20 });
  await world.run(3000);
  const before = load.log.acknowledged;
  assert.ok(before > 50);
  world.crash('server-1', true);
  await world.run(10_000);
  assert.ok(load.log.acknowledged > before + 50);
  assert.ok(load.log.all.some((one) => one.answer.kind === 'unknown'));
  load.stop();
});
