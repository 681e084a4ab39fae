// What an earlier run left in the folder: who was master when it ended, and what each sentinel must not
// forget (its id, and the epochs that it has voted in). Ports may be others this time, so addresses
// are not taken over; the sentinels find each other again.

import type { FleetFolder } from './fleet-folder.ts';

export interface EarlierRun {
  /** The node that leads; undefined in a fresh folder. */
  readonly master: string | undefined;
  /** Lines for each sentinel's file, by its name. */
  readonly sentinelState: ReadonlyMap<string, readonly string[]>;
}

export function readEarlierRun(folder: FleetFolder): EarlierRun {
  const layout = folder.readLayout();
  const sentinelState = new Map<string, readonly string[]>();
  if (layout === undefined) return { master: undefined, sentinelState };
  const { masterName, ports } = layout;
  const names = Object.keys(ports);
  const nodeAt = (port: number): string | undefined => names.find((name) => ports[name] === port);
  let newest: { readonly epoch: number; readonly master: string } | undefined;
  for (const name of names.filter((known) => known.startsWith('sentinel'))) {
    const lines = folder.configurationOf(name, 'sentinel.conf');
    sentinelState.set(
      name,
      lines.filter((line) => isState(line, masterName)),
    );
    const master = nodeAt(monitoredPort(lines, masterName));
    const epoch = configEpoch(lines, masterName);
    if (master !== undefined && (newest === undefined || epoch > newest.epoch)) {
      newest = { epoch, master };
    }
  }
  return { master: newest?.master ?? leaderByItself(folder, names), sentinelState };
}

/** Without sentinels the server that followed nobody. */
function leaderByItself(folder: FleetFolder, names: readonly string[]): string | undefined {
  return names.find((name) => {
    const lines = name.startsWith('server') ? folder.configurationOf(name, 'redis.conf') : [];
    return lines.length > 0 && !lines.some((line) => /^(replicaof|slaveof)\s/i.test(line));
  });
}

function isState(line: string, masterName: string): boolean {
  const words = line.split(/\s+/);
  if (words[0] !== 'sentinel') return false;
  if (words[1] === 'myid' || words[1] === 'current-epoch') return true;
  return (words[1] === 'config-epoch' || words[1] === 'leader-epoch') && words[2] === masterName;
}

function monitoredPort(lines: readonly string[], masterName: string): number {
  const line = lines.find((known) => known.startsWith(`sentinel monitor ${masterName} `));
  return Number(line?.split(/\s+/)[4]);
}

function configEpoch(lines: readonly string[], masterName: string): number {
  const line = lines.find((known) => known.startsWith(`sentinel config-epoch ${masterName} `));
  return Number(line?.split(/\s+/)[3] ?? 0);
}
