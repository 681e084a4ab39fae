// What a sentinel may forget: nothing that it told, but for the news of a promotion that its disk held up.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '../world.ts';
import { Epochs } from './epochs.ts';
import { SentinelWire } from './sentinel-wire.ts';

const SENTINEL = 'sentinel-1';
const SAVED = 'Sentinel new configuration saved on disk';

class Watched {
  readonly world: World;
  readonly #checker = new Epochs();

  private constructor(world: World) {
    this.world = world;
    this.#checker.attach(world);
  }

  static async create(): Promise<Watched> {
    return new Watched(await World.create({ seed: 1, replicas: 1 }));
  }

  get violations(): number {
    return this.#checker.finish().length;
  }

  log(...lines: string[]): void {
    const node = this.world.node(SENTINEL);
    for (const text of lines) {
      for (const told of this.world.onLog) told(node, { level: 'notice', role: 'X', text });
    }
  }

  lead(epoch: number): void {
    const master = 'master mymaster 10.0.0.1 6379';
    this.log(`+new-epoch ${epoch}`, `+try-failover ${master}`, `+elected-leader ${master}`);
  }

  hello(configEpoch: number): void {
    const hello = {
      ...{ host: '10.0.1.1', port: 26379, runId: 'a'.repeat(40), currentEpoch: 9 },
      ...{ master: 'mymaster', masterHost: '10.0.0.2', masterPort: 6379, configEpoch },
    };
    for (const hear of SentinelWire.of(this.world).onHello) hear(SENTINEL, hello);
  }

  async restart(): Promise<void> {
    this.world.crash(SENTINEL);
    await this.world.restart(SENTINEL);
  }
}

test('a leader with a slow disk may forget the promotion that it told, once it is another process', async () => {
  const watched = await Watched.create();
  watched.lead(3);
  watched.world.slowDisk(SENTINEL, 500);
  watched.hello(3);
  watched.log(SAVED);
  watched.world.slowDisk(SENTINEL, 0);
  await watched.restart();
  watched.hello(0);
  assert.equal(watched.violations, 0);
});

test('not when two states were saved since', async () => {
  const watched = await Watched.create();
  watched.lead(3);
  watched.world.slowDisk(SENTINEL, 500);
  watched.hello(3);
  watched.log(SAVED, SAVED);
  await watched.restart();
  watched.hello(0);
  assert.equal(watched.violations, 1);
});

test('not with a disk that is well, not in the same process, not who only follows', async () => {
  const well = await Watched.create();
  well.lead(3);
  well.hello(3);
  await well.restart();
  well.hello(0);
  assert.equal(well.violations, 1);

  const same = await Watched.create();
  same.lead(3);
  same.world.slowDisk(SENTINEL, 500);
  same.hello(3);
  same.hello(0);
  assert.equal(same.violations, 1);

  const follower = await Watched.create();
  follower.world.slowDisk(SENTINEL, 500);
  follower.hello(3);
  await follower.restart();
  follower.hello(0);
  assert.equal(follower.violations, 1);
});
