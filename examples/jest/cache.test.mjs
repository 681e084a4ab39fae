// The same in Jest, which needs a flag for ES modules:
//   node --experimental-vm-modules node_modules/jest/bin/jest.js --config examples/jest/jest.config.json

import { Redis } from 'ioredis';
import { createServer } from 'understudy-server';

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
