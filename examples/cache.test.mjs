// A cache in a test, with nothing installed beside this package and a client:
//
//   node --test examples/cache.test.mjs

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { createServer } from 'understudy-server';

/** What is tested: reads through a cache, which forgets after a minute. */
async function cachedUser(redis, id, load) {
  const known = await redis.get(`user:${id}`);
  if (known !== null) return JSON.parse(known);
  const user = await load(id);
  await redis.set(`user:${id}`, JSON.stringify(user), 'EX', 60);
  return user;
}

let server;
let redis;

before(async () => {
  server = await createServer(); // any free port, empty, silent, no files
  redis = new Redis(server.getPort(), server.getHost());
});

after(async () => {
  redis.disconnect();
  await server.stop();
});

test('a user is loaded once', async () => {
  let loads = 0;
  const load = async (id) => {
    loads++;
    return { id, name: 'Ada' };
  };
  assert.deepEqual(await cachedUser(redis, 7, load), { id: 7, name: 'Ada' });
  assert.deepEqual(await cachedUser(redis, 7, load), { id: 7, name: 'Ada' });
  assert.equal(loads, 1);
});

test('the cache forgets', async () => {
  await cachedUser(redis, 8, async (id) => ({ id }));
  const seconds = await redis.ttl('user:8');
  assert.ok(seconds > 0 && seconds <= 60);
});
