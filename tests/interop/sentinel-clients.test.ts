// Clients that find their master through our sentinels, unmodified: they write through a failover and go
// on with the new master, and no write that the new master acknowledged is missing there.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis as Redis6 } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createSentinel as createSentinel6 } from 'redis';
import { createSentinel as createSentinel5 } from 'redis-5';
import { createSentinel, createServer } from '../../src/index.ts';
import { type FleetMember, SentinelFleet, until } from '../support/sentinel-fleet.ts';
import { missingProgram } from '../support/server-process.ts';

interface Writer {
  write(key: string, value: string): Promise<unknown>;
  close(): Promise<unknown> | unknown;
}

type Nodes = readonly { readonly host: string; readonly port: number }[];

const name = SentinelFleet.masterName;

function ioredis(Client: typeof Redis6, sentinels: Nodes): Writer {
  const client = new Client({
    sentinels: [...sentinels],
    name,
    sentinelRetryStrategy: () => 50,
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  client.on('error', () => {});
  return { write: (key, value) => client.set(key, value), close: () => client.disconnect() };
}

async function nodeRedis(
  create: typeof createSentinel6,
  sentinelRootNodes: Nodes,
): Promise<Writer> {
  const client = create({ name, sentinelRootNodes: [...sentinelRootNodes], scanInterval: 500 });
  client.on('error', () => {});
  await client.connect();
  return { write: (key, value) => client.set(key, value), close: () => client.destroy() };
}

const clients: readonly (readonly [string, (nodes: Nodes) => Promise<Writer>])[] = [
  ['ioredis 5', async (nodes) => ioredis(Redis5 as unknown as typeof Redis6, nodes)],
  ['ioredis 6', async (nodes) => ioredis(Redis6, nodes)],
  [
    'node-redis 5',
    (nodes) => nodeRedis(createSentinel5 as unknown as typeof createSentinel6, nodes),
  ],
  ['node-redis 6', (nodes) => nodeRedis(createSentinel6, nodes)],
];

describe('clients follow a failover while they write', {
  skip: missingProgram('redis-server'),
  concurrency: 1,
}, () => {
  let fleet: SentinelFleet;
  let master: FleetMember;
  const writers: { label: string; writer: Writer; acknowledged: number; at: number }[] = [];
  let isOver = false;

  before(async () => {
    fleet = await SentinelFleet.start({
      servers: ['real', 'real', 'real'],
      sentinels: ['ours', 'ours', 'ours'],
      quorum: 2,
    });
    [master] = fleet.servers;
    const nodes = fleet.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    for (const [label, open] of clients) {
      writers.push({ label, writer: await open(nodes), acknowledged: 0, at: 0 });
    }
  });

  after(async () => {
    isOver = true;
    for (const { writer } of writers) await writer.close();
    await fleet?.stop();
  });

  test('every client goes on with the new master', async () => {
    const loops = writers.map((one) => write(one));
    await until('everybody writes', async () => writers.every((one) => one.acknowledged > 10));
    await master.kill();
    const next = await fleet.successor(master);
    const before = writers.map((one) => one.acknowledged);
    for (const [i, one] of writers.entries()) {
      await until(`${one.label} writes on`, async () => one.acknowledged > before[i] + 10);
    }
    isOver = true;
    await Promise.all(loops);
    for (const { label, at } of writers) {
      assert.equal(await next.call('GET', label), String(at), label);
    }
  });

  async function write(one: (typeof writers)[number]): Promise<void> {
    for (let i = 1; !isOver; i++) {
      try {
        await one.writer.write(one.label, String(i));
        one.at = i;
        one.acknowledged++;
      } catch {
        // The master is gone or a replica now: the next attempt finds the new one.
      }
      await pause(5);
    }
  }
});

test('a sentinel inside a program watches a server inside the same program', async () => {
  await using server = await createServer();
  const address = { host: server.getHost(), port: server.getPort() };
  await using sentinel = await createSentinel({
    masters: { [name]: { ...address, quorum: 1, downAfterMs: 1000 } },
  });
  assert.deepEqual(sentinel.masterAddress(name), address);
  assert.equal(sentinel.masterAddress('nobody'), undefined);
  const writer = ioredis(Redis6, [{ host: sentinel.getHost(), port: sentinel.getPort() }]);
  assert.equal(await writer.write('k', 'v'), 'OK');
  await writer.close();
});

test('a wrong setting of a sentinel is an error that says which', async () => {
  const masters = { [name]: { host: '127.0.0.1', port: 1, quorum: 0 } };
  await assert.rejects(createSentinel({ masters }), /Quorum must be 1 or greater\./);
  await assert.rejects(
    createSentinel({ masters: {}, directives: { nonsense: 1 } }),
    /Unrecognized sentinel configuration statement\./,
  );
});
