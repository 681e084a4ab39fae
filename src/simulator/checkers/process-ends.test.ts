// Which ends of a process are held against it: told by a world of one master and one replica.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Load } from '../workload.ts';
import { World, type WorldOptions } from '../world.ts';
import { ProcessEnds } from './process-ends.ts';

const UNABLE = 'Replica was unable to write command to disk: No space left on device';

class Watched {
  readonly world: World;
  readonly #checker = new ProcessEnds();

  private constructor(world: World) {
    this.world = world;
    this.#checker.attach(world);
  }

  static async create(options: Partial<WorldOptions> = {}): Promise<Watched> {
    return new Watched(await World.create({ seed: 1, replicas: 1, ...options }));
  }

  get violations(): readonly string[] {
    return this.#checker.finish().map(({ text }) => text);
  }

  /** As if the process of server-1 had ended now, its disk having refused this file so long ago. */
  end(reason: string, refused?: { readonly path: string; readonly agoMs: number }): void {
    const node = this.world.server('server-1');
    const atUs = this.world.world.time.nowUs - (refused?.agoMs ?? 0) * 1000;
    node.refusal = refused === undefined ? undefined : { atUs, path: refused.path };
    for (const told of this.world.onEnded) told(node, 1, reason);
  }

  /** As if server-1 had logged this line now. */
  log(text: string): void {
    const node = this.world.server('server-1');
    for (const told of this.world.onLog) told(node, { level: 'notice', role: 'M', text });
  }
}

test('whoever ends without a refusal of its disk is held to account, with its reason', async () => {
  const watched = await Watched.create();
  watched.end('');
  watched.end('it could not start');
  watched.end('Error: an invariant');
  assert.deepEqual(watched.violations, [
    'server-1 ended with 1',
    'server-1 ended with 1: it could not start',
    'server-1 ended with 1: Error: an invariant',
  ]);
});

test('a refusal excuses the end of a promise, for ten seconds, and no exception', async () => {
  const watched = await Watched.create();
  const path = '/appendonlydir/appendonly.aof.1.incr.aof';
  watched.end('', { path, agoMs: 9000 });
  watched.end('it could not start', { path, agoMs: 0 });
  assert.deepEqual(watched.violations, []);
  watched.end('', { path, agoMs: 11_000 });
  watched.end('Error: an invariant', { path, agoMs: 0 });
  assert.equal(watched.violations.length, 2);
});

test('a replica that cannot save may end until it has saved again what was refused', async () => {
  const watched = await Watched.create();
  await watched.world.run(60_000);
  watched.log('Background saving terminated with success');
  await watched.world.run(10_000);
  watched.end(UNABLE, { path: '/temp-1.rdb', agoMs: 5000 });
  assert.deepEqual(watched.violations, [], 'refused after the last save');
  watched.end(UNABLE, { path: '/temp-1.rdb', agoMs: 15_000 });
  assert.equal(watched.violations.length, 1, 'it had saved since');
  watched.end(UNABLE, { path: '/appendonlydir/appendonly.aof.manifest', agoMs: 15_000 });
  assert.equal(watched.violations.length, 1, 'a snapshot says nothing of the AOF');
});

test('a server that promised every write ends with its full disk, and only then', async () => {
  const serverLines = ['appendonly yes', 'appendfsync always'];
  const watched = await Watched.create({ serverLines });
  const { world } = watched;
  const ended: string[] = [];
  world.onEnded.push(({ name }) => ended.push(name));
  new Load(world, {
    clients: 1,
    workloads: [{ name: 'one', next: (_client, number) => ['SET', 'key', number] }],
    thinkMs: 100,
  });
  await world.run(2000);
  assert.deepEqual(ended, []);
  world.disk('server-1', 'full');
  await world.run(2000);
  assert.deepEqual(ended, ['server-1']);
  assert.deepEqual(watched.violations, []);
});
