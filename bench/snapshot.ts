// What a snapshot costs those who are served meanwhile: BGSAVE while clients write at a fixed rate.
//   node build/bench/snapshot.js [--a 'redis-server'] [--b 'node build/src/cli/understudy-server.js']
//     [--keys 2000000] [--writes 20000] [--rounds 3] [--type string|hash|set|zset|list|stream]
// --keys: keys of 16 bytes and values of 16 bytes; of another type: members of one collection. --writes:
// SETs of random keys a second, or changes of the collection. `worst` and `busy`: as in stalls.ts. `bytes`:
// the most that the program and its children held, over what it held before.

import { connectAll, LoadClient, pipeline, requestText } from './support/load-client.ts';
import { type MeasuredServer, sleep } from './support/measured-server.ts';
import { Probe } from './support/probe.ts';
import { COMMANDS, eachServer, median, printTable, readOptions } from './support/report.ts';

const TICK_MS = 5;
const BATCH = 500;
const options = readOptions({
  ...COMMANDS,
  keys: 2_000_000,
  writes: 20_000,
  rounds: 3,
  type: 'string',
});

interface Save {
  readonly seconds: number;
  readonly worstMs: number;
  readonly busyMs: number;
  readonly memory: number;
}

function keyOf(i: number): string {
  return `key:${`${i}`.padStart(12, '0')}`;
}

/** A change of one member of the collection `big`, or of one key. */
function change(i: number): string {
  const member = keyOf(i);
  switch (options.type) {
    case 'hash':
      return requestText('HSET', 'big', member, `value-${`${i}`.padStart(10, '0')}`);
    case 'set':
      return requestText('SADD', 'big', member);
    case 'zset':
      return requestText('ZADD', 'big', `${Math.floor(Math.random() * 1e9)}`, member);
    case 'list':
      return requestText('RPUSH', 'big', member);
    case 'stream':
      return requestText('XADD', 'big', '*', 'field', member);
    default:
      return requestText('SET', member, `value-${`${i}`.padStart(10, '0')}`);
  }
}

/** Writes at the rate until it is stopped. */
function writeSteadily(client: LoadClient): () => Promise<void> {
  let isStopped = false;
  const run = async (): Promise<void> => {
    const start = performance.now();
    for (let sent = 0; !isStopped; ) {
      const due = Math.floor(((performance.now() - start) * options.writes) / 1000);
      const count = Math.min(due - sent, BATCH);
      if (count > 0) {
        let text = '';
        for (let i = 0; i < count; i++) text += change(Math.floor(Math.random() * options.keys));
        // The replies of streams have two lines.
        await client.send(
          Buffer.from(text, 'latin1'),
          options.type === 'stream' ? 2 * count : count,
        );
        sent += count;
      }
      await sleep(TICK_MS);
    }
  };
  const running = run();
  return async () => {
    isStopped = true;
    await running;
  };
}

/** One BGSAVE from its beginning to its end. */
async function saveOnce(server: MeasuredServer, client: LoadClient, probe: Probe): Promise<Save> {
  const before = server.familyBytes();
  let most = before;
  await probe.take();
  const start = performance.now();
  await client.call('BGSAVE');
  for (;;) {
    await sleep(20);
    most = Math.max(most, server.familyBytes());
    const info = await client.text('INFO', 'persistence');
    if (info.includes('rdb_bgsave_in_progress:0')) break;
  }
  const seconds = (performance.now() - start) / 1000;
  const { worstMs, busyMs } = await probe.take();
  return { seconds, worstMs, busyMs, memory: most / before };
}

async function measure(server: MeasuredServer, results: Map<string, Save>): Promise<void> {
  const clients = await connectAll(server.port, 4);
  const lines = options.type === 'stream' ? 2 : 1;
  await pipeline(clients, options.keys, 200, lines, change);
  for (const one of clients) one.close();
  await sleep(500);
  const client = await LoadClient.connect(server.port);
  const writer = await LoadClient.connect(server.port);
  const probe = new Probe(server);
  const stop = writeSteadily(writer);
  try {
    await sleep(1000);
    const { worstMs, busyMs } = await probe.take();
    results.set(`${server.name} without a save`, { seconds: 0, worstMs, busyMs, memory: 1 });
    const saves: Save[] = [];
    for (let i = 0; i < options.rounds; i++) saves.push(await saveOnce(server, client, probe));
    const middle = (pick: (save: Save) => number): number => median(saves.map(pick));
    results.set(`${server.name} while saving`, {
      seconds: middle((save) => save.seconds),
      worstMs: middle((save) => save.worstMs),
      busyMs: middle((save) => save.busyMs),
      memory: middle((save) => save.memory),
    });
  } finally {
    await stop();
    await probe.stop();
    client.close();
    writer.close();
  }
}

const results = new Map<string, Save>();
await eachServer(options, [], (server) => measure(server, results));
const rows = [...results].map(([name, { seconds, worstMs, busyMs, memory }]) => [
  name,
  ...[seconds, worstMs, busyMs, memory].map((value) => value.toFixed(2)),
]);
printTable([['medians', 'seconds', 'worst ms', 'busy ms', 'bytes'], ...rows]);
