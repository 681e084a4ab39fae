import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer, type RunningServer } from '../../src/index.ts';

/** Sends one inline request and returns the first reply. */
function ask(server: RunningServer, line: string): Promise<string> {
  return new Promise((fulfil, reject) => {
    const socket = connect(server.getPort(), server.getHost());
    socket.on('error', reject);
    socket.once('data', (reply) => {
      socket.destroy();
      fulfil(reply.toString());
    });
    socket.write(`${line}\r\n`);
  });
}

test('a server in a program listens on a port of its own and ends with its scope', async () => {
  let port: number;
  {
    await using first = await createServer();
    await using second = await createServer({ password: 'secret' });
    assert.notEqual(first.getPort(), second.getPort());
    assert.equal(await ask(first, 'PING'), '+PONG\r\n');
    assert.match(await ask(second, 'PING'), /^-NOAUTH/);
    port = first.getPort();
  }
  const refused = await new Promise((fulfil) => {
    connect(port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => fulfil(error.code));
  });
  assert.equal(refused, 'ECONNREFUSED');
});

test('a wrong directive is an error that names it', async () => {
  await assert.rejects(createServer({ directives: { 'no-such-thing': 1 } }), /no-such-thing/);
});

test('data is kept only where a directive asks for it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'understudy-index-'));
  const before = process.cwd();
  try {
    const directives = { dir };
    const first = await createServer({ directives });
    await ask(first, 'SET k kept');
    assert.equal(await ask(first, 'SAVE'), '+OK\r\n');
    await first.stop();
    assert.deepEqual(readdirSync(dir), ['dump.rdb']);
    await using again = await createServer({ directives });
    assert.equal(await ask(again, 'GET k'), '$4\r\nkept\r\n');
    process.chdir(dir);
    await using empty = await createServer();
    assert.equal(await ask(empty, 'GET k'), '$-1\r\n');
  } finally {
    process.chdir(before);
    rmSync(dir, { recursive: true, force: true });
  }
});
