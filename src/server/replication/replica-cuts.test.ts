// Links that break anywhere: in a command, in a transaction, in the middle of a number. Everything is made
// good from the backlog, to the byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCommand } from '../../protocol/encode-command.ts';
import { SeededRandom } from '../../util/seeded-random.ts';
import { NodeOnNetwork, newWorld, PORT, Relay } from './replica-fixture.ts';

const CUTS = 1000;

/** One write of any kind, sometimes several in a transaction. */
function writes(random: SeededRandom): Buffer {
  const key = `key:${random.below(50)}`;
  const one = (): Buffer => {
    switch (random.below(8)) {
      case 0:
        return encodeCommand(['SET', key, 'v'.repeat(random.below(300))]);
      case 1:
        return encodeCommand(['INCRBY', `n:${key}`, random.below(1000)]);
      case 2:
        return encodeCommand(['RPUSH', `l:${key}`, random.below(1000), 'x\r\n*3\r\n']);
      case 3:
        return encodeCommand(['SPOP', `s:${key}`]);
      case 4:
        return encodeCommand(['SADD', `s:${key}`, random.below(100), random.below(100)]);
      case 5:
        return encodeCommand(['SET', `t:${key}`, 'x', 'PX', 1 + random.below(3000)]);
      case 6:
        return encodeCommand(['ZADD', `z:${key}`, random.below(1000) / 8, 'm']);
      default:
        return encodeCommand(['SELECT', random.below(3)]);
    }
  };
  if (random.below(5) > 0) return one();
  const body = Array.from({ length: 1 + random.below(4) }, one);
  return Buffer.concat([encodeCommand(['MULTI']), ...body, encodeCommand(['EXEC'])]);
}

test(`${CUTS} cuts at random bytes are all continued, and nothing is lost`, async () => {
  const random = new SeededRandom(5);
  const world = newWorld(5, () => 1 + random.below(400));
  const master = await NodeOnNetwork.start(world, '10.0.0.1');
  const relay = Relay.start(world, '10.0.0.9', '10.0.0.1');
  const replica = await NodeOnNetwork.start(world, '10.0.0.2');
  const below = await NodeOnNetwork.start(world, '10.0.0.3');
  const writer = master.environment.network.connect({ host: '10.0.0.1', port: PORT });
  writer.handle({ onData: () => {}, onClose: () => {} });
  await replica.follow('10.0.0.9');
  await replica.catchUp(master);
  await below.follow('10.0.0.2');
  await below.catchUp(replica);
  for (let i = 0; i < CUTS; i++) {
    await world.time.until(() => replica.isUp, 60_000);
    relay.left = 1 + random.below(900);
    const before = relay.cuts;
    for (let tries = 0; relay.cuts === before; tries++) {
      assert.ok(
        tries < 1000,
        `${i} cuts, then the stream stood still: ${replica.log.slice(-1000)}`,
      );
      writer.write(writes(random));
      await world.time.advance(1);
    }
    for (let more = random.below(4); more > 0; more--) writer.write(writes(random));
    await world.time.advance(1);
  }
  await replica.catchUp(master);
  await below.catchUp(master);
  assert.equal(relay.connections, 1 + CUTS);
  const { full, partialOk } = master.replication.master.statistics;
  assert.deepEqual({ full, partialOk }, { full: 1, partialOk: CUTS });
  // What expires in between must not depend on when which digest is asked for.
  await world.time.advance(5000);
  await replica.catchUp(master);
  const digest = await master.ask('DEBUG', 'DIGEST');
  assert.equal(await replica.ask('DEBUG', 'DIGEST'), digest);
  await below.catchUp(master);
  assert.equal(await below.ask('DEBUG', 'DIGEST'), digest);
  assert.equal(replica.replication.replica.faults.errors, 0);
});
