// Append-only files between us and the real redis-server: what one writes the other loads with the same
// DEBUG DIGEST, and redis-check-aof and our own check say the same of whole and of torn files.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
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

const skip = missingProgram('redis-server') || missingProgram('redis-check-aof');
const ON = { 'enable-debug-command': 'yes', appendonly: 'yes' };
const folders: string[] = [];

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-aof-'));
  folders.push(folder);
  return folder;
}

/** A rewrite stands between the first half and the second. */
function commands(): readonly (readonly string[])[] {
  const many = Array.from({ length: 500 }, (_, i) => `m${i}`);
  const scores = many.flatMap((word, i) => [String(i * 1.25), word]);
  return [
    ['SET', 'text', 'a\r\nb'],
    ['SET', 'number', '-12', 'EX', '100000'],
    ['RPUSH', 'list', 'a', '12'],
    ['RPUSH', 'longlist', ...many],
    ['SADD', 'ints', '1', '-2', '99999999999'],
    ['SADD', 'set', ...many],
    ['HSET', 'hash', 'f', 'v', '1', '2'],
    ['HSET', 'longhash', ...scores],
    ['ZADD', 'zset', '1.5', 'a', '-inf', 'b'],
    ['ZADD', 'longzset', ...scores],
    ['SELECT', '2'],
    ['XADD', 'stream', '1-1', 'f', 'v'],
    ['XADD', 'stream', '2-1', 'f', 'w', 'g', '1'],
    ['XGROUP', 'CREATE', 'stream', 'group', '0'],
    ['XREADGROUP', 'GROUP', 'group', 'me', 'STREAMS', 'stream', '>'],
    ['BGREWRITEAOF'],
    ['MULTI'],
    ['SET', 'inside', '1'],
    ['INCR', 'inside'],
    ['EXEC'],
    ['XACK', 'stream', 'group', '1-1'],
    ['SELECT', '0'],
    ['LPOP', 'longlist'],
    ['EXPIRE', 'list', '100000'],
    ['GETDEL', 'text'],
    ['INCRBYFLOAT', 'number', '0.5'],
    ['COPY', 'hash', 'copy', 'DB', '3'],
  ];
}

async function populate(server: RunningServer): Promise<void> {
  const connection = await RespConnection.open(server.port);
  for (const words of commands()) {
    const reply = await connection.call(...words);
    assert.notEqual(reply.type, 'error', `${words[0]}: ${JSON.stringify(reply)}`);
  }
  while (
    !/aof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0/.test(
      await ask(server, 'INFO', 'persistence'),
    )
  );
  // What came amid the rewrite may be in either file; these are in the last one.
  for (let i = 0; i < 8; i++) await connection.call('SET', `late:${i}`, 'after the rewrite');
  connection.close();
}

/** Populates a server in a folder of its own and ends it. */
async function written(
  program: Program,
  options: Readonly<Record<string, string>>,
): Promise<string> {
  const dir = newFolder();
  const server = await startServer(program, { ...ON, dir, ...options });
  await populate(server);
  await server.stop();
  return dir;
}

/** What a server of this kind holds after it has loaded the folder. */
async function digestOf(program: Program, dir: string): Promise<string> {
  const server = await startServer(program, { ...ON, dir });
  const digest = await ask(server, 'DEBUG', 'DIGEST');
  await server.stop();
  return digest;
}

const forms: readonly Readonly<Record<string, string>>[] = [
  { 'aof-use-rdb-preamble': 'yes' },
  { 'aof-use-rdb-preamble': 'no' },
  { 'aof-use-rdb-preamble': 'no', 'aof-timestamp-enabled': 'yes' },
  { appendfilename: 'with space.aof', appendfsync: 'always' },
];

describe('append-only files between us and redis-server', { skip }, () => {
  for (const options of forms) {
    test(`loaded both ways: ${JSON.stringify(options)}`, async () => {
      const { appendfilename = 'appendonly.aof' } = options;
      const [ours, real] = await Promise.all([
        written(subject, options),
        written(realRedis, options),
      ]);
      const load = async (program: Program, dir: string): Promise<string> => {
        const copy = newFolder();
        cpSync(dir, copy, { recursive: true });
        const server = await startServer(program, { ...ON, dir: copy, appendfilename });
        const digest = await ask(server, 'DEBUG', 'DIGEST');
        await server.stop();
        return digest;
      };
      assert.equal(await load(realRedis, ours), await load(realRedis, real));
      assert.equal(await load(subject, real), await load(subject, ours));
    });
  }

  test('an old file with an RDB preamble and a tail becomes a base', async () => {
    const real = await written(realRedis, forms[0]);
    const folder = newFolder();
    const parts = readdirSync(join(real, 'appendonlydir')).filter((name) => /base|incr/.test(name));
    const bytes = parts.sort().map((name) => readFileSync(join(real, 'appendonlydir', name)));
    writeFileSync(join(folder, 'appendonly.aof'), Buffer.concat(bytes));
    assert.equal(await digestOf(subject, folder), await digestOf(subject, real));
    assert.match(
      readFileSync(join(folder, 'appendonlydir', 'appendonly.aof.manifest'), 'latin1'),
      /^file appendonly\.aof seq 1 type b\nfile appendonly\.aof\.1\.incr\.aof seq 1 type i\n$/,
    );
  });

  test('both checks say the same of whole and of torn files', async () => {
    const dir = join(await written(subject, forms[1]), 'appendonlydir');
    const manifest = join(dir, 'appendonly.aof.manifest');
    const last = join(dir, 'appendonly.aof.2.incr.aof');
    const check = (command: string, args: readonly string[]) => {
      const { status, stdout } = spawnSync(command, args, { input: 'n\n' });
      const analysis = stdout.toString().match(/AOF analyzed:.*|.*is valid.*|.*not valid.*/g);
      return { status, analysis };
    };
    const both = (...args: readonly string[]): void => {
      const ours = check(subject.command, [...subject.args, '--check-aof', ...args]);
      assert.deepEqual(ours, check('redis-check-aof', args));
      assert.ok(ours.analysis !== null);
    };
    both(manifest);
    both(last);
    for (const cut of [3, 17, 30, 60]) {
      truncateSync(last, readFileSync(last).length - cut);
      both(manifest);
      both(last);
      both('--fix', manifest);
    }
  });
});
