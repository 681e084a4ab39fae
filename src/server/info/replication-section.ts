// INFO replication: the role, the link to the master, the replicas and the history.

import type { InfoLine } from '../../commands/shared/info/info-lines.ts';
import type { AttachedReplica } from '../replication/attached-replica.ts';
import type { InfoSource } from './info-source.ts';

export function replicationSection(source: InfoSource): readonly InfoLine[] {
  const { replication, settings } = source;
  const { history, backlog, master } = replication;
  return [
    ['role', replication.role === 'replica' ? 'slave' : 'master'],
    ...replication.linkLines(),
    ['connected_slaves', master.replicas.length],
    ...goodReplicas(source),
    ...master.replicas.filter(({ machine }) => machine.shownState !== '').map(replicaLine),
    ['master_failover_state', replication.failoverState],
    ['master_replid', history.id],
    ['master_replid2', history.secondId],
    ['master_repl_offset', replication.offset],
    ['second_repl_offset', history.secondOffset],
    ['repl_backlog_active', backlog.isOpen ? 1 : 0],
    ['repl_backlog_size', settings.replBacklogSize],
    ['repl_backlog_first_byte_offset', backlog.firstByte],
    ['repl_backlog_histlen', backlog.length],
  ];
}

/** Only while somebody is interested in them. */
function goodReplicas({ replication, settings }: InfoSource): readonly InfoLine[] {
  if (settings.minReplicasToWrite === 0 || settings.minReplicasMaxLag === 0) return [];
  return [['min_slaves_good_slaves', replication.master.goodReplicas]];
}

function replicaLine(replica: AttachedReplica, i: number): InfoLine {
  const { address, facts, machine } = replica;
  const lag = machine.isOnline ? replica.lagSeconds : 0;
  return [
    `slave${i}`,
    `ip=${address},port=${facts.listeningPort},state=${machine.shownState},offset=${machine.ackOffset},lag=${lag}`,
  ];
}
