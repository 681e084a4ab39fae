// Running in the background without fork: the program starts itself again, detached and without a
// terminal, and leaves. Whoever started it sees exit code 0 as soon as the new process exists.

import { spawn } from 'node:child_process';

const MARK = 'UNDERSTUDY_IN_BACKGROUND';

/** Whether this is the process in the background. Clears the mark, so that no child inherits it. */
export function isInBackground(): boolean {
  const marked = process.env[MARK] === '1';
  delete process.env[MARK];
  return marked;
}

/** Starts the program again in the background; `standardInput` is the configuration that came from there. */
export function startInBackground(standardInput: string | undefined): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: [standardInput === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'],
    env: { ...process.env, [MARK]: '1' },
  });
  return new Promise((fulfil, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      if (standardInput === undefined || child.stdin === null) fulfil();
      else child.stdin.end(Buffer.from(standardInput, 'latin1'), () => fulfil());
    });
    child.unref();
  });
}
