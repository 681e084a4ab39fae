// INFO's counters: stats, commandstats, errorstats, latencystats, and the debug section that only its
// own name asks for.

import type { InfoLine } from '../../commands/shared/info/info-lines.ts';
import {
  commandStatsLines,
  errorStatsLines,
  latencyStatsLines,
} from '../../dispatch/statistics.ts';
import type { InfoSource } from './info-source.ts';

export function statsSection(source: InfoSource): readonly InfoLine[] {
  const { dispatcher, network } = source;
  const { acl } = dispatcher;
  const { replication } = source;
  const syncs = replication.master.statistics;
  return [
    ['total_connections_received', network.accepted],
    ['total_commands_processed', dispatcher.statistics.commandsProcessed],
    ...trafficLines(source),
    ['rejected_connections', network.rejected],
    ['sync_full', syncs.full],
    ['sync_partial_ok', syncs.partialOk],
    ['sync_partial_err', syncs.partialRefused],
    ...keyspaceLines(source),
    ...subscriptionLines(source),
    ...unusedLines(source),
    ['tracking_total_keys', dispatcher.tracking.totalKeys],
    ['tracking_total_items', dispatcher.tracking.totalItems],
    ['tracking_total_prefixes', dispatcher.tracking.totalPrefixes],
    ['unexpected_error_replies', replication.unexpectedErrors],
    ['total_error_replies', dispatcher.statistics.errorReplies],
    ['dump_payload_sanitizations', 0],
    ...loopLines(source),
    ['acl_access_denied_auth', acl.log.denied.auth],
    ['acl_access_denied_cmd', acl.log.denied.command],
    ['acl_access_denied_key', acl.log.denied.key],
    ['acl_access_denied_channel', acl.log.denied.channel],
  ];
}

function trafficLines({ network, background }: InfoSource): readonly InfoLine[] {
  const { rates } = background;
  const kilobytes = (bytes: number): string => (bytes / 1024).toFixed(2);
  return [
    ['instantaneous_ops_per_sec', Math.floor(rates.commands.average)],
    ['total_net_input_bytes', network.inputBytes + network.replicationInputBytes],
    ['total_net_output_bytes', network.outputBytes + network.replicationOutputBytes],
    ['total_net_repl_input_bytes', network.replicationInputBytes],
    ['total_net_repl_output_bytes', network.replicationOutputBytes],
    ['instantaneous_input_kbps', kilobytes(rates.inputBytes.average)],
    ['instantaneous_output_kbps', kilobytes(rates.outputBytes.average)],
    ['instantaneous_input_repl_kbps', kilobytes(rates.replicationInputBytes.average)],
    ['instantaneous_output_repl_kbps', kilobytes(rates.replicationOutputBytes.average)],
  ];
}

function keyspaceLines({ engine, background, memoryLimit, network }: InfoSource): InfoLine[] {
  const exceeded = memoryLimit.exceeded();
  return [
    ['expired_keys', engine.expired],
    // Segments whose keys are not yet due are skipped: what is stale is not estimated.
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', background.expiryCapReached],
    ['expire_cycle_cpu_milliseconds', Math.floor(background.expiryUs / 1000)],
    ['evicted_keys', engine.evicted],
    ['evicted_clients', network.evictedClients],
    ['total_eviction_exceeded_time', Math.floor(exceeded.totalUs / 1000)],
    ['current_eviction_exceeded_time', Math.floor(exceeded.currentUs / 1000)],
    ['keyspace_hits', engine.hits],
    ['keyspace_misses', engine.misses],
  ];
}

function subscriptionLines({ dispatcher }: InfoSource): readonly InfoLine[] {
  return [
    ['pubsub_channels', dispatcher.pubsub.count('channels')],
    ['pubsub_patterns', dispatcher.pubsub.count('patterns')],
    ['pubsubshard_channels', dispatcher.pubsub.count('shardChannels')],
  ];
}

/** Of migration and writable replicas, and of parts that this server does without: forks, defragmentation. */
function unusedLines({ migrations, replication }: InfoSource): readonly InfoLine[] {
  return [
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['migrate_cached_sockets', migrations.linkCount],
    ['slave_expires_tracked_keys', replication.localExpiry.count],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['total_active_defrag_time', 0],
    ['current_active_defrag_time', 0],
  ];
}

function loopLines({ dispatcher, network, background }: InfoSource): readonly InfoLine[] {
  const { loop, statistics } = dispatcher;
  return [
    ['total_reads_processed', network.reads],
    ['total_writes_processed', network.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['reply_buffer_shrinks', network.replyBufferShrinks],
    ['reply_buffer_expands', network.replyBufferExpands],
    ['eventloop_cycles', loop.cycles],
    ['eventloop_duration_sum', loop.durationUs],
    ['eventloop_duration_cmd_sum', Math.floor(statistics.commandUs)],
    ['instantaneous_eventloop_cycles_per_sec', Math.floor(background.rates.cycles.average)],
    ['instantaneous_eventloop_duration_usec', Math.floor(background.rates.cycleUs.average)],
  ];
}

export function commandstatsSection({ dispatcher }: InfoSource): readonly InfoLine[] {
  return split(commandStatsLines(dispatcher.commands.all()));
}

export function errorstatsSection({ dispatcher }: InfoSource): readonly InfoLine[] {
  return split(errorStatsLines(dispatcher.statistics));
}

export function latencystatsSection({ dispatcher, settings }: InfoSource): readonly InfoLine[] {
  if (!settings.latencyTracking) return [];
  return split(
    latencyStatsLines(dispatcher.commands.all(), settings.latencyTrackingInfoPercentiles),
  );
}

function split(lines: readonly string[]): readonly InfoLine[] {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
}

export function debugSection({ dispatcher }: InfoSource): readonly InfoLine[] {
  const { loop } = dispatcher;
  return [
    ['eventloop_duration_aof_sum', Math.floor(loop.aofUs)],
    ['eventloop_duration_cron_sum', loop.cronUs],
    ['eventloop_duration_max', loop.longestUs],
    ['eventloop_cmd_per_cycle_max', loop.mostCommands],
  ];
}
