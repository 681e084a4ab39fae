// A round as a process, which can be run in a namespace: the plan as JSON is its argument, the result its
// output.

import { type RoundPlan, runRound } from './fault-round.ts';

const result = await runRound(JSON.parse(process.argv[2]) as RoundPlan);
process.stdout.write(`${JSON.stringify(result)}\n`);
