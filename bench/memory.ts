// What keys weigh: resident bytes a key above the empty process, beside another server's.
//   node build/bench/memory.js [--a 'redis-server'] [--b 'node build/src/cli/understudy-server.js']
//     [--keys 2000000] [--hashes 1000000]
// Strings: keys of 16 bytes with values of 16. Hashes: 5 fields with names and values of 10 bytes.
// The process is looked at two seconds after the load, when its buffers are idle.

import { connectAll, type LoadClient, pipeline, requestText } from './support/load-client.ts';
import { sleep } from './support/measured-server.ts';
import { COMMANDS, eachServer, printTable, readOptions } from './support/report.ts';

const SETTLE_MS = 2000;
const options = readOptions({ ...COMMANDS, keys: 2_000_000, hashes: 1_000_000 });

function digits(i: number, length: number): string {
  return `${i}`.padStart(length, '0');
}

function fillStrings(clients: LoadClient[]): Promise<void> {
  return pipeline(clients, options.keys, 500, 1, (i) =>
    requestText('SET', `key:${digits(i, 12)}`, `value:${digits(i, 10)}`),
  );
}

function fillHashes(clients: LoadClient[]): Promise<void> {
  return pipeline(clients, options.hashes, 200, 1, (i) => {
    const pairs: string[] = [];
    for (let field = 0; field < 5; field++) {
      pairs.push(`field${digits(field, 5)}`, `v${digits(i * 5 + field, 9)}`);
    }
    return requestText('HSET', `hash:${digits(i, 11)}`, ...pairs);
  });
}

const loads = [
  { name: `${options.keys} strings`, count: options.keys, fill: fillStrings },
  { name: `${options.hashes} hashes`, count: options.hashes, fill: fillHashes },
];
const rows: (string | number)[][] = [['bytes a key', 'A', 'B', 'B/A']];
for (const { name, count, fill } of loads) {
  const bytes = { a: Number.NaN, b: Number.NaN };
  await eachServer(options, [], async (server) => {
    await sleep(SETTLE_MS);
    const before = server.residentBytes();
    const clients = await connectAll(server.port, 4);
    await fill(clients);
    for (const client of clients) client.close();
    await sleep(SETTLE_MS);
    bytes[server.name as 'a' | 'b'] = (server.residentBytes() - before) / count;
  });
  const ratio = bytes.b / bytes.a;
  rows.push([name, bytes.a.toFixed(1), bytes.b.toFixed(1), ratio.toFixed(2)]);
}
printTable(rows);
