// One suite for every network: sockets of this machine, and the simulated ones.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { ConnectAddress, Connection, Listener, Network } from './network.ts';
import { NodeNetwork } from './node/node-network.ts';
import { SimulatedWorld } from './simulated/simulated-environment.ts';

interface Bench {
  readonly network: Network;
  /** Lets the world go on until the condition holds. */
  until(condition: () => boolean): Promise<void>;
  socketPath(name: string): string;
}

const folder = mkdtempSync(join(tmpdir(), 'understudy-'));
after(() => rmSync(folder, { recursive: true }));

function nodeBench(sharesBuffer: boolean): Bench {
  return {
    network: new NodeNetwork({ sharesBuffer }),
    until: async (condition) => {
      const deadline = performance.now() + 10_000;
      while (!condition()) {
        assert.ok(performance.now() < deadline, 'the condition never came true');
        await new Promise((resume) => setImmediate(resume));
      }
    },
    socketPath: (name) => join(folder, name),
  };
}

function simulatedBench(): Bench {
  const world = new SimulatedWorld(7, { chunkBytes: () => 1 + world.random.below(9000) });
  return {
    network: world.start().network,
    until: (condition) => world.time.until(condition),
    socketPath: (name) => `/${name}`,
  };
}

/** One end, with everything that happened to it. */
class End {
  readonly connection: Connection;
  received: Buffer = Buffer.alloc(0);
  bytes = 0;
  keeps = true;
  connected = false;
  drains = 0;
  ended = false;
  closes: (string | undefined)[] = [];
  onData: ((chunk: Buffer) => void) | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.handle({
      onConnect: () => {
        this.connected = true;
      },
      onData: (chunk) => {
        this.bytes += chunk.length;
        if (this.keeps) this.received = Buffer.concat([this.received, chunk]);
        this.onData?.(chunk);
      },
      onDrain: () => {
        assert.equal(connection.queuedBytes, 0);
        this.drains++;
      },
      onEnd: () => {
        this.ended = true;
      },
      onClose: (error) => {
        this.closes.push(error);
      },
    });
  }

  get isClosed(): boolean {
    return this.closes.length > 0;
  }
}

interface Pair {
  readonly listener: Listener;
  readonly client: End;
  readonly server: End;
}

async function pair(bench: Bench, path?: string): Promise<Pair> {
  const servers: End[] = [];
  const listener = await bench.network.listen(
    path === undefined ? { host: '127.0.0.1', port: 0 } : { path },
    { onConnection: (connection) => servers.push(new End(connection)) },
  );
  const address: ConnectAddress =
    path === undefined ? { host: '127.0.0.1', port: listener.port } : { path };
  const client = new End(bench.network.connect(address));
  await bench.until(() => client.connected && servers.length === 1);
  return { listener, client, server: servers[0] };
}

async function closed(bench: Bench, { listener, client, server }: Pair): Promise<void> {
  client.connection.destroy();
  server.connection.destroy();
  await bench.until(() => client.isClosed && server.isClosed);
  await listener.close();
}

for (const [name, create] of [
  ['node', () => nodeBench(true)],
  ['node, accepted sockets as they are', () => nodeBench(false)],
  ['simulated', simulatedBench],
] as const) {
  describe(`network: ${name}`, () => {
    test('bytes go both ways, in order, and addresses are known', async () => {
      const bench = create();
      const ends = await pair(bench);
      const { client, server, listener } = ends;
      assert.equal(server.connection.remoteHost, '127.0.0.1');
      assert.equal(server.connection.localPort, listener.port);
      assert.equal(client.connection.localPort, server.connection.remotePort);
      assert.equal(server.connection.isUnix, false);
      assert.ok(server.connection.fd > 0);
      assert.equal(client.connection.write(Buffer.from('PING\r\n')), true);
      server.onData = () => server.connection.write(Buffer.from('+PONG\r\n'));
      await bench.until(() => client.received.length === 7);
      assert.equal(client.received.toString(), '+PONG\r\n');
      await closed(bench, ends);
      assert.deepEqual(client.closes, [undefined]);
    });

    test('a written buffer may be reused when write said so, and only then', async () => {
      const bench = create();
      const ends = await pair(bench);
      const { client, server } = ends;
      server.keeps = false;
      let expected = 0;
      let wrong = 0;
      server.onData = (chunk) => {
        for (const byte of chunk) {
          if (byte !== expected % 251) wrong++;
          expected++;
        }
      };
      server.connection.pause();
      let sent = 0;
      let gone = 0;
      let kept = 0;
      let shared = Buffer.alloc(50_000);
      while (sent < 12_000_000 && kept < 20) {
        for (let i = 0; i < shared.length; i++) shared[i] = (sent + i) % 251;
        sent += shared.length;
        if (client.connection.write(shared)) {
          gone++;
          shared.fill(255);
        } else {
          kept++;
          shared = Buffer.alloc(50_000);
        }
      }
      assert.ok(gone > 0 && kept > 0, `${gone} gone, ${kept} kept`);
      assert.ok(client.connection.queuedBytes > 0);
      server.connection.resume();
      await bench.until(() => server.bytes === sent);
      await bench.until(() => client.drains > 0);
      assert.equal(wrong, 0);
      assert.equal(client.connection.queuedBytes, 0);
      await closed(bench, ends);
    });

    test('a paused receiver gets nothing until it resumes', async () => {
      const bench = create();
      const ends = await pair(bench);
      ends.server.connection.pause();
      ends.client.connection.write(Buffer.from('early'));
      ends.server.connection.write(Buffer.from('the other way works'));
      await bench.until(() => ends.client.received.length > 0);
      assert.equal(ends.server.bytes, 0);
      ends.server.connection.resume();
      await bench.until(() => ends.server.bytes === 5);
      await closed(bench, ends);
    });

    test('end sends what is queued before it closes', async () => {
      const bench = create();
      const ends = await pair(bench);
      const { client, server } = ends;
      client.keeps = false;
      client.connection.pause();
      const part = Buffer.alloc(1_000_000, 'x');
      let sent = part.length;
      while (server.connection.write(Buffer.from(part))) sent += part.length;
      server.connection.end();
      client.connection.resume();
      await bench.until(() => client.isClosed && server.isClosed);
      assert.equal(client.bytes, sent);
      assert.equal(client.ended, true);
      assert.equal(server.connection.write(Buffer.from('too late')), true);
      await ends.listener.close();
    });

    test('a peer that leaves is seen once, and its last bytes before it', async () => {
      const bench = create();
      const ends = await pair(bench);
      ends.client.connection.write(Buffer.from('bye'));
      ends.client.connection.end();
      await bench.until(() => ends.server.isClosed);
      assert.equal(ends.server.received.toString(), 'bye');
      assert.equal(ends.server.ended, true);
      assert.deepEqual(ends.server.closes, [undefined]);
      assert.equal(ends.server.connection.isClosed, true);
      await bench.until(() => ends.client.isClosed);
      await ends.listener.close();
    });

    test('a reset arrives as a code, not as an exception', async () => {
      const bench = create();
      const ends = await pair(bench);
      ends.client.connection.reset();
      await bench.until(() => ends.server.isClosed);
      assert.deepEqual(ends.server.closes, ['ECONNRESET']);
      assert.equal(ends.server.connection.write(Buffer.from('nobody')), true);
      await bench.until(() => ends.client.isClosed);
      await ends.listener.close();
    });

    test('connecting to nobody is refused, by event', async () => {
      const bench = create();
      const { listener, ...ends } = await pair(bench);
      await closed(bench, { listener, ...ends });
      const client = new End(bench.network.connect({ host: '127.0.0.1', port: listener.port }));
      assert.equal(client.connection.write(Buffer.from('hello')), false);
      await bench.until(() => client.isClosed);
      assert.deepEqual(client.closes, ['ECONNREFUSED']);
      const nowhere = new End(bench.network.connect({ path: bench.socketPath('none') }));
      await bench.until(() => nowhere.isClosed);
      assert.deepEqual(nowhere.closes, ['ENOENT']);
    });

    test('what is written before the connection stands leaves with it', async () => {
      const bench = create();
      const servers: End[] = [];
      const listener = await bench.network.listen(
        { host: '127.0.0.1', port: 0 },
        { onConnection: (connection) => servers.push(new End(connection)) },
      );
      const client = new End(bench.network.connect({ host: '127.0.0.1', port: listener.port }));
      assert.equal(client.connection.write(Buffer.from('PING\r\n')), false);
      await bench.until(() => servers.length === 1 && servers[0].bytes === 6);
      await bench.until(() => client.drains === 1);
      await closed(bench, { listener, client, server: servers[0] });
    });

    test('an address in use is refused; another one is not', async () => {
      const bench = create();
      const handlers = { onConnection: () => {} };
      const first = await bench.network.listen({ host: '127.0.0.1', port: 0 }, handlers);
      const second = bench.network.listen({ host: '127.0.0.1', port: first.port }, handlers);
      await assert.rejects(second, { code: 'EADDRINUSE' });
      await first.close();
      const third = await bench.network.listen({ host: '127.0.0.1', port: first.port }, handlers);
      assert.equal(third.port, first.port);
      await third.close();
      const foreign = bench.network.listen({ host: '192.0.2.1', port: 0 }, handlers);
      await assert.rejects(foreign, { code: 'EADDRNOTAVAIL' });
    });

    test('Unix sockets carry the same', async () => {
      const bench = create();
      const path = bench.socketPath(`${name}.sock`);
      const ends = await pair(bench, path);
      assert.equal(ends.server.connection.isUnix, true);
      assert.equal(ends.server.connection.path, path);
      assert.equal(ends.server.connection.remotePort, 0);
      ends.client.connection.write(Buffer.from('PING'));
      await bench.until(() => ends.server.bytes === 4);
      await closed(bench, ends);
    });
  });
}

test('node: whoever sends megabytes at once leaves the others their turn, either way', async () => {
  const bench = nodeBench(true);
  const ends = await pair(bench);
  const { client, server } = ends;
  for (const [from, to] of [
    [client, server],
    [server, client],
  ]) {
    to.keeps = false;
    let inTurn = 0;
    let most = 0;
    to.onData = () => {
      if (++inTurn === 1) {
        setImmediate(() => {
          inTurn = 0;
        });
      }
      most = Math.max(most, inTurn);
    };
    to.connection.pause();
    for (let i = 0; i < 16; i++) from.connection.write(Buffer.alloc(1_000_000));
    to.connection.resume();
    await bench.until(() => to.bytes === 16_000_000);
    // Two full reads, and what a read before them left partly filled.
    assert.ok(most <= 3, `${most} chunks in one turn`);
  }
  await closed(bench, ends);
});

test('node: a Unix socket gets its mode, a stale one is replaced, another file is not', async () => {
  const bench = nodeBench(true);
  const path = bench.socketPath('mode.sock');
  const handlers = { onConnection: () => {} };
  const listener = await bench.network.listen({ path, mode: 0o700 }, handlers);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  await listener.close();
  const file = bench.socketPath('precious');
  writeFileSync(file, 'data');
  await assert.rejects(bench.network.listen({ path: file }, handlers), { code: 'EADDRINUSE' });
  assert.equal(statSync(file).size, 4);
});

test('node: names resolve, and those that do not are an error', async () => {
  const { network } = nodeBench(true);
  assert.equal(await network.resolve('127.0.0.1'), '127.0.0.1');
  await assert.rejects(network.resolve('999.999.999.999'), { name: 'NetworkError' });
});

test('simulated: a partition holds bytes back and heals in order', async () => {
  const world = new SimulatedWorld(1, { delayUs: () => 500 });
  const one = world.start('10.0.0.1');
  const two = world.start('10.0.0.2');
  const servers: End[] = [];
  await two.network.listen(
    { host: '0.0.0.0', port: 6379 },
    { onConnection: (connection) => servers.push(new End(connection)) },
  );
  const client = new End(one.network.connect({ host: '10.0.0.2', port: 6379 }));
  await world.time.until(() => client.connected);
  world.fabric.cut('10.0.0.1', '10.0.0.2');
  client.connection.write(Buffer.from('a'));
  client.connection.write(Buffer.from('b'));
  await world.time.advance(5000);
  assert.equal(servers[0].bytes, 0);
  const late = new End(one.network.connect({ host: '10.0.0.2', port: 6379 }));
  await world.time.until(() => late.isClosed, 200_000);
  assert.deepEqual(late.closes, ['ETIMEDOUT']);
  world.fabric.heal('10.0.0.1', '10.0.0.2');
  await world.time.until(() => servers[0].bytes === 2);
  assert.equal(servers[0].received.toString(), 'ab');
});

test('simulated: a killed process runs nothing, and its peers see the end', async () => {
  const world = new SimulatedWorld(1);
  const one = world.start('10.0.0.1');
  const two = world.start('10.0.0.2');
  const servers: End[] = [];
  await two.network.listen(
    { host: '10.0.0.2', port: 1 },
    { onConnection: (connection) => servers.push(new End(connection)) },
  );
  const client = new End(one.network.connect({ host: '10.0.0.2', port: 1 }));
  await world.time.until(() => client.connected);
  let ticks = 0;
  two.timers.every(100, () => ticks++);
  two.kill();
  await world.time.until(() => client.isClosed);
  await world.time.advance(1000);
  assert.equal(ticks, 0);
  assert.deepEqual(servers[0].closes, []);
  const again = new End(one.network.connect({ host: '10.0.0.2', port: 1 }));
  await world.time.until(() => again.isClosed);
  assert.deepEqual(again.closes, ['ECONNREFUSED']);
});
