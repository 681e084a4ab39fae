// Service managers. Node has no Unix datagram sockets, so systemd is told through its own program
// systemd-notify; the unit needs `NotifyAccess=all`, because the message comes from a child process
// (docs/decisions/0010-systemd-notify.md). Upstart wants the process to stop itself once.

import { spawn } from 'node:child_process';
import type { Log } from '../env/log.ts';
import type { Settings } from '../server/config/settings.ts';

export type Supervision = 'none' | 'systemd' | 'upstart';

/** Who supervises, as the setting and the variables that service managers set tell. */
export function detectSupervision(
  setting: Settings['supervised'],
  variables: NodeJS.ProcessEnv,
  log: Log,
): Supervision {
  const wanted = setting === 'auto' ? detected(variables, log) : setting;
  if (wanted === 'upstart') {
    if (variables.UPSTART_JOB === undefined) {
      log.warning('upstart supervision requested, but UPSTART_JOB not found!');
      return 'none';
    }
    log.notice('supervised by upstart, will stop to signal readiness.');
    return 'upstart';
  }
  if (wanted !== 'systemd') return 'none';
  if (variables.NOTIFY_SOCKET === undefined) {
    log.warning('systemd supervision requested or auto-detected, but NOTIFY_SOCKET not found!');
    return 'none';
  }
  log.notice(
    'supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and TimeoutStopSec in your service unit.',
  );
  return 'systemd';
}

function detected(variables: NodeJS.ProcessEnv, log: Log): Settings['supervised'] {
  if (variables.UPSTART_JOB !== undefined) {
    log.verbose('Upstart supervision detected.');
    return 'upstart';
  }
  if (variables.NOTIFY_SOCKET !== undefined) {
    log.verbose('Systemd supervision detected.');
    return 'systemd';
  }
  return 'no';
}

/** Tells systemd a state such as 'READY=1'. Failing to is logged and changes nothing. */
export function notifySystemd(state: string, pid: number, log: Log): void {
  const child = spawn('systemd-notify', [`--pid=${pid}`, state], { stdio: 'ignore' });
  child.once('error', (error) => {
    log.warning(`systemd supervision error: systemd-notify: ${error.message}`);
  });
  child.once('exit', (code) => {
    if (code !== 0) log.warning(`systemd supervision error: systemd-notify: exit code ${code}`);
  });
  child.unref();
}
