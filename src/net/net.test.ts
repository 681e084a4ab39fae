// The net layer over both networks: the same cases against sockets of this machine and against the
// simulated ones.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { SimulatedLog } from '../env/simulated/simulated-log.ts';
import { type NetBench, TestClient, TestNode } from './net-bench-fixture.ts';
import { netLimits } from './net-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-'));
after(() => rmSync(folder, { recursive: true }));

function nodeBench(): NetBench {
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

function simulatedBench(): NetBench {
  const world = new SimulatedWorld(3, { chunkBytes: () => 1 + world.random.below(9000) });
  return {
    environment: world.start(),
    until: (condition) => world.time.until(condition),
    folder: '',
  };
}

for (const [name, create] of [
  ['node', nodeBench],
  ['simulated', simulatedBench],
] as const) {
  describe(`net: ${name}`, () => {
    test('requests are answered in order, whatever way they arrive', async (context) => {
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
      const clients = [await node.join(), await node.join(), await node.join()];
      for (const client of clients) client.send('PING\r\nPING\r\n');
      await node.until(() => clients.every((client) => client.text.length === 14));
      assert.ok(node.clients.statistics.writes <= node.host.chunks);
      assert.ok(node.host.flushes <= node.host.chunks + 1);
    });

    test('a reply of many bytes does not wait for the others', async (context) => {
      const node = await TestNode.start(create(), context);
      const clients = [await node.join(), await node.join()];
      const length = netLimits.promptBytes + 1;
      for (const client of clients) client.send(`BIG ${length}\r\n`);
      await node.until(() => clients.every((client) => client.bytes > length));
      // Each at the end of its own turn, and once more at the end of every poll.
      assert.ok(node.host.flushes > node.host.chunks);
    });

    test('a connection that is alone keeps being answered, and company ends that', async (context) => {
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
      const client = await node.join();
      node.host.publish(node.host.sessions[0], 3);
      await node.until(() => client.text === '$3\r\nmmm\r\n');
    });

    test('close after reply: the reply arrives, later requests do not run', async (context) => {
      const node = await TestNode.start(create(), context);
      const client = await node.join();
      client.send('QUIT\r\nPING\r\n');
      await node.until(() => client.isClosed);
      assert.equal(client.text, '+OK\r\n');
      assert.equal(node.host.executed, 1);
      await node.until(() => node.clients.count === 0);
    });

    test('one client closes another, and itself', async (context) => {
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
      node.host.requiresPassword = true;
      const patient = await node.join();
      patient.send('PING\r\n'.repeat(100));
      await node.until(() => patient.bytes === 100 * 34);
      const client = await node.join();
      client.keeps = false;
      client.connection.pause();
      const flood = 'PING\r\n'.repeat(2000);
      // Bounded: on a connection that is gone every write says so at once.
      const pump = (): void => {
        for (let i = 0; i < 100 && client.connection.write(Buffer.from(flood)); i++);
      };
      await node.until(() => {
        if (client.connection.queuedBytes === 0) pump();
        return node.clients.statistics.outputBufferDisconnections === 1;
      });
      assert.equal(node.clients.count, 1);
      client.connection.destroy();
    });

    test('the query buffer has its limit, also while blocked', async (context) => {
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
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
      const node = await TestNode.start(create(), context);
      const client = await node.join();
      const before = node.listeners.port;
      const probe = await TestNode.start(node.bench, context);
      const moved = probe.listeners.port;
      await probe.listeners.close();
      assert.equal(await node.listeners.rebind({ bind: ['127.0.0.1'], port: moved }), true);
      assert.notEqual(node.listeners.port, before);
      client.send('PING\r\n');
      await node.until(() => client.text === '+PONG\r\n');
      await node.join();
      const other = await TestNode.start(node.bench, context);
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
      const node = new TestNode(create());
      const probe = await TestNode.start(node.bench, context);
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
      const client = new TestClient(network.connect({ path: node.settings.unixsocket }));
      client.send('PING\r\n');
      await node.until(() => client.text === '+PONG\r\n');
      assert.equal(node.host.sessions[0].link.address, `${node.settings.unixsocket}:0`);
      assert.equal(node.host.sessions[0].link.isUnix, true);
    });

    test('a failing address fails the start, in the words of redis-server', async (context) => {
      const first = await TestNode.start(create(), context);
      const node = new TestNode(first.bench);
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
