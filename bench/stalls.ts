// How long the server keeps others waiting: the worst round trip of a client that sends PING and GET in
// turn, while large things are built and destroyed.
//   node build/bench/stalls.js [--a 'redis-server'] [--b 'node build/src/cli/understudy-server.js']
//     [--keys 20000000] [--members 10000000] [--fields 20000000]
//     [--only keys,set,hash,list,zset,fields] [--endings 'DEL,UNLINK,expiry,renamed over,FLUSHALL']
// --keys: strings inserted through pipelining. --members: of the collections that are deleted, expired,
// renamed over and flushed. --fields: of one hash that is built. The probe is a thread of its own.
// `worst` is what it waited, and on a machine with other work that is often the wait for a processor:
// see the idle row. `busy` is the longest that the server's main thread ran within one wait, which is
// the server's own part and hardly depends on its neighbours.

import { connectAll, LoadClient, pipeline, requestText } from './support/load-client.ts';
import { type MeasuredServer, sleep } from './support/measured-server.ts';
import { Probe, type Waits } from './support/probe.ts';
import { COMMANDS, eachServer, printTable, readOptions } from './support/report.ts';

const REFUSED = '-';
/** Members of one variadic command. */
const BATCH = 500;

type Adder = (key: string, from: number) => string;

function names(from: number): string[] {
  return Array.from({ length: BATCH }, (_, i) => `member:${`${from + i}`.padStart(9, '0')}`);
}

/** The request that adds BATCH members to a collection. */
const adders: Readonly<Record<string, Adder>> = {
  set: (key, from) => requestText('SADD', key, ...names(from)),
  list: (key, from) => requestText('RPUSH', key, ...names(from)),
  hash: (key, from) => requestText('HSET', key, ...names(from).flatMap((name) => [name, 'value'])),
  zset: (key, from) =>
    requestText('ZADD', key, ...names(from).flatMap((name, i) => [`${(from + i) * 7}`, name])),
};

async function fill(port: number, type: string, key: string, members: number): Promise<void> {
  const clients = await connectAll(port, 2);
  await pipeline(clients, members / BATCH, 2, 1, (i) => adders[type](key, i * BATCH));
  for (const client of clients) client.close();
}

/** Waits until what was deleted is freed: the memory no longer falls. */
async function settled(server: MeasuredServer): Promise<void> {
  for (let last = Number.POSITIVE_INFINITY; ; ) {
    const now = server.residentBytes();
    if (now >= last) return;
    last = now;
    await sleep(700);
  }
}

const options = readOptions({
  ...COMMANDS,
  keys: 20_000_000,
  members: 10_000_000,
  fields: 20_000_000,
  only: 'keys,set,hash,list,zset,fields',
  endings: 'DEL,UNLINK,expiry,renamed over,FLUSHALL',
});

/** The ways in which a collection leaves: each removes `victim`. */
const endings: readonly (readonly [name: string, ...command: string[]])[] = [
  ['DEL', 'DEL', 'victim'],
  ['UNLINK', 'UNLINK', 'victim'],
  ['expiry', 'PEXPIRE', 'victim', '50'],
  ['renamed over', 'RENAME', 'other', 'victim'],
  ['FLUSHALL', 'FLUSHALL'],
];

async function measure(
  server: MeasuredServer,
  results: Map<string, Record<string, Waits>>,
): Promise<void> {
  const watch = new Probe(server);
  try {
    await measureWith(watch, server, results);
  } finally {
    await watch.stop();
  }
}

async function measureWith(
  watch: Probe,
  server: MeasuredServer,
  results: Map<string, Record<string, Waits>>,
): Promise<void> {
  if (options === undefined) return;
  const { only, keys, members, fields } = options;
  const wanted = only.split(',');
  const client = await LoadClient.connect(server.port);
  const note = async (name: string): Promise<void> => {
    const waits = await watch.take();
    results.set(name, { ...results.get(name), [server.name]: waits });
    // All of it takes minutes: what is known is shown at once.
    console.error(`${server.name}: ${name}: ${cellsOf(waits).join(' / ')} ms`);
  };
  await sleep(1500);
  await watch.take();
  await sleep(3000);
  await note('idle');
  if (wanted.includes('keys')) {
    const clients = await connectAll(server.port, 4);
    await pipeline(clients, keys, 200, 1, (i) => requestText('SET', `key:${i}`, `value:${i}`));
    for (const one of clients) one.close();
    await note(`${keys} keys inserted`);
    await client.call('FLUSHALL');
    await settled(server);
    await note(`${keys} keys flushed`);
  }
  for (const type of ['set', 'hash', 'list', 'zset'].filter((name) => wanted.includes(name))) {
    for (const [name, ...command] of endings) {
      if (!options.endings.split(',').includes(name)) continue;
      // What was renamed over a victim bears its name.
      await client.call('DEL', 'victim');
      await fill(server.port, type, 'victim', members);
      await note(`${type} of ${members} built`);
      await client.call('SET', 'other', 'small');
      const reply = await client.call(...command);
      if (reply.startsWith(REFUSED)) throw new Error(reply);
      await sleep(300);
      await settled(server);
      await note(`${type} of ${members}: ${name}`);
    }
  }
  if (wanted.includes('fields')) {
    await fill(server.port, 'hash', 'huge', fields);
    await note(`hash of ${fields} fields built`);
  }
  client.close();
}

function cellsOf(waits: Waits | undefined): string[] {
  if (waits === undefined) return ['', '', ''];
  return [waits.worstMs, waits.busyMs, waits.p99Ms].map((ms) => ms.toFixed(1));
}

const results = new Map<string, Record<string, Waits>>();
await eachServer(options, [], (server) => measure(server, results));
const header = ['ms', 'A worst', 'busy', 'p99', 'B worst', 'busy', 'p99', 'busy B/A'];
const rows = [...results].map(([name, { a, b }]) => {
  const ratio = a === undefined || b === undefined ? '' : (b.busyMs / a.busyMs).toFixed(2);
  return [name, ...cellsOf(a), ...cellsOf(b), ratio];
});
printTable([header, ...rows]);
