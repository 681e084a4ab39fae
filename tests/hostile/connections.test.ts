// Clients that send slowly, vanish, come in floods or in too great a number: each costs what it holds and
// nothing else.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSockets, startVictim } from './victim.ts';

test('clients that send a byte now and then', async (context) => {
  const victim = await startVictim(context);
  const slow = await openSockets(victim, 200);
  let answers = 0;
  for (const socket of slow) socket.on('data', () => answers++);
  for (const byte of '*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n') {
    for (const socket of slow) socket.write(byte);
    await victim.unharmed();
  }
  while (answers < slow.length) assert.equal(await victim.ask('PING'), '+PONG');
  for (const socket of slow) socket.destroy();
  await victim.alone();
});

test('clients that vanish in the middle of a request', async (context) => {
  const victim = await startVictim(context);
  const beginnings = [
    '*3\r\n$3\r\nSET\r\n',
    'MULTI\r\nSET k v\r\n*1\r\n$4\r\nEX',
    'BLPOP nokey 0\r\nSET a',
    'SUBSCRIBE a b c\r\nPSUBSCRIBE *\r\n*',
    'CLIENT TRACKING ON BCAST\r\nMONITOR\r\n$',
    'WATCH k\r\nCLIENT REPLY OFF\r\nKEYS *\r\n*2\r\n$3\r\nGET\r\n$536870912\r\nxxxx',
  ];
  for (let round = 0; round < 10; round++) {
    const gone = await openSockets(victim, 30);
    for (const [i, socket] of gone.entries()) socket.write(beginnings[i % beginnings.length]);
    for (const socket of gone) {
      if (round % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
  await victim.passed();
  await victim.alone();
  assert.equal(await victim.info('blocked_clients'), '0');
  assert.equal(await victim.info('tracking_clients'), '0');
  assert.equal(await victim.ask('PUBSUB', 'CHANNELS'), '[]');
  assert.equal(await victim.ask('PUBSUB', 'NUMPAT'), '0');
  assert.equal(await victim.ask('EXISTS', 'k'), '0');
  await victim.unharmed();
});

test('more clients than maxclients are told so and closed', async (context) => {
  const victim = await startVictim(context, { maxclients: '50' });
  const crowd = await openSockets(victim, 49);
  await victim.until(/connected_clients:50\\r/, 'INFO', 'clients');
  assert.equal(await victim.provoke(''), '-ERR max number of clients reached\r\n');
  for (const socket of crowd) socket.destroy();
  await victim.alone();
  await victim.unharmed();
});

test('a flood of connections that are reset at once', async (context) => {
  const victim = await startVictim(context);
  const flood = async (): Promise<void> => {
    for (let round = 0; round < 40; round++) {
      for (const socket of await openSockets(victim, 50)) socket.resetAndDestroy();
    }
  };
  await victim.during(flood());
  await victim.passed();
  await victim.alone();
  await victim.unharmed();
});

test('a Unix socket has the configured permissions from its first moment', async (context) => {
  // Relative, since a path of a socket may have 107 bytes at most.
  const victim = await startVictim(context, { unixsocket: 'server.sock', unixsocketperm: '700' });
  const path = join(victim.server.folder, 'server.sock');
  assert.equal(statSync(path).mode & 0o777, 0o700);
  const socket = connect(path);
  const answer = new Promise<string>((done) => {
    socket.once('data', (bytes: Buffer) => done(bytes.toString()));
  });
  socket.write('PING\r\n');
  assert.equal(await answer, '+PONG\r\n');
  socket.destroy();
  await victim.unharmed();
});
