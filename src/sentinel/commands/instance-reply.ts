// An instance as SENTINEL MASTER, REPLICAS and SENTINELS show it: a map of Redis's fields in Redis's
// order, whose values are all bulks. Clients read fields by name, the outside suite one by position, so
// a field of ours (why an instance refuses us) stands last.

import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { MasterView, ReplicaView, SentinelView } from '../core/views.ts';

type Field = readonly [name: string, value: string | number | bigint];

export function replyMaster(reply: ReplyWriter, view: MasterView): void {
  const scripts: Field[] = [];
  if (view.notificationScript !== '') {
    scripts.push(['notification-script', view.notificationScript]);
  }
  if (view.clientReconfigScript !== '') {
    scripts.push(['client-reconfig-script', view.clientReconfigScript]);
  }
  replyFields(reply, [
    ...commonFields(view),
    ...dataNodeFields(view),
    ['config-epoch', view.configEpoch],
    ['num-slaves', view.replicaCount],
    ['num-other-sentinels', view.otherSentinelCount],
    ['quorum', view.quorum],
    ['failover-timeout', view.failoverTimeoutMs],
    ['parallel-syncs', view.parallelSyncs],
    ...scripts,
    ...refusal(view),
  ]);
}

export function replyReplica(reply: ReplyWriter, view: ReplicaView): void {
  replyFields(reply, [
    ...commonFields(view),
    ...dataNodeFields(view),
    ['master-link-down-time', view.masterLinkDownTime],
    ['master-link-status', view.masterLinkStatus],
    ['master-host', view.masterHost],
    ['master-port', view.masterPort],
    ['slave-priority', view.priority],
    ['slave-repl-offset', view.replicationOffset],
    ['replica-announced', view.isAnnounced ? 1 : 0],
    ...refusal(view),
  ]);
}

export function replySentinel(reply: ReplyWriter, view: SentinelView): void {
  replyFields(reply, [
    ...commonFields(view),
    ['last-hello-message', view.lastHelloMessage],
    ['voted-leader', view.votedLeader],
    ['voted-leader-epoch', view.votedLeaderEpoch],
    ...refusal(view),
  ]);
}

function commonFields(view: MasterView | ReplicaView | SentinelView): readonly Field[] {
  const fields: Field[] = [
    ['name', view.name],
    ['ip', view.ip],
    ['port', view.port],
    ['runid', view.runId],
    ['flags', view.flags],
    ['link-pending-commands', view.linkPendingCommands],
    ['link-refcount', view.linkRefcount],
  ];
  if (view.failoverState !== undefined) fields.push(['failover-state', view.failoverState]);
  fields.push(
    ['last-ping-sent', view.lastPingSent],
    ['last-ok-ping-reply', view.lastOkPingReply],
    ['last-ping-reply', view.lastPingReply],
  );
  if (view.sDownTime !== undefined) fields.push(['s-down-time', view.sDownTime]);
  if (view.oDownTime !== undefined) fields.push(['o-down-time', view.oDownTime]);
  fields.push(['down-after-milliseconds', view.downAfterMs]);
  return fields;
}

function dataNodeFields(view: MasterView | ReplicaView): readonly Field[] {
  return [
    ['info-refresh', view.infoRefresh],
    ['role-reported', view.roleReported],
    ['role-reported-time', view.roleReportedTime],
  ];
}

function refusal({ refusal }: MasterView | ReplicaView | SentinelView): readonly Field[] {
  return refusal === '' ? [] : [['refusal', refusal]];
}

function replyFields(reply: ReplyWriter, fields: readonly Field[]): void {
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.text(name);
    reply.text(String(value));
  }
}
