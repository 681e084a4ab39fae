// A round in a process of its own, inside whatever the words in front of it enter.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RoundPlan, RoundResult } from './fault-round.ts';

const program = fileURLToPath(new URL('./fault-round-process.js', import.meta.url));

export function runRoundInside(enter: readonly string[], plan: RoundPlan): Promise<RoundResult> {
  const words = [...enter, process.execPath, program, JSON.stringify(plan)];
  const child = spawn(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done(JSON.parse(text) as RoundResult);
      else fail(new Error(`a round with the fault ${plan.fault} ended with ${code}`));
    });
  });
}
