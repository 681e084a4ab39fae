// Many connections: what idle ones and clients that never read do to another client, and 500 at work.
//   node build/bench/connections.js [--a 'redis-server'] [--b 'node build/src/cli/understudy-server.js']
//     [--idle 10000] [--deaf 1000] [--limit 262144] [--clients 500] [--requests 200000] [--rounds 3]
// The deaf send GET of a value of 16 KiB and never read. Each may have --limit bytes waiting in the
// server (client-output-buffer-limit) beside what the system's sockets take; then it is closed, as
// Redis closes it. --idle 0 leaves the crowd out. Needs some more open files than
// connections (ulimit -n) and redis-benchmark.

import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { encode, LoadClient } from './support/load-client.ts';
import { type MeasuredServer, sleep, startServer } from './support/measured-server.ts';
import {
  COMMANDS,
  eachServer,
  median,
  printTable,
  quantile,
  readOptions,
} from './support/report.ts';

const VALUE_BYTES = 16 * 1024;
/** Pings of one measurement. */
const PINGS = 3000;
/** Connections opened at a time: fewer than any server's queue of waiting ones. */
const OPENED_TOGETHER = 200;

const run = promisify(execFile);
const options = readOptions({
  ...COMMANDS,
  idle: 10_000,
  deaf: 1000,
  limit: 256 * 1024,
  clients: 500,
  requests: 200_000,
  rounds: 3,
});

async function pings(port: number): Promise<{ p50: number; p99: number }> {
  const client = await LoadClient.connect(port);
  const waits: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const start = performance.now();
    await client.call('PING');
    waits.push(performance.now() - start);
    if (i % 10 === 0) await sleep(1);
  }
  client.close();
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}

async function open(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Math.min(OPENED_TOGETHER, count - sockets.length);
    const opened = Array.from({ length: batch }, () => openOne(port));
    sockets.push(...(await Promise.all(opened)));
  }
  return sockets;
}

function openOne(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    // Paused from the start: nothing is ever taken from the system's buffer.
    socket.pause();
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function crowd(server: MeasuredServer): Promise<readonly number[]> {
  const { port } = server;
  const client = await LoadClient.connect(port);
  await client.call('SET', 'big', 'x'.repeat(VALUE_BYTES));
  await pings(port);
  const alone = await pings(port);
  const empty = server.residentBytes();
  const idle = await open(port, options.idle);
  const withIdle = await pings(port);
  const perIdle = (server.residentBytes() - empty) / options.idle;
  const deaf = await open(port, options.deaf);
  const before = server.residentBytes();
  let sending = true;
  let peak = before;
  const request = encode(['GET', 'big']);
  // Each asks for 16 KiB twenty times a second, which no socket's buffer holds for long.
  const burst = Buffer.concat(Array.from({ length: 4 }, () => request));
  const send = async (): Promise<void> => {
    while (sending) {
      for (let i = 0; i < deaf.length; i++) {
        if (!deaf[i].destroyed && deaf[i].writable) deaf[i].write(burst);
        if (i % 50 === 49) await sleep(5);
      }
      peak = Math.max(peak, server.residentBytes());
      await sleep(50);
    }
  };
  const sender = send();
  await sleep(8000);
  const withDeaf = await pings(port);
  await sleep(2000);
  const info = await client.text('INFO', 'clients');
  sending = false;
  await sender;
  for (const socket of [...idle, ...deaf]) socket.destroy();
  client.close();
  const left = Number(/connected_clients:(\d+)/.exec(info)?.[1]) - options.idle - 1;
  return [
    alone.p99,
    withIdle.p99,
    withDeaf.p99,
    withIdle.p99 / alone.p99,
    withDeaf.p99 / alone.p99,
    perIdle / 1024,
    (peak - before) / 1024 / options.deaf,
    options.deaf - left,
  ];
}

async function throughput(servers: readonly MeasuredServer[]): Promise<void> {
  const rates: number[][] = servers.map(() => []);
  const costs: number[][] = servers.map(() => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [i, server] of servers.entries()) {
      const args = ['-p', server.port, '-t', 'get', '-c', options.clients, '-n', options.requests];
      const cpu = server.cpuSeconds();
      const { stdout } = await run('redis-benchmark', [...args.map(String), '--csv']);
      rates[i].push(Number(stdout.trim().split('\n').pop()?.split(',')[1].replaceAll('"', '')));
      costs[i].push(((server.cpuSeconds() - cpu) * 1e6) / options.requests);
    }
  }
  const ratios = rates[0].map((rate, round) => rates[1][round] / rate);
  const costRatios = costs[0].map((cost, round) => costs[1][round] / cost);
  const row = (name: string, [a, b]: number[][], ratio: number[], places: number): string[] => [
    name,
    median(a).toFixed(places),
    median(b).toFixed(places),
    median(ratio).toFixed(2),
  ];
  printTable([
    [`GET, ${options.clients} connections, medians`, 'A', 'B', 'B/A'],
    row('requests a second', rates, ratios, 0),
    row('processor us a request', costs, costRatios, 2),
  ]);
}

const names = [
  'PING p99 ms, alone',
  `PING p99 ms, ${options.idle} idle`,
  `PING p99 ms, and ${options.deaf} deaf`,
  'idle / alone',
  'deaf / alone',
  'KiB resident an idle connection',
  'KiB resident a deaf one, at the peak',
  'deaf ones closed by the server',
];
const limit = `normal ${options.limit} 0 0`;
const extra = ['--maxclients', `${options.idle + options.deaf + 100}`];
extra.push('--client-output-buffer-limit', limit);
if (options.idle > 0) {
  const columns: (readonly number[])[] = [];
  await eachServer(options, extra, async (server) => {
    columns.push(await crowd(server));
  });
  const rows = names.map((name, i) => [name, ...columns.map((column) => column[i].toFixed(2))]);
  printTable([['', 'A', 'B'], ...rows]);
}
const pair = [await startServer('a', options.a), await startServer('b', options.b)];
await throughput(pair);
for (const server of pair) await server.stop();
