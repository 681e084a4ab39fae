// What a client can make a server hold that has yet to authenticate: next to nothing (CVE-2021-32675,
// CVE-2025-21605).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../support/render-reply.ts';
import { openSockets, startVictim } from './victim.ts';

test('1 000 clients that never read their errors are closed', async (context) => {
  const victim = await startVictim(context, { requirepass: 'secret' }, 'secret');
  const silent = await openSockets(victim, 1000);
  const before = Number(await victim.info('used_memory_rss'));
  // Errors that repeat what they were asked are the longest to be had for nothing.
  const request = `${'x'.repeat(128)} ${'y'.repeat(128)}\r\n`.repeat(3000);
  for (const socket of silent) {
    socket.pause();
    socket.write(request);
  }
  // Only 1 KiB of errors may wait; what the system's own buffers took is gone from our memory.
  await victim.arrived();
  await victim.alone();
  const grown = Number(await victim.info('used_memory_rss')) - before;
  assert.ok(grown < 256 * 1024 * 1024, `${grown} bytes`);
  for (const socket of silent) socket.destroy();
  await victim.unharmed();
});

const refused: readonly (readonly [string, string])[] = [
  ['*1000000000\r\n', 'unauthenticated multibulk length'],
  ['*11\r\n', 'unauthenticated multibulk length'],
  ['*2\r\n$4\r\nAUTH\r\n$536870912\r\n', 'unauthenticated bulk length'],
  ['*2\r\n$4\r\nAUTH\r\n$16385\r\n', 'unauthenticated bulk length'],
];
test('large announcements are refused', async (context) => {
  const victim = await startVictim(context, { requirepass: 'secret' }, 'secret');
  for (const [sent, answer] of refused) {
    assert.equal(await victim.provoke(sent), `-ERR Protocol error: ${answer}\r\n`);
  }
  const connection = await victim.open();
  assert.match(render(await connection.call('GET', 'k')), /^-NOAUTH /);
  assert.match(render(await connection.call('HELLO', '3')), /^-NOAUTH /);
  assert.match(render(await connection.call('AUTH', 'x'.repeat(16_000))), /^-WRONGPASS /);
  assert.equal(render(await connection.call('AUTH', 'secret')), '+OK');
  assert.equal(render(await connection.call('SET', 'k', 'x'.repeat(100_000))), '+OK');
  connection.close();
  await victim.alone();
  await victim.unharmed();
});
