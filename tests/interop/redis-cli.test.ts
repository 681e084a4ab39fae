// redis-cli and redis-benchmark, unmodified, against our server: every mode that needs no script and no
// cluster.

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';
import { render } from '../support/render-reply.ts';
import { RespConnection } from '../support/resp-connection.ts';
import {
  missingProgram,
  type RunningServer,
  startServer,
  subject,
} from '../support/server-process.ts';

const run = promisify(execFile);
const skip = missingProgram('redis-cli', 'redis-benchmark');
const ERROR = /\bERR\b|WRONGTYPE|NOAUTH|NOPERM|Error|error:|WARNING|Could not/;

let server: RunningServer;
let admin: RespConnection;

before(async () => {
  if (skip !== false) return;
  server = await startServer(subject, {
    unixsocket: 'server.sock',
    'enable-debug-command': 'yes',
  });
  admin = await RespConnection.open(server.port);
});

after(async () => {
  admin?.close();
  await server?.stop();
});

/** What redis-cli printed; standard input is given where a mode reads it. */
async function cli(args: readonly string[], input = ''): Promise<string> {
  const promise = run('redis-cli', ['-p', String(server.port), ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  promise.child.stdin?.end(input);
  const { stdout, stderr } = await promise;
  return stdout + stderr;
}

async function ask(...args: readonly string[]): Promise<string> {
  return render(await admin.call(...args));
}

/** Runs redis-cli in a mode that has no end until its output matches. */
async function watch(
  args: readonly string[],
  expected: RegExp,
  onStart: () => Promise<void> = async () => {},
): Promise<string> {
  const child: ChildProcess = spawn('redis-cli', ['-p', String(server.port), ...args]);
  let text = '';
  let started: Promise<void> | undefined;
  try {
    await new Promise<void>((done, fail) => {
      const limit = setTimeout(() => fail(new Error(`${expected} never came: ${text}`)), 30_000);
      const take = (chunk: Buffer): void => {
        text += chunk.toString();
        if (started === undefined) {
          started = onStart();
          started.catch(fail);
        }
        if (!expected.test(text)) return;
        clearTimeout(limit);
        done();
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
    });
    await started;
  } finally {
    child.kill();
  }
  return text;
}

describe('redis-cli', { skip }, () => {
  beforeEach(async () => {
    await ask('FLUSHALL');
  });

  test('commands of every type, over RESP2 and RESP3', async () => {
    const script = [
      'SET k v',
      'GET k',
      'HSET h f v',
      'HGETALL h',
      'ZADD z 1.5 a',
      'ZSCORE z a',
      'SADD s a',
      'SMEMBERS s',
      'GET nokey',
    ].join('\n');
    const plain = await cli(['--no-raw'], script);
    const expected = ['OK', '"v"', '(integer) 1', '1) "f"', '2) "v"', '(integer) 1', '"1.5"'];
    assert.deepEqual(plain.trim().split('\n'), [...expected, '(integer) 1', '1) "a"', '(nil)']);
    await ask('FLUSHALL');
    const resp3 = await cli(['-3', '--no-raw'], script);
    const maps = ['OK', '"v"', '(integer) 1', '1# "f" => "v"', '(integer) 1', '(double) 1.5'];
    assert.deepEqual(resp3.trim().split('\n'), [...maps, '(integer) 1', '1~ "a"', '(nil)']);
    assert.equal(await cli(['-x', 'SET', 'stdin'], 'bytes'), 'OK\n');
    assert.equal(await cli(['--csv', 'MGET', 'k', 'stdin']), '"v","bytes"\n');
    assert.equal(await cli(['-r', '3', 'INCR', 'n']), '1\n2\n3\n');
    assert.equal(await cli(['-n', '5', 'DBSIZE']), '0\n');
    assert.equal(await cli(['-u', `redis://127.0.0.1:${server.port}/0`, 'GET', 'k']), 'v\n');
    assert.equal(await cli(['-s', join(server.folder, 'server.sock'), 'GET', 'k']), 'v\n');
  });

  test('-e makes an error a failure', async () => {
    await assert.rejects(cli(['-e', 'NOSUCH']), /unknown command/);
  });

  test('passwords and users', async () => {
    await ask('ACL', 'SETUSER', 'anna', 'on', '>secret', '~*', '+@all');
    const words = ['--user', 'anna', '-a', 'secret', 'ACL', 'WHOAMI'];
    assert.match(await cli(words), /^anna\nWarning: Using a password with '-a'/);
    assert.equal(await cli(['--no-auth-warning', ...words]), 'anna\n');
    assert.equal(await cli(['--no-auth-warning', '-3', ...words]), 'anna\n');
    const url = `redis://anna:secret@127.0.0.1:${server.port}`;
    assert.equal(await cli(['-u', url, '--no-auth-warning', 'ACL', 'WHOAMI']), 'anna\n');
    assert.match(await cli(['--user', 'anna', '-a', 'wrong', 'PING']), /WRONGPASS/);
  });

  test('10 000 commands through a pipe, and all keys by scanning', async () => {
    const requests = Array.from({ length: 10_000 }, (_, i) => `SET pipe:${i} ${i}\r\n`).join('');
    assert.match(await cli(['--pipe'], requests), /errors: 0, replies: 10000/);
    assert.equal(await ask('DBSIZE'), '10000');
    const found = (await cli(['--scan', '--pattern', 'pipe:99*'])).trim().split('\n');
    assert.equal(new Set(found).size, 111);
  });

  test('biggest, heaviest and hottest keys', async () => {
    await ask('SET', 'big', 'x'.repeat(10_000));
    await ask('RPUSH', 'list', ...Array.from({ length: 500 }, (_, i) => String(i)));
    await ask('XADD', 'stream', '*', 'f', 'v');
    const big = await cli(['--bigkeys']);
    assert.match(big, /Biggest string found .*big.* has 10000 bytes/);
    assert.match(big, /Biggest\s+list found .*list.* has 500 items/);
    const heavy = await cli(['--memkeys']);
    assert.match(heavy, /Biggest string found .*big.* has \d{5} bytes/);
    await ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    try {
      for (let i = 0; i < 200; i++) await ask('GET', 'big');
      assert.match(await cli(['--hotkeys']), /hot key found with counter: \d+\s+keyname: "?big"?/);
    } finally {
      await ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    }
  });

  test('statistics and latency', async () => {
    await ask('MSET', 'a', '1', 'b', '2');
    // Standard output is a pipe, so that lines come when a buffer of them is full.
    const lines = /\bkeys\b.*mem.*clients.*\n(?:2\s+[\d.]+[KMGB]\s+\d+\s+\d+\s+\d+ .*\n?){2}/;
    await watch(['--stat', '-i', '0.01'], lines);
    assert.match(await cli(['--latency', '--raw', '-i', '0.1']), /^\d+ \d+ [\d.]+ \d+\n/);
  });

  test('monitors', async () => {
    await watch(['MONITOR'], /^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "seen" "1"$/m, async () => {
      await ask('SET', 'seen', '1');
    });
  });

  for (const protocol of ['-2', '-3']) {
    test(`subscribes, ${protocol}`, async () => {
      const seen = await watch([protocol, 'SUBSCRIBE', 'news'], /hello/, async () => {
        await ask('PUBLISH', 'news', 'hello');
      });
      assert.match(seen, /subscribe.*news.*message.*news.*hello/s);
    });
  }

  test('help comes from the server', async () => {
    const coloured = await cli(['--no-raw'], 'HELP SETRANGE\nHELP @geo\n');
    const help = stripVTControlCharacters(coloured);
    assert.match(help, /SETRANGE key offset value/);
    assert.match(help, /group: string/);
    assert.match(help, /GEOSEARCH/);
    const every = await cli(['-3', '--json', 'COMMAND', 'DOCS', 'get', 'config']);
    assert.deepEqual(Object.keys(JSON.parse(every)).sort(), ['config', 'get']);
  });
});

describe('redis-cli as a replica', { skip }, () => {
  beforeEach(async () => {
    await ask('FLUSHALL');
  });

  for (const diskless of ['yes', 'no']) {
    test(`takes a snapshot and goes, diskless ${diskless}`, async () => {
      await ask('CONFIG', 'SET', 'repl-diskless-sync', diskless, 'repl-diskless-sync-delay', '0');
      for (let i = 0; i < 100; i++) await ask('SET', `key:${i}`, `value:${i}`);
      await ask('RPUSH', 'list', 'a', 'b');
      const digest = await ask('DEBUG', 'DIGEST');
      const file = join(server.folder, `taken-${diskless}.rdb`);
      assert.match(await cli(['--rdb', file]), /Transfer finished with success/);
      const other = await startServer(subject, {
        'enable-debug-command': 'yes',
        dir: server.folder,
        dbfilename: `taken-${diskless}.rdb`,
      });
      try {
        const reader = await RespConnection.open(other.port);
        assert.equal(render(await reader.call('DEBUG', 'DIGEST')), digest);
        reader.close();
      } finally {
        await other.stop();
      }
      const functions = join(server.folder, 'functions.rdb');
      assert.match(await cli(['--functions-rdb', functions]), /Transfer finished with success/);
      assert.ok(readFileSync(functions).length < 200, 'no key is in it');
      assert.match(await ask('INFO', 'replication'), /connected_slaves:0/);
    });

    test(`prints the stream, diskless ${diskless}`, async () => {
      await ask('CONFIG', 'SET', 'repl-diskless-sync', diskless, 'repl-diskless-sync-delay', '0');
      await ask('SET', 'before', '1');
      await watch(['--replica'], /"SET","after","2"/, async () => {
        while (!/state=online/.test(await ask('INFO', 'replication')));
        await ask('SET', 'after', '2');
      });
    });
  }
});

describe('redis-benchmark', { skip }, () => {
  for (const options of [[], ['-3'], ['-P', '16']]) {
    test(`its own tests, ${options.join(' ') || 'as they are'}`, async () => {
      // Enough that no run is over within one tick of its clock, which it would print as infinitely fast.
      const args = ['-p', String(server.port), '-n', '5000', '-c', '10', '--csv', ...options];
      const { stdout, stderr } = await run('redis-benchmark', args);
      assert.doesNotMatch(stdout + stderr, ERROR);
      const rows = stdout.trim().split('\n').slice(1);
      assert.ok(rows.length >= 19, stdout);
      for (const row of rows) assert.match(row, /^"[^"]+"(,"[\d.]+"){7}$/);
    });
  }

  test('a command of the user, with random keys', async () => {
    const words = [
      '-p',
      String(server.port),
      '-n',
      '500',
      '-r',
      '100',
      '-q',
      'HSET',
      'h',
      'f',
      'v',
    ];
    const { stdout, stderr } = await run('redis-benchmark', words);
    assert.match(stdout, /requests per second/);
    assert.doesNotMatch(stdout + stderr, ERROR);
  });
});
