// Both roles of replication.
// One row a directive; see directive.ts.

import type { Directive } from './directive.ts';
import {
  bool,
  enumeration,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  string,
} from './directive-kinds.ts';
import { replicaOf } from './directive-specials.ts';

export const replicationDirectives: readonly Directive[] = [
  replicaOf,
  string('masterauth', 'masterauth', {
    sensitive: true,
    emptyIsUnset: true,
  }),
  string('masteruser', 'masteruser', {
    sensitive: true,
    emptyIsUnset: true,
  }),
  bool('replica-serve-stale-data', 'replicaServeStaleData', {
    alias: 'slave-serve-stale-data',
    apply: 'replication',
  }),
  bool('replica-read-only', 'replicaReadOnly', {
    alias: 'slave-read-only',
    debug: true,
    apply: 'replication',
  }),
  integer('replica-priority', 'replicaPriority', 0, INT_MAX, {
    alias: 'slave-priority',
  }),
  bool('replica-announced', 'replicaAnnounced'),
  string('replica-announce-ip', 'replicaAnnounceIp', {
    alias: 'slave-announce-ip',
    emptyIsUnset: true,
  }),
  integer('replica-announce-port', 'replicaAnnouncePort', 0, 65535, {
    alias: 'slave-announce-port',
  }),
  bool('replica-lazy-flush', 'replicaLazyFlush', {
    alias: 'slave-lazy-flush',
  }),
  bool('replica-ignore-maxmemory', 'replicaIgnoreMaxmemory', {
    alias: 'slave-ignore-maxmemory',
    apply: 'replication',
  }),
  bool('replica-ignore-disk-write-errors', 'replicaIgnoreDiskWriteErrors'),
  integer('min-replicas-to-write', 'minReplicasToWrite', 0, INT_MAX, {
    alias: 'min-slaves-to-write',
    apply: 'replication',
  }),
  integer('min-replicas-max-lag', 'minReplicasMaxLag', 0, INT_MAX, {
    alias: 'min-slaves-max-lag',
    apply: 'replication',
  }),
  integer('repl-timeout', 'replTimeout', 1, INT_MAX),
  integer('repl-ping-replica-period', 'replPingReplicaPeriod', 1, INT_MAX, {
    alias: 'repl-ping-slave-period',
  }),
  memory('repl-backlog-size', 'replBacklogSize', 1, LONG_MAX, { apply: 'replication' }),
  integer('repl-backlog-ttl', 'replBacklogTtl', 0, LONG_MAX),
  bool('repl-disable-tcp-nodelay', 'replDisableTcpNodelay'),
  bool('repl-diskless-sync', 'replDisklessSync', { debug: true }),
  integer('repl-diskless-sync-delay', 'replDisklessSyncDelay', 0, INT_MAX),
  integer('repl-diskless-sync-max-replicas', 'replDisklessSyncMaxReplicas', 0, INT_MAX),
  enumeration('repl-diskless-load', 'replDisklessLoad', ['disabled', 'on-empty-db', 'swapdb'], {
    debug: true,
    denyLoading: true,
  }),
  enumeration('propagation-error-behavior', 'propagationErrorBehavior', [
    'ignore',
    'panic',
    'panic-on-replicas',
  ]),
];
