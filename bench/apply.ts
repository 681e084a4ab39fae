// How fast a replica applies a pipelined stream: it is frozen while a master takes SETs, and thawed when all
// of them wait for it.
//   node build/bench/apply.js [--a 'redis-server'] [--b 'node build/src/cli/understudy-server.js']
//     [--master 'redis-server'] [--sets 2000000] [--keys 1000000] [--rounds 5]
// --sets: SETs of 16-byte values to that many random keys of 16 bytes. `commands/s`: from the thaw until the
// replica has the master's offset. `cpu us`: processor time of the replica for a command.

import { connectAll, LoadClient, pipeline, requestText } from './support/load-client.ts';
import { type MeasuredServer, sleep, startServer } from './support/measured-server.ts';
import { COMMANDS, eachServer, median, printTable, readOptions } from './support/report.ts';

const LOOK_MS = 5;
/** A frozen replica must not be dropped, neither for what waits for it nor for its silence. */
const PATIENT = ['--client-output-buffer-limit', 'replica', '0', '0', '0', '--repl-timeout', '600'];
const options = readOptions({
  ...COMMANDS,
  master: 'redis-server',
  sets: 2_000_000,
  keys: 1_000_000,
  rounds: 5,
});

interface Applied {
  readonly perSecond: number;
  readonly cpuUs: number;
}

function keyOf(i: number): string {
  return `key:${`${i}`.padStart(12, '0')}`;
}

async function field(client: LoadClient, name: string): Promise<string> {
  const text = await client.text('INFO', 'replication');
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(text)?.[1] ?? '';
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(LOOK_MS);
}

async function applyOnce(
  master: MeasuredServer,
  replica: MeasuredServer,
  asks: { readonly master: LoadClient; readonly replica: LoadClient },
): Promise<Applied> {
  const clients = await connectAll(master.port, 4);
  process.kill(replica.pid, 'SIGSTOP');
  try {
    await pipeline(clients, options.sets, 500, 1, (i) =>
      requestText(
        'SET',
        keyOf(Math.floor(Math.random() * options.keys)),
        `v:${`${i}`.padStart(14)}`,
      ),
    );
  } finally {
    for (const client of clients) client.close();
    process.kill(replica.pid, 'SIGCONT');
  }
  const start = performance.now();
  const cpu = replica.cpuSeconds();
  const end = Number(await field(asks.master, 'master_repl_offset'));
  await until(async () => Number(await field(asks.replica, 'slave_repl_offset')) >= end);
  const seconds = (performance.now() - start) / 1000;
  return {
    perSecond: options.sets / seconds,
    cpuUs: ((replica.cpuSeconds() - cpu) * 1e6) / options.sets,
  };
}

async function measure(replica: MeasuredServer, results: Map<string, Applied>): Promise<void> {
  const master = await startServer('master', options.master, PATIENT);
  const asks = {
    master: await LoadClient.connect(master.port),
    replica: await LoadClient.connect(replica.port),
  };
  try {
    await asks.replica.call('REPLICAOF', '127.0.0.1', master.port);
    await until(async () => (await field(asks.replica, 'master_link_status')) === 'up');
    const rounds: Applied[] = [];
    for (let i = 0; i < options.rounds; i++) rounds.push(await applyOnce(master, replica, asks));
    results.set(replica.name, {
      perSecond: median(rounds.map(({ perSecond }) => perSecond)),
      cpuUs: median(rounds.map(({ cpuUs }) => cpuUs)),
    });
  } finally {
    asks.master.close();
    asks.replica.close();
    await master.stop();
  }
}

const results = new Map<string, Applied>();
await eachServer(options, PATIENT, (replica) => measure(replica, results));
printTable([
  ['medians', 'commands/s', 'cpu us'],
  ...[...results].map(([name, { perSecond, cpuUs }]) => [
    name,
    perSecond.toFixed(0),
    cpuUs.toFixed(2),
  ]),
]);
