// `understudy up` and what acts on it, as processes. Nothing here is timed: a step waits for a fact and
// a generous limit ends it.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  FleetProcess,
  isAlive,
  type Ready,
  statusOf,
  understudy,
  until,
  untilStatus,
} from '../support/fleet-process.ts';
import { ask } from '../support/questions.ts';
import { missingProgram } from '../support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pidsOf = (ready: Ready): readonly number[] =>
  Object.values(ready.nodes).map(({ pid }) => pid);

const allGone = (pids: readonly number[]): Promise<void> =>
  until(() => !pids.some(isAlive), 'every node has ended');

describe('a fleet of our own programs', () => {
  const dir = join(folder, 'own');
  let fleet: FleetProcess;
  let ready: Ready;

  before(async () => {
    fleet = new FleetProcess('--dir', dir, '--port', 'auto', '--down-after', '500');
    ready = await fleet.ready();
  });

  after(() => {
    fleet?.child.kill('SIGTERM');
  });

  const node = (name: string) => ready.nodes[name];
  const act = async (...words: readonly string[]): Promise<void> => {
    const { code, err } = await understudy(...words, '--dir', dir);
    assert.equal(code, 0, err);
  };

  test('every node is a process with a folder of its own', () => {
    assert.deepEqual(Object.keys(ready.nodes), [
      ...['server1', 'server2', 'server3'],
      ...['sentinel1', 'sentinel2', 'sentinel3'],
    ]);
    assert.equal(new Set(pidsOf(ready)).size, 6);
    assert.ok(pidsOf(ready).every(isAlive));
    assert.ok(readdirSync(join(dir, 'server1')).includes('redis.conf'));
    assert.equal(statSync(join(dir, 'fleet.json')).mode & 0o777, 0o600);
  });

  test('status as text and as JSON', async () => {
    const text = await understudy('status', '--dir', dir);
    assert.match(text.out, /^mymaster: server1 leads; quorum 2 of 3, down after 500 ms\n/);
    assert.match(text.out, /\nsentinel3 +127\.0\.0\.1:\d+ +up +sees server1/);
    // No colours into a pipe.
    assert.equal(text.out.includes('\x1b'), false);
    const view = await statusOf(dir);
    assert.equal(view.master, 'server1');
    assert.equal(view.servers[0].implementation, 'understudy');
  });

  test('a second fleet in the folder is refused, and so are ports that are taken', async () => {
    const second = await understudy('up', '--dir', dir);
    assert.equal(second.code, 4);
    assert.match(second.err, /a fleet runs in .* already \(process \d+\)/);
    const port = String(node('server1').port);
    const taken = await understudy('up', '--ephemeral', '--no-page', '--port', port);
    assert.equal(taken.code, 4);
    assert.match(taken.err, /ports \d+, .* are in use; the next free block is \d+: understudy up/);
  });

  test('the control port cuts off whoever lacks the secret', async () => {
    const { controlPort } = JSON.parse(readFileSync(join(dir, 'fleet.json'), 'utf8'));
    for (const line of [
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
      '{"token":"wrong","command":"down","args":[]}\n',
      `${'x'.repeat(10_000)}`,
    ]) {
      const said = await new Promise<string>((fulfil) => {
        let text = '';
        const socket = connect(controlPort, '127.0.0.1');
        socket.on('data', (chunk) => {
          text += chunk.toString();
        });
        socket.on('error', () => {});
        socket.on('close', () => fulfil(text));
        socket.write(line);
      });
      assert.equal(said, '');
    }
    assert.ok(isAlive(ready.pid));
  });

  test('kill -9 of the master: another one takes writes, the old one returns as its replica', async () => {
    assert.equal(await ask(node('server1'), 'SET', 'kept', 'yes'), 'OK');
    assert.equal(await ask(node('server1'), 'WAIT', '2', '10000'), '2');
    process.kill(ready.nodes.server1.pid, 'SIGKILL');
    const view = await untilStatus(
      dir,
      ({ master, servers }) =>
        master !== 'server1' && servers.some((one) => one.name === master && one.role === 'master'),
      'a new master',
    );
    assert.ok(view.master);
    assert.equal(view.servers[0].state, 'down');
    assert.equal(view.failovers.at(-1)?.outcome, 'done');
    assert.equal(view.failovers.at(-1)?.to, view.master);
    assert.equal(await ask(node(view.master), 'GET', 'kept'), 'yes');
    assert.equal(await ask(node(view.master), 'SET', 'after', 'yes'), 'OK');
    await act('restart', 'server1');
    await untilStatus(
      dir,
      ({ master, servers }) =>
        servers[0].upstream?.link === 'up' && servers[0].upstream.node === master,
      'the old master follows',
    );
    assert.equal(await ask(node('server1'), 'GET', 'after'), 'yes');
  });

  test('freeze, thaw, cut, slow, heal', async () => {
    await act('freeze', 'sentinel2');
    assert.equal((await statusOf(dir)).sentinels[1].state, 'frozen');
    await act('thaw', 'sentinel2');
    const { master } = await untilStatus(
      dir,
      ({ sentinels }) => sentinels[1].state === 'up',
      'the sentinel is back',
    );
    assert.ok(master);
    const replica = ['server1', 'server2', 'server3'].find((name) => name !== master);
    assert.ok(replica);
    await act('cut', replica, 'master');
    await ask(node(master), 'SET', 'unseen', 'yes');
    const behind = await untilStatus(
      dir,
      ({ servers }) => servers.some(({ name, upstream }) => name === replica && upstream?.lagBytes),
      'the replica is behind',
    );
    assert.deepEqual(behind.faults, [{ between: [replica, master], fault: { kind: 'cut' } }]);
    assert.equal(await ask(node(replica), 'GET', 'unseen'), 'nullBulk');
    await act('slow', replica, 'master', '20');
    assert.equal((await statusOf(dir)).faults[0].fault.kind, 'slow');
    await act('heal');
    await untilStatus(
      dir,
      ({ servers, faults }) =>
        faults.length === 0 &&
        servers.some(({ name, upstream }) => name === replica && upstream?.lagBytes === 0),
      'the replica has caught up',
    );
    assert.equal(await ask(node(replica), 'GET', 'unseen'), 'yes');
  });

  test('failover ends when another one leads', async () => {
    const { master } = await statusOf(dir);
    const { code, out, err } = await understudy('failover', '--dir', dir);
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`^${master} to server\\d in \\d+ ms \\(`));
    assert.notEqual((await statusOf(dir)).master, master);
  });

  test('what cannot be done is said, with exit code 1', async () => {
    const unknown = await understudy('kill', 'server9', '--dir', dir);
    assert.equal(unknown.code, 1);
    assert.equal(
      unknown.err,
      'understudy: there is no server9 now; the nodes are server1, server2, server3, sentinel1, sentinel2, sentinel3\n',
    );
  });

  test('down ends every node and keeps the data; up finds it and its master again', async () => {
    const { master } = await statusOf(dir);
    const { code, out } = await understudy('down', '--dir', dir);
    assert.deepEqual([code, out], [0, 'down: all nodes have ended\n']);
    assert.equal((await fleet.ended).code, 0);
    await allGone(pidsOf(ready));
    assert.equal((await understudy('status', '--dir', dir)).code, 3);
    fleet = new FleetProcess('--dir', dir, '--port', 'auto', '--down-after', '500');
    ready = await fleet.ready();
    assert.equal(ready.master, master);
    assert.equal(await ask(node(ready.master), 'GET', 'kept'), 'yes');
    const { sentinels } = await statusOf(dir);
    assert.ok(sentinels.every(({ configEpoch }) => (configEpoch ?? 0) > 0));
  });

  test('Ctrl-C twice ends it once, in order', async () => {
    fleet.child.kill('SIGINT');
    fleet.child.kill('SIGINT');
    assert.equal((await fleet.ended).code, 0);
    await allGone(pidsOf(ready));
    assert.equal(readdirSync(dir).includes('fleet.lock'), false);
    assert.equal(readdirSync(dir).includes('fleet.json'), false);
  });

  test('kill -9 of the fleet itself leaves no process, not even a frozen one', async () => {
    fleet = new FleetProcess('--dir', dir, '--port', 'auto');
    ready = await fleet.ready();
    await act('freeze', 'server3');
    fleet.child.kill('SIGKILL');
    await allGone(pidsOf(ready));
    // Its lock does not keep the next one out.
    fleet = new FleetProcess('--dir', dir, '--port', 'auto', '--replicas', '2');
    ready = await fleet.ready();
    fleet.child.kill('SIGHUP');
    assert.equal((await fleet.ended).code, 0);
    await allGone(pidsOf(ready));
  });
});

describe('a fleet of real Redis', () => {
  test('starts, fails over, and refuses to cut links', {
    skip: missingProgram('redis-server', 'redis-sentinel'),
  }, async () => {
    const dir = join(folder, 'real');
    const fleet = new FleetProcess(
      ...['--dir', dir, '--port', 'auto', '--down-after', '500', '--replicas', '1'],
      ...['--server', 'redis-server', '--sentinel', 'redis-sentinel'],
    );
    const ready = await fleet.ready();
    const cut = await understudy('cut', 'server1', 'server2', '--dir', dir);
    assert.equal(cut.code, 1);
    assert.match(cut.err, /links of server1 cannot be cut/);
    const { code, err } = await understudy('kill', 'master', '--dir', dir);
    assert.equal(code, 0, err);
    await untilStatus(dir, ({ master }) => master === 'server2', 'a new master');
    fleet.child.kill('SIGKILL');
    await allGone(pidsOf(ready).filter((pid) => pid !== ready.nodes.server1.pid));
  });
});

test('a node that dies at start shows its last words, and nothing stays', async () => {
  const program = join(folder, 'dying.mjs');
  writeFileSync(program, "console.log('first'); console.error('no such luck'); process.exit(7);");
  const dir = join(folder, 'dying');
  const server = `${process.execPath} ${program}`;
  const { code, err } = await understudy(
    ...['up', '--no-page', '--dir', dir, '--port', 'auto', '--server', server],
  );
  assert.equal(code, 1);
  assert.match(
    err,
    /^understudy: server1 did not start: exit code 7\n {2}first\n {2}no such luck\n$/,
  );
  assert.equal(readdirSync(dir).includes('fleet.lock'), false);
  const missing = await understudy(
    ...['up', '--no-page', '--dir', dir, '--port', 'auto', '--server', 'no-such-program'],
  );
  assert.equal(missing.code, 1);
  assert.match(missing.err, /server1 did not start: there is no program no-such-program/);
});

test('wrong configuration, folders and options', async () => {
  const conf = join(folder, 'wrong.conf');
  writeFileSync(conf, 'no-such-directive yes\n');
  const wrong = await understudy(
    'up',
    '--ephemeral',
    '--no-page',
    '--port',
    'auto',
    '--conf',
    conf,
  );
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /no-such-directive/);
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const unusable = await understudy('up', '--dir', join(file, 'below'));
  assert.equal(unusable.code, 1);
  assert.match(unusable.err, /the folder .* cannot be used: ENOTDIR/);
  for (const args of [
    ['up', '--replicas', 'many'],
    ['up', '--port', '0'],
    ['up', '--quorum', '4'],
    ['up', '--conf', join(folder, 'missing.conf')],
    ['up', '--dance'],
    ['kill'],
    ['dance'],
  ]) {
    const dir = args[0] === 'up' ? ['--dir', join(folder, 'unused')] : [];
    const { code, err } = await understudy(...args, ...dir);
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
    assert.notEqual(err, '');
  }
  const nobody = await understudy('kill', 'master', '--dir', join(folder, 'nobody'));
  assert.equal(nobody.code, 3);
  assert.match(nobody.err, /no fleet runs in .*; start one with `understudy up`/);
});

test('a password in --conf is used by everyone', async () => {
  const conf = join(folder, 'secret.conf');
  writeFileSync(conf, '# ours\nrequirepass "two words"\nmaxmemory 64mb\n');
  const dir = join(folder, 'secret');
  const fleet = new FleetProcess(
    ...['--dir', dir, '--port', 'auto', '--conf', conf, '--replicas', '1', '--sentinels', '1'],
  );
  const ready = await fleet.ready();
  assert.match(await ask(ready.nodes.server1, 'GET', 'k'), /^NOAUTH/);
  fleet.child.kill('SIGTERM');
  assert.equal((await fleet.ended).code, 0);
  await allGone(pidsOf(ready));
});

test('a port beyond the highest, and a taken one with auto', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await new Promise((fulfil) => blocker.once('listening', fulfil));
  const address = blocker.address();
  assert.ok(address !== null && typeof address === 'object');
  const { code, err } = await understudy(
    ...['up', '--ephemeral', '--no-page', '--port', String(address.port), '--sentinels', '0'],
  );
  assert.equal(code, 4);
  assert.match(err, new RegExp(`port ${address.port} on 127\\.0\\.0\\.1 is in use`));
  blocker.close();
  const beyond = await understudy('up', '--ephemeral', '--no-page', '--port', '65535');
  assert.equal(beyond.code, 4);
  assert.match(beyond.err, /there is no room for the ports from 65535 on/);
});
