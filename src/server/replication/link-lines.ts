// INFO replication's lines about the link to the master, and stats': of a replica only.

import type { InfoLine } from '../../commands/shared/info/info-lines.ts';
import type { History } from '../../replication/history.ts';
import type { Settings } from '../config/settings.ts';
import type { ReplicaSide } from './replica-side.ts';

export function linkLines(
  replica: ReplicaSide,
  history: History,
  settings: Settings,
): readonly InfoLine[] {
  const { master, state, isUp, stream } = replica;
  if (master === undefined) return [];
  const isSyncing = ['promised', 'receiving', 'loading'].includes(state.kind);
  const isKnown = replica.resumePoint !== undefined || isUp;
  const applied = isKnown ? history.offset : 0;
  return [
    ['master_host', master.host],
    ['master_port', master.port],
    ['master_link_status', isUp ? 'up' : 'down'],
    ['master_last_io_seconds_ago', isUp ? replica.silentSeconds : -1],
    ['master_sync_in_progress', isSyncing ? 1 : 0],
    ['slave_read_repl_offset', stream?.receivedOffset ?? applied],
    ['slave_repl_offset', applied],
    ...(isSyncing ? syncLines(replica) : []),
    ...(isUp ? [] : [['master_link_down_since_seconds', replica.downSeconds] as const]),
    ['slave_priority', settings.replicaPriority],
    ['slave_read_only', settings.replicaReadOnly ? 1 : 0],
    ['replica_announced', settings.replicaAnnounced ? 1 : 0],
  ];
}

/** How far the snapshot has come; without a length nobody can say how much is left. */
function syncLines({ intake, silentSeconds }: ReplicaSide): readonly InfoLine[] {
  const { totalBytes, readBytes } = intake;
  const share = totalBytes > 0 ? (100 * readBytes) / totalBytes : 0;
  return [
    ['master_sync_total_bytes', totalBytes],
    ['master_sync_read_bytes', readBytes],
    ['master_sync_left_bytes', totalBytes - readBytes],
    ['master_sync_perc', share.toFixed(2)],
    ['master_sync_last_io_seconds_ago', silentSeconds],
  ];
}
