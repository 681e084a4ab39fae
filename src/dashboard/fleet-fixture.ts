// A fleet that exists only as a view: tests set what it shows and read what was asked of it.

import { type Address, type Fleet, FleetError, type FleetEvents } from '../fleet/fleet.ts';
import type {
  FailoverView,
  FleetView,
  SentinelView,
  ServerView,
  TimelineEvent,
  WatchedNode,
} from '../fleet/fleet-view.ts';

/** Noon of some day. */
export const NOON_MS: number = Date.UTC(2026, 5, 1, 12);

export class PaperFleet implements Fleet {
  readonly masterName = 'mymaster';
  readonly ended: Promise<void> = new Promise(() => {});
  /** What was asked of it, in words. */
  readonly calls: string[] = [];
  view: FleetView;
  readonly #listeners = new Set<(view: FleetView) => void>();

  constructor(view: FleetView = steadyView()) {
    this.view = view;
  }

  show(view: FleetView): void {
    this.view = view;
    for (const listener of this.#listeners) listener(view);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  on<Name extends keyof FleetEvents>(
    name: Name,
    listener: (event: FleetEvents[Name]) => void,
  ): () => void {
    if (name !== 'view') return () => {};
    const known = listener as unknown as (view: FleetView) => void;
    this.#listeners.add(known);
    return () => this.#listeners.delete(known);
  }

  getHost(): string {
    return '127.0.0.1';
  }

  getPort(): number {
    return 6379;
  }

  serverAddresses(): readonly Address[] {
    return this.view.servers;
  }

  sentinelAddresses(): readonly Address[] {
    return this.view.sentinels;
  }

  async refresh(): Promise<FleetView> {
    return this.view;
  }

  async until(): Promise<FleetView> {
    return this.view;
  }

  kill = (node: string): Promise<void> => this.#note(`kill ${node}`, node);
  freeze = (node: string): Promise<void> => this.#note(`freeze ${node}`, node);
  thaw = (node: string): Promise<void> => this.#note(`thaw ${node}`, node);
  restart = (node: string): Promise<void> => this.#note(`restart ${node}`, node);
  failover = (): Promise<void> => this.#note('failover');
  cut = (a: string, b: string): Promise<void> => this.#note(`cut ${a} ${b}`, a, b);
  slow = (a: string, b: string, { delayMs }: { readonly delayMs: number }): Promise<void> =>
    this.#note(`slow ${a} ${b} ${delayMs}`, a, b);
  heal = (a?: string, b?: string): Promise<void> =>
    this.#note(['heal', a, b].filter((word) => word !== undefined).join(' '));
  stop = (): Promise<void> => this.#note('stop');

  whyNotCut(a: string, b: string): string | undefined {
    return [a, b].includes('server3') ? 'server3 is no program of ours' : undefined;
  }

  startProbe(): void {
    this.calls.push('start probe');
  }

  stopProbe(): void {
    this.calls.push('stop probe');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #note(call: string, ...nodes: readonly string[]): Promise<void> {
    const known = [...this.view.servers, ...this.view.sentinels].map(({ name }) => name);
    const unknown = nodes.find((node) => !known.includes(node));
    if (unknown !== undefined) throw new FleetError(`no node is called ${unknown}`);
    this.calls.push(call);
  }
}

/** A master, two replicas and three sentinels, all well. */
export function steadyView(changes: Partial<FleetView> = {}): FleetView {
  return {
    atMs: NOON_MS,
    masterName: 'mymaster',
    quorum: 2,
    downAfterMs: 1000,
    master: 'server1',
    servers: [masterServer('server1'), replicaServer('server2'), replicaServer('server3')],
    sentinels: ['sentinel1', 'sentinel2', 'sentinel3'].map((name) => sentinelView(name)),
    events: [],
    failovers: [],
    faults: [],
    probe: null,
    ...changes,
  };
}

export function masterServer(name: string, changes: Partial<ServerView> = {}): ServerView {
  return {
    name,
    kind: 'server',
    implementation: 'understudy',
    host: '127.0.0.1',
    port: portOf(name),
    pid: 100,
    state: 'up',
    sinceMs: NOON_MS - 60_000,
    version: 'redis 7.0.15',
    memoryBytes: 1_500_000,
    opsPerSecond: 20,
    connectedClients: 4,
    role: 'master',
    replicationId: 'a'.repeat(40),
    offset: 1000,
    backlog: { first: 1, length: 1000, size: 1_048_576 },
    upstream: null,
    replicas: [],
    keys: 7,
    fullSyncs: 2,
    partialSyncs: 1,
    commandsProcessed: 500,
    ...changes,
  };
}

export function replicaServer(name: string, changes: Partial<ServerView> = {}): ServerView {
  return {
    ...masterServer(name),
    role: 'replica',
    offset: 900,
    backlog: null,
    upstream: {
      node: 'server1',
      host: '127.0.0.1',
      port: portOf('server1'),
      link: 'up',
      isSyncing: false,
      secondsSinceIo: 0,
      lagBytes: 100,
      lagMs: 12,
    },
    ...changes,
  };
}

export function sentinelView(name: string, changes: Partial<SentinelView> = {}): SentinelView {
  const others = ['sentinel1', 'sentinel2', 'sentinel3'].filter((other) => other !== name);
  return {
    name,
    kind: 'sentinel',
    implementation: 'understudy',
    host: '127.0.0.1',
    port: portOf(name),
    pid: 200,
    state: 'up',
    sinceMs: NOON_MS - 60_000,
    version: 'redis 7.0.15',
    memoryBytes: 900_000,
    opsPerSecond: 3,
    connectedClients: 2,
    id: name.padEnd(40, '0'),
    currentEpoch: 4,
    configEpoch: 4,
    isTilt: false,
    master: watchedNode('server1', { flags: ['master'] }),
    replicas: [watchedNode('server2'), watchedNode('server3')],
    sentinels: others.map((other) => watchedNode(other, { flags: ['sentinel'] })),
    failoverState: 'none',
    quorum: 2,
    ...changes,
  };
}

export function watchedNode(name: string, changes: Partial<WatchedNode> = {}): WatchedNode {
  return {
    node: name,
    host: '127.0.0.1',
    port: portOf(name),
    flags: ['slave'],
    isSubjectivelyDown: false,
    isObjectivelyDown: false,
    lastPingReplyMs: 5,
    runId: null,
    ...changes,
  };
}

export function timelineEvent(
  id: number,
  name: string,
  changes: Partial<TimelineEvent> = {},
): TimelineEvent {
  return {
    id,
    atMs: NOON_MS + id,
    node: 'sentinel1',
    kind: 'sentinel',
    name,
    text: '',
    subject: null,
    ...changes,
  };
}

export function finishedFailover(id: number, changes: Partial<FailoverView> = {}): FailoverView {
  return {
    id,
    epoch: 5,
    leader: 'sentinel2',
    from: 'server1',
    to: 'server2',
    startedMs: NOON_MS - 3000,
    endedMs: NOON_MS - 600,
    durationMs: 1400,
    outcome: 'done',
    phases: [
      { name: 'detection', startedMs: NOON_MS - 3000, durationMs: 1000 },
      { name: 'agreement', startedMs: NOON_MS - 2000, durationMs: 100 },
      { name: 'election', startedMs: NOON_MS - 1900, durationMs: 300 },
    ],
    ...changes,
  };
}

function portOf(name: string): number {
  const number = Number(name.slice(-1));
  return (name.startsWith('server') ? 6378 : 26378) + number;
}
