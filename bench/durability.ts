// What becomes of acknowledged writes when a fleet under load suffers: ours and real Redis in turns.
//   node build/bench/durability.js [--rounds 5] [--make both|ours|real] [--faults all|kill,split,…]
//     [--hosts 5] [--writes 500] [--down-after 1000]
// Each round is a new fleet of servers with a sentinel beside each, on hosts of their own (network
// namespaces), with clients on both sides of a split; without privileges for them everything is on the
// loopback, and nothing is split. Numbers are sums over the rounds; a gap is the longest time in which
// nothing was acknowledged that is there in the end. docs/reliability.md says what the columns mean.

import type { Fault, RoundPlan, RoundResult } from '../tests/durability/support/fault-round.ts';
import { runRoundInside } from '../tests/durability/support/round-runner.ts';
import { namespaceCommand } from '../tests/support/namespaces.ts';
import type { Make } from '../tests/support/sentinel-fleet.ts';
import { median, printTable, readOptions } from './support/report.ts';

interface Scenario {
  readonly name: string;
  readonly fault: Fault;
  readonly serverLines: readonly string[];
  readonly downAfterMs?: number;
}

const options = readOptions({
  rounds: 5,
  make: 'both',
  faults: 'all',
  hosts: 5,
  writes: 500,
  'down-after': 1000,
});

/** More replicas than the smaller side of a split has. */
const fenced = [`min-replicas-to-write ${Math.floor(options.hosts / 2)}`, 'min-replicas-max-lag 1'];
const always = ['appendonly yes', 'appendfsync always'];

const scenarios: readonly Scenario[] = [
  { name: 'kill', fault: 'kill', serverLines: [] },
  { name: 'freeze', fault: 'freeze', serverLines: [] },
  { name: 'freeze, min-replicas', fault: 'freeze', serverLines: fenced },
  { name: 'split', fault: 'split', serverLines: [] },
  { name: 'split, min-replicas', fault: 'split', serverLines: fenced },
  { name: 'planned', fault: 'planned', serverLines: [] },
  { name: 'planned, min-replicas', fault: 'planned', serverLines: fenced },
  { name: 'handover', fault: 'handover', serverLines: [] },
  // No failover here: the servers are back before anybody is missed.
  { name: 'restart, always', fault: 'restart', serverLines: always, downAfterMs: 30_000 },
];

const way = namespaceCommand();
const enter = 'words' in way ? way.words : [];
if ('reason' in way) console.log(`${way.reason}; all on the loopback, without splits`);

function runRound(make: Make, scenario: Scenario): Promise<RoundResult> {
  const plan: RoundPlan = {
    make,
    fault: scenario.fault,
    hosts: options.hosts,
    serverLines: scenario.serverLines,
    downAfterMs: scenario.downAfterMs ?? options['down-after'],
    writes: options.writes,
    hasNamespaces: enter.length > 0,
  };
  return runRoundInside(enter, plan);
}

const broken: string[] = [];

function row(make: Make, name: string, results: readonly RoundResult[]): (string | number)[] {
  const sum = (of: (result: RoundResult) => number | undefined): number =>
    results.reduce((total, result) => total + (of(result) ?? 0), 0);
  const gaps = results.map(({ gapMs }) => Math.round(gapMs));
  const lastLost = Math.max(...results.map(({ lastLostMs }) => lastLostMs));
  const violations = results.flatMap((result) => result.violations);
  broken.push(...violations.slice(0, 5).map((text) => `${name}, ${make}: ${text}`));
  return [
    name,
    make,
    sum(({ acknowledged }) => acknowledged),
    sum(({ lostByCause }) => lostByCause['not-replicated']),
    sum(({ lostByCause }) => lostByCause.isolated),
    sum(({ lostByCause }) => lostByCause['replaced-master']),
    sum(({ lostByKind }) => lostByKind.wait1),
    sum(({ lostByKind }) => lostByKind.waitall),
    (lastLost / 1000).toFixed(1),
    `${sum(({ unknown }) => unknown)}/${sum(({ unknownFound }) => unknownFound)}`,
    sum(({ refused }) => refused),
    median(gaps),
    Math.max(...gaps),
    violations.length,
  ];
}

const wanted = options.faults === 'all' ? undefined : options.faults.split(',');
const makes: readonly Make[] = (['ours', 'real'] as const).filter(
  (make) => options.make === 'both' || options.make === make,
);
const rows: (string | number)[][] = [];
for (const scenario of scenarios) {
  if (wanted !== undefined && !wanted.includes(scenario.fault)) continue;
  if (scenario.fault === 'split' && enter.length === 0) continue;
  const results = new Map<Make, RoundResult[]>(makes.map((make) => [make, []]));
  for (let i = 0; i < options.rounds; i++) {
    for (const [make, list] of results) list.push(await runRound(make, scenario));
  }
  for (const [make, list] of results) {
    rows.push(row(make, scenario.name, list));
    console.error(rows.at(-1)?.join(' '));
  }
}
printTable([
  [
    ...['fault', 'make', 'acknowledged', 'not replicated', 'isolated', 'replaced'],
    ...['WAIT 1', 'WAIT all', 'last lost s', 'no answer/there', 'refused'],
    ...['gap ms', 'longest', 'promises broken'],
  ],
  ...rows,
]);
for (const text of broken) console.log(text);
