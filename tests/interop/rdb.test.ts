// RDB files between us and the real redis-server: what one writes the other loads, and DEBUG DIGEST is the
// same on both sides of the way. The digest of our own server is not compared with that of Redis 7.0, which
// prints scores differently: every comparison is between two servers of one kind.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ask } from '../support/questions.ts';
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
const DEBUG = { 'enable-debug-command': 'yes' };

/** Commands that make keys of every type in every encoding, the same each time. */
function population(): readonly (readonly string[])[] {
  const commands: string[][] = [];
  const many = (n: number, of: (i: number) => readonly string[]): string[] =>
    Array.from({ length: n }, (_, i) => of(i)).flat();
  for (const n of [1, 7, 90, 700]) {
    commands.push(['SET', `text:${n}`, 'some text '.repeat(n)]);
    commands.push(['SET', `int:${n}`, String(-n * 1_000_003)], ['SET', `byte:${n}`, String(n)]);
    commands.push(['SET', `long:${n}`, `9${'0'.repeat(15)}${n}`]);
    commands.push(['RPUSH', `list:${n}`, ...many(n, (i) => [String(i), `element ${i}`, '-1'])]);
    commands.push(['RPUSH', `wide:${n}`, ...many(n, (i) => ['x'.repeat(100 + i)])]);
    for (const unit of [1, 100_000, 10_000_000_000]) {
      commands.push(['SADD', `ints:${unit}:${n}`, ...many(n, (i) => [String((i - 5) * unit)])]);
    }
    commands.push(['SADD', `set:${n}`, ...many(n, (i) => [`member ${i}`])]);
    commands.push(['HSET', `hash:${n}`, ...many(n, (i) => [`field ${i}`, String(i * i)])]);
    commands.push(['HSET', `fat:${n}`, ...many(n, (i) => [`f${i}`, 'v'.repeat(i)])]);
    commands.push(['ZADD', `zset:${n}`, ...many(n, (i) => [String(i * 1.5 - 7), `member ${i}`])]);
    commands.push(
      ['PEXPIREAT', `zset:${n}`, '32503680000123'],
      ['SETBIT', `bits:${n}`, '999', '1'],
    );
    for (let i = 1; i <= n; i++) commands.push(['XADD', `stream:${n}`, `${i}-${i}`, 'a', `${i}`]);
    commands.push(['XGROUP', 'CREATE', `stream:${n}`, 'readers', '0']);
    commands.push(['XREADGROUP', 'GROUP', 'readers', 'me', 'STREAMS', `stream:${n}`, '>']);
    commands.push(['XDEL', `stream:${n}`, '5-5'], ['XACK', `stream:${n}`, 'readers', '3-3']);
  }
  commands.push(['ZADD', 'edges', 'inf', 'a', '-inf', 'b', '0', 'c', '1e300', 'd']);
  commands.push(['SELECT', '9'], ['SET', 'elsewhere', '1'], ['SELECT', '0']);
  return commands;
}

async function populate(server: RunningServer): Promise<void> {
  const connection = await RespConnection.open(server.port);
  for (const command of population()) {
    const reply = await connection.call(...command);
    assert.notEqual(reply.type, 'error', `${command.slice(0, 2).join(' ')}`);
  }
  connection.close();
}

const digest = (server: RunningServer): Promise<string> => ask(server, 'DEBUG', 'DIGEST');

/** XINFO of a stream with its groups, without what depends on the clock. */
async function groups(server: RunningServer): Promise<string> {
  const connection = await RespConnection.open(server.port);
  const reply = await connection.call('XPENDING', 'stream:90', 'readers');
  connection.close();
  return JSON.stringify(reply);
}

/** Starts a server with another one's file. */
async function startWith(
  program: Program,
  from: RunningServer,
  options: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const server = await startServer(program, { ...DEBUG, ...options });
  copyFileSync(join(from.folder, 'dump.rdb'), join(server.folder, 'dump.rdb'));
  assert.equal(await ask(server, 'DEBUG', 'RELOAD', 'NOSAVE'), 'OK');
  return server;
}

describe('RDB files between us and redis-server', { skip }, () => {
  for (const version of ['9', '10']) {
    test(`redis-server loads ours of version ${version}, and we what it makes of it`, async () => {
      const ours = await startServer(subject, { ...DEBUG, 'rdb-target-version': version });
      await populate(ours);
      assert.equal(await ask(ours, 'SAVE'), 'OK');
      const real = await startWith(realRedis, ours);
      assert.equal(await groups(real), await groups(ours));
      assert.equal(await ask(real, 'SAVE'), 'OK');
      const again = await startWith(subject, real);
      assert.equal(await digest(again), await digest(ours));
      await Promise.all([ours, real, again].map((server) => server.stop()));
    });
  }

  for (const compression of ['yes', 'no']) {
    test(`we load redis-server's, rdbcompression ${compression}, and it what we make of it`, async () => {
      const real = await startServer(realRedis, { ...DEBUG, rdbcompression: compression });
      await populate(real);
      assert.equal(await ask(real, 'SAVE'), 'OK');
      const ours = await startWith(subject, real, { rdbcompression: compression });
      assert.equal(await groups(ours), await groups(real));
      assert.equal(await ask(ours, 'BGSAVE'), 'Background saving started');
      while (!/rdb_bgsave_in_progress:0/.test(await ask(ours, 'INFO', 'persistence')));
      const again = await startWith(realRedis, ours);
      assert.equal(await digest(again), await digest(real));
      await Promise.all([real, ours, again].map((server) => server.stop()));
    });
  }

  test('a payload of DUMP is taken by RESTORE on the other side', async () => {
    const [ours, real] = await Promise.all([
      startServer(subject, DEBUG),
      startServer(realRedis, DEBUG),
    ]);
    await populate(ours);
    await populate(real);
    const [from, to] = await Promise.all([
      RespConnection.open(ours.port),
      RespConnection.open(real.port),
    ]);
    const names = population().flatMap(([word, name]) =>
      /^(SET|.*PUSH|.ADD|HSET)$/.test(word) ? [name] : [],
    );
    const before = [await digest(ours), await digest(real)];
    for (const name of new Set(names)) {
      for (const [source, target] of [
        [from, to],
        [to, from],
      ]) {
        const dumped = await source.call('DUMP', name);
        if (dumped.type !== 'bulk') continue;
        const expiry = await source.call('PEXPIRETIME', name);
        const ttl = 'text' in expiry && Number(expiry.text) > 0 ? expiry.text : '0';
        const reply = await target.call('RESTORE', name, ttl, dumped.bytes, 'REPLACE', 'ABSTTL');
        assert.equal(reply.type, 'simple', `${name}: ${JSON.stringify(reply)}`);
      }
    }
    assert.deepEqual([await digest(ours), await digest(real)], before);
    from.close();
    to.close();
    await Promise.all([ours.stop(), real.stop()]);
  });

  test('MIGRATE takes everything there and back', async () => {
    const ours = await startServer(subject, DEBUG);
    const real = await startServer(realRedis, DEBUG);
    await populate(ours);
    const before = await digest(ours);
    const names = [...new Set(population().map(([, name]) => name))];
    const migrate = (from: RunningServer, to: RunningServer): Promise<string> =>
      ask(from, 'MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...names);
    assert.equal(await migrate(ours, real), 'OK');
    assert.equal(await ask(ours, 'DBSIZE'), '0');
    assert.equal(await migrate(real, ours), 'OK');
    assert.equal(await ask(real, 'DBSIZE'), '0');
    assert.equal(await digest(ours), before);
    await Promise.all([ours.stop(), real.stop()]);
  });

  test('a damaged file is refused', async () => {
    const ours = await startServer(subject, DEBUG);
    assert.equal(await ask(ours, 'SET', 'key', 'value'), 'OK');
    assert.equal(await ask(ours, 'SAVE'), 'OK');
    const path = join(ours.folder, 'dump.rdb');
    const bytes = readFileSync(path);
    bytes[bytes.length - 12] ^= 1;
    writeFileSync(path, bytes);
    const connection = await RespConnection.open(ours.port);
    const reply = await connection.call('DEBUG', 'RELOAD', 'NOSAVE');
    connection.close();
    assert.equal(reply.type, 'error');
    assert.match(ours.output(), /Wrong RDB checksum|Internal error in RDB reading offset \d+/);
    await ours.stop();
  });
});
