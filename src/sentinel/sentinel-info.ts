// INFO of a sentinel: the sections that redis-sentinel prints, with the fields of Redis 7.2 in its order.
// Monitoring tools read them by name, so what a sentinel cannot have (keys, replication) is there as 0.

import {
  cpuLines,
  type InfoLine,
  infoSection,
  processLines,
  tcpListenerLine,
} from '../commands/shared/info/info-lines.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Clock } from '../env/clock.ts';
import type { HostFacts } from '../env/environment.ts';
import type { NetStatistics } from '../net/net-settings.ts';
import type { Rates } from '../util/rates.ts';

/** Rounds a second of a sentinel of Redis, which monitoring tools read; ours acts when something happens. */
const HZ = 10;

export interface SentinelInfoSource {
  readonly dispatcher: Dispatcher;
  readonly network: NetStatistics;
  readonly rates: Rates;
  readonly clock: Clock;
  readonly host: HostFacts;
  readonly pid: number;
  readonly runId: string;
  readonly startedMs: number;
  readonly configFile: string;
  readonly port: number;
  readonly bind: readonly string[];
  readonly maxclients: number;
  readonly isSupervised: boolean;
  /** The lines below `# Sentinel`. */
  sentinelLines(): readonly InfoLine[];
}

interface Section {
  readonly heading: string;
  readonly lines: (source: SentinelInfoSource) => readonly InfoLine[];
}

/** In the order in which they are printed. */
const sections: readonly Section[] = [
  { heading: 'Server', lines: serverLines },
  { heading: 'Clients', lines: clientLines },
  { heading: 'Stats', lines: statsLines },
  { heading: 'CPU', lines: ({ host }) => cpuLines(host) },
  { heading: 'Sentinel', lines: (source) => source.sentinelLines() },
];

/** `asked` in lower case; none: all of them. Unknown words add nothing. */
export function sentinelInfo(source: SentinelInfoSource, asked: readonly string[]): string {
  source.dispatcher.shareTime();
  const words = new Set(asked);
  const isAll =
    asked.length === 0 || ['all', 'everything', 'default'].some((word) => words.has(word));
  return sections
    .filter(({ heading }) => isAll || words.has(heading.toLowerCase()))
    .map(({ heading, lines }) => infoSection(heading, lines(source)))
    .join('\r\n');
}

function serverLines(source: SentinelInfoSource): readonly InfoLine[] {
  const { port, bind } = source;
  return [
    ...processLines({
      ...source,
      mode: 'sentinel',
      wallUs: source.clock.wallUs(),
      hz: HZ,
      configuredHz: HZ,
    }),
    tcpListenerLine(bind, port),
  ];
}

function clientLines({ dispatcher, maxclients }: SentinelInfoSource): readonly InfoLine[] {
  let largestInput = 0;
  let largestOutput = 0;
  for (const session of dispatcher.clients.all()) {
    const usage = session.link.usage();
    largestInput = Math.max(largestInput, usage.queryBufferBytes + usage.queryBufferFreeBytes);
    largestOutput = Math.max(largestOutput, usage.replyBytes + usage.replyPiecesBytes);
  }
  return [
    ['connected_clients', dispatcher.clients.count],
    ['cluster_connections', 0],
    ['maxclients', maxclients],
    ['client_recent_max_input_buffer', largestInput],
    ['client_recent_max_output_buffer', largestOutput],
    ['blocked_clients', dispatcher.blocking.count],
    ['tracking_clients', dispatcher.tracking.sessions],
    ['clients_in_timeout_table', 0],
    ['total_blocking_keys', 0],
    ['total_blocking_keys_on_nokey', 0],
  ];
}

function statsLines({ dispatcher, network, rates }: SentinelInfoSource): readonly InfoLine[] {
  const { pubsub, acl, statistics } = dispatcher;
  const kilobytes = (bytes: number): string => (bytes / 1024).toFixed(2);
  return [
    ['total_connections_received', network.accepted],
    ['total_commands_processed', statistics.commandsProcessed],
    ['instantaneous_ops_per_sec', Math.floor(rates.commands.average)],
    ['total_net_input_bytes', network.inputBytes],
    ['total_net_output_bytes', network.outputBytes],
    ...zeros('total_net_repl_input_bytes', 'total_net_repl_output_bytes'),
    ['instantaneous_input_kbps', kilobytes(rates.inputBytes.average)],
    ['instantaneous_output_kbps', kilobytes(rates.outputBytes.average)],
    ['instantaneous_input_repl_kbps', kilobytes(0)],
    ['instantaneous_output_repl_kbps', kilobytes(0)],
    ['rejected_connections', network.rejected],
    ...zeros('sync_full', 'sync_partial_ok', 'sync_partial_err', 'expired_keys'),
    ['expired_stale_perc', '0.00'],
    ...zeros('expired_time_cap_reached_count', 'expire_cycle_cpu_milliseconds', 'evicted_keys'),
    ['evicted_clients', network.evictedClients],
    ...zeros('total_eviction_exceeded_time', 'current_eviction_exceeded_time'),
    ...zeros('keyspace_hits', 'keyspace_misses'),
    ['pubsub_channels', pubsub.count('channels')],
    ['pubsub_patterns', pubsub.count('patterns')],
    ['pubsubshard_channels', 0],
    ...zeros('latest_fork_usec', 'total_forks', 'migrate_cached_sockets'),
    ...zeros('slave_expires_tracked_keys', 'active_defrag_hits', 'active_defrag_misses'),
    ...zeros('active_defrag_key_hits', 'active_defrag_key_misses', 'total_active_defrag_time'),
    ...zeros('current_active_defrag_time', 'tracking_total_keys', 'tracking_total_items'),
    ...zeros('tracking_total_prefixes', 'unexpected_error_replies'),
    ['total_error_replies', statistics.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', network.reads],
    ['total_writes_processed', network.writes],
    ...zeros('io_threaded_reads_processed', 'io_threaded_writes_processed'),
    ['reply_buffer_shrinks', network.replyBufferShrinks],
    ['reply_buffer_expands', network.replyBufferExpands],
    ['acl_access_denied_auth', acl.log.denied.auth],
    ['acl_access_denied_cmd', acl.log.denied.command],
    ['acl_access_denied_key', acl.log.denied.key],
    ['acl_access_denied_channel', acl.log.denied.channel],
  ];
}

function zeros(...names: string[]): readonly InfoLine[] {
  return names.map((name) => [name, 0]);
}
