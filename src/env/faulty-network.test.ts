import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultyNetwork } from './faulty-network.ts';
import { healthyLink, LinkFaults, type LinkRule } from './link-faults.ts';
import type { Connection } from './network.ts';
import { SimulatedWorld } from './simulated/simulated-environment.ts';
import type { SimulatedTime } from './simulated/simulated-time.ts';

const PORT = 7000;
const ADDRESS = `10.0.0.2:${PORT}`;
const cut: LinkRule = { ...healthyLink, isCut: true };

/** One end, with what happened to it, in order. */
class End {
  readonly connection: Connection;
  readonly log: string[] = [];

  constructor(connection: Connection, isAccepted = false) {
    this.connection = connection;
    connection.handle({
      onConnect: () => {
        if (!isAccepted) this.log.push('connect');
      },
      onData: (chunk) => this.log.push(chunk.toString()),
      onDrain: () => this.log.push('drain'),
      onEnd: () => this.log.push('end'),
      onClose: (error) => this.log.push(`close ${error ?? ''}`.trim()),
    });
  }

  get text(): string {
    return this.log.join(' ');
  }

  write(text: string): boolean {
    return this.connection.write(Buffer.from(text));
  }
}

interface Bench {
  readonly time: SimulatedTime;
  readonly faults: LinkFaults;
  readonly network: FaultyNetwork;
  readonly peers: End[];
  connect(): End;
  rule(rule?: LinkRule): void;
}

/** A process with faults at 10.0.0.1 that connects to a plain one at 10.0.0.2. */
async function bench(): Promise<Bench> {
  const world = new SimulatedWorld(11, { chunkBytes: () => 64 * 1024 });
  const near = world.start('10.0.0.1');
  const far = world.start('10.0.0.2');
  const faults = new LinkFaults();
  const network = new FaultyNetwork(near, faults, true);
  const peers: End[] = [];
  const listening = far.network.listen(
    { host: '10.0.0.2', port: PORT },
    { onConnection: (connection) => peers.push(new End(connection, true)) },
  );
  await world.time.complete(listening);
  return {
    time: world.time,
    faults,
    network,
    peers,
    connect: () => new End(network.connect({ host: '10.0.0.2', port: PORT })),
    rule: (rule) => faults.replace(rule === undefined ? [] : [[ADDRESS, rule]]),
  };
}

async function connected(): Promise<Bench & { readonly end: End; readonly peer: End }> {
  const made = await bench();
  const end = made.connect();
  await made.time.until(() => made.peers.length === 1 && end.log.length === 1);
  return { ...made, end, peer: made.peers[0] };
}

test('without a fault bytes pass as they come', async () => {
  const { time, end, peer } = await connected();
  assert.equal(end.write('ping'), true);
  await time.until(() => peer.text === 'ping');
  peer.write('pong');
  await time.until(() => end.text === 'connect pong');
  peer.connection.end();
  await time.until(() => /close$/.test(end.text));
  assert.equal(end.text, 'connect pong end close');
  assert.equal(end.connection.isClosed, true);
});

test('behind a cut both ends see silence; healed, everything comes in order', async () => {
  const { time, end, peer, rule } = await connected();
  rule(cut);
  assert.equal(end.write('a'), false);
  assert.equal(end.write('b'), false);
  assert.equal(end.connection.queuedBytes, 2);
  peer.write('c');
  peer.write('d');
  peer.connection.end();
  await time.advance(60_000);
  assert.equal(end.text, 'connect');
  assert.equal(peer.text.includes('a'), false);
  rule();
  await time.until(() => /close/.test(end.text));
  assert.match(end.text, /^connect .*c ?d end close$/);
});

test('a write behind a cut is drained when it heals', async () => {
  const { time, end, peer, rule } = await connected();
  rule(cut);
  end.write('a');
  rule();
  await time.until(() => peer.text === 'a' && end.text === 'connect drain');
  assert.equal(end.connection.queuedBytes, 0);
});

test('a connection into a cut is made when it heals', async () => {
  const { time, peers, connect, rule } = await bench();
  rule(cut);
  const end = connect();
  end.write('hello');
  end.connection.setKeepAlive(5);
  await time.advance(30_000);
  assert.deepEqual([end.text, peers.length], ['', 0]);
  rule();
  await time.until(() => peers[0]?.text === 'hello');
  assert.match(end.text, /^connect/);
});

test('a connection into a cut that is given up never reaches the other side', async () => {
  const { time, peers, connect, rule } = await bench();
  rule(cut);
  const end = connect();
  end.connection.destroy();
  assert.equal(end.connection.isClosed, true);
  await time.until(() => end.text === 'close');
  rule();
  await time.advance(1000);
  assert.equal(peers.length, 0);
});

test('what is closed behind a cut is closed for the other side when it heals', async () => {
  const { time, end, peer, rule } = await connected();
  rule(cut);
  end.write('last');
  end.connection.destroy();
  await time.until(() => end.text === 'connect close');
  peer.write('unheard');
  await time.advance(10_000);
  assert.equal(peer.text, '');
  rule();
  await time.until(() => /close/.test(peer.text));
  assert.match(peer.text, /^last/);
  assert.equal(end.text, 'connect close');
});

test('a reset behind a cut takes back what was not sent', async () => {
  const { time, end, peer, rule } = await connected();
  rule(cut);
  end.write('last');
  end.connection.reset();
  rule();
  await time.until(() => /close/.test(peer.text));
  assert.equal(peer.text.includes('last'), false);
});

test('a slow link delays each direction and keeps the order', async () => {
  const { time, end, peer, rule } = await connected();
  rule({ ...healthyLink, delayMs: 200 });
  const start = time.nowUs;
  end.write('a');
  end.write('b');
  await time.until(() => peer.text.replace(' ', '') === 'ab');
  assert.ok(time.nowUs - start >= 200_000);
  peer.write('c');
  const answered = time.nowUs;
  await time.until(() => /c/.test(end.text.replace('connect', '')));
  assert.ok(time.nowUs - answered >= 200_000);
});

test('a narrow link carries so many bytes a second', async () => {
  const { time, end, peer, rule } = await connected();
  rule({ ...healthyLink, bytesPerSecond: 1000 });
  const start = time.nowUs;
  for (let i = 0; i < 10; i++) end.write('x'.repeat(100));
  await time.until(() => peer.log.join('').length === 1000);
  const elapsedMs = (time.nowUs - start) / 1000;
  assert.ok(elapsedMs >= 1000 && elapsedMs < 1100, `${elapsedMs}`);
});

test('a slow link that becomes healthy delivers at once what was under way', async () => {
  const { time, end, peer, rule } = await connected();
  rule({ ...healthyLink, delayMs: 60_000 });
  end.write('a');
  rule();
  await time.advance(100);
  assert.equal(peer.text, 'a');
});

test('a reader that is held back makes the other side wait', async () => {
  const { time, end, peer, rule } = await connected();
  rule(cut);
  const sent = Buffer.alloc(8 * 1024 * 1024, 'z');
  peer.connection.write(sent);
  await time.advance(10_000);
  assert.ok(peer.connection.queuedBytes > 4 * 1024 * 1024, `${peer.connection.queuedBytes}`);
  rule();
  const received = (): number => end.log.slice(1).reduce((sum, chunk) => sum + chunk.length, 0);
  await time.until(() => received() === sent.length);
});

test('pause holds chunks back, and an end of the link is told all the same', async () => {
  const { time, end, peer } = await connected();
  end.connection.pause();
  peer.write('later');
  await time.advance(1000);
  assert.equal(end.text, 'connect');
  end.connection.resume();
  await time.until(() => end.text === 'connect later');
  end.connection.pause();
  peer.connection.reset();
  await time.until(() => /close/.test(end.text));
});

test('a frozen process hears nothing, from accepted connections either, until it is thawed', async () => {
  const { time, faults, network, peers, connect } = await bench();
  const accepted: End[] = [];
  await time.complete(
    network.listen(
      { host: '10.0.0.1', port: PORT },
      { onConnection: (connection) => accepted.push(new End(connection, true)) },
    ),
  );
  const own = connect();
  const dial = () => new End(network.connect({ host: '10.0.0.1', port: PORT }));
  const client = dial();
  await time.until(() => own.text === 'connect' && client.text === 'connect');
  faults.isFrozen = true;
  peers[0].write('to the frozen');
  const late = dial();
  await time.advance(5000);
  assert.deepEqual([own.text, client.text, late.text], ['connect', 'connect', '']);
  faults.isFrozen = false;
  client.write('awake');
  await time.until(() => own.text === 'connect to the frozen' && accepted[0].text === 'awake');
  await time.until(() => accepted.length === 2 && late.text === 'connect');
});

test('a crash closes every connection for the peers and tells the process nothing', async () => {
  const { time, network, end, peer } = await connected();
  await time.complete(network.crash());
  await time.until(() => /close/.test(peer.text));
  assert.equal(end.text, 'connect');
  const after = new End(network.connect({ host: '10.0.0.2', port: PORT }));
  await time.advance(1000);
  assert.equal(after.text, '');
});
