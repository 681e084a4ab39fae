// What sentinels cost while nothing happens: three of them over many masters without replicas.
//   node build/bench/sentinels-at-rest.js [--masters 100] [--seconds 60] [--warm-up 30] [--makes real,ours]
// The masters are redis-servers, the same for each make of sentinel in turn. Processor time is that
// of each sentinel, of one processor.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../tests/support/free-port.ts';
import { FleetMember, until } from '../tests/support/sentinel-fleet.ts';
import { sleep } from './support/measured-server.ts';
import { printTable, readOptions } from './support/report.ts';

const STARTED_TOGETHER = 10;
const TICKS_A_SECOND = 100;

const options = readOptions({ masters: 100, seconds: 60, 'warm-up': 30, makes: 'real,ours' });

async function cpuSeconds(member: FleetMember): Promise<number> {
  const pid = /process_id:(\d+)/.exec(String(await member.call('INFO', 'server')))?.[1];
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

async function measure(sentinels: readonly FleetMember[], lines: readonly string[]) {
  for (const sentinel of sentinels) {
    sentinel.configure(lines);
    await sentinel.start();
  }
  await until('all sentinels know each other', async () => {
    const info = String(await sentinels[0].call('INFO', 'sentinel'));
    return (info.match(/sentinels=3/g) ?? []).length === options.masters;
  });
  await sleep(options['warm-up'] * 1000);
  const before = await Promise.all(sentinels.map(cpuSeconds));
  await sleep(options.seconds * 1000);
  const after = await Promise.all(sentinels.map(cpuSeconds));
  return after.map((one, i) => `${(((one - before[i]) / options.seconds) * 100).toFixed(2)} %`);
}

const root = mkdtempSync(join(tmpdir(), 'bench-'));
const members: FleetMember[] = [];
const member = async (kind: 'server' | 'sentinel', make: 'real' | 'ours'): Promise<FleetMember> => {
  const one = new FleetMember(kind, make, await freePort(), root);
  members.push(one);
  return one;
};
try {
  const masters: FleetMember[] = [];
  while (masters.length < options.masters) {
    const batch: FleetMember[] = [];
    for (let i = 0; i < Math.min(STARTED_TOGETHER, options.masters - masters.length); i++) {
      batch.push(await member('server', 'real'));
    }
    for (const one of batch) one.configure(['save ""', 'hz 1']);
    await Promise.all(batch.map((one) => one.start()));
    masters.push(...batch);
  }
  const lines = masters.map(({ port }, i) => `sentinel monitor m${i} 127.0.0.1 ${port} 2`);
  const rows: (readonly string[])[] = [['processor time', 'first', 'second', 'third']];
  for (const make of options.makes.split(',')) {
    const sentinels: FleetMember[] = [];
    for (let i = 0; i < 3; i++) {
      sentinels.push(await member('sentinel', make === 'real' ? 'real' : 'ours'));
    }
    rows.push([make, ...(await measure(sentinels, lines))]);
    for (const sentinel of sentinels) await sentinel.kill();
  }
  printTable(rows);
} finally {
  await Promise.all(members.map((one) => one.kill()));
  rmSync(root, { recursive: true, force: true });
}
