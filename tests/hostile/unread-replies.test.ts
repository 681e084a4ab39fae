// Replies that nobody reads wait in memory, and the limits on that are held.

import { test } from 'node:test';
import { openSockets, startVictim } from './victim.ts';

const MEGABYTE = 1024 * 1024;

test('replies that are never read end at the output limit', async (context) => {
  const victim = await startVictim(context, {
    'client-output-buffer-limit': 'normal 20mb 0 0',
  });
  await victim.ask('SET', 'big', 'x'.repeat(MEGABYTE));
  const deaf = await openSockets(victim, 20);
  for (const socket of deaf) {
    socket.pause();
    socket.write('GET big\r\n'.repeat(100));
  }
  await victim.arrived();
  await victim.alone();
  for (const socket of deaf) socket.destroy();
  await victim.unharmed();
});

test('messages to a subscriber that does not read end at its limit', async (context) => {
  const victim = await startVictim(context, {
    'client-output-buffer-limit': 'pubsub 4mb 0 0',
  });
  const deaf = await victim.socket();
  deaf.pause();
  deaf.write('SUBSCRIBE news\r\n');
  await victim.until(/^1$/, 'PUBLISH', 'news', 'hello');
  await victim.until(/^0$/, 'PUBLISH', 'news', 'x'.repeat(MEGABYTE));
  deaf.destroy();
  await victim.alone();
  await victim.unharmed();
});

test('unread replies of all clients share what maxmemory-clients grants', async (context) => {
  const victim = await startVictim(context, { 'maxmemory-clients': '30mb' });
  await victim.ask('SET', 'big', 'x'.repeat(MEGABYTE));
  await victim.ask('CLIENT', 'NO-EVICT', 'ON');
  const deaf = await openSockets(victim, 20);
  for (const socket of deaf) {
    socket.pause();
    socket.write('GET big\r\n'.repeat(20));
  }
  await victim.until(/evicted_clients:[1-9]/, 'INFO', 'stats');
  for (const socket of deaf) socket.destroy();
  await victim.alone();
  await victim.unharmed();
});
