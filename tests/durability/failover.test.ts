// Fleets of real processes under writers, each with one fault: what was acknowledged and is not there in the
// end is told by its cause, and whatever breaks a promise fails. The same harness over many rounds, beside
// real Redis, is `bench/durability.ts`; what is promised stands in docs/reliability.md. The fleet on
// virtual time (`src/simulator/`) knows far more faults; here nothing is simulated.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaceCommand } from '../support/namespaces.ts';
import { type Fault, type RoundPlan, type RoundResult, runRound } from './support/fault-round.ts';
import { runRoundInside } from './support/round-runner.ts';

const WRITES = 300;
/** So long that a server which starts again is not missed. */
const NEVER_MS = 120_000;
/** On two cores more fleets at once only wait for each other. */
const FLEETS_AT_ONCE = 3;

function planOf(fault: Fault, other: Partial<RoundPlan> = {}): RoundPlan {
  return {
    make: 'ours',
    fault,
    hosts: 3,
    serverLines: [],
    downAfterMs: 1000,
    writes: WRITES,
    hasNamespaces: false,
    ...other,
  };
}

function judge(result: RoundResult): string {
  assert.deepEqual(result.violations, []);
  const { acknowledged, lost, lostByCause, unknown, unknownFound, gapMs } = result;
  const causes = Object.entries(lostByCause).map(([cause, count]) => `${count} ${cause}`);
  return (
    `${acknowledged} acknowledged, ${lost} lost (${causes.join(', ')}), ${unknown} without an answer, ` +
    `${unknownFound} of them there; nothing acknowledged for ${Math.round(gapMs)} ms`
  );
}

test('every acknowledged write is accounted for', { concurrency: FLEETS_AT_ONCE }, async (t) => {
  const way = namespaceCommand();
  if ('reason' in way) console.log(`${way.reason}; the split is left out`);
  // Cut off are two servers of five, so that one replica is left: fewer than are wanted.
  const split = planOf('split', {
    hosts: 5,
    serverLines: ['min-replicas-to-write 2', 'min-replicas-max-lag 1'],
    hasNamespaces: true,
  });
  const restart = planOf('restart', {
    serverLines: ['appendonly yes', 'appendfsync always'],
    downAfterMs: NEVER_MS,
  });
  await Promise.all([
    t.test(
      '{1,2}|{3,4,5} with the master in the minority, which refuses writes',
      {
        skip: 'reason' in way ? way.reason : false,
      },
      async (one) => {
        one.diagnostic(judge(await runRoundInside('words' in way ? way.words : [], split)));
      },
    ),
    t.test('a frozen master, which does not know that it was replaced', async (one) => {
      one.diagnostic(judge(await runRound(planOf('freeze'))));
    }),
    t.test('a killed master', async (one) => {
      one.diagnostic(judge(await runRound(planOf('kill'))));
    }),
    t.test('FAILOVER loses nothing', async (one) => {
      one.diagnostic(judge(await runRound(planOf('handover'))));
    }),
    t.test('appendfsync always: all are killed and lose nothing', async (one) => {
      one.diagnostic(judge(await runRound(restart)));
    }),
  ]);
});
