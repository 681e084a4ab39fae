// Listening, clients and their limits, threads, TLS.
// One row a directive; see directive.ts.

import { offWithoutTls, zeroWithoutTls } from './checks.ts';
import type { Directive } from './directive.ts';
import {
  bool,
  enumeration,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  octal,
  percentOrMemory,
  string,
  UINT_MAX,
} from './directive-kinds.ts';
import { bindAddresses, clientOutputBufferLimit } from './directive-specials.ts';

const NO_TLS = 'there is no TLS: put a proxy in front; what would turn it on is refused';
const ONE_THREAD = 'commands and sockets are served by one thread';
const BY_NODE = 'concerns the C implementation or its libraries';
const MB = 1024 * 1024;

export const networkDirectives: readonly Directive[] = [
  bindAddresses,
  integer('port', 'port', 0, 65535, { apply: 'listen' }),
  integer('tcp-backlog', 'tcpBacklog', 0, INT_MAX, { immutable: true }),
  integer('tcp-keepalive', 'tcpKeepalive', 0, INT_MAX),
  integer('timeout', 'timeout', 0, INT_MAX),
  string('unixsocket', 'unixsocket', { immutable: true, emptyIsUnset: true }),
  octal('unixsocketperm', 'unixsocketperm', 0, 0o777, { immutable: true }),
  bool('protected-mode', 'protectedMode'),
  integer('maxclients', 'maxclients', 1, UINT_MAX, { apply: 'maxclients' }),
  integer('socket-mark-id', 'socketMarkId', 0, UINT_MAX, { immutable: true, accepted: BY_NODE }),
  string('bind-source-addr', 'bindSourceAddr', { emptyIsUnset: true }),
  memory('proto-max-bulk-len', 'protoMaxBulkLen', MB, LONG_MAX, { debug: true }),
  memory('client-query-buffer-limit', 'clientQueryBufferLimit', MB, LONG_MAX, { debug: true }),
  clientOutputBufferLimit,
  percentOrMemory('maxmemory-clients', 'maxmemoryClients', -100, LONG_MAX, {
    apply: 'maxmemoryClients',
  }),
  integer('tracking-table-max-keys', 'trackingTableMaxKeys', 0, LONG_MAX),
  integer('io-threads', 'ioThreads', 1, 128, {
    immutable: true,
    debug: true,
    accepted: ONE_THREAD,
  }),
  bool('io-threads-do-reads', 'ioThreadsDoReads', {
    immutable: true,
    debug: true,
    accepted: ONE_THREAD,
  }),
  integer('tls-port', 'tlsPort', 0, 65535, { check: zeroWithoutTls, accepted: NO_TLS }),
  bool('tls-cluster', 'tlsCluster', { check: offWithoutTls, accepted: NO_TLS }),
  bool('tls-replication', 'tlsReplication', { check: offWithoutTls, accepted: NO_TLS }),
  enumeration('tls-auth-clients', 'tlsAuthClients', ['no', 'yes', 'optional'], {
    accepted: NO_TLS,
  }),
  bool('tls-prefer-server-ciphers', 'tlsPreferServerCiphers', { accepted: NO_TLS }),
  bool('tls-session-caching', 'tlsSessionCaching', { accepted: NO_TLS }),
  integer('tls-session-cache-size', 'tlsSessionCacheSize', 0, INT_MAX, { accepted: NO_TLS }),
  integer('tls-session-cache-timeout', 'tlsSessionCacheTimeout', 0, INT_MAX, { accepted: NO_TLS }),
  string('tls-cert-file', 'tlsCertFile', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-key-file', 'tlsKeyFile', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-key-file-pass', 'tlsKeyFilePass', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-client-cert-file', 'tlsClientCertFile', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-client-key-file', 'tlsClientKeyFile', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-client-key-file-pass', 'tlsClientKeyFilePass', {
    emptyIsUnset: true,
    accepted: NO_TLS,
  }),
  string('tls-dh-params-file', 'tlsDhParamsFile', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-ca-cert-file', 'tlsCaCertFile', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-ca-cert-dir', 'tlsCaCertDir', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-protocols', 'tlsProtocols', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-ciphers', 'tlsCiphers', { emptyIsUnset: true, accepted: NO_TLS }),
  string('tls-ciphersuites', 'tlsCiphersuites', { emptyIsUnset: true, accepted: NO_TLS }),
];
