// Our node as a replica of the real redis-server, and between two of them: copied and continued, with and
// without a disk, with a password, promoted, failed over to and back. Scores are integers here, so that
// DEBUG DIGEST is the same number on servers of both kinds.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ask, assertSameData, follow, info, isUp, textOf, until } from '../support/questions.ts';
import { RespConnection } from '../support/resp-connection.ts';
import {
  missingProgram,
  type Program,
  type RunningServer,
  realRedis,
  startServer,
  subject,
} from '../support/server-process.ts';

const skip = missingProgram('redis-server');
/** Of each kind. */
const KEYS = 17;
const COMMON = { 'enable-debug-command': 'yes', 'repl-diskless-sync-delay': '0' };

/**
 * Writes of every kind; the same each time. Keys with a time live long, or have been deleted at the end, so
 * that the server has nothing to say of its own accord.
 */
async function work(server: RunningServer, rounds: number): Promise<void> {
  const connection = await RespConnection.open(server.port);
  const send = (...words: readonly string[]) => connection.send(words);
  let sent = 0;
  for (let i = 0; i < rounds; i++) {
    const k = String(i % KEYS);
    const n = String(i);
    const batch: readonly (readonly string[])[] = [
      ['SET', `s:${k}`, `value ${n}`.repeat((i % 5) + 1)],
      ['APPEND', `s:${k}`, n],
      ['SETRANGE', `s:${k}`, '3', 'xyz'],
      ['INCRBY', `n:${k}`, n],
      ['INCRBYFLOAT', `f:${k}`, '0.5'],
      ['SETEX', `t:${k}`, '1000', n],
      ['PSETEX', `gone:${k}`, '30', n],
      ['GETEX', `s:${k}`, 'PERSIST'],
      ['GETDEL', `t:${String((i + 1) % KEYS)}`],
      ['RPUSH', `l:${k}`, n, 'b', 'c'],
      ['LMOVE', `l:${k}`, `m:${k}`, 'LEFT', 'RIGHT'],
      ['LPOP', `m:${k}`, '2'],
      ['LTRIM', `l:${k}`, '-20', '-1'],
      ['SADD', `set:${k}`, n, 'x', String(i * 7)],
      ['SPOP', `set:${k}`, '2'],
      ['SMOVE', `set:${k}`, `other:${k}`, 'x'],
      ['ZADD', `z:${k}`, n, `m${n}`, '5', 'five'],
      ['ZINCRBY', `z:${k}`, '2', 'five'],
      ['ZPOPMIN', `z:${k}`],
      ['ZRANGESTORE', `zs:${k}`, `z:${k}`, '0', '3'],
      ['HSET', `h:${k}`, `f${n}`, n, 'same', n],
      ['HINCRBY', `h:${k}`, 'count', '3'],
      ['HDEL', `h:${k}`, `f${String(i - 20)}`],
      ['XADD', `x:${k}`, 'MAXLEN', '~', '10', '*', 'f', n],
      ['PFADD', `p:${k}`, n],
      ['SETBIT', `bits:${k}`, n, '1'],
      ['MULTI'],
      ['SET', `a:${k}`, n],
      ['EXPIRE', `a:${k}`, '5000'],
      ['COPY', `a:${k}`, `b:${k}`, 'REPLACE'],
      ['EXEC'],
      ['SELECT', String(i % 3)],
      ['RENAME', `a:${k}`, `c:${k}`],
      ['BLPOP', `l:${k}`, '0.01'],
      ['UNLINK', `f:${String((i + 3) % KEYS)}`],
    ];
    for (const words of batch) send(...words);
    sent += batch.length;
  }
  for (let i = 0; i < sent; i++) await connection.next();
  const shortLived = Array.from({ length: KEYS }, (_, k) => `gone:${k}`);
  for (const db of ['0', '1', '2']) {
    await connection.call('SELECT', db);
    // A master deletes what it finds to have expired.
    await until(
      'what lives for 30 ms is gone',
      async () => textOf(await connection.call('EXISTS', ...shortLived)) === '0',
    );
  }
  connection.close();
}

describe('a replica of the real server', { skip }, () => {
  const running: RunningServer[] = [];
  const start = async (program: Program, options: Readonly<Record<string, string>> = {}) => {
    const server = await startServer(program, { ...COMMON, ...options });
    running.push(server);
    return server;
  };
  after(async () => {
    for (const server of running) await server.stop();
  });

  for (const disklessSync of ['yes', 'no']) {
    for (const disklessLoad of ['disabled', 'on-empty-db', 'swapdb']) {
      test(`copied: repl-diskless-sync ${disklessSync}, repl-diskless-load ${disklessLoad}`, async () => {
        const master = await start(realRedis, { 'repl-diskless-sync': disklessSync });
        const replica = await start(subject, { 'repl-diskless-load': disklessLoad });
        await work(master, 40);
        await follow(replica, master);
        await work(master, 10);
        await assertSameData([master, replica]);
        await replica.stop();
        await master.stop();
      });
    }
  }

  test('a broken link is continued; a password of its own; acknowledged at once', async () => {
    const master = await start(realRedis, { requirepass: 'secret' });
    const admin = await RespConnection.open(master.port);
    await admin.call('AUTH', 'secret');
    await admin.call('ACL', 'SETUSER', 'follower', 'on', '>word', '+psync', '+replconf', '+ping');
    await admin.call('CONFIG', 'SET', 'requirepass', '');
    await admin.call('ACL', 'SETUSER', 'default', 'nopass', '-psync');
    const replica = await start(subject, { masteruser: 'follower', masterauth: 'word' });
    await work(master, 5);
    await follow(replica, master);
    for (let i = 0; i < 5; i++) {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'replica');
      await work(master, 2);
      await until(
        'continued',
        async () => (await info(master, 'sync_partial_ok')) === String(i + 1),
      );
    }
    await ask(replica, 'CLIENT', 'KILL', 'TYPE', 'master');
    await until('continued', async () => (await info(master, 'sync_partial_ok')) === '6');
    assert.equal(await info(master, 'sync_full'), '1');
    assert.equal((await admin.call('SET', 'last', '1')).type, 'simple');
    assert.deepEqual(await admin.call('WAIT', '1', '0'), { type: 'integer', text: '1' });
    admin.close();
    await assertSameData([master, replica]);
    await replica.stop();
    await master.stop();
  });

  test('real, ours, real: a chain, a promotion in its middle, and the old master follows', async () => {
    const top = await start(realRedis);
    // A PING after the promotion would be a byte that nobody else has, and a reason to copy everything.
    await ask(top, 'CONFIG', 'SET', 'repl-ping-replica-period', '3600');
    const ours = await start(subject);
    const below = await start(realRedis);
    await work(top, 20);
    await follow(ours, top);
    await follow(below, ours);
    await work(top, 40);
    await assertSameData([top, ours, below]);
    await ask(ours, 'REPLICAOF', 'NO', 'ONE');
    await until(
      'the lower one continues',
      async () => Number(await info(ours, 'sync_partial_ok')) > 0,
    );
    await until('it is up', () => isUp(below));
    await work(ours, 20);
    await follow(top, ours);
    await work(ours, 5);
    await assertSameData([top, ours, below]);
    // Everybody was there all the time: nothing had to be copied again.
    assert.equal(await info(ours, 'sync_full'), '1');
    assert.equal(await info(ours, 'sync_partial_ok'), '2');
    for (const one of [below, ours, top]) await one.stop();
  });

  test('FAILOVER from the real master to ours, and back', async () => {
    const real = await start(realRedis);
    const ours = await start(subject);
    await work(real, 10);
    await follow(ours, real);
    for (const [from, to] of [
      [real, ours],
      [ours, real],
      [real, ours],
    ]) {
      await until('it has everything', async () => /online/.test(await info(from, 'slave0')));
      assert.equal(await ask(from, 'FAILOVER', 'TO', '127.0.0.1', String(to.port)), 'OK');
      await until('the roles changed', async () => (await info(to, 'role')) === 'master');
      await until('the link is up', () => isUp(from));
      await work(to, 5);
      await assertSameData([from, to]);
    }
    assert.equal(Number(await info(real, 'sync_full')) + Number(await info(ours, 'sync_full')), 1);
    await ours.stop();
    await real.stop();
  });

  test('a replica that starts again from its file is continued', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-test-'));
    const master = await start(realRedis);
    const options = { dir: folder, replicaof: `127.0.0.1 ${master.port}` };
    const before = await start(subject, { ...options, save: '3600 1' });
    await until('it is up', () => isUp(before));
    await work(master, 10);
    await assertSameData([master, before]);
    await ask(before, 'SHUTDOWN', 'SAVE').catch(() => {});
    await work(master, 3);
    const again = await start(subject, options);
    await until('it is up', () => isUp(again));
    assert.equal(await info(master, 'sync_full'), '1');
    assert.equal(await info(master, 'sync_partial_ok'), '1');
    await assertSameData([master, again]);
    await again.stop();
    await master.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the transaction of sentinels: a file that cannot be written undoes nothing', async () => {
    const master = await start(realRedis);
    const node = await start(subject);
    const listener = await RespConnection.open(node.port);
    await listener.call('SUBSCRIBE', '__sentinel__:hello');
    const sentinel = await RespConnection.open(node.port);
    for (const words of [
      ['MULTI'],
      ['SLAVEOF', '127.0.0.1', String(master.port)],
      ['CONFIG', 'REWRITE'],
      ['CLIENT', 'KILL', 'TYPE', 'normal'],
      ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
    ]) {
      assert.equal((await sentinel.call(...words)).type, 'simple');
    }
    const reply = await sentinel.call('EXEC');
    assert.ok(reply.type === 'array');
    assert.deepEqual(
      reply.items.map(({ type }) => type),
      ['simple', 'error', 'integer', 'integer'],
    );
    // The caller is spared, other listeners are not.
    assert.equal((await sentinel.call('PING')).type, 'simple');
    await assert.rejects(async () => await listener.call('PING'));
    await until('it follows', () => isUp(node));
    for (const [field, value] of [
      ['role', 'slave'],
      ['master_port', String(master.port)],
      ['slave_priority', '100'],
      ['replica_announced', '1'],
    ]) {
      assert.equal(await info(node, field), value);
    }
    assert.match(await ask(node, 'SET', 'a', 'b'), /^READONLY /);
    sentinel.close();
    listener.close();
    await node.stop();
    await master.stop();
  });
});
