// Fleets inside this process, every method. Tests wait for what can be seen and never for time.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { createFleet, type FleetOptions } from './create-fleet.ts';
import { type Fleet, FleetError } from './fleet.ts';
import type { FailoverView, FleetView, ServerView } from './fleet-view.ts';

const create = (options: FleetOptions = {}): Promise<Fleet> =>
  createFleet(nodeEnvironment, options);

function server(view: FleetView, name: string): ServerView {
  const found = view.servers.find((one) => one.name === name);
  assert.ok(found);
  return found;
}

/** What came back of one inline request. */
function ask(port: number, line: string): Promise<string> {
  return new Promise((fulfil, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', (reply) => {
      socket.destroy();
      fulfil(reply.toString());
    });
    socket.write(`${line}\r\n`);
  });
}

describe('a fleet of three servers and three sentinels', () => {
  let fleet: Fleet;
  const failovers: FailoverView[] = [];
  const roles: string[] = [];

  before(async () => {
    fleet = await create({ downAfterMs: 500, probeIntervalMs: 5 });
    fleet.on('failover', (failover) => failovers.push(failover));
    fleet.on('role-change', ({ node, to }) => roles.push(`${node} ${to}`));
  });

  after(() => fleet?.stop());

  const replicaOf = (view: FleetView): ServerView => {
    const found = view.servers.find((one) => one.name !== view.master && one.state === 'up');
    assert.ok(found);
    return found;
  };

  test('starts complete', () => {
    const { view } = fleet;
    assert.equal(view.master, 'server1');
    assert.deepEqual(
      view.servers.map(({ name, state, role }) => [name, state, role]),
      [
        ['server1', 'up', 'master'],
        ['server2', 'up', 'replica'],
        ['server3', 'up', 'replica'],
      ],
    );
    for (const sentinel of view.sentinels) {
      assert.equal(sentinel.master?.node, 'server1');
      assert.deepEqual(sentinel.replicas.map(({ node }) => node).sort(), ['server2', 'server3']);
      assert.equal(sentinel.sentinels.length, 2);
    }
    assert.equal(fleet.getHost(), '127.0.0.1');
    assert.equal(fleet.getPort(), view.servers[0].port);
    assert.equal(fleet.serverAddresses().length, 3);
    assert.equal(fleet.sentinelAddresses()[0].port, view.sentinels[0].port);
    assert.deepEqual(JSON.parse(JSON.stringify(view)), view);
  });

  test('the master takes writes and replicas have them', async () => {
    assert.equal(await ask(fleet.getPort(), 'SET k v'), '+OK\r\n');
    await fleet.until((view) => view.servers.every(({ keys }) => keys === 1), {
      what: 'the key everywhere',
    });
    assert.equal(await ask(fleet.serverAddresses()[1].port, 'GET k'), '$1\r\nv\r\n');
    assert.match(await ask(fleet.serverAddresses()[1].port, 'SET k w'), /^-READONLY/);
  });

  test('a frozen node is silent and goes on where it was', async () => {
    const { port } = server(fleet.view, 'server3');
    let answer = '';
    const client: Socket = connect(port, '127.0.0.1');
    client.on('data', (bytes) => {
      answer += bytes.toString();
    });
    await new Promise((fulfil) => client.once('connect', fulfil));
    await fleet.freeze('server3');
    assert.equal(server(fleet.view, 'server3').state, 'frozen');
    await fleet.freeze('server3');
    client.write('PING\r\n');
    await fleet.until((view) =>
      view.sentinels.every(({ replicas }) =>
        replicas.some(({ node, isSubjectivelyDown }) => node === 'server3' && isSubjectivelyDown),
      ),
    );
    assert.equal(answer, '');
    await fleet.thaw('server3');
    await fleet.until((view) => server(view, 'server3').state === 'up');
    while (answer === '') await new Promise((fulfil) => setImmediate(fulfil));
    assert.equal(answer, '+PONG\r\n');
    client.destroy();
    await fleet.thaw('server3');
  });

  test('behind a cut a replica falls behind; healed, it catches up', async () => {
    assert.equal(fleet.whyNotCut('server1', 'server2'), undefined);
    await fleet.cut('server1', 'server2');
    assert.deepEqual(fleet.view.faults, [
      { between: ['server1', 'server2'], fault: { kind: 'cut' } },
    ]);
    await ask(fleet.getPort(), 'SET behind yes');
    await fleet.until((view) => server(view, 'server3').keys === 2);
    const view = await fleet.until((seen) => (server(seen, 'server2').upstream?.lagBytes ?? 0) > 0);
    assert.equal(server(view, 'server2').keys, 1);
    await fleet.heal('server1', 'server2');
    await fleet.until((seen) => server(seen, 'server2').keys === 2);
    assert.deepEqual(fleet.view.faults, []);
  });

  test('a slow link is shown and healed with its node', async () => {
    await fleet.slow('server3', 'server1', { delayMs: 200, bytesPerSecond: 100_000 });
    assert.deepEqual(fleet.view.faults[0].fault, {
      kind: 'slow',
      delayMs: 200,
      bytesPerSecond: 100_000,
    });
    await ask(fleet.getPort(), 'SET slow yes');
    await fleet.until((view) => (server(view, 'server3').upstream?.lagMs ?? 0) > 0);
    await fleet.heal('server3');
    await fleet.until((view) => server(view, 'server3').keys === 3);
    await assert.rejects(fleet.slow('server3', 'server1', { delayMs: -1 }), FleetError);
  });

  test('a sentinel that is killed is missed and comes back with its id', async () => {
    const { id } = fleet.view.sentinels[2];
    await fleet.kill('sentinel3');
    assert.equal(fleet.view.sentinels[2].state, 'down');
    assert.equal(fleet.view.sentinels[2].pid, null);
    await assert.rejects(fleet.kill('sentinel3'), /sentinel3 is down/);
    await fleet.restart('sentinel3');
    await fleet.until((view) => view.sentinels[2].sentinels.length === 2);
    assert.equal(fleet.view.sentinels[2].id, id);
  });

  test('a failover without a reason', async () => {
    const { master } = fleet.view;
    await fleet.failover();
    const view = await fleet.until((seen) => seen.master !== master && seen.master !== null);
    assert.ok(view.master);
    await fleet.until((seen) => server(seen, view.master ?? '').role === 'master');
    await fleet.until((seen) => server(seen, master ?? '').upstream?.node === view.master);
    assert.equal(failovers.at(-1)?.to, view.master);
    assert.ok(roles.includes(`${view.master} master`));
  });

  test('a probe sees the death of the master, and what was lost', async () => {
    fleet.startProbe();
    fleet.startProbe();
    await fleet.until((view) => (view.probe?.acknowledged ?? 0) > 20);
    // The sentinels rest after a failover; until then they would only watch.
    const { master } = fleet.view;
    const count = failovers.length;
    await fleet.kill('master');
    await fleet.until((view) => view.master !== master && (view.probe?.failed ?? 0) > 0);
    const after = fleet.view.probe?.acknowledged ?? 0;
    const view = await fleet.until((seen) => (seen.probe?.acknowledged ?? 0) > after + 10);
    assert.equal(view.probe?.target, view.master);
    assert.ok((view.probe?.longestGapMs ?? 0) > 0);
    assert.ok((view.probe?.seconds.length ?? 0) > 0);
    assert.equal(failovers.length, count + 1);
    assert.equal(failovers.at(-1)?.from, master);
    fleet.stopProbe();
    assert.equal(fleet.view.probe?.isRunning, false);
    await fleet.restart(master ?? '');
    await fleet.until((seen) => server(seen, master ?? '').role === 'replica');
    await fleet.until((seen) => server(seen, master ?? '').upstream?.link === 'up');
  });

  test('the time line tells all of it in order', async () => {
    const { events } = await fleet.refresh();
    const named = (name: string): number => events.findIndex((event) => event.name === name);
    for (const name of ['freeze', 'thaw', 'cut', 'heal', 'slow', 'kill', 'restart', 'failover']) {
      assert.ok(named(name) >= 0, name);
    }
    assert.ok(named('+switch-master') > named('failover'));
    assert.deepEqual(
      events.map(({ id }) => id),
      events.map((_, i) => events[0].id + i),
    );
  });

  test('nodes have several names, and a wrong one lists them', async () => {
    const replica = replicaOf(fleet.view);
    await fleet.freeze(`127.0.0.1:${replica.port}`);
    await fleet.thaw(String(replica.port));
    await fleet.until((view) => server(view, replica.name).state === 'up');
    await assert.rejects(fleet.kill('server9'), /there is no server9 now; the nodes are server1,/);
    assert.throws(() => fleet.whyNotCut('master', 'nobody'), FleetError);
    await assert.rejects(fleet.cut('server1', 'server1'), /no link to itself/);
  });

  test('what never comes is told with the state of the fleet', async () => {
    await assert.rejects(
      fleet.until(() => false, { timeoutMs: 50, what: 'a miracle' }),
      /a miracle did not come within 50 ms: master server\d; server1 up/,
    );
    await assert.rejects(
      fleet.until(() => {
        throw new Error('own fault');
      }),
      /own fault/,
    );
  });

  test('a stopped fleet refuses and has let go of its ports', async () => {
    const waiting = assert.rejects(
      fleet.until(() => false),
      /stopped/,
    );
    const ports = [...fleet.serverAddresses(), ...fleet.sentinelAddresses()];
    await fleet.stop();
    await fleet.stop();
    await fleet.ended;
    await waiting;
    await assert.rejects(fleet.kill('server1'), /stopped/);
    await assert.rejects(
      fleet.until(() => true),
      /stopped/,
    );
    for (const { port } of ports) await assert.rejects(ask(port, 'PING'), /ECONNREFUSED/);
  });
});

test('a fleet with a password and directives, without sentinels', async () => {
  await using fleet = await create({
    replicas: 1,
    sentinels: 0,
    password: 'open "sesame"',
    directives: { maxmemory: '64mb', appendonly: false },
  });
  assert.match(await ask(fleet.getPort(), 'PING'), /^-NOAUTH/);
  await assert.rejects(fleet.failover(), /no sentinel is up/);
  fleet.startProbe();
  await fleet.until((view) => (view.probe?.acknowledged ?? 0) > 3);
  assert.equal(fleet.view.master, 'server1');
});

test('wrong options are refused in words', async () => {
  for (const [options, message] of [
    [{ replicas: -1 }, /whole numbers/],
    [{ sentinels: 3, quorum: 4 }, /quorum/],
    [{ downAfterMs: 0 }, /downAfterMs/],
    [{ masterName: 'a b' }, /master name/],
    [{ server: 'redis-server' }, /processes/],
    [{ processes: true, server: ' ' }, /command line/],
    [{ sentinels: 0, directives: { 'no-such-thing': 1 } }, /no-such-thing/],
  ] as const) {
    await assert.rejects(create(options), message);
  }
});

test('nothing is left in the temporary folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-test-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const fleet = await create({ replicas: 1, sentinels: 1, quorum: 1 });
    assert.equal(readdirSync(folder).length, 1);
    await fleet.stop();
    assert.deepEqual(readdirSync(folder), []);
    await assert.rejects(create({ sentinels: 0, directives: { port: 'x' } }));
    assert.deepEqual(readdirSync(folder), []);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  }
  assert.equal(existsSync(folder), false);
});
