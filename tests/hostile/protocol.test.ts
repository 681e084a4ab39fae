// Bytes that are no requests, or would be enormous ones: the connection is closed where Redis closes
// it, with Redis's words, and nothing is reserved for what was only announced.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { render } from '../support/render-reply.ts';
import { Victim } from './victim.ts';

let victim: Victim;

before(async () => {
  victim = await Victim.start();
});

afterEach(async () => {
  await victim.alone();
  await victim.unharmed();
});

after(() => victim?.stop());

/** What is sent, and the one line that answers before the connection is closed. */
const malformed: readonly (readonly [what: string, sent: string, answer: string])[] = [
  ['a bulk length of -2', '*1\r\n$-2\r\n', 'invalid bulk length'],
  ['a bulk length of -1', '*1\r\n$-1\r\n', 'invalid bulk length'],
  ['a bulk length of 2^31', '*1\r\n$2147483648\r\n', 'invalid bulk length'],
  ['a bulk length beyond 64 bits', '*1\r\n$99999999999999999999\r\n', 'invalid bulk length'],
  ['a bulk length past proto-max-bulk-len', '*1\r\n$536870913\r\n', 'invalid bulk length'],
  ['a bulk length with a sign', '*1\r\n$+4\r\nPING\r\n', 'invalid bulk length'],
  ['a bulk length with a leading zero', '*1\r\n$04\r\nPING\r\n', 'invalid bulk length'],
  ['no bulk length', '*1\r\n$\r\nPING\r\n', 'invalid bulk length'],
  ['2^31 arguments', '*2147483648\r\n', 'invalid multibulk length'],
  ['a count of arguments that is none', '*1a\r\n', 'invalid multibulk length'],
  ['something else than a bulk', '*1\r\n:1\r\n', "expected '$', got ':'"],
  ['a nested array', '*1\r\n*1\r\n', "expected '$', got '*'"],
  ['quotes without an end', 'SET k "v\r\n', 'unbalanced quotes in request'],
  ['an inline line without an end', 'x'.repeat(70_000), 'too big inline request'],
  ['a count line without an end', `*${'1'.repeat(70_000)}`, 'too big mbulk count string'],
  ['a length line without an end', `*1\r\n$${'1'.repeat(70_000)}`, 'too big bulk count string'],
];

for (const [what, sent, answer] of malformed) {
  test(`${what} ends the connection`, async () => {
    assert.equal(await victim.provoke(sent), `-ERR Protocol error: ${answer}\r\n`);
  });
}

test('requests before the malformed one are answered, those behind it are not', async () => {
  const sent = 'PING\r\n*1\r\n$4\r\nPING\r\n*1\r\n$-9\r\n\r\n*1\r\n$4\r\nPING\r\n';
  assert.equal(
    await victim.provoke(sent),
    '+PONG\r\n+PONG\r\n-ERR Protocol error: invalid bulk length\r\n',
  );
});

test('empty and negative arrays are no requests', async () => {
  const connection = await victim.open();
  connection.sendRaw(Buffer.from('*0\r\n*-1\r\n*-2147483648\r\n\r\n\r\nPING\r\n'));
  assert.equal(render(await connection.next()), '+PONG');
  connection.close();
});

test('10^9 announced arguments reserve nothing', async () => {
  const before = Number(await victim.info('used_memory_rss'));
  const sockets = await Promise.all(Array.from({ length: 100 }, () => victim.socket()));
  for (const socket of sockets) socket.write('*1000000000\r\n$3\r\nSET\r\n');
  await victim.until(/connected_clients:101\\r/, 'INFO', 'clients');
  await victim.during(Promise.all(sockets.map((socket) => drained(socket))));
  const grown = Number(await victim.info('used_memory_rss')) - before;
  assert.ok(grown < 128 * 1024 * 1024, `${grown} bytes`);
  for (const socket of sockets) socket.destroy();
});

test('100 announced bulks of 512 MB occupy what came of them', async () => {
  const before = Number(await victim.info('used_memory_rss'));
  const sockets = await Promise.all(Array.from({ length: 100 }, () => victim.socket()));
  for (const socket of sockets)
    socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n${'x'.repeat(65_536)}`);
  await victim.until(/connected_clients:101\\r/, 'INFO', 'clients');
  await victim.during(Promise.all(sockets.map((socket) => drained(socket))));
  const grown = Number(await victim.info('used_memory_rss')) - before;
  assert.ok(grown < 256 * 1024 * 1024, `${grown} bytes`);
  for (const socket of sockets) socket.destroy();
});

test('binary garbage is answered or ends the connection', async () => {
  let state = 0x9e3779b9;
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.alloc(4096);
    for (let i = 0; i < bytes.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[i] = state >>> 24;
    }
    // Often enough a type byte where one is looked for.
    if (round % 3 === 1) bytes.write('*2\r\n$');
    if (round % 3 === 2) bytes.write('*3\r\n$3\r\nSET\r\n$200\r\n');
    const socket = await victim.socket();
    socket.resume();
    // At the end of the input what is incomplete is dropped with the connection.
    socket.end(bytes);
    await new Promise((done) => socket.once('close', done));
  }
});

for (const sent of [
  'POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\nFLUSHALL\r\n',
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'PUT /x HTTP/1.1\r\nhost: localhost\r\n\r\nSET k stolen\r\n',
]) {
  test(`${sent.split('\r', 1)[0]} ends the connection before the body is run`, async () => {
    await victim.ask('SET', 'k', 'kept');
    const answer = await victim.provoke(sent);
    assert.doesNotMatch(answer, /OK/);
    assert.equal(await victim.ask('GET', 'k'), '"kept"');
    assert.match(victim.server.output(), /Possible SECURITY ATTACK detected/);
  });
}

test('a request cut anywhere is whole when its rest comes', async () => {
  const request = Buffer.from('*3\r\n$3\r\nSET\r\n$3\r\ncut\r\n$5\r\nva\r\nl\r\n');
  for (let at = 1; at < request.length; at++) {
    const connection = await victim.open();
    connection.sendRaw(request.subarray(0, at));
    await victim.ask('PING');
    connection.sendRaw(request.subarray(at));
    assert.equal(render(await connection.next()), '+OK');
    connection.close();
  }
  assert.equal(await victim.ask('GET', 'cut'), '"va\\r\\nl"');
});

function drained(socket: import('node:net').Socket): Promise<void> {
  if (socket.writableLength === 0) return Promise.resolve();
  return new Promise((done) => {
    socket.once('drain', () => done());
    socket.once('close', () => done());
  });
}
