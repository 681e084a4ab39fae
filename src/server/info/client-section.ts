// INFO clients.

import type { InfoLine } from '../../commands/shared/info/info-lines.ts';
import type { InfoSource } from './info-source.ts';

export function clientsSection(source: InfoSource): readonly InfoLine[] {
  const { dispatcher, settings } = source;
  const { blocking, clients, tracking } = dispatcher;
  const keys = blocking.keyCounts();
  let waiting = 0;
  let largestInput = 0;
  let largestOutput = 0;
  for (const session of clients.all()) {
    const usage = session.link.usage();
    largestInput = Math.max(largestInput, usage.queryBufferBytes + usage.queryBufferFreeBytes);
    largestOutput = Math.max(largestOutput, usage.replyBytes + usage.replyPiecesBytes);
    if ((session.blockedOn?.blocked.deadlineMs ?? 0) > 0) waiting++;
  }
  return [
    ['connected_clients', clients.count - source.replication.master.replicas.length],
    ['cluster_connections', 0],
    ['maxclients', settings.maxclients],
    ['client_recent_max_input_buffer', largestInput],
    ['client_recent_max_output_buffer', largestOutput],
    ['blocked_clients', blocking.count],
    ['tracking_clients', tracking.sessions],
    ['clients_in_timeout_table', waiting],
    ['total_blocking_keys', keys.total],
    ['total_blocking_keys_on_nokey', keys.onNoKey],
  ];
}
