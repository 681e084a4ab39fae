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

const LATER_REPLICATION = 'kept and reported; there is no replication yet';

export const replicationDirectives: readonly Directive[] = [
  replicaOf,
  string('masterauth', 'masterauth', {
    sensitive: true,
    emptyIsUnset: true,
    accepted: LATER_REPLICATION,
  }),
  string('masteruser', 'masteruser', {
    sensitive: true,
    emptyIsUnset: true,
    accepted: LATER_REPLICATION,
  }),
  bool('replica-serve-stale-data', 'replicaServeStaleData', {
    alias: 'slave-serve-stale-data',
    accepted: LATER_REPLICATION,
  }),
  bool('replica-read-only', 'replicaReadOnly', {
    alias: 'slave-read-only',
    debug: true,
    accepted: LATER_REPLICATION,
  }),
  integer('replica-priority', 'replicaPriority', 0, INT_MAX, {
    alias: 'slave-priority',
    accepted: LATER_REPLICATION,
  }),
  bool('replica-announced', 'replicaAnnounced', { accepted: LATER_REPLICATION }),
  string('replica-announce-ip', 'replicaAnnounceIp', {
    alias: 'slave-announce-ip',
    emptyIsUnset: true,
    accepted: LATER_REPLICATION,
  }),
  integer('replica-announce-port', 'replicaAnnouncePort', 0, 65535, {
    alias: 'slave-announce-port',
    accepted: LATER_REPLICATION,
  }),
  bool('replica-lazy-flush', 'replicaLazyFlush', {
    alias: 'slave-lazy-flush',
    accepted: LATER_REPLICATION,
  }),
  bool('replica-ignore-maxmemory', 'replicaIgnoreMaxmemory', {
    alias: 'slave-ignore-maxmemory',
    accepted: LATER_REPLICATION,
  }),
  bool('replica-ignore-disk-write-errors', 'replicaIgnoreDiskWriteErrors', {
    accepted: LATER_REPLICATION,
  }),
  integer('min-replicas-to-write', 'minReplicasToWrite', 0, INT_MAX, {
    alias: 'min-slaves-to-write',
    accepted: LATER_REPLICATION,
  }),
  integer('min-replicas-max-lag', 'minReplicasMaxLag', 0, INT_MAX, {
    alias: 'min-slaves-max-lag',
    accepted: LATER_REPLICATION,
  }),
  integer('repl-timeout', 'replTimeout', 1, INT_MAX, { accepted: LATER_REPLICATION }),
  integer('repl-ping-replica-period', 'replPingReplicaPeriod', 1, INT_MAX, {
    alias: 'repl-ping-slave-period',
    accepted: LATER_REPLICATION,
  }),
  memory('repl-backlog-size', 'replBacklogSize', 1, LONG_MAX, { accepted: LATER_REPLICATION }),
  integer('repl-backlog-ttl', 'replBacklogTtl', 0, LONG_MAX, { accepted: LATER_REPLICATION }),
  bool('repl-disable-tcp-nodelay', 'replDisableTcpNodelay', { accepted: LATER_REPLICATION }),
  bool('repl-diskless-sync', 'replDisklessSync', { debug: true, accepted: LATER_REPLICATION }),
  integer('repl-diskless-sync-delay', 'replDisklessSyncDelay', 0, INT_MAX, {
    accepted: LATER_REPLICATION,
  }),
  integer('repl-diskless-sync-max-replicas', 'replDisklessSyncMaxReplicas', 0, INT_MAX, {
    accepted: LATER_REPLICATION,
  }),
  enumeration('repl-diskless-load', 'replDisklessLoad', ['disabled', 'on-empty-db', 'swapdb'], {
    debug: true,
    denyLoading: true,
    accepted: LATER_REPLICATION,
  }),
  enumeration(
    'propagation-error-behavior',
    'propagationErrorBehavior',
    ['ignore', 'panic', 'panic-on-replicas'],
    { accepted: LATER_REPLICATION },
  ),
];
