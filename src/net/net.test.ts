// The net layer over both networks: the same cases against sockets of this machine and against the
// simulated ones.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Environment } from '../env/environment.ts';
import type { Connection } from '../env/network.ts';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { SimulatedLog } from '../env/simulated/simulated-log.ts';
import { Clients } from './clients.ts';
import { Listeners } from './listeners.ts';
import { TestHost, type TestSession, TestSettings } from './net-fixture.ts';
import { netLimits } from './net-settings.ts';

interface Bench {
  readonly environment: Environment & { readonly log: SimulatedLog };
  until(condition: () => boolean): Promise<void>;
  readonly folder: string;
}

const folder = mkdtempSync(join(tmpdir(), 'understudy-'));
after(() => rmSync(folder, { recursive: true }));

function nodeBench(): Bench {
  return {
    environment: { ...nodeEnvironment(), log: new SimulatedLog() },
    until: async (condition) => {
      const deadline = performance.now() + 20_000;
      while (!condition()) {
        assert.ok(performance.now() < deadline, 'the condition never came true');
        await new Promise((resume) => setImmediate(resume));
      }
    },
    folder,
  };
}

function simulatedBench(): Bench {
  const world = new SimulatedWorld(3, { chunkBytes: () => 1 + world.random.below(9000) });
  return {
    environment: world.start(),
    until: (condition) => world.time.until(condition),
    folder: '',
  };
}

class Client {
  readonly connection: Connection;
  text = '';
  bytes = 0;
  keeps = true;
  isConnected = false;
  isClosed = false;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.handle({
      onConnect: () => {
        this.isConnected = true;
      },
      onData: (chunk) => {
        this.bytes += chunk.length;
        if (this.keeps) this.text += chunk.toString('latin1');
      },
      onClose: () => {
        this.isClosed = true;
      },
    });
  }

  send(text: string): void {
    this.connection.write(Buffer.from(text, 'latin1'));
  }
}

class Node {
  readonly bench: Bench;
  readonly settings = new TestSettings();
  readonly host = new TestHost();
  readonly clients: Clients<TestSession>;
  readonly listeners: Listeners;

  constructor(bench: Bench) {
    this.bench = bench;
    this.clients = new Clients(bench.environment, this.settings, this.host);
    this.listeners = new Listeners(bench.environment, this.settings, (connection) =>
      this.clients.accept(connection),
    );
  }

  /** A running node, closed when the test is over. */
  static async start(
    bench: Bench,
    context: { after(run: () => Promise<void>): void },
  ): Promise<Node> {
    const node = new Node(bench);
    await node.listeners.openTcp({ bind: ['127.0.0.1'], port: 0 });
    context.after(async () => {
      node.clients.closeAll(false);
      node.clients.stop();
      await node.listeners.close();
    });
    return node;
  }

  connect(): Client {
    const { network } = this.bench.environment;
    return new Client(network.connect({ host: '127.0.0.1', port: this.listeners.port }));
  }

  async join(): Promise<Client> {
    const before = this.clients.statistics.accepted;
    const client = this.connect();
    await this.bench.until(() => client.isConnected && this.clients.statistics.accepted > before);
    return client;
  }

  until(condition: () => boolean): Promise<void> {
    return this.bench.until(condition);
  }

  get log(): string {
    return this.bench.environment.log.texts.join('\n');
  }
}

for (const [name, create] of [
  ['node', nodeBench],
  ['simulated', simulatedBench],
] as const) {
  describe(`net: ${name}`, () => {
    test('requests are answered in order, whatever way they arrive', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      client.send('PING\r\n*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n*1\r\n$4\r\nPI');
      await node.until(() => client.text === '+PONG\r\n$3\r\nabc\r\n');
      client.send('NG\r\n');
      await node.until(() => client.text.endsWith('+PONG\r\n$3\r\nabc\r\n+PONG\r\n'));
      assert.equal(node.host.executed, 3);
      assert.equal(node.clients.statistics.inputBytes, 43);
      assert.equal(node.clients.statistics.outputBytes, 23);
      client.connection.destroy();
      await node.until(() => node.host.sessions.length === 0);
      assert.equal(node.clients.count, 0);
      assert.match(node.log, /Accepted 127\.0\.0\.1:\d+/);
      assert.match(node.log, /Client closed connection id=1/);
    });

    test('a long pipeline comes back whole, also to a slow reader', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      client.keeps = false;
      client.connection.pause();
      const count = 200;
      client.send('BIG 100000\r\n'.repeat(count));
      await node.until(() => node.host.executed === count);
      const session = node.host.sessions[0];
      await node.until(() => session.link.usage().events === 'rw');
      assert.ok(session.link.usage().replyPiecesBytes > 0);
      client.connection.resume();
      await node.until(() => client.bytes === count * (100_000 + 11));
      await node.until(() => session.link.usage().replyPiecesBytes === 0);
    });

    test('replies of many connections leave in one flush', async (context) => {
      const node = await Node.start(create(), context);
      const clients = [await node.join(), await node.join(), await node.join()];
      for (const client of clients) client.send('PING\r\nPING\r\n');
      await node.until(() => clients.every((client) => client.text.length === 14));
      assert.ok(node.clients.statistics.writes <= node.host.chunks);
      assert.ok(node.host.flushes <= node.host.chunks + 1);
    });

    test('a connection that is alone keeps being answered, and company ends that', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      for (let i = 1; i <= 40; i++) {
        client.send('PING\r\n');
        await node.until(() => client.bytes === 7 * i);
      }
      const other = await node.join();
      other.send('PING\r\n');
      client.send('PING\r\n');
      await node.until(() => client.bytes === 7 * 41 && other.bytes === 7);
    });

    test('a blocked session collects requests and runs them when it is woken', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      client.send('BLOCK\r\nPING\r\n');
      await node.until(() => node.host.executed === 1);
      client.send('ECHO later\r\n');
      const session = node.host.sessions[0];
      await node.until(() => session.link.usage().queryBufferBytes === 18);
      assert.equal(node.host.executed, 1);
      node.host.wake(session);
      await node.until(() => client.text === '+WOKEN\r\n+PONG\r\n$5\r\nlater\r\n');
    });

    test('a blocked session is dropped when its client leaves', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      client.send('BLOCK\r\n');
      await node.until(() => node.host.executed === 1);
      const session = node.host.sessions[0];
      client.connection.destroy();
      await node.until(() => session.closedCalls === 1);
      node.host.wake(session);
      assert.equal(session.closedCalls, 1);
    });

    test('messages out of turn are flushed', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      node.host.publish(node.host.sessions[0], 3);
      await node.until(() => client.text === '$3\r\nmmm\r\n');
    });

    test('close after reply: the reply arrives, later requests do not run', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      client.send('QUIT\r\nPING\r\n');
      await node.until(() => client.isClosed);
      assert.equal(client.text, '+OK\r\n');
      assert.equal(node.host.executed, 1);
      await node.until(() => node.clients.count === 0);
    });

    test('one client closes another, and itself', async (context) => {
      const node = await Node.start(create(), context);
      const killer = await node.join();
      const victim = await node.join();
      killer.send('KILL 2\r\n');
      await node.until(() => victim.isClosed && killer.text === '+OK\r\n');
      assert.equal(node.clients.count, 1);
      killer.send('KILL 1\r\nPING\r\n');
      await node.until(() => killer.isClosed);
      assert.equal(node.clients.count, 0);
      assert.equal(node.host.executed, 2);
    });

    test('a protocol error is answered, logged and ends the connection', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      client.send('PING\r\n*1\r\n$-5\r\nPING\r\n');
      await node.until(() => client.isClosed);
      assert.equal(client.text, '+PONG\r\n-ERR Protocol error: invalid bulk length\r\n');
      assert.match(
        node.log,
        /Protocol error \(invalid bulk length\) from client: id=1\. Query buffer/,
      );
    });

    test('maxclients turns the next one away, in words', async (context) => {
      const node = await Node.start(create(), context);
      node.settings.maxclients = 2;
      await node.join();
      const second = await node.join();
      const third = node.connect();
      await node.until(() => third.isClosed);
      assert.equal(third.text, '-ERR max number of clients reached\r\n');
      assert.equal(node.clients.statistics.rejected, 1);
      second.connection.destroy();
      await node.until(() => node.clients.count === 1);
      await node.join();
    });

    test('output limits close the client and drop what waited', async (context) => {
      const node = await Node.start(create(), context);
      const limit = { hardBytes: 100_000, softBytes: 0, softSeconds: 0 };
      node.settings.clientOutputBufferLimit = {
        ...node.settings.clientOutputBufferLimit,
        normal: limit,
        pubsub: limit,
      };
      const client = await node.join();
      client.send('BIG 150000\r\n');
      await node.until(() => client.isClosed);
      assert.equal(client.text, '');
      assert.equal(node.clients.statistics.outputBufferDisconnections, 1);
      assert.match(node.log, /Client id=1 scheduled to be closed ASAP for overcoming of output/);
      const reader = await node.join();
      reader.send('BIG 90000\r\n');
      await node.until(() => reader.bytes === 90_010);
    });

    test('a reply that never ends is given up inside its command', async (context) => {
      const node = await Node.start(create(), context);
      node.settings.clientOutputBufferLimit = {
        ...node.settings.clientOutputBufferLimit,
        normal: { hardBytes: 1_000_000, softBytes: 0, softSeconds: 0 },
      };
      const client = await node.join();
      client.send('ENDLESS\r\n');
      await node.until(() => client.isClosed);
      assert.equal(client.text, '');
    });

    test('a stranger who does not read is closed after a kilobyte', async (context) => {
      const node = await Node.start(create(), context);
      node.host.requiresPassword = true;
      const patient = await node.join();
      patient.send('PING\r\n'.repeat(100));
      await node.until(() => patient.bytes === 100 * 34);
      const client = await node.join();
      client.keeps = false;
      client.connection.pause();
      const flood = 'PING\r\n'.repeat(2000);
      const pump = (): void => {
        while (!client.isClosed && client.connection.write(Buffer.from(flood)));
      };
      await node.until(() => {
        if (client.connection.queuedBytes === 0) pump();
        return node.clients.statistics.outputBufferDisconnections === 1;
      });
      assert.equal(node.clients.count, 1);
      client.connection.destroy();
    });

    test('the query buffer has its limit, also while blocked', async (context) => {
      const node = await Node.start(create(), context);
      node.settings.clientQueryBufferLimit = 1_000_000;
      const client = await node.join();
      client.send('BLOCK\r\n');
      await node.until(() => node.host.executed === 1);
      client.send('PING\r\n'.repeat(200_000));
      await node.until(() => node.clients.count === 0);
      assert.match(node.log, /Closing client that reached max query buffer length: id=1/);
      assert.equal(node.clients.statistics.queryBufferDisconnections, 1);
      const whole = await node.join();
      whole.send(`*2\r\n$4\r\nECHO\r\n$2000000\r\n${'x'.repeat(2_000_000)}\r\n`);
      await node.until(() => node.clients.count === 0);
    });

    test('maxmemory-clients closes the largest first, and spares who is exempt', async (context) => {
      const node = await Node.start(create(), context);
      const [small, large, exempt] = [await node.join(), await node.join(), await node.join()];
      node.host.sessions[2].noEvict = true;
      small.send(`*2\r\n$4\r\nECHO\r\n$100000\r\n${'x'.repeat(60_000)}`);
      large.send(`*2\r\n$4\r\nECHO\r\n$900000\r\n${'x'.repeat(600_000)}`);
      exempt.send(`*2\r\n$4\r\nECHO\r\n$3000000\r\n${'x'.repeat(2_000_000)}`);
      await node.until(() => node.clients.statistics.inputBytes > 2_660_000);
      node.settings.maxmemoryClients = 400_000;
      node.clients.limitMemory();
      await node.until(() => large.isClosed);
      assert.equal(node.clients.count, 2);
      assert.equal(node.clients.statistics.evictedClients, 1);
      assert.match(node.log, /Evicting client: id=2/);
    });

    test('TCP moves to another port and stays when it cannot', async (context) => {
      const node = await Node.start(create(), context);
      const client = await node.join();
      const before = node.listeners.port;
      const probe = await Node.start(node.bench, context);
      const moved = probe.listeners.port;
      await probe.listeners.close();
      assert.equal(await node.listeners.rebind({ bind: ['127.0.0.1'], port: moved }), true);
      assert.notEqual(node.listeners.port, before);
      client.send('PING\r\n');
      await node.until(() => client.text === '+PONG\r\n');
      await node.join();
      const other = await Node.start(node.bench, context);
      const taken = { bind: ['127.0.0.1'], port: other.listeners.port };
      assert.equal(await node.listeners.rebind(taken), false);
      assert.equal(node.listeners.port, moved);
      assert.match(node.log, /127\.0\.0\.1:\d+: bind: Address already in use/);
      assert.equal(await node.listeners.rebind({ bind: ['192.0.2.1'], port: moved }), false);
      assert.equal(node.listeners.port, moved);
      assert.equal(await node.listeners.rebind({ bind: [], port: moved }), true);
      assert.equal(node.listeners.port, 0);
      assert.equal(await node.listeners.rebind({ bind: ['127.0.0.1'], port: moved }), true);
      await node.join();
    });

    test('several addresses, optional ones and a Unix socket', async (context) => {
      const node = new Node(create());
      const probe = await Node.start(node.bench, context);
      node.settings.port = probe.listeners.port;
      await probe.listeners.rebind({ bind: [], port: 1 });
      node.settings.bind = ['127.0.0.1', '-192.0.2.1', '-::1'];
      node.settings.unixsocket = join(node.bench.folder || '/', `${name}-net.sock`);
      assert.equal(await node.listeners.open(), true);
      context.after(async () => {
        node.clients.closeAll(false);
        node.clients.stop();
        await node.listeners.close();
      });
      assert.equal(node.listeners.addresses[0], '127.0.0.1');
      const { network } = node.bench.environment;
      const client = new Client(network.connect({ path: node.settings.unixsocket }));
      client.send('PING\r\n');
      await node.until(() => client.text === '+PONG\r\n');
      assert.equal(node.host.sessions[0].link.address, `${node.settings.unixsocket}:0`);
      assert.equal(node.host.sessions[0].link.isUnix, true);
    });

    test('a failing address fails the start, in the words of redis-server', async (context) => {
      const first = await Node.start(create(), context);
      const node = new Node(first.bench);
      node.settings.port = first.listeners.port;
      assert.equal(await node.listeners.open(), false);
      node.clients.stop();
      assert.match(node.log, /Warning: Could not create server TCP listening socket 127\.0\.0\.1:/);
      assert.match(node.log, /Failed listening on port \d+ \(tcp\), aborting\./);
      node.settings.port = 0;
      assert.equal(await node.listeners.open(), false);
      assert.match(node.log, /Configured to not listen anywhere, exiting\./);
    });
  });
}

/** A simulated node, where time is ours. */
async function simulated(context: { after(run: () => Promise<void>): void }): Promise<{
  node: Node;
  world: SimulatedWorld;
  process: ReturnType<SimulatedWorld['start']>;
}> {
  const world = new SimulatedWorld(5);
  const process = world.start('10.0.0.1');
  const node = await Node.start(
    { environment: process, until: (condition) => world.time.until(condition), folder: '' },
    context,
  );
  return { node, world, process };
}

test('idle clients are closed after timeout; blocked and subscribed ones are not', async (context) => {
  const { node, world } = await simulated(context);
  node.settings.timeout = 3;
  const idle = await node.join();
  const busy = await node.join();
  const blocked = await node.join();
  const subscribed = await node.join();
  blocked.send('BLOCK\r\n');
  subscribed.send('CLASS pubsub\r\n');
  for (let i = 0; i < 10; i++) {
    busy.send('PING\r\n');
    await world.time.advance(1000);
  }
  assert.equal(idle.isClosed, true);
  assert.equal(busy.isClosed, false);
  assert.equal(blocked.isClosed, false);
  assert.equal(subscribed.isClosed, false);
  assert.match(node.log, /Closing idle client/);
});

test('the soft output limit is a matter of time, with traffic and without', async (context) => {
  const { node, world } = await simulated(context);
  node.settings.clientOutputBufferLimit = {
    ...node.settings.clientOutputBufferLimit,
    normal: { hardBytes: 0, softBytes: 100_000, softSeconds: 5 },
  };
  const client = await node.join();
  client.keeps = false;
  client.connection.pause();
  client.send('BIG 900000\r\n');
  await world.time.advance(4000);
  assert.equal(node.clients.count, 1);
  client.connection.resume();
  await world.time.advance(1000);
  client.connection.pause();
  client.send('BIG 900000\r\n');
  await world.time.advance(4900);
  assert.equal(node.clients.count, 1);
  await world.time.advance(2000);
  assert.equal(node.clients.count, 0);
});

test('a pipeline of slow requests takes turns with other clients', async (context) => {
  const { node, world } = await simulated(context);
  node.host.spin = () => {
    world.time.nowUs += 200;
  };
  const greedy = await node.join();
  const modest = await node.join();
  greedy.send('SPIN\r\n'.repeat(5000));
  modest.send('PING\r\n');
  await node.until(() => modest.text === '+PONG\r\n');
  assert.ok(node.host.executed < 500, `${node.host.executed} requests first`);
  await node.until(() => greedy.bytes === 5 * 5000);
});

test('what an idle client had reserved to read with is no longer counted', async (context) => {
  const { node, world } = await simulated(context);
  const client = await node.join();
  client.send('PING\r\n');
  await node.until(() => client.bytes === 7);
  const { link } = node.host.sessions[0];
  assert.equal(link.usage().queryBufferFreeBytes, netLimits.queryRoomBytes);
  await world.time.advance(4000);
  assert.equal(link.usage().queryBufferFreeBytes, 0);
});

test('protected mode trusts loopback, Unix sockets and passwords only', async (context) => {
  const { node, world, process } = await simulated(context);
  const stranger = world.start('10.0.0.2');
  await node.listeners.rebind({ bind: ['0.0.0.0'], port: 6379 });
  const knock = (): Client =>
    new Client(stranger.network.connect({ host: '10.0.0.1', port: 6379 }));
  const refused = knock();
  await node.until(() => refused.isClosed);
  assert.match(
    refused.text,
    /^-DENIED Redis is running in protected mode .* from the outside\.\r\n$/,
  );
  const local = new Client(process.network.connect({ host: '127.0.0.1', port: 6379 }));
  local.send('PING\r\n');
  await node.until(() => local.bytes === 7);
  node.host.requiresPassword = true;
  const withPassword = knock();
  withPassword.send('AUTH\r\nPING\r\n');
  await node.until(() => withPassword.text === '+OK\r\n+PONG\r\n');
  node.host.requiresPassword = false;
  node.settings.protectedMode = false;
  const trusting = knock();
  trusting.send('PING\r\n');
  await node.until(() => trusting.bytes === 7);
  assert.equal(node.clients.statistics.rejected, 1);
});
