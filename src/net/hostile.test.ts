// Clients that mean harm, on real sockets: whatever they do, another client is served, memory stays
// within the limits, and nothing is left behind when they are gone.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import { test } from 'node:test';
import type { Environment } from '../env/environment.ts';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { SimulatedLog } from '../env/simulated/simulated-log.ts';
import { Clients } from './clients.ts';
import { Listeners } from './listeners.ts';
import { TestHost, type TestSession, TestSettings } from './net-fixture.ts';

class Node {
  readonly settings = new TestSettings();
  readonly host = new TestHost();
  readonly environment: Environment = { ...nodeEnvironment(), log: new SimulatedLog() };
  readonly clients: Clients<TestSession>;
  readonly listeners: Listeners;

  constructor() {
    this.clients = new Clients(this.environment, this.settings, this.host);
    this.listeners = new Listeners(this.environment, this.settings, (connection) =>
      this.clients.accept(connection),
    );
  }

  static async start(context: { after(run: () => Promise<void>): void }): Promise<Node> {
    const node = new Node();
    await node.listeners.openTcp({ bind: ['127.0.0.1'], port: 0 });
    context.after(async () => {
      node.clients.closeAll(false);
      node.clients.stop();
      await node.listeners.close();
    });
    return node;
  }

  connect(): Promise<Socket> {
    const socket = createConnection({ host: '127.0.0.1', port: this.listeners.port });
    socket.on('error', () => {});
    return new Promise((fulfil) => socket.once('connect', () => fulfil(socket)));
  }

  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!condition()) {
      assert.ok(performance.now() < deadline, 'the condition never came true');
      await new Promise((resume) => setImmediate(resume));
    }
  }
}

/** A well-behaved client: how long until it has its answer. */
async function ping(socket: Socket): Promise<number> {
  const start = performance.now();
  const answered = new Promise<void>((fulfil) => socket.once('data', () => fulfil()));
  socket.write('PING\r\n');
  await answered;
  return performance.now() - start;
}

test('1 000 clients that never read are held to the output limit', async (context) => {
  const node = await Node.start(context);
  const limit = { hardBytes: 200_000, softBytes: 0, softSeconds: 0 };
  node.settings.clientOutputBufferLimit = {
    ...node.settings.clientOutputBufferLimit,
    normal: limit,
  };
  const before = process.memoryUsage().rss;
  const sockets = await Promise.all(Array.from({ length: 1000 }, () => node.connect()));
  const honest = await node.connect();
  for (const socket of sockets) {
    socket.pause();
    // More than the system's buffers take, in replies below the limit each.
    socket.write('BIG 100000\r\n'.repeat(100));
  }
  let slowest = 0;
  while (node.clients.statistics.outputBufferDisconnections < 1000) {
    slowest = Math.max(slowest, await ping(honest));
  }
  assert.equal(node.clients.count, 1);
  assert.equal(await ping(honest).then((ms) => ms < 1000), true);
  assert.ok(slowest < 5000, `${slowest} ms`);
  assert.ok(process.memoryUsage().rss - before < 1024 ** 3);
  for (const socket of [...sockets, honest]) socket.destroy();
});

test('clients that send a byte now and then cost their bytes and nothing else', async (context) => {
  const node = await Node.start(context);
  const sockets = await Promise.all(Array.from({ length: 200 }, () => node.connect()));
  const request = '*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n';
  let answers = 0;
  for (const socket of sockets) socket.on('data', () => answers++);
  for (const byte of request) {
    for (const socket of sockets) socket.write(byte);
    await node.until(() => sockets.every((socket) => socket.writableLength === 0));
    const session = node.host.sessions[0];
    assert.ok(session.link.usage().queryBufferFreeBytes <= 16_384);
  }
  await node.until(() => answers === 200);
  assert.equal(node.host.executed, 200);
  for (const socket of sockets) socket.destroy();
});

test('clients that vanish in the middle of a request leave nothing behind', async (context) => {
  const node = await Node.start(context);
  for (let round = 0; round < 20; round++) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => node.connect()));
    for (const [i, socket] of sockets.entries()) {
      socket.write(['*3\r\n$3\r\nSET\r\n', 'BLOCK\r\nPI', 'BIG 1000000\r\n', '$'][i % 4]);
    }
    for (const socket of sockets) {
      if (round % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
  await node.until(() => node.clients.count === 0 && node.clients.statistics.accepted >= 200);
  const honest = await node.connect();
  await ping(honest);
  honest.destroy();
  await node.until(() => node.clients.count === 0);
  assert.equal(node.host.sessions.length, 0);
});

test('a flood of resets does not keep others waiting', async (context) => {
  const node = await Node.start(context);
  const honest = await node.connect();
  let flooded = 0;
  let slowest = 0;
  const flood = (): void => {
    if (flooded >= 3000) return;
    const socket = createConnection({ host: '127.0.0.1', port: node.listeners.port });
    socket.on('error', () => {});
    socket.once('connect', () => socket.resetAndDestroy());
    socket.once('close', () => {
      flooded++;
      flood();
    });
  };
  for (let i = 0; i < 50; i++) flood();
  while (flooded < 3000) slowest = Math.max(slowest, await ping(honest));
  await node.until(() => node.clients.count === 1);
  assert.ok(slowest < 2000, `${slowest} ms`);
  honest.destroy();
});

test('HTTP and garbage end in an error or silence, never in a crash', async (context) => {
  const node = await Node.start(context);
  for (const bytes of [
    'POST / HTTP/1.1\r\nHost: localhost\r\n\r\nPING\r\n',
    '\x00\xff\xfe*-1\r\n$\r\n',
    '*1000000000\r\n',
    '*1\r\n$2147483648\r\n',
    `*3\r\n$-2\r\n`,
    'x'.repeat(100_000),
    '"unbalanced\r\n',
    '*1\r\n:1\r\n',
  ]) {
    const socket = await node.connect();
    socket.resume();
    socket.end(Buffer.from(bytes, 'latin1'));
    await new Promise<void>((fulfil) => socket.once('close', () => fulfil()));
  }
  await node.until(() => node.clients.count === 0);
  const honest = await node.connect();
  await ping(honest);
  honest.destroy();
});

const modules = new URL('.', import.meta.url).href;
/** A node in a process that may open few files. */
const shortOfDescriptors = `
  const { Clients } = await import('${modules}clients.js');
  const { Listeners } = await import('${modules}listeners.js');
  const { TestHost, TestSettings } = await import('${modules}net-fixture.js');
  const { nodeEnvironment } = await import('${modules}../env/node/node-environment.js');
  const environment = nodeEnvironment();
  const settings = new TestSettings();
  const clients = new Clients(environment, settings, new TestHost());
  const listeners = new Listeners(environment, settings, (one) => clients.accept(one));
  await listeners.openTcp({ bind: ['127.0.0.1'], port: 0 });
  process.stdout.write('port ' + listeners.port + '\\n');
`;

test('without descriptors left the server goes on serving those it has', async () => {
  const run = 'ulimit -n 64; exec "$0" --input-type=module -e "$1"';
  const child = spawn('sh', ['-c', run, process.execPath, shortOfDescriptors], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const deadline = performance.now() + 30_000;
  while (!/^port (\d+)/m.test(output)) {
    assert.ok(performance.now() < deadline, output);
    await new Promise((resume) => setImmediate(resume));
  }
  const port = Number(/^port (\d+)/m.exec(output)?.[1]);
  const open = (): Promise<Socket> => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    return new Promise((fulfil) => socket.once('connect', () => fulfil(socket)));
  };
  const honest = await open();
  await ping(honest);
  const flood = await Promise.all(Array.from({ length: 200 }, open));
  for (let i = 0; i < 50; i++) assert.ok((await ping(honest)) < 2000);
  for (const socket of flood) socket.destroy();
  // Once descriptors are free again, newcomers are served.
  let answered = 0;
  while (answered === 0) {
    assert.ok(performance.now() < deadline, 'no newcomer was served');
    const late = await open();
    answered = await Promise.race([
      ping(late).then(() => 1),
      new Promise<number>((fulfil) => late.once('close', () => fulfil(0))),
    ]);
    late.destroy();
  }
  honest.destroy();
  const ended = new Promise<void>((fulfil) => child.once('exit', () => fulfil()));
  child.kill('SIGKILL');
  await ended;
});
