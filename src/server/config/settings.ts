// The value of every configuration directive, with the defaults of Redis 7.2.4. Parts of the server
// declare the narrow interface that they read and get this object; they read it live, CONFIG SET
// only assigns. How a value is parsed, bounded and printed is in the tables directives-*.ts.
//
// A class, because an object that is filled by computed names becomes a hash table in V8 and hot
// paths read these fields.

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export interface OutputBufferLimit {
  /** Bytes; 0 no limit. */
  readonly hardBytes: number;
  readonly softBytes: number;
  /** How long the soft limit may be exceeded. */
  readonly softSeconds: number;
}

export interface ClientOutputBufferLimits {
  readonly normal: OutputBufferLimit;
  readonly replica: OutputBufferLimit;
  readonly pubsub: OutputBufferLimit;
}

export interface MasterAddress {
  readonly host: string;
  readonly port: number;
}

export type ShutdownWord = 'save' | 'nosave' | 'now' | 'force';

const DEFAULT_OUTPUT_BUFFER_LIMITS: ClientOutputBufferLimits = {
  normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
  replica: { hardBytes: 256 * 1024 * 1024, softBytes: 64 * 1024 * 1024, softSeconds: 60 },
  pubsub: { hardBytes: 32 * 1024 * 1024, softBytes: 8 * 1024 * 1024, softSeconds: 60 },
};

const DEFAULT_SAVE_POINTS: readonly SavePoint[] = [
  { seconds: 3600, changes: 1 },
  { seconds: 300, changes: 100 },
  { seconds: 60, changes: 10000 },
];

export class Settings {
  // Network and clients.
  /** Addresses; a leading `-` means: not an error when it is missing on this machine. */
  bind: readonly string[] = ['*', '-::*'];
  port = 6379;
  tcpBacklog = 511;
  /** Seconds; 0 turns probes off. */
  tcpKeepalive = 300;
  /** Seconds of idleness after which a client is closed; 0 never. */
  timeout = 0;
  unixsocket = '';
  /** Permission bits; 0 leaves them to the umask. */
  unixsocketperm = 0;
  protectedMode = true;
  maxclients = 10000;
  socketMarkId = 0;
  bindSourceAddr = '';
  protoMaxBulkLen: number = 512 * 1024 * 1024;
  clientQueryBufferLimit: number = 1024 * 1024 * 1024;
  clientOutputBufferLimit: ClientOutputBufferLimits = DEFAULT_OUTPUT_BUFFER_LIMITS;
  /** Bytes; negative: that percentage of maxmemory; 0 no limit. */
  maxmemoryClients = 0;
  trackingTableMaxKeys = 1000000;
  ioThreads = 1;
  ioThreadsDoReads = false;
  tlsPort = 0;
  tlsCluster = false;
  tlsReplication = false;
  tlsAuthClients: 'no' | 'yes' | 'optional' = 'yes';
  tlsPreferServerCiphers = false;
  tlsSessionCaching = true;
  tlsSessionCacheSize: number = 20 * 1024;
  tlsSessionCacheTimeout = 300;
  tlsCertFile = '';
  tlsKeyFile = '';
  tlsKeyFilePass = '';
  tlsClientCertFile = '';
  tlsClientKeyFile = '';
  tlsClientKeyFilePass = '';
  tlsDhParamsFile = '';
  tlsCaCertFile = '';
  tlsCaCertDir = '';
  tlsProtocols = '';
  tlsCiphers = '';
  tlsCiphersuites = '';

  // Process, log, shutdown.
  daemonize = false;
  supervised: 'upstart' | 'systemd' | 'auto' | 'no' = 'no';
  pidfile = '';
  logfile = '';
  loglevel: 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing' = 'notice';
  syslogEnabled = false;
  syslogIdent = 'redis';
  syslogFacility:
    | 'user'
    | 'local0'
    | 'local1'
    | 'local2'
    | 'local3'
    | 'local4'
    | 'local5'
    | 'local6'
    | 'local7' = 'local0';
  alwaysShowLogo = false;
  setProcTitle = true;
  procTitleTemplate = '{title} {listen-addr} {server-mode}';
  databases = 16;
  /** Runs of the background work a second, as configured. */
  hz = 10;
  dynamicHz = true;
  /** Absolute; '' until the composition root has put the working folder here. */
  dir: string = '';
  /** Seconds. */
  shutdownTimeout = 10;
  shutdownOnSigint: readonly ShutdownWord[] = [];
  shutdownOnSigterm: readonly ShutdownWord[] = [];
  crashLogEnabled = true;
  crashMemcheckEnabled = true;
  useExitOnPanic = false;
  watchdogPeriod = 0;
  ignoreWarnings = '';
  localeCollate = '';
  disableThp = true;
  jemallocBgThread = true;
  activerehashing = true;
  serverCpulist = '';
  bioCpulist = '';
  aofRewriteCpulist = '';
  bgsaveCpulist = '';
  /** `yes` and `relative` are one. */
  oomScoreAdj: 'no' | 'yes' | 'absolute' = 'no';
  oomScoreAdjValues: readonly [master: number, replica: number, child: number] = [0, 200, 800];

  // Access, events, slow log and latency.
  requirepass = '';
  aclfile = '';
  aclPubsubDefault: 'allchannels' | 'resetchannels' = 'resetchannels';
  acllogMaxLen = 128;
  enableProtectedConfigs: 'no' | 'yes' | 'local' = 'no';
  enableDebugCommand: 'no' | 'yes' | 'local' = 'no';
  enableModuleCommand: 'no' | 'yes' | 'local' = 'no';
  /** Bits of NotifyClass. */
  notifyKeyspaceEvents: number = 0;
  /** Microseconds; negative turns the slow log off. */
  slowlogLogSlowerThan = 10000;
  slowlogMaxLen = 128;
  /** Milliseconds; 0 turns the monitor off. */
  latencyMonitorThreshold = 0;
  latencyTracking = true;
  latencyTrackingInfoPercentiles: readonly number[] = [50, 99, 99.9];
  /** Milliseconds. */
  busyReplyThreshold = 5000;

  // Memory, expiry, encodings.
  /** Bytes; 0 no limit. */
  maxmemory = 0;
  maxmemoryPolicy:
    | 'volatile-lru'
    | 'volatile-lfu'
    | 'volatile-random'
    | 'volatile-ttl'
    | 'allkeys-lru'
    | 'allkeys-lfu'
    | 'allkeys-random'
    | 'noeviction' = 'noeviction';
  maxmemorySamples = 5;
  maxmemoryEvictionTenacity = 10;
  lfuLogFactor = 10;
  /** Minutes. */
  lfuDecayTime = 1;
  activeExpireEffort = 1;
  lazyfreeLazyEviction = false;
  lazyfreeLazyExpire = false;
  lazyfreeLazyServerDel = false;
  lazyfreeLazyUserDel = false;
  lazyfreeLazyUserFlush = false;
  activedefrag = false;
  activeDefragIgnoreBytes: number = 100 * 1024 * 1024;
  activeDefragThresholdLower = 10;
  activeDefragThresholdUpper = 100;
  activeDefragCycleMin = 1;
  activeDefragCycleMax = 25;
  activeDefragMaxScanFields = 1000;
  hashMaxListpackEntries = 512;
  hashMaxListpackValue = 64;
  /** Elements when positive; -1 to -5: 4 to 64 KiB. */
  listMaxListpackSize: number = -2;
  listCompressDepth = 0;
  setMaxIntsetEntries = 512;
  setMaxListpackEntries = 128;
  setMaxListpackValue = 64;
  zsetMaxListpackEntries = 128;
  zsetMaxListpackValue = 64;
  streamNodeMaxBytes = 4096;
  streamNodeMaxEntries = 100;
  hllSparseMaxBytes = 3000;

  // Persistence.
  save: readonly SavePoint[] = DEFAULT_SAVE_POINTS;
  dbfilename = 'dump.rdb';
  rdbcompression = true;
  rdbTargetVersion = 10;
  rdbchecksum = true;
  rdbDelSyncFiles = false;
  rdbSaveIncrementalFsync = true;
  rdbKeySaveDelay = 0;
  keyLoadDelay = 0;
  sanitizeDumpPayload: 'no' | 'yes' | 'clients' = 'no';
  stopWritesOnBgsaveError = true;
  loadingProcessEventsIntervalBytes: number = 2 * 1024 * 1024;
  appendonly = false;
  appendfilename = 'appendonly.aof';
  appenddirname = 'appendonlydir';
  appendfsync: 'everysec' | 'always' | 'no' = 'everysec';
  noAppendfsyncOnRewrite = false;
  autoAofRewritePercentage = 100;
  autoAofRewriteMinSize: number = 64 * 1024 * 1024;
  aofLoadTruncated = true;
  aofUseRdbPreamble = true;
  aofTimestampEnabled = false;
  aofRewriteIncrementalFsync = true;
  aofDisableAutoGc = false;

  // Replication.
  replicaof: MasterAddress | undefined = undefined;
  masterauth = '';
  masteruser = '';
  replicaServeStaleData = true;
  replicaReadOnly = true;
  replicaPriority = 100;
  replicaAnnounced = true;
  replicaAnnounceIp = '';
  replicaAnnouncePort = 0;
  replicaLazyFlush = false;
  replicaIgnoreMaxmemory = true;
  replicaIgnoreDiskWriteErrors = false;
  minReplicasToWrite = 0;
  /** Seconds. */
  minReplicasMaxLag = 10;
  /** Seconds. */
  replTimeout = 60;
  /** Seconds. */
  replPingReplicaPeriod = 10;
  replBacklogSize: number = 1024 * 1024;
  /** Seconds. */
  replBacklogTtl = 3600;
  replDisableTcpNodelay = false;
  replDisklessSync = true;
  replDisklessSyncDelay = 5;
  replDisklessSyncMaxReplicas = 0;
  replDisklessLoad: 'disabled' | 'on-empty-db' | 'swapdb' = 'disabled';
  propagationErrorBehavior: 'ignore' | 'panic' | 'panic-on-replicas' = 'ignore';

  // Cluster.
  clusterEnabled = false;
  clusterConfigFile = 'nodes.conf';
  /** Milliseconds. */
  clusterNodeTimeout = 15000;
  clusterPingInterval = 0;
  clusterPort = 0;
  clusterAnnounceIp = '';
  clusterAnnounceHostname = '';
  clusterAnnounceHumanNodename = '';
  clusterAnnouncePort = 0;
  clusterAnnounceTlsPort = 0;
  clusterAnnounceBusPort = 0;
  clusterPreferredEndpointType: 'ip' | 'hostname' | 'unknown-endpoint' = 'ip';
  clusterMigrationBarrier = 1;
  clusterAllowReplicaMigration = true;
  clusterReplicaValidityFactor = 10;
  clusterReplicaNoFailover = false;
  clusterRequireFullCoverage = true;
  clusterAllowReadsWhenDown = false;
  clusterAllowPubsubshardWhenDown = true;
  clusterLinkSendbufLimit = 0;
}
