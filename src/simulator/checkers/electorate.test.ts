// Whose votes count, after an operator's commands to one sentinel and not to the others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutboundLink } from '../../net/outbound.ts';
import { SENTINEL_PORT } from '../sentinel-node.ts';
import { World } from '../world.ts';
import { Electorate } from './electorate.ts';

const MASTER = 'mymaster';

test('RESET and SET quorum change what an election needs, for those who were told', async () => {
  const world = await World.create({ seed: 1, sentinels: 5, quorum: 3 });
  const electorate = Electorate.of(world);
  const environment = world.world.start(world.clientAddress(1));
  const host = world.sentinels[0].address;
  const link = new OutboundLink(environment, { host, port: SENTINEL_PORT }, { onClose: () => {} });
  const tell = async (...args: string[]): Promise<void> => {
    link.send(['SENTINEL', ...args]);
    await world.run(1000);
  };
  assert.deepEqual(needs('sentinel-1'), [5, 3]);

  world.crash('sentinel-4');
  world.crash('sentinel-5');
  await tell('reset', 'other*');
  assert.deepEqual(needs('sentinel-1'), [5, 3]);
  await tell('reset', 'my*');
  await world.run(10_000);
  assert.deepEqual(needs('sentinel-1'), [3, 3]);
  await tell('set', MASTER, 'down-after-milliseconds', '2000', 'Quorum', '2');
  assert.deepEqual(needs('sentinel-1'), [3, 2]);
  assert.deepEqual(needs('sentinel-2'), [5, 3]);

  function needs(sentinel: string): readonly number[] {
    return [electorate.size(sentinel, MASTER), electorate.quorum(sentinel, MASTER)];
  }
});
