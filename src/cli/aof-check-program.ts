// `--check-aof` as a program: the question before a file is cut is asked and answered on the terminal.

import { readSync, writeSync } from 'node:fs';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { checkAof } from '../server/check-aof.ts';
import type { AofCheckLine } from '../server/config/command-line.ts';
import { aofCheckUsage } from './usage.ts';

const STDIN = 0;
const STDOUT = 1;

/** Ends the process. */
export function runAofCheck(line: AofCheckLine, program: string): never {
  const { path, fix, toTimestamp } = line;
  if (path === undefined) {
    print(aofCheckUsage(program.includes('check-aof') ? program : `${program} --check-aof`));
    process.exit(1);
  }
  if (Number.isNaN(toTimestamp)) {
    print('Invalid timestamp, aborting...\n');
    process.exit(1);
  }
  const { files, clock, host } = nodeEnvironment();
  const absolute = files.resolve(host.workingFolder(), path);
  process.exit(checkAof({ files, clock, path: absolute, fix, toTimestamp, print, confirm }));
}

/** At once, so that a question stands there before the answer is waited for. */
function print(text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
}

function confirm(): boolean {
  const answer = Buffer.alloc(1);
  try {
    return readSync(STDIN, answer) === 1 && answer.toString().toLowerCase() === 'y';
  } catch {
    // Nobody is there to ask.
    return false;
  }
}
