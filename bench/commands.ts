// What the hot commands cost in process, without sockets: nanoseconds from parsed request to written
// reply, through the dispatcher, over keys enough to miss the processor's caches. Run it on a quiet
// machine after `npm run build`: node build/bench/commands.js [--keys N]. Every figure is the median
// of several rounds; compare figures of one run only.

import type { DataServer } from '../src/commands/context.ts';
import { keysCommands } from '../src/commands/keys/keys-commands.ts';
import { stringCommands } from '../src/commands/string/string-commands.ts';
import { defaultDispatchSettings } from '../src/dispatch/dispatch-settings.ts';
import { Dispatcher } from '../src/dispatch/dispatcher.ts';
import { Session, type SessionInit } from '../src/dispatch/session.ts';
import { detachedLink } from '../src/dispatch/session-link.ts';
import type { Database } from '../src/engine/database.ts';
import { testEngine } from '../src/engine/engine-fixture.ts';
import { OutputBuffer } from '../src/protocol/output-buffer.ts';
import { Request } from '../src/protocol/request.ts';
import { READY, RequestReader } from '../src/protocol/request-reader.ts';
import { KeyedHash } from '../src/util/hash.ts';

const ROUNDS = 11;
const BATCH = 4096;
const keysAt = process.argv.indexOf('--keys');
const KEYS = keysAt < 0 ? 100_000 : Number(process.argv[keysAt + 1]);

const engine = testEngine();
const server = {
  engine,
  settings: {
    protoMaxBulkLen: 512 * 1024 * 1024,
    maxmemory: 0,
    lazyfreeLazyExpire: false,
    lazyfreeLazyServerDel: false,
    lazyfreeLazyUserDel: false,
    lazyfreeLazyUserFlush: false,
  },
  random: { uint32: () => engine.random(), below: (n: number) => engine.random() % n },
  nowMs: () => engine.wallMs,
} as unknown as DataServer;

class BenchSession extends Session {
  readonly server: DataServer = server;
  readonly db: Database = engine.databases[0];
}

const monotonicUs = (): number => Math.floor(performance.now() * 1000);
const dispatcher = new Dispatcher({
  clock: { wallMs: () => engine.wallMs, wallUs: () => engine.wallMs * 1000, monotonicUs },
  timers: { after: () => ({ cancel: () => {} }) },
  log: { notice: () => {}, warning: () => {} },
  settings: defaultDispatchSettings,
  identity: { version: '7.2.4', mode: 'standalone', role: () => 'master' },
  hash: new KeyedHash(1, 2),
  randomUint32: () => engine.random(),
  randomHex: (n) => '0'.repeat(n),
  data: engine,
  createSession: (init: SessionInit) => new BenchSession(init),
});
dispatcher.use(stringCommands);
dispatcher.use(keysCommands);
const out = new OutputBuffer();
const session = dispatcher.createSession(detachedLink, out);
const reader = new RequestReader({
  protoMaxBulkLen: 512 * 1024 * 1024,
  authenticated: true,
  queryBufferLimit: 1024 * 1024 * 1024,
});

/** Runs a chunk of pipelined requests as a connection would, and drops the replies. */
function play(chunk: Buffer): void {
  dispatcher.beginChunk(engine.wallMs);
  reader.feed(chunk);
  while (reader.next(session.request) === READY) dispatcher.execute(session, session.request);
  dispatcher.endChunk();
  out.clear();
}

function chunkOf(make: (i: number) => (string | Buffer)[]): Buffer {
  const parts = Array.from({ length: BATCH }, (_, i) => Request.of(make(i)).buffer);
  return Buffer.concat(parts);
}

/** Median nanoseconds a command; `make` is called once for each of the batch's requests. */
function measure(name: string, make: (i: number) => (string | Buffer)[]): void {
  const chunks = Array.from({ length: 8 }, () => chunkOf(make));
  for (const chunk of chunks) play(chunk);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (const chunk of chunks) play(chunk);
    times.push(Number(process.hrtime.bigint() - start) / (BATCH * chunks.length));
  }
  times.sort((a, b) => a - b);
  console.log(`${name.padEnd(44)} ${times[ROUNDS >> 1].toFixed(0).padStart(6)} ns`);
}

const anyKey = (): string => `key:${String(engine.random() % KEYS).padStart(12, '0')}`;
const counter = (): string => `counter:${String(engine.random() % KEYS).padStart(8, '0')}`;
let fresh = 0;
const freshKey = (): string => `new:${String(fresh++).padStart(12, '0')}`;
const VALUE = 'x'.repeat(16);

for (let i = 0; i < KEYS; i += BATCH) {
  play(chunkOf((j) => ['SET', `key:${String(i + j).padStart(12, '0')}`, VALUE]));
  play(chunkOf((j) => ['SET', `counter:${String(i + j).padStart(8, '0')}`, '1000']));
}
console.log(`${KEYS} keys, requests parsed from chunks of ${BATCH}`);
// All handlers first, so that call sites are as polymorphic as in a server.
for (const words of [
  ['STRLEN', 'key:0'],
  ['APPEND', 'text', 'more'],
  ['GETRANGE', 'text', '0', '1'],
  ['MGET', 'a', 'b'],
  ['MSET', 'a', '1', 'b', '2'],
  ['EXPIRE', 'a', '100'],
  ['TTL', 'a'],
  ['EXISTS', 'a'],
  ['TYPE', 'a'],
  ['DEL', 'a'],
]) {
  play(chunkOf(() => words));
}
measure('GET, 16-byte value', () => ['GET', anyKey()]);
measure('GET, absent', () => ['GET', `none:${engine.random()}`]);
measure('SET over 16 bytes', () => ['SET', anyKey(), VALUE]);
measure('SET over, other length', (i) => [
  'SET',
  anyKey(),
  i % 2 === 0 ? VALUE : `${VALUE}${VALUE}`,
]);
measure('SET with EX', () => ['SET', anyKey(), VALUE, 'EX', '1000']);
measure('INCR', () => ['INCR', counter()]);
measure('INCRBY 1000000', () => ['INCRBY', counter(), '1000000']);
measure('EXISTS', () => ['EXISTS', anyKey()]);
measure('EXPIRE', () => ['EXPIRE', anyKey(), '1000']);
measure('MSET of 10', () => [
  'MSET',
  ...Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? anyKey() : VALUE)),
]);
measure('SET and DEL of a new key (two commands)', (i) =>
  i % 2 === 0 ? ['SET', freshKey(), VALUE] : ['DEL', `new:${String(fresh - 1).padStart(12, '0')}`],
);
