// The link to another server, against servers that behave, and against some that do not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../env/network.ts';
import {
  type SimulatedEnvironment,
  SimulatedWorld,
} from '../env/simulated/simulated-environment.ts';
import type { Reply } from '../protocol/reply-reader.ts';
import { OutboundLink, type OutboundOptions } from './outbound.ts';

interface Bench {
  readonly world: SimulatedWorld;
  readonly process: SimulatedEnvironment;
  readonly server: { connection: Connection; received: string }[];
  readonly closes: string[];
  readonly messages: Reply[];
  link(options?: Partial<OutboundOptions>): OutboundLink;
}

async function bench(answer: (text: string, connection: Connection) => void): Promise<Bench> {
  const world = new SimulatedWorld(2, { chunkBytes: () => 1 + world.random.below(500) });
  const process = world.start();
  const server: Bench['server'] = [];
  await process.network.listen(
    { host: '127.0.0.1', port: 6379 },
    {
      onConnection: (connection) => {
        const entry = { connection, received: '' };
        server.push(entry);
        connection.handle({
          onData: (chunk) => {
            const text = chunk.toString('latin1');
            entry.received += text;
            answer(text, connection);
          },
          onClose: () => {},
        });
      },
    },
  );
  const closes: string[] = [];
  const messages: Reply[] = [];
  const link = (options?: Partial<OutboundOptions>): OutboundLink =>
    new OutboundLink(
      process,
      { host: '127.0.0.1', port: 6379 },
      { onClose: (reason) => closes.push(reason), onMessage: (message) => messages.push(message) },
      options,
    );
  return { world, process, server, closes, messages, link };
}

const say = (connection: Connection, text: string): boolean =>
  connection.write(Buffer.from(text, 'latin1'));

test('replies come back in order, errors and nested ones too', async () => {
  const { world, link, server } = await bench(() => {});
  const outbound = link();
  const replies: Reply[] = [];
  for (const args of [['PING'], ['GET', 'k'], ['LRANGE', 'l', 0, -1]]) {
    outbound.send(args, (reply) => replies.push(reply));
  }
  await world.time.until(() => server[0]?.received.endsWith('-1\r\n'));
  assert.equal(outbound.pendingCount, 3);
  assert.ok(server[0].received.startsWith('*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n'));
  say(server[0].connection, '+PONG\r\n-ERR no\r\n*2\r\n$1\r\na\r\n:7\r\n');
  await world.time.until(() => replies.length === 3);
  assert.deepEqual(replies[0], { kind: 'simple', text: 'PONG' });
  assert.deepEqual(replies[1], { kind: 'error', text: 'ERR no' });
  assert.equal(replies[2].kind, 'array');
  assert.equal(outbound.pendingCount, 0);
});

test('pushes are messages at any time, everything is after listen', async () => {
  const { world, link, server, messages } = await bench(() => {});
  const outbound = link();
  const replies: Reply[] = [];
  outbound.send(['SUBSCRIBE', 'c'], (reply) => {
    replies.push(reply);
    outbound.listen();
  });
  await world.time.until(() => server[0]?.received.endsWith('c\r\n'));
  say(server[0].connection, '>2\r\n$1\r\np\r\n$1\r\nq\r\n*1\r\n$1\r\ns\r\n*1\r\n$1\r\nm\r\n');
  await world.time.until(() => messages.length === 2);
  assert.equal(replies.length, 1);
});

test('bytes can be taken over where the replies end', async () => {
  const { world, link, server } = await bench(() => {});
  const outbound = link();
  let taken = '';
  outbound.send(['PSYNC', '?', '-1'], () => {
    outbound.takeBytes((bytes) => {
      taken += bytes.toString('latin1');
    });
  });
  await world.time.until(() => server[0]?.received.endsWith('-1\r\n'));
  say(server[0].connection, '+FULLRESYNC id 1\r\n$5\r\nREDIS*1\r\n');
  await world.time.until(() => taken.length === 13);
  assert.equal(taken, '$5\r\nREDIS*1\r\n');
});

for (const [what, text, options, reason] of [
  ['a reply that nobody asked for', '+OK\r\n+OK\r\n', {}, /without a command/],
  ['two billion elements', '*2147483647\r\n', {}, /./],
  ['an endless line', `+${'x'.repeat(70_000)}`, {}, /./],
  ['an announced gigabyte', '$1073741824\r\n', {}, /./],
  ['nesting without end', '*1\r\n'.repeat(100), {}, /./],
  [
    'many bulks that are large together',
    `*100\r\n${`$1000\r\n${'x'.repeat(1000)}\r\n`.repeat(60)}`,
    { maxReplyBytes: 50_000 },
    /reply too long/,
  ],
  ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n', {}, /./],
] as const) {
  test(`${what} ends the link with a reason`, async () => {
    const { world, link, closes } = await bench((_, connection) => say(connection, text));
    const outbound = link(options);
    outbound.send(['PING']);
    await world.time.until(() => closes.length === 1);
    assert.match(closes[0], reason);
    assert.equal(outbound.isOpen, false);
    await world.time.advance(1000);
    assert.equal(closes.length, 1);
  });
}

test('a server that does not read, does not answer or is not there', async () => {
  const { world, process, link, closes } = await bench((_, connection) => connection.pause());
  const deaf = link({ maxQueuedBytes: 100_000 });
  for (let i = 0; i < 20 && closes.length === 0; i++) {
    deaf.send(['SET', 'k', Buffer.alloc(40_000)]);
    await world.time.advance(1);
  }
  assert.deepEqual(closes, ['the other side does not read']);
  const mute = link({ maxPending: 3 });
  for (let i = 0; i < 4; i++) mute.send(['PING']);
  assert.equal(closes[1], 'too many commands without a reply');
  new OutboundLink(
    process,
    { host: '127.0.0.1', port: 1 },
    { onClose: (reason) => closes.push(reason) },
  );
  await world.time.until(() => closes.length === 3);
  assert.equal(closes[2], 'Connection refused');
  const away = world.start('10.0.0.9');
  world.fabric.cut('127.0.0.1', '10.0.0.9');
  new OutboundLink(
    process,
    { host: '10.0.0.9', port: 1 },
    { onClose: (reason) => closes.push(reason) },
    { connectTimeoutMs: 200 },
  );
  await world.time.advance(300);
  assert.equal(closes[3], 'Connection timed out');
  away.kill();
});

test('a server that hangs up, and an owner who does', async () => {
  const { world, link, closes } = await bench((_, connection) => connection.end());
  const outbound = link();
  outbound.send(['PING']);
  await world.time.until(() => closes.length === 1);
  assert.equal(closes[0], 'connection closed by the other side');
  outbound.send(['PING']);
  outbound.sendRaw(Buffer.from('\n'));
  const own = link();
  own.close('no longer needed');
  assert.equal(closes[1], 'no longer needed');
});
