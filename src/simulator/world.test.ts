import assert from 'node:assert/strict';
import { test } from 'node:test';
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
