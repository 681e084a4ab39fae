// The same in Vitest: npx vitest run examples/vitest

import { Redis } from 'ioredis';
import { createServer } from 'understudy-server';
import { afterAll, beforeAll, expect, test } from 'vitest';

let server;
let redis;

beforeAll(async () => {
  server = await createServer();
  redis = new Redis(server.getPort(), server.getHost());
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

test('counts', async () => {
  await redis.incr('visits');
  expect(await redis.incr('visits')).toBe(2);
});
