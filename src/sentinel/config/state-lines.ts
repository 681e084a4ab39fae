// A state as the `sentinel …` lines that say it, in redis-sentinel's order, so that either program can
// read what the other wrote. What has its default value needs no line, but replaces a line that is there.

import { quotedIfNeeded as word } from '../../util/quoted.ts';
import { defaultTimings, type SavedMaster, type SavedState } from '../core/settings.ts';

export interface StateLine {
  /** The directive, and the master it speaks of: '' for the whole sentinel. */
  readonly directive: string;
  readonly master: string;
  /** The whole line. */
  readonly text: string;
  /** Written even where the file has no such line. */
  readonly isForced: boolean;
}

/** Defaults are those of a fresh process, whatever SENTINEL DEBUG made of them in this one. */
export function stateLines(state: SavedState): readonly StateLine[] {
  const { settings } = state;
  const whole = (directive: string, value: string, isForced: boolean): StateLine => ({
    directive,
    master: '',
    text: `sentinel ${directive} ${value}`,
    isForced,
  });
  const lines = [
    whole('myid', state.myId, true),
    whole(
      'deny-scripts-reconfig',
      yesNo(settings.denyScriptsReconfig),
      !settings.denyScriptsReconfig,
    ),
    whole('resolve-hostnames', yesNo(settings.resolveHostnames), settings.resolveHostnames),
    whole('announce-hostnames', yesNo(settings.announceHostnames), settings.announceHostnames),
    ...state.masters.flatMap((master) => masterLines(master)),
    whole('current-epoch', String(state.currentEpoch), true),
  ];
  if (settings.announceIp !== '') lines.push(whole('announce-ip', word(settings.announceIp), true));
  if (settings.announcePort !== 0) {
    lines.push(whole('announce-port', String(settings.announcePort), true));
  }
  for (const [name, value] of [
    ['sentinel-user', settings.sentinelUser],
    ['sentinel-pass', settings.sentinelPass],
  ]) {
    if (value !== '') lines.push(whole(name, word(value), true));
  }
  return lines;
}

function masterLines(master: SavedMaster): readonly StateLine[] {
  const { name, settings } = master;
  const lines: StateLine[] = [];
  const put = (directive: string, ...values: (string | number)[]): void => {
    const text = ['sentinel', directive, word(name), ...values].join(' ');
    lines.push({ directive, master: name, text, isForced: true });
  };
  const number = (directive: string, value: number, standard: number): void => {
    const text = `sentinel ${directive} ${word(name)} ${value}`;
    lines.push({ directive, master: name, text, isForced: value !== standard });
  };
  const unlessEmpty = (directive: string, value: string): void => {
    if (value !== '') put(directive, word(value));
  };
  put('monitor', word(master.host), master.port, settings.quorum);
  number('down-after-milliseconds', settings.downAfterMs, defaultTimings.defaultDownAfter);
  number('failover-timeout', settings.failoverTimeoutMs, defaultTimings.defaultFailoverTimeout);
  number('parallel-syncs', settings.parallelSyncs, 1);
  unlessEmpty('notification-script', settings.notificationScript);
  unlessEmpty('client-reconfig-script', settings.clientReconfigScript);
  unlessEmpty('auth-pass', settings.authPass);
  unlessEmpty('auth-user', settings.authUser);
  number('master-reboot-down-after-period', settings.rebootDownAfterMs, 0);
  put('config-epoch', master.configEpoch);
  put('leader-epoch', master.leaderEpoch);
  for (const { host, port } of master.replicas) put('known-replica', word(host), port);
  for (const { host, port, runId } of master.sentinels) {
    put('known-sentinel', word(host), port, word(runId));
  }
  for (const [from, to] of settings.renamedCommands) put('rename-command', word(from), word(to));
  return lines;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
