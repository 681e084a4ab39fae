// MIGRATE from a node on simulated time to servers that answer, refuse, stall and vanish.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../env/network.ts';
import { type Reply, ReplyReader } from '../protocol/reply-reader.ts';
import { NodeBench, type TestClient } from './node-fixture.ts';

type Answer = (words: readonly string[]) => string | undefined;

interface Bench {
  readonly bench: NodeBench;
  readonly client: TestClient;
  /** Requests that the target got, by connection; payloads left out. */
  readonly got: string[][];
  readonly connections: Connection[];
}

/** A node, and a target at port 6390 that answers as told; undefined: not at all. */
async function migrating(answer: Answer): Promise<Bench> {
  const bench = new NodeBench();
  assert.ok(await bench.start());
  const got: string[][] = [];
  const connections: Connection[] = [];
  const listening = bench.environment.network.listen(
    { host: '127.0.0.1', port: 6390 },
    {
      onConnection: (connection) => {
        const reader = new ReplyReader();
        const requests: string[] = [];
        got.push(requests);
        connections.push(connection);
        connection.handle({
          onData: (chunk) => {
            reader.feed(chunk);
            for (let one = reader.next(); one !== undefined; one = reader.next()) {
              const words = wordsOf(one);
              const shown = words[0] === 'RESTORE' ? words.toSpliced(3, 1) : words;
              requests.push(shown.join(' '));
              const reply = answer(words);
              if (reply !== undefined) connection.write(Buffer.from(`${reply}\r\n`));
            }
          },
          onClose: () => {},
        });
      },
    },
  );
  await bench.world.time.complete(listening);
  return { bench, client: bench.connect(), got, connections };
}

/** A request is an array of bulks, and can be read as one. */
function wordsOf(request: Reply): string[] {
  assert.ok(request.kind === 'array');
  return request.items.map((item) => (item.kind === 'bulk' ? item.bytes.toString('latin1') : ''));
}

const yes: Answer = () => '+OK';
const TARGET = ['127.0.0.1', '6390'];

test('a key moves, with its time to live, and the link is kept for a while', async () => {
  const { bench, client, got } = await migrating(yes);
  await client.ask('SET', 'k', 'v', 'PX', '5000');
  await client.ask('SET', 'other', 'v');
  assert.equal(await client.ask('MIGRATE', ...TARGET, 'k', '3', '1000', 'REPLACE'), '+OK\r\n');
  assert.equal(await client.ask('EXISTS', 'k'), ':0\r\n');
  assert.match(got[0][1], /^RESTORE k (4\d\d\d|5000) REPLACE$/);
  assert.equal(await client.info('migrate_cached_sockets', 'stats'), '1');
  assert.equal(await client.ask('MIGRATE', ...TARGET, 'other', '3', '1000', 'COPY'), '+OK\r\n');
  assert.equal(await client.ask('EXISTS', 'other'), ':1\r\n');
  assert.deepEqual([got.length, got[0][0], got[0][2]], [1, 'SELECT 3', 'RESTORE other 0']);
  await bench.world.time.advance(10_500);
  assert.equal(await client.info('migrate_cached_sockets', 'stats'), '0');
});

test('nothing to move, and what MIGRATE refuses', async () => {
  const { client, got } = await migrating(yes);
  const migrate = (...words: string[]) => client.ask('MIGRATE', ...TARGET, ...words);
  assert.equal(await migrate('none', '0', '1000'), '+NOKEY\r\n');
  assert.equal(await migrate('', '0', '1000', 'KEYS', 'a', 'b'), '+NOKEY\r\n');
  assert.match(await migrate('k', '0', '1000', 'KEYS', 'a'), /^-ERR When using MIGRATE KEYS/);
  assert.match(await migrate('k', 'x', '1000'), /^-ERR value is not an integer/);
  assert.match(await migrate('k', '0', 'x'), /^-ERR value is not an integer/);
  assert.match(await migrate('k', '0', '1000', 'FAST'), /^-ERR syntax error/);
  assert.match(await migrate('k', '0', '1000', 'AUTH'), /^-ERR syntax error/);
  assert.match(await migrate('k', '0', '1000', 'AUTH2', 'u'), /^-ERR syntax error/);
  await client.ask('SET', 'k', 'v');
  await client.askAlone('MULTI');
  await client.askAlone('MIGRATE', ...TARGET, 'k', '0', '1000');
  assert.match(await client.ask('EXEC'), /^\*1\r\n-ERR MIGRATE waits for another server/);
  assert.deepEqual(got, []);
});

test('only acknowledged keys are deleted, and the first refusal is told', async () => {
  const { client } = await migrating((words) =>
    words[1] === 'b' ? '-BUSYKEY Target key name already exists.' : '+OK',
  );
  await client.ask('MSET', 'a', '1', 'b', '2', 'c', '3');
  assert.equal(
    await client.ask('MIGRATE', ...TARGET, '', '0', '1000', 'KEYS', 'a', 'b', 'none', 'c', 'c'),
    '-ERR Target instance replied with error: BUSYKEY Target key name already exists.\r\n',
  );
  assert.equal(await client.ask('KEYS', '*'), '*1\r\n$1\r\nb\r\n');
});

test('without the password or the database no key is sent', async () => {
  const { client, got } = await migrating((words) =>
    words[0] === 'AUTH' && words.at(-1) !== 'right' ? '-WRONGPASS no' : '+OK',
  );
  await client.ask('SET', 'k', 'v');
  const migrate = (...words: string[]) =>
    client.ask('MIGRATE', ...TARGET, 'k', '0', '1000', ...words);
  assert.match(await migrate('AUTH', 'wrong'), /^-ERR Target instance .*: WRONGPASS no/);
  assert.deepEqual(got, [['AUTH wrong', 'SELECT 0']]);
  assert.equal(await migrate('AUTH2', 'someone', 'right'), '+OK\r\n');
  assert.deepEqual(got[1], ['AUTH someone right', 'SELECT 0', 'RESTORE k 0']);
});

test('others are served meanwhile; who writes a key under way waits for it', async () => {
  const { bench, client, connections } = await migrating((words) =>
    words[0] === 'RESTORE' ? undefined : '+OK',
  );
  await client.ask('MSET', 'k', 'old', 'other', '1');
  const moved = client.askAlone('MIGRATE', ...TARGET, 'k', '0', '60000');
  const [reader, writer, flusher] = [bench.connect(), bench.connect(), bench.connect()];
  await bench.world.time.until(() => connections.length === 1);
  assert.equal(await reader.ask('INCR', 'other'), ':2\r\n');
  assert.equal(await reader.ask('GET', 'k'), '$3\r\nold\r\n');
  const set = writer.askAlone('APPEND', 'k', '-new');
  const flushed = flusher.askAlone('FLUSHALL');
  assert.equal(await reader.info('blocked_clients', 'clients'), '3');
  connections[0].write(Buffer.from('+OK\r\n'));
  assert.equal(await moved, '+OK\r\n');
  assert.equal(await set, ':4\r\n');
  assert.equal(await flushed, '+OK\r\n');
});

test('a target that is silent, absent or vanishes', async () => {
  let isSilent = true;
  const { bench, client, connections, got } = await migrating((words) =>
    words[0] === 'RESTORE' && isSilent ? undefined : '+OK',
  );
  await client.ask('SET', 'k', 'v');
  const silent = await client.ask('MIGRATE', ...TARGET, 'k', '0', '300');
  assert.equal(silent, '-IOERR error or timeout reading to target instance\r\n');
  const absent = await client.ask('MIGRATE', '127.0.0.1', '6391', 'k', '0', '300');
  assert.equal(absent, '-IOERR error or timeout connecting to the client\r\n');
  const badPort = await client.ask('MIGRATE', '127.0.0.1', '99999', 'k', '0', '300');
  assert.equal(badPort, '-IOERR error or timeout connecting to the client\r\n');
  assert.equal(await client.ask('GET', 'k'), '$1\r\nv\r\n');
  // One that hangs up before it answered anything is asked once more.
  const asked = client.askAlone('MIGRATE', ...TARGET, 'k', '0', '60000');
  await bench.world.time.until(() => got[1]?.length === 2);
  isSilent = false;
  connections[1].destroy();
  assert.equal(await asked, '+OK\r\n');
  assert.equal(await client.ask('EXISTS', 'k'), ':0\r\n');
});

test('a client that leaves does not stop its keys', async () => {
  const { bench, client, connections, got } = await migrating((words) =>
    words[0] === 'RESTORE' ? undefined : '+OK',
  );
  await client.ask('SET', 'k', 'v');
  const mover = bench.connect();
  const id = /:(\d+)/.exec(await mover.ask('CLIENT', 'ID'))?.[1] ?? '';
  void mover.askAlone('MIGRATE', ...TARGET, 'k', '0', '60000');
  await bench.world.time.until(() => got[0]?.length === 2);
  assert.equal(await client.ask('CLIENT', 'UNBLOCK', id), ':0\r\n');
  assert.equal(await client.ask('CLIENT', 'KILL', 'ID', id), ':1\r\n');
  connections[0].write(Buffer.from('+OK\r\n'));
  await bench.world.time.advance(10);
  assert.equal(await client.ask('EXISTS', 'k'), ':0\r\n');
});

test('a change that did not wait is not deleted with the key', async () => {
  const { bench, client, connections, got } = await migrating((words) =>
    words[0] === 'RESTORE' ? undefined : '+OK',
  );
  await client.ask('MSET', 'a', '1', 'b', '2');
  const moved = client.askAlone('MIGRATE', ...TARGET, '', '0', '60000', 'KEYS', 'a', 'b');
  await bench.world.time.until(() => got[0]?.length === 3);
  // A script that did not name the key, or a master.
  const [db] = bench.node.parts.engine.databases;
  db.changed(Buffer.from('a'), 0, 1, 0, '');
  connections[0].write(Buffer.from('+OK\r\n+OK\r\n'));
  assert.match(await moved, /^-ERR A key changed on its way/);
  assert.equal(await client.ask('KEYS', '*'), '*1\r\n$1\r\na\r\n');
});

test('a change that did not wait counts when the caller has gone, too', async () => {
  const { bench, client, connections, got } = await migrating((words) =>
    words[0] === 'RESTORE' ? undefined : '+OK',
  );
  await client.ask('MSET', 'a', '1', 'b', '2');
  const mover = bench.connect();
  const id = /:(\d+)/.exec(await mover.ask('CLIENT', 'ID'))?.[1] ?? '';
  void mover.askAlone('MIGRATE', ...TARGET, '', '0', '60000', 'KEYS', 'a', 'b');
  await bench.world.time.until(() => got[0]?.length === 3);
  assert.equal(await client.ask('CLIENT', 'KILL', 'ID', id), ':1\r\n');
  await bench.world.time.advance(10);
  await client.ask('PING');
  const [db] = bench.node.parts.engine.databases;
  db.changed(Buffer.from('a'), 0, 1, 0, '');
  connections[0].write(Buffer.from('+OK\r\n+OK\r\n'));
  await bench.world.time.advance(10);
  assert.equal(await client.ask('KEYS', '*'), '*1\r\n$1\r\na\r\n');
});

test('many large keys pass through a small window', async () => {
  const { bench, client } = await migrating(yes);
  const value = 'x'.repeat(300_000);
  await client.ask('CONFIG', 'SET', 'rdbcompression', 'no');
  const keys = Array.from({ length: 40 }, (_, i) => `key${i}`);
  for (const key of keys) await client.ask('SET', key, value);
  const asked = client.askAlone('MIGRATE', ...TARGET, '', '0', '1000', 'KEYS', ...keys);
  assert.equal(await asked, '+OK\r\n');
  assert.equal(bench.node.parts.engine.databases[0].keyCount, 0);
});
