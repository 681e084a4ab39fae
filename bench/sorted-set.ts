// One large sorted set: time of ZADD, ZRANK and ZRANGE by rank at random positions, beside another server.
//   node build/bench/sorted-set.js [--a 'redis-server'] [--b 'node build/src/cli/understudy-server.js']
//     [--members 5000000] [--reads 300000] [--depth 64]
// Members arrive in random order with random scores. Each figure is microseconds a request: processor
// time of the server, and elapsed time, which the client's own work limits from below.

import { connectAll, type LoadClient, pipeline, requestText } from './support/load-client.ts';
import type { MeasuredServer } from './support/measured-server.ts';
import { COMMANDS, eachServer, printTable, readOptions } from './support/report.ts';

const options = readOptions({ ...COMMANDS, members: 5_000_000, reads: 300_000, depth: 64 });
const { members } = options;
const RANGE = 10;

// Multiplying by an odd number that shares no factor with the count visits every member once.
const STRIDE = 618_033_989;

function member(i: number): string {
  return `member:${`${(i * STRIDE) % members}`.padStart(9, '0')}`;
}

/** A random score that depends on the index alone, so that both servers get the same set. */
function score(i: number): string {
  let x = (i + 1) * 0x9e3779b1;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x ^= x >>> 13;
  return `${(x >>> 0) / 1000}`;
}

/** Positions for the reads, the same for both. */
function position(i: number): number {
  return (i * STRIDE + 7) % (members - RANGE);
}

interface Work {
  readonly name: string;
  readonly count: number;
  /** Lines of one reply. */
  readonly lines: number;
  request(i: number): string;
}

const works: readonly Work[] = [
  {
    name: 'ZADD',
    count: members,
    lines: 1,
    request: (i) => requestText('ZADD', 'z', score(i), member(i)),
  },
  {
    name: 'ZADD, new score',
    count: options.reads,
    lines: 1,
    request: (i) => requestText('ZADD', 'z', score(i + 77_777_777), member(i * 13)),
  },
  {
    name: 'ZRANK',
    count: options.reads,
    lines: 1,
    request: (i) => requestText('ZRANK', 'z', member(i * 17)),
  },
  {
    name: 'ZRANGE by rank, 10',
    count: options.reads,
    lines: 1 + 2 * RANGE,
    request: (i) => {
      const from = position(i);
      return requestText('ZRANGE', 'z', `${from}`, `${from + RANGE - 1}`);
    },
  },
];

async function time(server: MeasuredServer, clients: LoadClient[], work: Work): Promise<number[]> {
  const cpu = server.cpuSeconds();
  const start = performance.now();
  await pipeline(clients, work.count, options.depth, work.lines, work.request);
  const us = ((performance.now() - start) * 1000) / work.count;
  return [((server.cpuSeconds() - cpu) * 1e6) / work.count, us];
}

const figures: Record<string, number[][]> = { a: [], b: [] };
await eachServer(options, [], async (server) => {
  const clients = await connectAll(server.port, 4);
  for (const work of works) figures[server.name].push(await time(server, clients, work));
  for (const client of clients) client.close();
});
const rows: string[][] = [['us a request', 'A cpu', 'B cpu', 'B/A', 'A time', 'B time', 'B/A']];
works.forEach(({ name }, i) => {
  const none = [Number.NaN, Number.NaN];
  const [a, b] = [figures['a'][i] ?? none, figures['b'][i] ?? none];
  const cells = [0, 1].flatMap((k) => [a[k], b[k], b[k] / a[k]]);
  rows.push([name, ...cells.map((value) => value.toFixed(2))]);
});
printTable(rows);
