// The one sentence over everything: what is the matter with the fleet right now.

import type { FailoverView } from '../../fleet/fleet-view.ts';
import type { FleetState } from '../messages.ts';
import { formatDuration, formatList } from './format.ts';
import { allNodes, type Tone } from './node-status.ts';

export interface Headline {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
}

const phaseWords: Readonly<Record<string, string>> = {
  detection: 'noticing',
  agreement: 'agreeing that it is down',
  election: 'electing who leads the failover',
  selection: 'choosing a replica',
  promotion: 'promoting it',
  reconfiguration: 'pointing the others at it',
};

/** A failover of a moment ago is still news. */
const RECENT_MS = 15_000;

export function headline(fleet: FleetState, failovers: readonly FailoverView[]): Headline {
  const last = failovers.at(-1);
  if (last?.outcome === 'running') return underWay(fleet, last);
  const master = fleet.servers.find(({ name }) => name === fleet.master);
  if (master === undefined) {
    return { tone: 'bad', title: 'No master', detail: 'Nobody takes writes.' };
  }
  if (master.state === 'starting') {
    return { tone: 'busy', title: 'Coming up', detail: `${master.name} is starting.` };
  }
  if (master.state !== 'up') {
    const detail = `${master.name} led and is ${master.state}. ${whoCanHelp(fleet)}`;
    return { tone: 'bad', title: 'The master does not answer', detail };
  }
  const troubles = troublesOf(fleet);
  if (last?.outcome === 'done' && fleet.atMs - (last.endedMs ?? 0) < RECENT_MS) {
    const took = last.durationMs === null ? '' : ` in ${formatDuration(last.durationMs)}`;
    const title = `${master.name} took over${took}`;
    return { tone: 'good', title, detail: troubles.join(' ') || 'Everybody follows.' };
  }
  const title = `${master.name} leads`;
  if (troubles.length > 0) return { tone: 'warn', title, detail: troubles.join(' ') };
  return { tone: 'good', title, detail: allWell(fleet) };
}

/** Who is named master by whom, when they do not all say the same. */
export function disagreement(fleet: FleetState): string | undefined {
  const named = new Map<string, string[]>();
  for (const { name, state, master } of fleet.sentinels) {
    if (state !== 'up' || master === null) continue;
    const who = master.node ?? `${master.host}:${master.port}`;
    named.set(who, [...(named.get(who) ?? []), name]);
  }
  if (named.size < 2) return undefined;
  const parts = [...named].map(
    ([master, names]) => `${formatList(names)} ${names.length > 1 ? 'name' : 'names'} ${master}`,
  );
  return `${parts.join('; ')}.`;
}

function underWay(fleet: FleetState, failover: FailoverView): Headline {
  const phase = failover.phases.findLast(({ durationMs }) => durationMs === null);
  const doing = phaseWords[phase?.name ?? ''] ?? 'beginning';
  const who = failover.leader === null ? 'The sentinels are' : `${failover.leader} leads:`;
  const elapsed = formatDuration(Math.max(0, fleet.atMs - failover.startedMs));
  const title = failover.from === null ? 'Failover' : `Failover from ${failover.from}`;
  return { tone: 'busy', title, detail: `${who} ${doing}, ${elapsed} so far.` };
}

function whoCanHelp(fleet: FleetState): string {
  if (fleet.sentinels.length === 0) return 'There is no sentinel to replace it.';
  const up = fleet.sentinels.filter(({ state }) => state === 'up').length;
  const majority = Math.floor(fleet.sentinels.length / 2) + 1;
  const needed = Math.max(majority, fleet.quorum);
  if (up < needed) return `Only ${up} of ${needed} sentinels that it takes are up.`;
  return `Sentinels act after ${formatDuration(fleet.downAfterMs)} of silence.`;
}

function troublesOf(fleet: FleetState): readonly string[] {
  const troubles: string[] = [];
  for (const state of ['down', 'frozen', 'silent', 'starting'] as const) {
    const names = allNodes(fleet)
      .filter((node) => node.state === state)
      .map(({ name }) => name);
    if (names.length > 0) {
      troubles.push(`${formatList(names)} ${names.length > 1 ? 'are' : 'is'} ${state}.`);
    }
  }
  const behind = fleet.servers.filter(
    ({ state, role, upstream }) => state === 'up' && role === 'replica' && upstream?.link !== 'up',
  );
  for (const { name } of behind) troubles.push(`${name} has no link to its master.`);
  const faults = fleet.faults.length;
  if (faults > 0) troubles.push(`${faults} ${faults > 1 ? 'links are' : 'link is'} disturbed.`);
  const views = disagreement(fleet);
  return views === undefined ? troubles : [...troubles, views];
}

function allWell(fleet: FleetState): string {
  const replicas = fleet.servers.length - 1;
  const sentinels = fleet.sentinels.length;
  const followers = `${replicas} ${replicas === 1 ? 'replica follows' : 'replicas follow'}`;
  if (sentinels === 0) return `${followers}; no sentinels watch.`;
  return `${followers}, ${sentinels} ${sentinels === 1 ? 'sentinel watches' : 'sentinels watch'}.`;
}
