// How a node stands, for one who looks: a word, a tone, and each sentinel's verdict. "Observed" is
// what the fleet itself found out by asking the node; a sentinel's view is what it believes.

import type { NodeView, SentinelView, ServerView, WatchedNode } from '../../fleet/fleet-view.ts';
import type { FleetState } from '../messages.ts';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

export interface Status {
  readonly tone: Tone;
  /** One or two words: 'up', 'frozen', 's_down'. */
  readonly word: string;
}

export type Judgement = 'fine' | 'suspected' | 'down' | 'unknown';

export interface Verdict {
  readonly sentinel: string;
  readonly judgement: Judgement;
}

export type AnyNode = ServerView | SentinelView;

export function findNode(fleet: FleetState, name: string | null): AnyNode | undefined {
  return allNodes(fleet).find((node) => node.name === name);
}

export function allNodes(fleet: FleetState): readonly AnyNode[] {
  return [...fleet.servers, ...fleet.sentinels];
}

/** As the fleet found it. */
export function observedStatus(node: AnyNode): Status {
  const process = processStatus(node);
  if (process !== undefined) return process;
  if (node.kind === 'sentinel') {
    return node.isTilt ? { tone: 'warn', word: 'tilt' } : { tone: 'good', word: 'up' };
  }
  if (node.upstream?.isSyncing) return { tone: 'busy', word: 'full copy' };
  if (node.role === 'replica' && node.upstream?.link === 'down') {
    return { tone: 'warn', word: 'link down' };
  }
  return { tone: 'good', word: 'up' };
}

function processStatus({ state }: NodeView): Status | undefined {
  switch (state) {
    case 'up':
      return undefined;
    case 'starting':
      return { tone: 'busy', word: 'starting' };
    case 'silent':
      return { tone: 'warn', word: 'silent' };
    case 'frozen':
      return { tone: 'warn', word: 'frozen' };
    case 'down':
      return { tone: 'bad', word: 'down' };
  }
}

/** As one sentinel believes. */
export function believedStatus(watched: WatchedNode | undefined): Status {
  if (watched === undefined) return { tone: 'idle', word: 'unknown' };
  if (watched.isObjectivelyDown) return { tone: 'bad', word: 'o_down' };
  if (watched.isSubjectivelyDown) return { tone: 'warn', word: 's_down' };
  if (watched.flags.includes('disconnected')) return { tone: 'warn', word: 'disconnected' };
  return { tone: 'good', word: 'ok' };
}

/** What a sentinel has written down about a node. */
export function watchedBy(sentinel: SentinelView, name: string): WatchedNode | undefined {
  const { master, replicas, sentinels } = sentinel;
  return [...(master ? [master] : []), ...replicas, ...sentinels].find(({ node }) => node === name);
}

/** Every other sentinel's opinion, in the order of their names. */
export function verdicts(fleet: FleetState, name: string): readonly Verdict[] {
  return fleet.sentinels
    .filter((sentinel) => sentinel.name !== name)
    .map((sentinel) => ({ sentinel: sentinel.name, judgement: judgementOf(sentinel, name) }));
}

function judgementOf(sentinel: SentinelView, name: string): Judgement {
  // What a dead or frozen sentinel said last is no opinion any more.
  if (sentinel.state !== 'up') return 'unknown';
  const { tone, word } = believedStatus(watchedBy(sentinel, name));
  if (word === 'o_down') return 'down';
  if (tone === 'good') return 'fine';
  return tone === 'idle' ? 'unknown' : 'suspected';
}
