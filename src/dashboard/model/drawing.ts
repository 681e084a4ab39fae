// The topology as something to draw, from one point of view: what the fleet observed by asking every
// node, or what one sentinel believes. No coordinates here; `drawing-layout.ts` has them.

import type { LinkFaultView, SentinelView, ServerView } from '../../fleet/fleet-view.ts';
import type { FleetState } from '../messages.ts';
import { formatBytes, formatCount, formatDuration } from './format.ts';
import {
  believedStatus,
  observedStatus,
  type Status,
  type Tone,
  type Verdict,
  verdicts,
  watchedBy,
} from './node-status.ts';

export type DrawnRole = 'master' | 'replica' | 'sentinel' | 'stranger';

export interface DrawnNode {
  readonly name: string;
  readonly role: DrawnRole;
  /** Steps from the master: sentinels stand apart, at -1. */
  readonly level: number;
  readonly port: number;
  readonly status: Status;
  /** The figure that matters most: a server's offset, a sentinel's epoch; empty when not known. */
  readonly figure: string;
  readonly verdicts: readonly Verdict[];
  /** Whose view is drawn. */
  readonly isViewer: boolean;
}

export interface DrawnLink {
  readonly from: string;
  readonly to: string;
  readonly kind: 'replication' | 'watch' | 'fault';
  readonly tone: Tone;
  readonly label: string;
  /** For where there is little room. */
  readonly shortLabel: string;
  /** Bytes passed since the view before. */
  readonly isFlowing: boolean;
  readonly fault: 'cut' | 'slow' | null;
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly links: readonly DrawnLink[];
}

/** `viewer` is a sentinel's name, or null for what the fleet observed; `moving` replicas get bytes. */
export function drawTopology(
  fleet: FleetState,
  viewer: string | null,
  moving: ReadonlySet<string>,
): Drawing {
  const sentinel = fleet.sentinels.find(({ name }) => name === viewer);
  const tree = sentinel === undefined ? observedTree(fleet) : believedTree(fleet, sentinel);
  const nodes = [
    ...fleet.sentinels.map((node) => drawnSentinel(fleet, node, sentinel)),
    ...fleet.servers.map((server) => drawnServer(fleet, server, tree, sentinel)),
  ];
  const links = [
    ...watchLinks(fleet, sentinel),
    ...replicationLinks(fleet, tree, sentinel, moving),
  ];
  return { nodes, links: withFaults(links, fleet.faults) };
}

/** Which replicas got bytes between the last two samples. */
export function movingReplicas(
  samples: readonly { readonly values: readonly ({ readonly offset: number | null } | null)[] }[],
  names: readonly string[],
): ReadonlySet<string> {
  const [before, after] = samples.slice(-2);
  if (after === undefined) return new Set();
  return new Set(
    names.filter((_, index) => {
      const [from, to] = [before.values[index]?.offset, after.values[index]?.offset];
      return typeof from === 'number' && typeof to === 'number' && to > from;
    }),
  );
}

/** Each server's master, by name; null for one that follows nobody. */
type Tree = ReadonlyMap<string, string | null>;

function observedTree(fleet: FleetState): Tree {
  return new Map(
    fleet.servers.map((server) => {
      if (server.name === fleet.master) return [server.name, null];
      const upstream = server.role === 'replica' ? (server.upstream?.node ?? null) : null;
      // What is down will be made to follow; what is up and follows nobody is a second master.
      return [server.name, upstream ?? (server.state === 'up' ? null : fleet.master)];
    }),
  );
}

function believedTree(fleet: FleetState, sentinel: SentinelView): Tree {
  const master = sentinel.master?.node ?? null;
  return new Map(
    fleet.servers.map(({ name }) => {
      const isReplica = sentinel.replicas.some(({ node }) => node === name);
      return [name, isReplica && name !== master ? master : null];
    }),
  );
}

function levelOf(tree: Tree, name: string): number {
  let level = 0;
  // Bounded: two replicas can follow each other.
  for (let at = tree.get(name) ?? null; at !== null && level < tree.size; level++) {
    at = tree.get(at) ?? null;
  }
  return level;
}

function drawnSentinel(
  fleet: FleetState,
  node: SentinelView,
  viewer: SentinelView | undefined,
): DrawnNode {
  const isViewer = node.name === viewer?.name;
  const status =
    viewer === undefined || isViewer
      ? observedStatus(node)
      : believedStatus(watchedBy(viewer, node.name));
  return {
    name: node.name,
    role: 'sentinel',
    level: -1,
    port: node.port,
    status,
    figure: node.currentEpoch === null ? '' : `epoch ${formatCount(node.currentEpoch)}`,
    verdicts: verdicts(fleet, node.name),
    isViewer,
  };
}

function drawnServer(
  fleet: FleetState,
  server: ServerView,
  tree: Tree,
  viewer: SentinelView | undefined,
): DrawnNode {
  const watched = viewer && watchedBy(viewer, server.name);
  return {
    name: server.name,
    role: viewer === undefined ? observedRole(fleet, server) : believedRole(viewer, server.name),
    level: levelOf(tree, server.name),
    port: server.port,
    status: viewer === undefined ? observedStatus(server) : believedStatus(watched),
    figure: server.offset === null ? '' : formatCount(server.offset),
    verdicts: verdicts(fleet, server.name),
    isViewer: false,
  };
}

function observedRole(fleet: FleetState, { name, role, state }: ServerView): DrawnRole {
  if (name === fleet.master) return 'master';
  if (state === 'up' || fleet.master === null) return role ?? 'stranger';
  // A dead node's last word does not make it a master; the others have another one.
  return 'replica';
}

function believedRole(viewer: SentinelView, name: string): DrawnRole {
  if (viewer.master?.node === name) return 'master';
  return viewer.replicas.some(({ node }) => node === name) ? 'replica' : 'stranger';
}

function watchLinks(fleet: FleetState, viewer: SentinelView | undefined): readonly DrawnLink[] {
  const viewers = viewer === undefined ? fleet.sentinels : [viewer];
  return viewers
    .filter(({ state }) => state === 'up')
    .flatMap((sentinel) =>
      fleet.servers.flatMap(({ name }) => {
        const status = believedStatus(watchedBy(sentinel, name));
        // A sentinel that knows nothing of a server yet has no line to it.
        if (status.tone === 'idle') return [];
        const { tone, word } = status;
        const label = viewer !== undefined && tone !== 'good' ? word : '';
        return [link(sentinel.name, name, 'watch', tone, label)];
      }),
    );
}

function replicationLinks(
  fleet: FleetState,
  tree: Tree,
  viewer: SentinelView | undefined,
  moving: ReadonlySet<string>,
): readonly DrawnLink[] {
  return fleet.servers.flatMap((server) => {
    const master = tree.get(server.name) ?? null;
    if (master === null) return [];
    if (viewer !== undefined) {
      const { tone } = believedStatus(watchedBy(viewer, server.name));
      return [link(master, server.name, 'replication', tone, '')];
    }
    const { tone, label } = observedLink(server, master);
    const isFlowing = tone === 'good' && moving.has(server.name);
    const shortLabel = tone === 'good' ? lagText(server.upstream?.lagBytes ?? null, null) : label;
    return [{ ...link(master, server.name, 'replication', tone, label), isFlowing, shortLabel }];
  });
}

function observedLink(server: ServerView, master: string): { tone: Tone; label: string } {
  if (server.state !== 'up') return { tone: 'idle', label: '' };
  const { upstream } = server;
  if (upstream === null || upstream.node !== master) return { tone: 'idle', label: '' };
  if (upstream.isSyncing) return { tone: 'busy', label: 'full copy' };
  if (upstream.link === 'down') return { tone: 'bad', label: 'link down' };
  return { tone: 'good', label: lagText(upstream.lagBytes, upstream.lagMs) };
}

/** 'in step', '1.20 kB behind', '1.20 kB, 340 ms behind'. */
export function lagText(bytes: number | null, ms: number | null): string {
  if (bytes === null) return '';
  if (bytes <= 0) return 'in step';
  const time = ms === null || ms < 1 ? '' : `, ${formatDuration(ms)}`;
  return `${formatBytes(bytes)}${time} behind`;
}

function link(
  from: string,
  to: string,
  kind: DrawnLink['kind'],
  tone: Tone,
  label: string,
): DrawnLink {
  return { from, to, kind, tone, label, shortLabel: label, isFlowing: false, fault: null };
}

/** A disturbed link is drawn even where no other line is. */
function withFaults(
  links: readonly DrawnLink[],
  faults: readonly LinkFaultView[],
): readonly DrawnLink[] {
  const drawn = new Set<LinkFaultView>();
  const marked = links.map((known) => {
    const found = faults.find(({ between }) => isBetween(between, known));
    if (found === undefined) return known;
    drawn.add(found);
    const label = faultText(found);
    return { ...known, fault: found.fault.kind, label, shortLabel: label, isFlowing: false };
  });
  const others = faults
    .filter((fault) => !drawn.has(fault))
    .map(({ between: [from, to], fault }) => ({
      ...link(from, to, 'fault', 'warn', faultText({ between: [from, to], fault })),
      fault: fault.kind,
    }));
  return [...marked, ...others];
}

function isBetween([a, b]: readonly [string, string], { from, to }: DrawnLink): boolean {
  return (a === from && b === to) || (a === to && b === from);
}

/** 'cut', '+300 ms'. */
function faultText({ fault }: LinkFaultView): string {
  return fault.kind === 'cut' ? 'cut' : `+${formatDuration(fault.delayMs)}`;
}
