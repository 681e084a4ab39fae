// A picture of a fleet as lines of text.

import type {
  FleetView,
  LinkFaultView,
  NodeState,
  SentinelView,
  ServerView,
} from '../fleet/fleet-view.ts';
import type { Paint } from './paint.ts';

const columns = ['NODE', 'ADDRESS', 'STATE', 'ROLE', 'OFFSET', 'BEHIND', 'OPS/S', 'MEMORY', 'PID'];

export function statusText(view: FleetView, page: string | null, paint: Paint): string {
  const { master, masterName, quorum, downAfterMs, servers, sentinels } = view;
  const rows = [...servers.map(serverRow), ...sentinels.map((one) => sentinelRow(one))];
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => row[i].length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  const states = [...servers, ...sentinels].map(({ state }) => state);
  const lines = [
    `${paint.bold(masterName)}: ${master === null ? paint.bad('no master') : `${paint.bold(master)} leads`}; ` +
      `quorum ${quorum} of ${sentinels.length}, down after ${downAfterMs} ms`,
    '',
    paint.faint(line(columns)),
    ...rows.map((row, i) => coloured(line(row), states[i], paint)),
  ];
  if (view.faults.length > 0) lines.push('', ...view.faults.map((fault) => faultLine(fault)));
  const last = view.failovers.at(-1);
  if (last !== undefined) {
    lines.push('', `last failover: ${failoverText(last)}`);
  }
  if (page !== null) lines.push('', `page: ${page}`);
  return `${lines.join('\n')}\n`;
}

export function failoverText(failover: FleetView['failovers'][number]): string {
  const { from, to, outcome, durationMs, phases } = failover;
  const way = `${from ?? 'unknown'} to ${to ?? 'unknown'}`;
  if (outcome !== 'done') return `${way}, ${outcome}`;
  const parts = phases
    .filter(({ durationMs: took }) => took !== null)
    .map(({ name, durationMs: took }) => `${name} ${took} ms`);
  return `${way} in ${durationMs} ms (${parts.join(', ')})`;
}

function serverRow(server: ServerView): string[] {
  const { name, host, port, state, role, offset, upstream, opsPerSecond, memoryBytes, pid } =
    server;
  const behind =
    upstream === null
      ? '-'
      : upstream.link === 'down'
        ? 'link down'
        : `${upstream.lagBytes ?? '?'} B, ${upstream.lagMs ?? '?'} ms`;
  return [
    name,
    `${host}:${port}`,
    state,
    role ?? '-',
    shown(offset),
    behind,
    shown(opsPerSecond),
    memoryBytes === null ? '-' : `${(memoryBytes / 1024 / 1024).toFixed(1)} MiB`,
    shown(pid),
  ];
}

function sentinelRow(sentinel: SentinelView): string[] {
  const { name, host, port, state, master, currentEpoch, pid } = sentinel;
  const down = master?.isObjectivelyDown
    ? ', o_down'
    : master?.isSubjectivelyDown
      ? ', s_down'
      : '';
  const opinion =
    master === null
      ? 'sentinel'
      : `sees ${master.node ?? `${master.host}:${master.port}`}${down}, epoch ${currentEpoch ?? '?'}`;
  return [name, `${host}:${port}`, state, opinion, '-', '-', '-', '-', shown(pid)];
}

function faultLine({ between: [a, b], fault }: LinkFaultView): string {
  return fault.kind === 'cut'
    ? `cut: ${a} from ${b}`
    : `slow: ${a} to ${b}, ${fault.delayMs} ms each way`;
}

function coloured(text: string, state: NodeState, paint: Paint): string {
  switch (state) {
    case 'up':
      return text;
    case 'down':
      return paint.bad(text);
    default:
      return paint.warn(text);
  }
}

function shown(value: number | null): string {
  return value === null ? '-' : String(value);
}
