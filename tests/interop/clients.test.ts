// The clients that people use, unmodified, against our server: ioredis 5 and 6, node-redis 5 and 6.
// What each does at connect, pipelines, transactions, pub/sub, blocking, scanning and RESP3 must work
// as against Redis.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis as Redis6 } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient as createClient6 } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { type RunningServer, startServer, subject } from '../support/server-process.ts';

type Redis = Redis6;
type NodeRedis = ReturnType<typeof createClient6>;

let server: RunningServer;

before(async () => {
  server = await startServer(subject);
});

after(async () => {
  await server?.stop();
});

/** The two majors of each client differ in types only where these tests do not look. */
const ioredisMajors: readonly (readonly [string, () => Redis])[] = [
  ['ioredis 5', () => new Redis5(server.port) as unknown as Redis],
  ['ioredis 6', () => new Redis6(server.port)],
];

for (const [name, open] of ioredisMajors) {
  describe(name, () => {
    let client: Redis;

    before(async () => {
      client = open();
      await client.flushall();
    });

    after(() => client?.disconnect());

    test('sets and gets, text and bytes', async () => {
      const bytes = Buffer.from([0, 13, 10, 255]);
      assert.equal(await client.set('k', 'v'), 'OK');
      assert.equal(await client.get('k'), 'v');
      assert.equal(await client.get('nokey'), null);
      await client.set('bytes', bytes);
      assert.deepEqual(await client.getBuffer('bytes'), bytes);
      assert.equal(await client.set('k', 'w', 'PX', 60_000, 'XX'), 'OK');
      assert.ok((await client.pttl('k')) > 0);
    });

    test('pipelines', async () => {
      const pipeline = client.pipeline();
      for (let i = 0; i < 1000; i++) pipeline.incr('counter');
      const results = await pipeline.exec();
      assert.deepEqual(results?.at(-1), [null, 1000]);
    });

    test('transactions, also aborted ones', async () => {
      const results = await client.multi().set('a', '1').incr('a').get('a').exec();
      assert.deepEqual(results, [
        [null, 'OK'],
        [null, 2],
        [null, '2'],
      ]);
      const other = open();
      await client.watch('a');
      await other.set('a', 'changed');
      other.disconnect();
      assert.equal(await client.multi().get('a').exec(), null);
    });

    test('subscribes to channels and patterns', async () => {
      const subscriber = open();
      const messages: string[] = [];
      const both = new Promise<void>((done) => {
        const note = (text: string): void => {
          messages.push(text);
          if (messages.length === 2) done();
        };
        subscriber.on('message', (channel, text) => note(`${channel} ${text}`));
        subscriber.on('pmessage', (pattern, channel, text) =>
          note(`${pattern} ${channel} ${text}`),
        );
      });
      assert.equal(await subscriber.subscribe('news'), 1);
      assert.equal(await subscriber.psubscribe('n*'), 2);
      assert.equal(await client.publish('news', 'hello'), 2);
      await both;
      assert.deepEqual(messages, ['news hello', 'n* news hello']);
      subscriber.disconnect();
    });

    test('waits for an element', async () => {
      const waiting = open();
      const popped = waiting.blpop('queue', 0);
      await untilBlocked(() => client.info('clients'));
      await client.rpush('queue', 'job');
      assert.deepEqual(await popped, ['queue', 'job']);
      waiting.disconnect();
    });

    test('scans', async () => {
      const names = Array.from({ length: 500 }, (_, i) => `scan:${i}`);
      await client.mset(Object.fromEntries(names.map((key) => [key, '1'])));
      const seen = new Set<string>();
      for await (const keys of client.scanStream({ match: 'scan:*', count: 50 })) {
        for (const key of keys as string[]) seen.add(key);
      }
      assert.equal(seen.size, names.length);
    });

    test('collections come back as the client shapes them', async () => {
      await client.hset('hash', { f: 'v', g: 'w' });
      assert.deepEqual(await client.hgetall('hash'), { f: 'v', g: 'w' });
      await client.zadd('zset', 1, 'a', 2.5, 'b');
      assert.deepEqual(await client.zrange('zset', '0', '-1'), ['a', 'b']);
      await client.sadd('set', 'x', 'y');
      assert.deepEqual((await client.smembers('set')).sort(), ['x', 'y']);
    });

    test('an error is an error', async () => {
      await client.set('text', 'abc');
      await assert.rejects(client.incr('text'), /value is not an integer or out of range/);
      await assert.rejects(client.call('nosuchcommand'), /unknown command/);
    });
  });
}

const nodeRedisMajors: readonly (readonly [string, 2 | 3, (resp: 2 | 3) => NodeRedis])[] = [2, 3]
  .map((resp) => resp as 2 | 3)
  .flatMap((resp) => [
    ['node-redis 5', resp, openNodeRedis5] as const,
    ['node-redis 6', resp, openNodeRedis6] as const,
  ]);

function openNodeRedis5(RESP: 2 | 3): NodeRedis {
  const options = { socket: { port: server.port, host: '127.0.0.1' }, RESP };
  return createClient5(options) as unknown as NodeRedis;
}

function openNodeRedis6(RESP: 2 | 3): NodeRedis {
  const options = { socket: { port: server.port, host: '127.0.0.1' }, RESP };
  return createClient6(options) as unknown as NodeRedis;
}

for (const [name, resp, create] of nodeRedisMajors) {
  const open = async (): Promise<NodeRedis> => {
    const client = create(resp);
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  describe(`${name} over RESP${resp}`, () => {
    let client: NodeRedis;

    before(async () => {
      client = await open();
      await client.flushAll();
    });

    after(() => client?.destroy());

    test('sets and gets', async () => {
      assert.equal(await client.set('k', 'v'), 'OK');
      assert.equal(await client.get('k'), 'v');
      assert.equal(await client.get('nokey'), null);
      assert.equal(await client.set('k', 'w', { expiration: { type: 'EX', value: 60 } }), 'OK');
      assert.ok((await client.ttl('k')) > 0);
    });

    test('pipelines by itself', async () => {
      const replies = await Promise.all(Array.from({ length: 1000 }, () => client.incr('counter')));
      assert.equal(replies.at(-1), 1000);
    });

    test('transactions, also aborted ones', async () => {
      assert.deepEqual(await client.multi().set('a', '1').incr('a').get('a').exec(), [
        'OK',
        2,
        '2',
      ]);
      const other = await open();
      await client.watch('a');
      await other.set('a', 'changed');
      other.destroy();
      await assert.rejects(
        client.multi().get('a').exec(),
        (error: Error) => error.constructor.name === 'WatchError',
      );
    });

    test('subscribes to channels and patterns', async () => {
      const subscriber = await open();
      const messages: string[] = [];
      await new Promise<void>((done, fail) => {
        const note = (text: string, channel: string): void => {
          messages.push(`${channel} ${text}`);
          if (messages.length === 2) done();
        };
        subscriber
          .subscribe('news', note)
          .then(() => subscriber.pSubscribe('n*', note))
          .then(() => client.publish('news', 'hello'))
          .then((receivers) => assert.equal(receivers, 2))
          .catch(fail);
      });
      assert.deepEqual(messages, ['news hello', 'news hello']);
      subscriber.destroy();
    });

    test('waits for an element', async () => {
      const waiting = await open();
      const popped = waiting.blPop('queue', 0);
      await untilBlocked(() => client.info('clients'));
      await client.rPush('queue', 'job');
      assert.deepEqual({ ...(await popped) }, { key: 'queue', element: 'job' });
      waiting.destroy();
    });

    test('scans', async () => {
      const names = Array.from({ length: 500 }, (_, i) => `scan:${i}`);
      await client.mSet(Object.fromEntries(names.map((key) => [key, '1'])));
      const seen = new Set<string>();
      for await (const keys of client.scanIterator({ MATCH: 'scan:*', COUNT: 50 })) {
        for (const key of keys) seen.add(key);
      }
      assert.equal(seen.size, names.length);
    });

    test('collections come back as the client shapes them', async () => {
      await client.hSet('hash', { f: 'v', g: 'w' });
      assert.deepEqual({ ...(await client.hGetAll('hash')) }, { f: 'v', g: 'w' });
      await client.zAdd('zset', [
        { score: 1, value: 'a' },
        { score: 2.5, value: 'b' },
      ]);
      assert.deepEqual(
        (await client.zRangeWithScores('zset', 0, -1)).map((member) => ({ ...member })),
        [
          { value: 'a', score: 1 },
          { value: 'b', score: 2.5 },
        ],
      );
      await client.sAdd('set', ['x', 'y']);
      assert.deepEqual([...(await client.sMembers('set'))].sort(), ['x', 'y']);
    });

    test('an error is an error', async () => {
      await client.set('text', 'abc');
      await assert.rejects(client.incr('text'), /value is not an integer or out of range/);
      await assert.rejects(client.sendCommand(['nosuchcommand']), /unknown command/);
    });
  });
}

/** Resolves when the server says that a client is blocked. */
async function untilBlocked(info: () => Promise<string>): Promise<void> {
  while (!/^blocked_clients:1\r?$/m.test(await info())) {
    await new Promise((done) => setImmediate(done));
  }
}
