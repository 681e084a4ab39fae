// Masters that are none: what they send, or do not send, ends in a clear line of the log, in a link that is
// shown as down, in another attempt, and in data that are as whole as before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulatedWorld } from '../../env/simulated/simulated-environment.ts';
import { type Answer, HandmadeMaster, NodeOnNetwork, newWorld, polite } from './replica-fixture.ts';

const ID = 'c'.repeat(40);
const MARK = '0123456789'.repeat(4);

interface Case {
  readonly world: SimulatedWorld;
  readonly replica: NodeOnNetwork;
  readonly master: HandmadeMaster;
}

/** A replica with one key, and a master that answers as told. */
async function facing(answer: Answer, lines = 'repl-timeout 5\n'): Promise<Case> {
  const world = newWorld();
  const replica = await NodeOnNetwork.start(world, '10.0.0.2', lines);
  await replica.ask('SET', 'mine', 'before');
  const master = HandmadeMaster.start(world, '10.0.0.1', answer);
  await replica.follow('10.0.0.1');
  return { world, replica, master };
}

/** After the handshake it answers PSYNC so. */
function psync(answer: string | Buffer): Answer {
  return (line) => (line.startsWith('PSYNC') ? answer : polite(line));
}

async function assertDown({ world, replica, master }: Case, log: RegExp): Promise<void> {
  const before = master.connections.length;
  await world.time.until(() => master.connections.length >= before + 2, 60_000);
  assert.match(replica.log, log);
  assert.equal(await replica.info('master_link_status'), 'down');
  assert.equal(await replica.info('loading'), '0');
  assert.deepEqual(replica.crashes, []);
  for (const one of master.connections.slice(0, -1))
    assert.ok(one.isClosed, 'the old link is closed');
}

const full = `+FULLRESYNC ${ID} 100\r\n`;

const beforeData: readonly (readonly [name: string, answer: Answer, log: RegExp])[] = [
  ['silence from the start', () => undefined, /Timeout connecting to the MASTER/],
  ['an error to PING', () => '-ERR go away\r\n', /Error reply to PING from master: '-ERR go away'/],
  ['an endless line', () => 'x'.repeat(5000), /endless line/],
  [
    'silence after PING',
    (line) => (line === 'PING' ? '+PONG\r\n' : undefined),
    /Timeout connecting to the MASTER/,
  ],
  ['silence after PSYNC', polite, /Timeout connecting to the MASTER/],
  ['a full resync of no history', psync('+FULLRESYNC ? ?\r\n'), /wrong \+FULLRESYNC syntax/],
  ['the rest of nobody’s history', psync('+CONTINUE now\r\n'), /Unexpected reply to PSYNC/],
  ['loading', psync('-LOADING please wait\r\n'), /currently unable to PSYNC/],
  ['silence after the promise', psync(full), /Timeout receiving bulk data/],
  ['an error instead of a snapshot', psync(`${full}-ERR disk\r\n`), /MASTER aborted replication/],
  ['no snapshot', psync(`${full}hello\r\n`), /the first byte is not '\$'/],
  ['a length beyond reason', psync(`${full}$99999999999999999999\r\n`), /length or mark/],
  ['a short mark', psync(`${full}$EOF:abc\r\n`), /length or mark/],
  ['half a snapshot', psync(`${full}$100\r\nREDIS0010`), /Timeout receiving bulk data/],
  [
    'a snapshot without an end',
    psync(`${full}$EOF:${MARK}\r\nREDIS0010`),
    /Timeout receiving bulk/,
  ],
];

for (const [name, answer, log] of beforeData) {
  test(`${name}: the data stay`, async () => {
    const one = await facing(answer);
    await assertDown(one, log);
    assert.equal(await one.replica.ask('GET', 'mine'), '$6\r\nbefore\r\n');
  });
}

const rubbish = `REDIS0010${'\xfe'.repeat(50)}`;

test('a snapshot that lies leaves nothing half loaded', async () => {
  const one = await facing(psync(`${full}$${rubbish.length}\r\n${rubbish}`));
  await assertDown(one, /Failed trying to load the MASTER synchronization DB from disk/);
  assert.equal(await one.replica.ask('DBSIZE'), ':0\r\n');
  // Nobody may believe that these data are the master's, or what they were before.
  assert.equal(one.replica.replication.replica.resumePoint, undefined);
});

test('into a second set of databases, a snapshot that lies costs nothing', async () => {
  const lines = 'repl-timeout 5\nrepl-diskless-load swapdb\n';
  for (const [frame, tail] of [
    [`$${rubbish.length}\r\n`, ''],
    [`$EOF:${MARK}\r\n`, MARK],
  ]) {
    const one = await facing(psync(full + frame + rubbish + tail), lines);
    await assertDown(one, /Discarding temporary DB in background/);
    assert.equal(await one.replica.ask('GET', 'mine'), '$6\r\nbefore\r\n');
  }
});

/** An empty snapshot, of a version that needs no checksum. */
const EMPTY = 'REDIS0003\xff';

test('bytes between the snapshot and its mark', async () => {
  const lines = 'repl-timeout 5\nrepl-diskless-load swapdb\n';
  const one = await facing(psync(`${full}$EOF:${MARK}\r\n${EMPTY}more${MARK}`), lines);
  await assertDown(one, /Replication stream EOF marker is broken/);
});

test('a link that ends amid a snapshot that is loaded as it comes: the log says how far it got', async () => {
  const lines = 'repl-timeout 5\nrepl-diskless-load swapdb\n';
  const one = await facing(psync(`${full}$EOF:${MARK}\r\nREDIS0010`), lines);
  await one.world.time.until(() => one.replica.node.parts.persistence.loading !== undefined);
  one.master.connections[0].destroy();
  const { replica, world } = one;
  const told = /RDB reading offset \d+ \(.*\) -> Unexpected EOF reading RDB file/;
  await world.time.until(() => told.test(replica.log), 60_000);
  assert.equal(replica.node.parts.persistence.loading, undefined);
  assert.equal(await replica.ask('GET', 'mine'), '$6\r\nbefore\r\n');
});

test('a mark before the snapshot has ended', async () => {
  const lines = 'repl-timeout 5\nrepl-diskless-load swapdb\n';
  const one = await facing(psync(`${full}$EOF:${MARK}\r\nREDIS0003${MARK}`), lines);
  await assertDown(one, /Short read/);
});

const snapshot = `${full}$${EMPTY.length}\r\n${EMPTY}`;

test('a stream of no commands closes the link, and the rest of it is not asked for', async () => {
  for (const stream of ['SET inline x\r\n', '*1\r\n!3\r\n', '*2147483648\r\n']) {
    const one = await facing(psync(snapshot + stream));
    await assertDown(one, /Protocol error/);
    const asked = one.master.received.split('PSYNC').slice(2);
    assert.ok(asked.length > 0 && asked.every((text) => text.startsWith('\r\n$1\r\n?\r\n')));
  }
});

test('errors of a stream are counted, logged, and do not end it', async () => {
  const stream = '*1\r\n$4\r\nNOPE\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n';
  const { world, replica } = await facing(psync(snapshot + stream));
  await world.time.until(() => replica.isUp && replica.offset === 100 + stream.length);
  assert.equal(await replica.ask('GET', 'n'), '$1\r\n1\r\n');
  assert.match(replica.log, /== CRITICAL == This replica is sending an error to its master/);
  assert.equal(await replica.info('unexpected_error_replies'), '1');
});

test('propagation-error-behavior panic ends the process', async () => {
  const { world, replica } = await facing(
    psync(`${snapshot}*1\r\n$4\r\nNOPE\r\n`),
    'propagation-error-behavior panic\n',
  );
  await world.time.until(() => replica.crashes.length > 0);
  assert.match(replica.crashes[0], /This replica panicked/);
});

test('silence amid the stream, then the rest is asked for', async () => {
  const one = await facing(psync(snapshot));
  await one.world.time.until(() => one.replica.isUp);
  await one.world.time.until(() => one.master.connections.length >= 2, 60_000);
  assert.match(one.replica.log, /MASTER timeout: no data nor PING received/);
  await one.world.time.until(
    () => one.master.received.includes(`$40\r\n${ID}\r\n$3\r\n101`),
    60_000,
  );
});

test('a transaction that is cut is asked for from its beginning', async () => {
  const stream = '*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n';
  const one = await facing(psync(snapshot + stream));
  await one.world.time.until(() => one.replica.isUp);
  await one.world.time.advance(100);
  assert.equal(await one.replica.info('slave_repl_offset'), '100');
  one.master.connections[0].destroy();
  await one.world.time.until(() => one.master.received.includes('$3\r\n101'), 60_000);
  assert.equal(await one.replica.ask('GET', 'n'), '$-1\r\n');
});

test('GETACK is answered with what was applied before it', async () => {
  const stream = '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n';
  const getack = '*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n';
  const one = await facing(psync(snapshot + stream + getack));
  const acknowledged = String(100 + stream.length);
  const text = `REPLCONF\r\n$3\r\nACK\r\n$${acknowledged.length}\r\n${acknowledged}\r\n`;
  await one.world.time.until(() => one.master.received.includes(text));
  assert.equal(one.replica.offset, 100 + stream.length + getack.length);
});

test('empty lines count with the command behind them, however the bytes come', async () => {
  const incr = '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n';
  const one = await facing(psync(snapshot));
  await one.world.time.until(() => one.replica.isUp);
  let sent = 0;
  // What a real replica acknowledges after each chunk, less the snapshot's offset.
  for (const [chunk, applied] of [
    [incr, 21],
    ['\n', 21],
    [incr, 43],
    [`\n${incr}`, 65],
    [`${incr}\n${incr}`, 108],
    [`${incr}\n`, 129],
    [`\r\n${incr}`, 153],
  ] as const) {
    one.master.connections[0].write(Buffer.from(chunk));
    sent += chunk.length;
    await one.world.time.advance(100);
    assert.equal(one.replica.offset, 100 + applied, JSON.stringify(chunk));
  }
  assert.equal(sent, 153);
  assert.equal(await one.replica.ask('GET', 'n'), '$1\r\n7\r\n');
});

test('a master without PSYNC is followed in the old way', async () => {
  const empty = `$${EMPTY.length}\r\n${EMPTY}`;
  const set = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n';
  const one = await facing((line) => {
    if (line.startsWith('PSYNC')) return "-ERR unknown command 'PSYNC'\r\n";
    return line === 'SYNC' ? empty + set : polite(line);
  });
  await one.world.time.until(() => one.replica.isUp);
  await one.world.time.advance(3000);
  assert.equal(await one.replica.ask('GET', 'a'), '$1\r\nb\r\n');
  assert.doesNotMatch(one.master.received, /ACK/);
});

test('a full disk keeps the old data, and the next attempt may succeed', async () => {
  const one = await facing(psync('-LOADING\r\n'));
  const { replica, world } = one;
  replica.environment.files.disk.faults = (operation) =>
    operation === 'write' ? 'ENOSPC' : undefined;
  const other = HandmadeMaster.start(world, '10.0.0.4', psync(snapshot));
  await replica.follow('10.0.0.4');
  await world.time.until(() => other.connections.length >= 2, 60_000);
  assert.match(replica.log, /Write error or short write .* ENOSPC|no space left/i);
  assert.equal(await replica.ask('GET', 'mine'), '$6\r\nbefore\r\n');
  replica.environment.files.disk.faults = undefined;
  await world.time.until(() => replica.isUp, 60_000);
  assert.equal(await replica.ask('DBSIZE'), ':0\r\n');
});
