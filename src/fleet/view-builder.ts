// From what each node said to one picture: addresses become names, offsets become lags, and the
// sentinels' opinions become the name of the master.

import { linkAddress } from '../env/link-faults.ts';
import type { FleetNode } from './fleet-node.ts';
import type {
  DownstreamView,
  NodeView,
  SentinelView,
  ServerView,
  UpstreamView,
  WatchedNode,
} from './fleet-view.ts';
import type { LagMeter } from './lag-meter.ts';
import type { CommonFacts, ServerFacts, WatchedFacts } from './node-facts.ts';

export class ViewBuilder {
  readonly #nodes: readonly FleetNode[];
  readonly #lag: LagMeter;

  constructor(nodes: readonly FleetNode[], lag: LagMeter) {
    this.#nodes = nodes;
    this.#lag = lag;
  }

  /** The name of the node that listens there. */
  nameOf(host: string, port: number): string | null {
    const address = linkAddress(host, port);
    return (
      this.#nodes.find((node) => linkAddress(node.plan.host, node.port) === address)?.name ?? null
    );
  }

  /** Whom most sentinels follow, newer configurations first among equals; else who leads by its own word. */
  master(): string | null {
    const votes = new Map<string, { count: number; epoch: number }>();
    for (const { sentinel, state } of this.#nodes) {
      if (sentinel?.master == null || state === 'down' || state === 'frozen') continue;
      const name = this.nameOf(sentinel.master.host, sentinel.master.port);
      if (name === null) continue;
      const vote = votes.get(name) ?? { count: 0, epoch: 0 };
      vote.count++;
      vote.epoch = Math.max(vote.epoch, sentinel.configEpoch ?? 0);
      votes.set(name, vote);
    }
    const [first] = [...votes].sort(([, a], [, b]) => b.count - a.count || b.epoch - a.epoch);
    if (first !== undefined) return first[0];
    const leaders = this.#nodes
      .filter((node) => node.server?.role === 'master' && node.state !== 'down')
      .sort((a, b) => (b.server?.replicas.length ?? 0) - (a.server?.replicas.length ?? 0));
    return leaders[0]?.name ?? null;
  }

  servers(nowMs: number): readonly ServerView[] {
    for (const { server, name } of this.#nodes) {
      if (server?.role === 'master' && server.offset !== null) {
        this.#lag.saw(name, server.offset, nowMs);
      }
    }
    return this.#nodes
      .filter((node) => node.plan.kind === 'server')
      .map((node) => this.#server(node, nowMs));
  }

  sentinels(): readonly SentinelView[] {
    return this.#nodes
      .filter((node) => node.plan.kind === 'sentinel')
      .map((node): SentinelView => {
        const { sentinel: facts } = node;
        return {
          ...commonView(node, facts),
          kind: 'sentinel',
          id: facts?.id ?? null,
          currentEpoch: newest(node.epoch, facts?.configEpoch ?? null),
          configEpoch: facts?.configEpoch ?? null,
          isTilt: facts?.isTilt ?? false,
          master: facts?.master == null ? null : this.#watched(facts.master),
          replicas: (facts?.replicas ?? []).map((replica) => this.#watched(replica)),
          sentinels: (facts?.sentinels ?? []).map((other) => this.#watched(other)),
          failoverState: facts?.failoverState ?? 'none',
          quorum: facts?.quorum ?? null,
        };
      });
  }

  #server(node: FleetNode, nowMs: number): ServerView {
    const { server: facts } = node;
    return {
      ...commonView(node, facts),
      kind: 'server',
      role: facts?.role ?? null,
      replicationId: facts?.replicationId ?? null,
      offset: facts?.offset ?? null,
      backlog: facts?.backlog ?? null,
      upstream: facts === undefined ? null : this.#upstream(facts, nowMs),
      replicas: (facts?.replicas ?? []).map(
        (replica): DownstreamView => ({
          ...replica,
          node: this.nameOf(replica.host, replica.port),
        }),
      ),
      keys: facts?.keys ?? null,
      fullSyncs: facts?.fullSyncs ?? null,
      partialSyncs: facts?.partialSyncs ?? null,
      commandsProcessed: facts?.commandsProcessed ?? null,
    };
  }

  #upstream(facts: ServerFacts, nowMs: number): UpstreamView | null {
    const { upstream, offset } = facts;
    if (upstream === null) return null;
    const name = this.nameOf(upstream.host, upstream.port);
    const master = this.#nodes.find((node) => node.name === name)?.server;
    const isKnown = name !== null && master?.offset != null && offset !== null;
    return {
      ...upstream,
      node: name,
      lagBytes: isKnown ? Math.max(0, (master.offset ?? 0) - offset) : null,
      lagMs: isKnown ? this.#lag.lagMs(name, offset, nowMs) : null,
    };
  }

  #watched(facts: WatchedFacts): WatchedNode {
    const { flags } = facts;
    return {
      ...facts,
      node: this.nameOf(facts.host, facts.port),
      isSubjectivelyDown: flags.includes('s_down'),
      isObjectivelyDown: flags.includes('o_down'),
    };
  }
}

function commonView(node: FleetNode, facts: CommonFacts | undefined): Omit<NodeView, 'kind'> {
  const { plan, port, state, sinceMs, started } = node;
  return {
    name: plan.name,
    implementation: plan.implementation,
    host: plan.host,
    port,
    pid: started?.pid ?? null,
    state,
    sinceMs,
    version: facts?.version ?? null,
    memoryBytes: facts?.memoryBytes ?? null,
    opsPerSecond: facts?.opsPerSecond ?? null,
    connectedClients: facts?.connectedClients ?? null,
  };
}

function newest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
