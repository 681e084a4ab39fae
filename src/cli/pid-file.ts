// The pid file: written and removed as far as that is possible, never a reason not to run.

import { unlinkSync, writeFileSync } from 'node:fs';
import type { Log } from '../env/log.ts';
import { systemErrorText } from '../env/system-error.ts';

/** Where redis-server puts it when it runs in the background and was told no other place. */
export const DEFAULT_PID_FILE = '/var/run/redis.pid';

export function writePidFile(path: string, pid: number, log: Log): void {
  try {
    writeFileSync(path, `${pid}\n`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    log.warning(`Failed to write PID file: ${systemErrorText(code)}`);
  }
}

export function removePidFile(path: string, log: Log): void {
  log.notice('Removing the pid file.');
  try {
    unlinkSync(path);
  } catch {}
}
