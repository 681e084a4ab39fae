// The figures of /metrics: a list out of a view. Every figure of one name has the same labels.

import type {
  DownstreamView,
  FleetView,
  NodeView,
  SentinelView,
  ServerView,
  WatchedNode,
} from '../fleet/fleet-view.ts';

export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string>>;

/** Figures that are not known are left out: no sample is better than a wrong one. */
export function metricFigures(view: FleetView): readonly Figure[] {
  return [
    ...view.servers.flatMap((server) => [...nodeFigures(server), ...serverFigures(server)]),
    ...view.sentinels.flatMap((sentinel) => [
      ...nodeFigures(sentinel),
      ...sentinelFigures(sentinel, view.masterName),
    ]),
    ...fleetFigures(view),
    ...probeFigures(view),
  ];
}

function figure(name: string, help: string, value: number | null, labels: Labels): Figure[] {
  return value === null ? [] : [{ name, help, value, labels }];
}

function nodeLabels(node: NodeView): Labels {
  return { node: node.name, addr: `${node.host}:${node.port}` };
}

function nodeFigures(node: NodeView): Figure[] {
  const labels = nodeLabels(node);
  return [
    ...figure('redis_up', 'Whether the node answers', node.state === 'up' ? 1 : 0, labels),
    ...figure('understudy_node_state', 'The state of the node, as a label', 1, {
      ...labels,
      state: node.state,
    }),
    ...(node.state === 'up' ? liveFigures(node, labels) : []),
  ];
}

function liveFigures(node: NodeView, labels: Labels): Figure[] {
  return [
    ...figure('redis_memory_used_bytes', 'Memory in use', node.memoryBytes, labels),
    ...figure('redis_connected_clients', 'Open client connections', node.connectedClients, labels),
    ...figure(
      'redis_instantaneous_ops_per_sec',
      'Commands a second, now',
      node.opsPerSecond,
      labels,
    ),
  ];
}

function serverFigures(server: ServerView): Figure[] {
  if (server.state !== 'up') return [];
  const labels = nodeLabels(server);
  const isMaster = server.role === 'master';
  return [
    ...figure('redis_instance_info', 'What the node is, as labels', 1, {
      ...labels,
      role: server.role === 'replica' ? 'slave' : (server.role ?? ''),
      redis_version: server.version ?? '',
      redis_mode: 'standalone',
      tcp_port: String(server.port),
    }),
    ...figure(
      'redis_commands_processed_total',
      'Commands since the start',
      server.commandsProcessed,
      labels,
    ),
    ...figure(
      'redis_master_repl_offset',
      'End of the replication stream that it writes',
      isMaster ? server.offset : null,
      labels,
    ),
    ...figure('redis_connected_slaves', 'Replicas that follow it', server.replicas.length, labels),
    ...figure('redis_replica_resyncs_full', 'Full copies that it gave', server.fullSyncs, labels),
    ...figure(
      'redis_replica_partial_resync_accepted',
      'Replicas that could go on where they were',
      server.partialSyncs,
      labels,
    ),
    ...backlogFigures(server, labels),
    ...server.replicas.flatMap((replica) => downstreamFigures(replica, labels)),
    ...upstreamFigures(server, labels),
  ];
}

function backlogFigures({ backlog }: ServerView, labels: Labels): Figure[] {
  if (backlog === null) return [];
  return [
    ...figure('redis_replication_backlog_bytes', 'Size of the backlog', backlog.size, labels),
    ...figure(
      'redis_repl_backlog_first_byte_offset',
      'Oldest byte that the backlog holds',
      backlog.first,
      labels,
    ),
    ...figure('redis_repl_backlog_history_bytes', 'Bytes in the backlog', backlog.length, labels),
  ];
}

function downstreamFigures(replica: DownstreamView, own: Labels): Figure[] {
  const labels = {
    ...own,
    slave_ip: replica.host,
    slave_port: String(replica.port),
    slave_state: replica.state,
  };
  return [
    ...figure(
      'redis_connected_slave_offset_bytes',
      'How far the replica is, as its master knows',
      replica.offset,
      labels,
    ),
    ...figure(
      'redis_connected_slave_lag_seconds',
      'Seconds since the replica last acknowledged',
      replica.lagSeconds,
      labels,
    ),
  ];
}

function upstreamFigures({ upstream, offset, role }: ServerView, own: Labels): Figure[] {
  if (upstream === null || role !== 'replica') return [];
  const labels = { ...own, master_host: upstream.host, master_port: String(upstream.port) };
  const isUp = upstream.link === 'up' ? 1 : 0;
  const isSyncing = upstream.isSyncing ? 1 : 0;
  const { lagBytes, lagMs } = upstream;
  return [
    ...figure('redis_master_link_up', 'Whether the replica has its master', isUp, labels),
    ...figure('redis_master_sync_in_progress', 'Whether a copy is under way', isSyncing, labels),
    ...figure('redis_slave_repl_offset', 'How far the replica has applied', offset, labels),
    ...figure(
      'redis_master_last_io_seconds_ago',
      'Seconds since the master last said something',
      upstream.secondsSinceIo,
      labels,
    ),
    ...figure('understudy_replica_lag_bytes', 'Bytes it has not applied', lagBytes, own),
    ...figure('understudy_replica_lag_milliseconds', 'Age of what it has', lagMs, own),
  ];
}

function sentinelFigures(sentinel: SentinelView, masterName: string): Figure[] {
  if (sentinel.state !== 'up') return [];
  const own = nodeLabels(sentinel);
  const { master } = sentinel;
  const tilt = sentinel.isTilt ? 1 : 0;
  const watched = master === null ? 0 : 1;
  const figures = [
    ...figure('redis_sentinel_tilt', 'Whether the sentinel distrusts its own clock', tilt, own),
    ...figure('redis_sentinel_masters', 'Masters that it watches', watched, own),
  ];
  if (master === null) return figures;
  const labels = { ...own, master_name: masterName, master_address: address(master) };
  const status = statusOf(master);
  return [
    ...figures,
    ...figure(
      'redis_sentinel_master_status',
      'Whether it finds the master well',
      status === 'ok' ? 1 : 0,
      {
        ...labels,
        master_status: status,
      },
    ),
    ...figure('redis_sentinel_master_slaves', 'Replicas', sentinel.replicas.length, labels),
    ...figure(
      'redis_sentinel_master_ok_slaves',
      'Replicas that it finds well',
      fine(sentinel.replicas),
      labels,
    ),
    ...figure(
      'redis_sentinel_master_sentinels',
      'Sentinels, itself too',
      sentinel.sentinels.length + 1,
      labels,
    ),
    ...figure(
      'redis_sentinel_master_ok_sentinels',
      'Sentinels that it finds well, itself too',
      fine(sentinel.sentinels) + 1,
      labels,
    ),
    ...figure(
      'redis_sentinel_master_config_epoch',
      'Epoch of the master it names',
      sentinel.configEpoch,
      labels,
    ),
    ...figure(
      'redis_sentinel_master_setting_ckquorum',
      'Sentinels that must agree',
      sentinel.quorum,
      labels,
    ),
  ];
}

function fleetFigures(view: FleetView): Figure[] {
  const phases = view.failovers.at(-1)?.phases ?? [];
  return [
    ...figure('understudy_link_faults', 'Links that are cut or slow', view.faults.length, {}),
    ...phases.flatMap(({ name, durationMs }) =>
      figure(
        'understudy_last_failover_phase_seconds',
        'How long each phase of the last failover took',
        durationMs === null ? null : durationMs / 1000,
        { phase: name },
      ),
    ),
  ];
}

function probeFigures({ probe }: FleetView): Figure[] {
  if (probe === null) return [];
  const outcomes = {
    acknowledged: 'Writes of the probe that were acknowledged',
    failed: 'Writes of the probe that failed',
  } as const;
  return [
    ...Object.entries(outcomes).flatMap(([key, help]) =>
      figure(`understudy_probe_${key}_total`, help, probe[key as keyof typeof outcomes], {}),
    ),
    // A lost write can come back with the node that has it, so it is no counter.
    ...figure('understudy_probe_lost_writes', 'Acknowledged and now missing', probe.lost, {}),
    ...figure('understudy_probe_duplicated_writes', 'Written twice', probe.duplicated, {}),
  ];
}

function address({ host, port }: WatchedNode): string {
  return `${host}:${port}`;
}

function statusOf({ isObjectivelyDown, isSubjectivelyDown }: WatchedNode): string {
  if (isObjectivelyDown) return 'odown';
  return isSubjectivelyDown ? 'sdown' : 'ok';
}

function fine(nodes: readonly WatchedNode[]): number {
  return nodes.filter((node) => statusOf(node) === 'ok').length;
}
