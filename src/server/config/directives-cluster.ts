// Redis Cluster, which this server is not part of.
// One row a directive; see directive.ts.

import { hostname, noClusterMode, nodeName } from './checks.ts';
import type { Directive } from './directive.ts';
import {
  bool,
  enumeration,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  string,
  ULONG_MAX,
} from './directive-kinds.ts';

const NO_CLUSTER = 'there is no cluster mode; cluster-enabled yes is refused';

export const clusterDirectives: readonly Directive[] = [
  bool('cluster-enabled', 'clusterEnabled', {
    check: noClusterMode,
    immutable: true,
    accepted: NO_CLUSTER,
  }),
  string('cluster-config-file', 'clusterConfigFile', { immutable: true, accepted: NO_CLUSTER }),
  integer('cluster-node-timeout', 'clusterNodeTimeout', 0, LONG_MAX, { accepted: NO_CLUSTER }),
  integer('cluster-ping-interval', 'clusterPingInterval', 0, LONG_MAX, {
    hidden: true,
    accepted: NO_CLUSTER,
  }),
  integer('cluster-port', 'clusterPort', 0, 65535, { immutable: true, accepted: NO_CLUSTER }),
  string('cluster-announce-ip', 'clusterAnnounceIp', { emptyIsUnset: true, accepted: NO_CLUSTER }),
  string('cluster-announce-hostname', 'clusterAnnounceHostname', {
    emptyIsUnset: true,
    check: hostname,
    accepted: NO_CLUSTER,
  }),
  string('cluster-announce-human-nodename', 'clusterAnnounceHumanNodename', {
    emptyIsUnset: true,
    check: nodeName,
    accepted: NO_CLUSTER,
  }),
  integer('cluster-announce-port', 'clusterAnnouncePort', 0, 65535, { accepted: NO_CLUSTER }),
  integer('cluster-announce-tls-port', 'clusterAnnounceTlsPort', 0, 65535, {
    accepted: NO_CLUSTER,
  }),
  integer('cluster-announce-bus-port', 'clusterAnnounceBusPort', 0, 65535, {
    accepted: NO_CLUSTER,
  }),
  enumeration(
    'cluster-preferred-endpoint-type',
    'clusterPreferredEndpointType',
    ['ip', 'hostname', 'unknown-endpoint'],
    { accepted: NO_CLUSTER },
  ),
  integer('cluster-migration-barrier', 'clusterMigrationBarrier', 0, INT_MAX, {
    accepted: NO_CLUSTER,
  }),
  bool('cluster-allow-replica-migration', 'clusterAllowReplicaMigration', { accepted: NO_CLUSTER }),
  integer('cluster-replica-validity-factor', 'clusterReplicaValidityFactor', 0, INT_MAX, {
    alias: 'cluster-slave-validity-factor',
    accepted: NO_CLUSTER,
  }),
  bool('cluster-replica-no-failover', 'clusterReplicaNoFailover', {
    alias: 'cluster-slave-no-failover',
    accepted: NO_CLUSTER,
  }),
  bool('cluster-require-full-coverage', 'clusterRequireFullCoverage', { accepted: NO_CLUSTER }),
  bool('cluster-allow-reads-when-down', 'clusterAllowReadsWhenDown', { accepted: NO_CLUSTER }),
  bool('cluster-allow-pubsubshard-when-down', 'clusterAllowPubsubshardWhenDown', {
    accepted: NO_CLUSTER,
  }),
  memory('cluster-link-sendbuf-limit', 'clusterLinkSendbufLimit', 0, ULONG_MAX, {
    accepted: NO_CLUSTER,
  }),
];
