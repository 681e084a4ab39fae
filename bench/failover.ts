// How long a failover takes: a master with two replicas under three sentinels is killed or frozen.
//   node build/bench/failover.js [--servers ours|real] [--sentinels ours|real] [--fault kill|freeze]
//     [--rounds 10] [--down-after 1000]
// Each round is a new fleet. What is told is the time beyond down-after until a sentinel names a new
// master, until that one takes a write, and until the other replica follows it with its link up. Run
// it with `--servers real --sentinels real` too: on a busy machine only the comparison says anything.

import type { FleetMember, Make } from '../tests/support/sentinel-fleet.ts';
import { SentinelFleet } from '../tests/support/sentinel-fleet.ts';
import { sleep } from './support/measured-server.ts';
import { median, printTable, readOptions } from './support/report.ts';

const POLL_MS = 5;
const LIMIT_MS = 60_000;
/** Away from what a start does at once, and not in step with anything periodic. */
const SETTLE_MS = 1500;
const RANDOM_MS = 1000;

const options = readOptions({
  servers: 'ours',
  sentinels: 'ours',
  fault: 'kill',
  rounds: 10,
  'down-after': 1000,
});

/** When it became true; what it throws means not yet. */
async function moment(test: () => Promise<boolean>): Promise<number> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    try {
      if (await test()) return performance.now();
    } catch {
      // Nobody answers there.
    }
    await sleep(POLL_MS);
  }
  throw new Error('the failover did not come');
}

async function round(fleet: SentinelFleet): Promise<readonly number[]> {
  const [master, ...replicas] = fleet.servers;
  await sleep(SETTLE_MS + Math.random() * RANDOM_MS);
  const start = performance.now();
  if (options.fault === 'freeze') master.freeze();
  else void master.kill();
  let port = master.port;
  const named = await moment(async () => {
    for (const sentinel of fleet.sentinels) {
      port = await fleet.toldBy(sentinel);
      if (port !== master.port) return true;
    }
    return false;
  });
  const next = replicas.find((one) => one.port === port) as FleetMember;
  const other = replicas.find((one) => one !== next) as FleetMember;
  const writable = await moment(async () => (await next.call('SET', 'k', 'v')) === 'OK');
  const followed = await moment(async () => {
    const info = String(await other.call('INFO', 'replication'));
    return info.includes(`master_port:${port}\r\n`) && info.includes('master_link_status:up');
  });
  return [named, writable, followed].map((at) => Math.round(at - start - options['down-after']));
}

const make = (name: string): Make => (name === 'real' ? 'real' : 'ours');
const three = (one: Make): Make[] => [one, one, one];
const rows: (readonly number[])[] = [];
for (let i = 0; i < options.rounds; i++) {
  const fleet = await SentinelFleet.start({
    servers: three(make(options.servers)),
    sentinels: three(make(options.sentinels)),
    quorum: 2,
    downAfterMs: options['down-after'],
  });
  try {
    rows.push(await round(fleet));
  } finally {
    await fleet.stop();
  }
}
printTable([
  ['ms beyond down-after', 'named', 'takes a write', 'replica follows'],
  ...rows.map((row, i) => [`round ${i + 1}`, ...row]),
  ['median', ...[0, 1, 2].map((column) => median(rows.map((row) => row[column])))],
]);
