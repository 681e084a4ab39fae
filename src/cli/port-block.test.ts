import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../env/network.ts';
import { NetworkError } from '../env/system-error.ts';
import { choosePorts, type PortWishes } from './port-block.ts';

const wishes: PortWishes = {
  host: '127.0.0.1',
  servers: 3,
  sentinels: 3,
  port: 6379,
  sentinelPort: undefined,
};

async function choose(
  changes: Partial<PortWishes>,
  ...taken: readonly number[]
): Promise<readonly [readonly number[], readonly number[]]> {
  const network: Network = {
    connect: () => assert.fail('ports are only looked at'),
    resolve: async (host) => host,
    async listen(address) {
      const port = 'port' in address ? address.port : 0;
      if (taken.includes(port)) throw new NetworkError('EADDRINUSE');
      return { host: '127.0.0.1', port, path: '', close: async () => {} };
    },
  };
  const block = await choosePorts(network, { ...wishes, ...changes });
  return [block.servers, block.sentinels];
}

test('the usual ports when they are free', async () => {
  assert.deepEqual(await choose({}), [
    [6379, 6380, 6381],
    [26379, 26380, 26381],
  ]);
  assert.deepEqual(await choose({ port: 'auto', sentinels: 0, servers: 1 }), [[6379], []]);
  assert.deepEqual(await choose({ port: 7000, sentinelPort: 7010 }), [
    [7000, 7001, 7002],
    [7010, 7011, 7012],
  ]);
});

test('a taken port is named with the next free block, which auto takes', async () => {
  await assert.rejects(choose({}, 6380), {
    code: 4,
    message:
      'port 6380 on 127.0.0.1 is in use; the next free block is 6389: understudy up --port 6389, or --port auto',
  });
  await assert.rejects(choose({}, 6381, 26380, 6390), {
    message:
      'ports 6381, 26380 on 127.0.0.1 are in use; the next free block is 6399: understudy up --port 6399, or --port auto',
  });
  assert.deepEqual(await choose({ port: 'auto' }, 26379), [
    [6389, 6390, 6391],
    [26389, 26390, 26391],
  ]);
});

test('sentinels move down where the numbers end', async () => {
  assert.deepEqual(await choose({ port: 60_000 }), [
    [60_000, 60_001, 60_002],
    [60_003, 60_004, 60_005],
  ]);
  await assert.rejects(choose({ port: 65_534 }), /no room for the ports from 65534 on$/);
  await assert.rejects(choose({ port: 7000, sentinelPort: 7002 }), /no room/);
});
