// Programs that mean harm, or are something else than they should be, at the other end of a sentinel's
// links and among its clients: it stays up, judges nobody down for it, and bounds what it keeps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SentinelBench, stranger } from './sentinel-fixture.ts';

const MONITOR = [
  'sentinel monitor mymaster 10.0.0.2 6379 1',
  'sentinel down-after-milliseconds mymaster 1000',
];

/** A master of whom we say what it replies to each command, by its first word. */
async function against(reply: (command: string) => string | undefined): Promise<SentinelBench> {
  const bench = new SentinelBench({ lines: MONITOR });
  await stranger(bench.world, '10.0.0.2', 6379, (text) => {
    const commands = [...text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)];
    const replies = commands.map((match) => reply(match[1].toUpperCase()));
    return replies.includes(undefined) ? undefined : replies.join('');
  });
  await bench.start();
  return bench;
}

test('a port that speaks HTTP is a master that does not answer', async () => {
  const bench = new SentinelBench({ lines: MONITOR });
  await stranger(bench.world, '10.0.0.2', 6379, (_text, connection) => {
    connection.end();
    return 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';
  });
  await bench.start();
  const client = await bench.connect();
  await bench.world.time.advance(5000);
  assert.match(await client.ask('SENTINEL', 'MASTER', 'mymaster'), /s_down,o_down,master/);
  assert.doesNotMatch(bench.log, /\+promoted-slave/);
});

test('an INFO of a gigabyte, endless lines and wild lengths end the link, not the sentinel', async () => {
  for (const evil of [
    `$1073741824\r\n${'x'.repeat(100_000)}`,
    '*2147483647\r\n',
    `+${'x'.repeat(200_000)}`,
    '*1\r\n'.repeat(1000),
    '$-5\r\n',
    '%1\r\n%1\r\n',
    '\r\n\0\xff',
  ]) {
    const bench = await against((command) => {
      if (command === 'INFO') return evil;
      return command === 'SUBSCRIBE' ? ':1\r\n' : '+PONG\r\n';
    });
    await bench.world.time.advance(30_000);
    const client = await bench.connect();
    assert.equal(await client.ask('PING'), '+PONG\r\n');
    assert.match(await client.ask('SENTINEL', 'MASTER', 'mymaster'), /^\*\d+\r\n\$4\r\nname/);
    assert.match(await client.ask('SENTINEL', 'REPLICAS', 'mymaster'), /^\*0\r\n/);
  }
});

test('ten thousand replicas in INFO are no ten thousand links', async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => {
    return `slave${i}:ip=10.1.${i >> 8}.${i & 255},port=6379,state=online,offset=1,lag=0\r\n`;
  });
  const info = `run_id:${'a'.repeat(40)}\r\nrole:master\r\n${lines.join('')}`;
  const bench = await against((command) => {
    if (command === 'INFO') return `$${info.length}\r\n${info}\r\n`;
    return command === 'SUBSCRIBE' ? '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n' : '+PONG\r\n';
  });
  await bench.world.time.advance(500);
  const client = await bench.connect();
  const count = Number(/slaves=(\d+)/.exec(await client.ask('INFO', 'sentinel'))?.[1]);
  assert.ok(count > 0 && count <= 1000, `${count} replicas`);
});

for (const [error, word] of [
  ['NOAUTH Authentication required.', 'NOAUTH'],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'WRONGPASS'],
  ["NOPERM User default has no permissions to run the 'ping' command", 'NOPERM'],
]) {
  test(`${word} is told apart from silence, with its reason`, async () => {
    const bench = await against(() => `-${error}\r\n`);
    await bench.world.time.advance(3000);
    const client = await bench.connect();
    const view = await client.ask('SENTINEL', 'MASTER', 'mymaster');
    assert.ok(view.includes(error), view);
    const quorum = await client.ask('SENTINEL', 'CKQUORUM', 'mymaster');
    assert.ok(quorum.includes(word), quorum);
  });
}

test('a flood of hellos, false ones among them, leaves a bounded state and the right master', async () => {
  const bench = new SentinelBench({ lines: MONITOR });
  await bench.start();
  const client = await bench.connect();
  const id = (i: number): string => i.toString(16).padStart(40, '0');
  const mine = bench.sentinel.core.myId;
  for (const text of [
    '',
    ',,,,,,,',
    '1,2,3',
    `10.0.0.9,26379,${id(1)},9223372036854775808,mymaster,6.6.6.6,6379,9223372036854775808`,
    `10.0.0.9,26379,${id(1)},-1,mymaster,6.6.6.6,6379,-1`,
    `10.0.0.9,26379,${id(1)},1,unknown,6.6.6.6,6379,99`,
    `10.0.0.9,99999,${id(1)},1,mymaster,6.6.6.6,6379,99`,
    `10.0.0.9,26379,short,1,mymaster,6.6.6.6,6379,99`,
    `10.0.0.9,26379,${mine},1,mymaster,6.6.6.6,6379,99`,
    `10.0.0.9\r\nx,26379,${id(1)},1,mymaster,6.6.6.6,6379,99`,
    'x'.repeat(100_000),
  ]) {
    assert.equal(await client.ask('PUBLISH', '__sentinel__:hello', text), ':1\r\n');
  }
  const address = await client.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster');
  assert.equal(address, '*2\r\n$8\r\n10.0.0.2\r\n$4\r\n6379\r\n');
  for (let i = 0; i < 5000; i++) {
    client.send(
      ...['PUBLISH', '__sentinel__:hello'],
      `10.2.${i >> 8}.${i & 255},26379,${id(i + 10)},0,mymaster,10.0.0.2,6379,0`,
    );
  }
  await bench.world.time.advance(1000);
  const known = Number(/sentinels=(\d+)/.exec(await client.ask('INFO', 'sentinel'))?.[1]);
  assert.ok(known <= 1001, `${known} sentinels`);
  assert.equal(await client.ask('PING'), '+PONG\r\n');
});

test('replies of the wrong shape to a question about the master are no votes', async () => {
  for (const evil of ['+OK', ':1', '*0', '*3\r\n:1\r\n:1\r\n:1', '*1\r\n:1', '$-1', '-ERR no']) {
    const bench = new SentinelBench({
      lines: [
        'sentinel monitor mymaster 10.0.0.2 6379 2',
        'sentinel down-after-milliseconds mymaster 1000',
        `sentinel known-sentinel mymaster 10.0.0.5 26379 ${'d'.repeat(40)}`,
      ],
    });
    await stranger(bench.world, '10.0.0.5', 26_379, (text) => {
      const count = [...text.matchAll(/\*\d+\r\n/g)].length;
      return Array.from({ length: count }, (_, i) =>
        text.includes('is-master-down') ? `${evil}\r\n` : i === 0 ? '+PONG\r\n' : '+OK\r\n',
      ).join('');
    });
    await bench.start();
    await bench.world.time.advance(10_000);
    assert.match(bench.log, /\+sdown master mymaster/);
    assert.doesNotMatch(bench.log, /\+odown|\+elected-leader/, evil);
  }
});
