// What a request costs in the process: a whole server on a network without sockets, from the bytes of a chunk to
// the bytes of the replies. Nanoseconds a request, the best and the median of many rounds, in one process for all
// tests. Usage: node build/bench/in-process.js [--tests set,get,…] [--depth 16] [--rounds 40]
//
// For instructions by function, which no other load disturbs:
//   valgrind --tool=callgrind node --single-threaded --perf-basic-prof build/bench/in-process.js --tests set --rounds 10

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setCompilerLimits } from '../src/cli/compiler-limits.ts';
import type { Connection, ConnectionHandlers, Network } from '../src/env/network.ts';
import { nodeEnvironment } from '../src/env/node/node-environment.ts';
import { makeServer } from '../src/fleet/hosted-node.ts';
import { Request } from '../src/protocol/request.ts';

const CONNECTIONS = 50;
const KEYS = 100_000;
const BATCHES = 2000;
const ROUND_REQUESTS = 60_000;
const CHUNK_BYTES = 64 * 1024;

const { values } = parseArgs({
  options: {
    tests: { type: 'string', default: 'ping,set,get,incr,lpush,rpush,sadd,hset,zadd,lrange' },
    depth: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '40' },
  },
});
const depth = Number(values.depth);
const rounds = Number(values.rounds);

const handlers: ConnectionHandlers[] = [];
let accept: (connection: Connection) => void = () => {};

/** A connection whose peer takes everything at once and never says a word of its own. */
function connection(): Connection {
  return {
    remoteHost: '127.0.0.1',
    remotePort: 1,
    localHost: '127.0.0.1',
    localPort: 1,
    path: '',
    isUnix: false,
    fd: -1,
    queuedBytes: 0,
    isClosed: false,
    handle: (given) => handlers.push(given),
    write: () => true,
    pause: () => {},
    resume: () => {},
    end: () => {},
    destroy: () => {},
    reset: () => {},
    setKeepAlive: () => {},
    setNoDelay: () => {},
  };
}

const network: Network = {
  listen: async (_address, { onConnection }) => {
    accept = onConnection;
    return { host: '127.0.0.1', port: 1, path: '', close: async () => {} };
  },
  connect: () => {
    throw new Error('nobody is connected to here');
  },
  resolve: async (host) => host,
};

const value = 'x'.repeat(16);
const number = (): string => `${Math.floor(Math.random() * KEYS)}`;
const named = (what: string): string => `${what}:${number().padStart(12, '0')}`;
const requests: Readonly<Record<string, () => readonly string[]>> = {
  ping: () => ['PING'],
  set: () => ['SET', named('key'), value],
  get: () => ['GET', named('key')],
  incr: () => ['INCR', named('counter')],
  lpush: () => ['LPUSH', 'mylist', value],
  rpush: () => ['RPUSH', 'mylist', value],
  sadd: () => ['SADD', 'myset', named('element')],
  hset: () => ['HSET', 'myhash', named('element'), value],
  zadd: () => ['ZADD', 'myzset', number(), named('element')],
  lrange: () => ['LRANGE', 'mylist', '0', '99'],
};

const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

function send(to: number, bytes: Buffer): void {
  bytes.copy(chunk);
  handlers[to].onData(chunk.subarray(0, bytes.length));
}

const pollOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function batchesOf(make: () => readonly string[], count: number): Buffer[] {
  return Array.from({ length: count }, () =>
    Buffer.concat(Array.from({ length: depth }, () => Request.of(make()).buffer)),
  );
}

/** Nanoseconds that a request of a round takes. */
async function round(batches: readonly Buffer[]): Promise<number> {
  const polls = Math.max(1, Math.round(ROUND_REQUESTS / (CONNECTIONS * depth)));
  const start = performance.now();
  for (let poll = 0; poll < polls; poll++) {
    for (let i = 0; i < CONNECTIONS; i++) {
      send(i, batches[(poll * CONNECTIONS + i) % batches.length]);
    }
    await pollOver();
  }
  return ((performance.now() - start) * 1e6) / (polls * CONNECTIONS * depth);
}

async function measure(test: string): Promise<string> {
  const batches = batchesOf(requests[test], BATCHES);
  for (let i = 0; i < 4; i++) await round(batches);
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) times.push(await round(batches));
  times.sort((x, y) => x - y);
  const median = times[times.length >> 1];
  return `${test.padEnd(8)}${times[0].toFixed(0).padStart(8)}${median.toFixed(0).padStart(8)}`;
}

setCompilerLimits();
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const configFile = join(folder, 'redis.conf');
writeFileSync(configFile, `bind 127.0.0.1\nsave ""\ndir ${folder}\nloglevel nothing\n`);
const node = makeServer({ ...nodeEnvironment(), network }, configFile, () => {});
if ('failure' in node) throw new Error(node.failure);
await node.start();
for (let i = 0; i < CONNECTIONS; i++) accept(connection());
// As on a server that has seen some life: no handler is the only one that the compiler knows.
for (const make of Object.values(requests)) {
  for (const batch of batchesOf(make, 100)) send(0, batch);
  await pollOver();
}
send(0, Request.of(['DEL', 'mylist', 'myset', 'myhash', 'myzset']).buffer);
for (let i = 0; i < KEYS; i++) {
  send(i % CONNECTIONS, Request.of(['SET', `key:${`${i}`.padStart(12, '0')}`, value]).buffer);
  if (i % 1000 === 0) await pollOver();
}
process.stdout.write(`ns a request, depth ${depth}: best, median\n`);
for (const test of values.tests.split(',')) process.stdout.write(`${await measure(test)}\n`);
rmSync(folder, { recursive: true });
process.exit();
