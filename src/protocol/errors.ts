// The one catalogue of error replies, in Redis's words, without the leading '-'. Commands reply with
// an entry of this object and never with a text of their own; docs/errors.md lists it and a test
// holds the two together.

export const errors = {
  syntax: 'ERR syntax error',
  wrongType: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  notInteger: 'ERR value is not an integer or out of range',
  notFloat: 'ERR value is not a valid float',
  noSuchKey: 'ERR no such key',
  outOfRange: 'ERR index out of range',
  notPositive: 'ERR value is out of range, must be positive',
  timeoutNotFloat: 'ERR timeout is not a float or out of range',
  timeoutNegative: 'ERR timeout is negative',
  noAuth: 'NOAUTH Authentication required.',
  loading: 'LOADING Redis is loading the dataset in memory',
  outOfMemory: "OOM command not allowed when used memory > 'maxmemory'.",
  execAborted: 'EXECABORT Transaction discarded because of previous errors.',
  nestedMulti: 'ERR MULTI calls can not be nested',
  clusterDisabled: 'ERR This instance has cluster support disabled',
  incrementOverflow: 'ERR increment or decrement would overflow',
  incrementNotFinite: 'ERR increment would produce NaN or Infinity',
  stringTooLong: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
  dbOutOfRange: 'ERR DB index is out of range',
  invalidDb: 'ERR invalid DB index',
  offsetOutOfRange: 'ERR offset is out of range',
  decrementOverflow: 'ERR decrement would overflow',
  lcsNotStrings: 'ERR The specified keys must contain string values',
  lcsLengthAndIndexes: 'ERR If you want both the length and indexes, please just use IDX.',
  lcsTooLarge: 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
  lcsNoMemory: 'ERR Insufficient memory, failed allocating transient memory for LCS',
  invalidCursor: 'ERR invalid cursor',
  expireNxConflict: 'ERR NX and XX, GT or LT options at the same time are not compatible',
  expireGtConflict: 'ERR GT and LT options at the same time are not compatible',
  sameObject: 'ERR source and destination objects are the same',
  invalidFirstDb: 'ERR invalid first DB index',
  invalidSecondDb: 'ERR invalid second DB index',
  execWithoutMulti: 'ERR EXEC without MULTI',
  discardWithoutMulti: 'ERR DISCARD without MULTI',
  watchInsideMulti: 'ERR WATCH inside MULTI is not allowed',
  idleTimeNotTracked:
    'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
  frequencyNotTracked:
    'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
  timeoutNotInteger: 'ERR timeout is not an integer or out of range',
  timeoutOutOfRange: 'ERR timeout is out of range',
  waitOnReplica:
    'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.',
  waitaofOnReplica:
    'ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.',
  unknownReplconfOption: (option: string): string => `ERR Unrecognized REPLCONF option: ${option}`,
  replicaAddressTooLong: (bytes: number): string =>
    `ERR REPLCONF ip-address provided by replica instance is too long: ${bytes} bytes`,
  missingRdbFilter: 'ERR Missing rdb-filter-only values',
  unknownRdbFilter: (word: string): string => `ERR Unsupported rdb-filter-only option: ${word}`,
  filteredWithoutMark: 'ERR Filtered replica requires EOF capability',
  takeOverOfMaster: "ERR PSYNC FAILOVER can't be sent to a master.",
  takeOverOfOther: 'ERR PSYNC FAILOVER replid must match my replid.',
  noMasterLink: "NOMASTERLINK Can't SYNC while not connected with my master",
  noSyncInFailover: "NOMASTERLINK Can't SYNC while failing over",
  waitaofWithoutAof: 'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
  valueOutOfRange: 'ERR value is out of range',
  notBelowLeastInt64:
    'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
  rankIsZero:
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
  countIsNegative: "ERR COUNT can't be negative",
  maxlenIsNegative: "ERR MAXLEN can't be negative",
  unsupportedUnit: 'ERR unsupported unit provided. please use M, KM, FT, MI',
  radiusNotNumeric: 'ERR need numeric radius',
  radiusIsNegative: 'ERR radius cannot be negative',
  widthNotNumeric: 'ERR need numeric width',
  heightNotNumeric: 'ERR need numeric height',
  boxIsNegative: 'ERR height or width cannot be negative',
  memberNotDecoded: 'ERR could not decode requested zset member',
  geoCountNotPositive: 'ERR COUNT must be > 0',
  anyNeedsCount: 'ERR the ANY argument requires COUNT argument',
  invalidPosition: (longitude: string, latitude: string): string =>
    `ERR invalid longitude,latitude pair ${longitude},${latitude}`,
  storeExcludesWith: (what: string): string =>
    `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`,
  oneOrigin: (name: string): string =>
    `ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`,
  oneShape: (name: string): string =>
    `ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`,
  zaddXxAndNx: 'ERR XX and NX options at the same time are not compatible',
  zaddGtLtAndNx: 'ERR GT, LT, and/or NX options at the same time are not compatible',
  zaddIncrSinglePair: 'ERR INCR option supports a single increment-element pair',
  scoreNotANumber: 'ERR resulting score is not a number (NaN)',
  minMaxNotFloat: 'ERR min or max is not a float',
  minMaxNotStringRange: 'ERR min or max not valid string range item',
  limitNeedsByScoreOrByLex:
    'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
  withScoresNotByLex: 'ERR syntax error, WITHSCORES not supported in combination with BYLEX',
  weightNotFloat: 'ERR weight value is not a float',
  atLeastOneKey: (name: string): string =>
    `ERR at least 1 input key is needed for '${name}' command`,
  limitIsNegative: "ERR LIMIT can't be negative",
  numkeysNotPositive: 'ERR numkeys should be greater than 0',
  countNotPositive: 'ERR count should be greater than 0',
  tooManyKeys: "ERR Number of keys can't be greater than number of args",
  hashNotInteger: 'ERR hash value is not an integer',
  hashNotFloat: 'ERR hash value is not a float',
  notFinite: 'ERR value is NaN or Infinity',
  notBetween: (low: number, high: number): string =>
    `ERR value is out of range, value must between ${low} and ${high}`,
  bitOffset: 'ERR bit offset is not an integer or out of range',
  bitValue: 'ERR bit is not an integer or out of range',
  bitArgument: 'ERR The bit argument must be 1 or 0.',
  bitopNot: 'ERR BITOP NOT must be called with a single source key.',
  bitfieldType:
    'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
  bitfieldOverflow: 'ERR Invalid OVERFLOW type specified',
  bitfieldReadOnly: 'ERR BITFIELD_RO only supports the GET subcommand',
  hllCorrupted: 'INVALIDOBJ Corrupted HLL object detected',
  hllWrongType: 'WRONGTYPE Key is not a valid HyperLogLog string value.',
  hllNoKey: 'ERR The specified key does not exist',
  hllNotSparse: 'ERR HLL encoding is not sparse',
  hllTestDisagree: 'ERR TESTFAILED dense/sparse disagree',
  hllTestNotSparse: 'ERR TESTFAILED sparse encoding not used',
  pfdebugUnknown: (word: string): string => `ERR Unknown PFDEBUG subcommand '${word}'`,
  hllTestRegister: (i: number, expected: number, actual: number): string =>
    `ERR TESTFAILED Register ${i} should be ${expected} but is ${actual}`,
  hllTestError: (cardinality: number, error: number): string =>
    `ERR TESTFAILED Too big error. card:${cardinality} abserr:${error}`,
  sortNotNumeric: "ERR One or more scores can't be converted into double",
  sortByDenied: 'ERR BY option of SORT denied due to insufficient ACL permissions.',
  sortGetDenied: 'ERR GET option of SORT denied due to insufficient ACL permissions.',
  unsupportedOption: (word: string): string => `ERR Unsupported option ${word}`,
  maxClients: 'ERR max number of clients reached',
  protectedMode:
    ('DENIED Redis is running in protected mode because protected mode is enabled and no password ' +
      'is set for the default user. In this mode connections are only accepted from the loopback ' +
      'interface. If you want to connect from external computers to Redis you may adopt one of the ' +
      'following solutions: 1) Just disable protected mode sending the command ' +
      "'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the " +
      'same host the server is running, however MAKE SURE Redis is not publicly accessible from ' +
      'internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively ' +
      'you can just disable the protected mode by editing the Redis configuration file, and setting ' +
      "the protected mode option to 'no', and then restarting the server. 3) If you started the " +
      "server manually just for testing, restart it with the '--protected-mode no' option. 4) Set " +
      'up an authentication password for the default user. NOTE: You only need to do one of the ' +
      'above things in order for the server to start accepting connections from the outside.') as string,
  wrongArity: (name: string): string => `ERR wrong number of arguments for '${name}' command`,
  unknownSubcommand: (word: string, container: string): string =>
    `ERR unknown subcommand '${word}'. Try ${container.toUpperCase()} HELP.`,
  invalidExpire: (name: string): string => `ERR invalid expire time in '${name}' command`,
  wrongPass: 'WRONGPASS invalid username-password pair or user is disabled.',
  noPermission: (reason: string): string => `NOPERM ${reason}`,
  noPermissionInExec: (reason: string): string =>
    `NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ${reason}`,
  aclFailureInScript: (reason: string): string => `ERR ACL failure in script: ${reason}`,
  aclSetUser: (word: string, problem: string): string =>
    `ERR Error in ACL SETUSER modifier '${word}': ${problem}`,
  aclUnmatchedParenthesis: (word: string): string =>
    `ERR Unmatched parenthesis in acl selector starting at '${word}'.`,
  aclUserNameSpaces: "ERR Usernames can't contain spaces or null characters",
  aclDefaultUserStays: "ERR The 'default' user cannot be removed",
  aclNoFile:
    'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
  aclFileUnreadable: (path: string, cause: string): string =>
    `ERR Error loading ACLs, opening file '${path}': ${cause}`,
  aclFileWrong: (problems: string): string => `ERR ${problems}`,
  aclSaveFailed:
    'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
  aclUnknownCategory: (name: string): string => `ERR Unknown category '${name.slice(0, 128)}'`,
  aclGenpassBits:
    'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
  aclNoUser: (name: string): string => `ERR User '${name}' not found`,
  aclNoCommand: (name: string): string => `ERR Command '${name}' not found`,
  unknownSubcommandOrArity: (word: string, container: string): string =>
    `ERR unknown subcommand or wrong number of arguments for '${word.slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`,
  subscriptionDenied: (command: string): string =>
    `ERR ${command} isn't allowed for a DENY BLOCKING client`,
  monitorDenied: "ERR MONITOR isn't allowed for DENY BLOCKING client",
  trackingOneRedirect: 'ERR A client can only redirect to a single other client',
  trackingNoRedirect: 'ERR The client ID you want redirect to does not exist',
  trackingPrefixNeedsBcast: 'ERR PREFIX option requires BCAST mode to be enabled',
  trackingBcastSwitch:
    "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
  trackingBcastWithOpt: 'ERR OPTIN and OPTOUT are not compatible with BCAST',
  trackingOptInAndOut: "ERR You can't specify both OPTIN mode and OPTOUT mode",
  trackingOptSwitch:
    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
  trackingPrefixOverlap: (prefix: string, existing: string): string =>
    `ERR Prefix '${prefix}' overlaps with an existing prefix '${existing}'. Prefixes for a single client must not overlap.`,
  trackingPrefixesOverlap: (prefix: string, other: string): string =>
    `ERR Prefix '${prefix}' overlaps with another provided prefix '${other}'. Prefixes for a single client must not overlap.`,
  cachingNeedsOpt:
    'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
  cachingYesNeedsOptIn:
    'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
  cachingNoNeedsOptOut:
    'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
  configUnknown: (name: string): string =>
    `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`,
  configSetFailed: (name: string, why: string): string =>
    `ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`,
  configWithoutFile: 'ERR The server is running without a config file',
  configRewriteFailed: (why: string): string => `ERR Rewriting config file: ${why}`,
  protectedCommand: (name: string, directive: string): string =>
    `ERR ${name} command not allowed. If the ${directive} option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`,
  moduleLoad: 'ERR Error loading the extension. Please check the server logs.',
  moduleUnload: 'ERR Error unloading module: no such module with that name',
  shutdownFailed: 'ERR Errors trying to SHUTDOWN. Check logs.',
  shutdownNotInProgress: 'ERR No shutdown in progress.',
  shutdownDenied: "ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client",
  slowlogCount: 'ERR count should be greater than or equal to -1',
  latencyNoSamples: (event: string): string => `ERR No samples available for event '${event}'`,
  debugDatabase: 'ERR Out of range database',
  debugNotHashTable:
    'ERR The value stored at the specified key is not represented using an hash table',
  debugPackedThreshold: 'ERR argument must be a memory value bigger than 1 and smaller than 4gb',
  debugProtocolName:
    'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
  debugPushNeedsResp3: 'ERR RESP2 is not supported by this command',
  debugReloadOption: 'ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.',
  busyKey: 'BUSYKEY Target key name already exists.',
  restoreDamaged: 'ERR Bad data format',
  restoreFrequency: 'ERR Invalid FREQ value, must be >= 0 and <= 255',
  restoreIdleTime: 'ERR Invalid IDLETIME value, must be >= 0',
  restorePayload: 'ERR DUMP payload version or checksum are wrong',
  restoreTtl: 'ERR Invalid TTL value, must be >= 0',
  saveInProgress: 'ERR Background save already in progress',
  saveFailed: 'ERR',
  debugReloadSave: 'ERR Error trying to save the DB, check server logs.',
  debugReloadLoad: 'ERR Error trying to load the RDB dump, check server logs.',
  saveBesideRewrite:
    "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
  aofRewriteInProgress: 'ERR Background append only file rewriting already in progress',
  aofRewriteFailed:
    "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
  debugLoadAof: 'ERR Error trying to load the AOF files, check server logs.',
  diskErrorAof: (reason: string): string => `MISCONF Errors writing to the AOF file: ${reason}`,
  diskErrorRdb:
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
  debugNotListpack: 'ERR Not a listpack encoded object.',
  debugNotQuicklist: 'ERR Not a quicklist encoded object.',
  debugNotSds: 'ERR Not an sds encoded string.',
  debugRestart: 'ERR failed to restart the server. Check server logs.',
  debugRewriteFailed: (why: string): string => `ERR CONFIG-REWRITE-FORCE-ALL failed: ${why}`,
  notInTransaction: 'ERR Command not allowed inside a transaction',
  subscriberContext: (name: string): string =>
    `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  masterDown: "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  replicaKeyspace: "ERR Replica can't interact with the keyspace",
  noReplicas: 'NOREPLICAS Not enough good replicas to write.',
  readOnly: "READONLY You can't write against a read only replica.",
  busyScript:
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  busyFunction:
    'BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.',
  execAbortedBecause: (reason: string): string =>
    `EXECABORT Transaction discarded because of: ${reason}`,
  unblockedByRole:
    'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  unblockedByClient: 'UNBLOCKED client unblocked via CLIENT UNBLOCK',
  masterPort: 'ERR Invalid master port',
  replicaofFailingOver: 'ERR REPLICAOF not allowed while failing over.',
  replicaofByReplica: 'ERR Command is not valid when client is a replica.',
  failoverTimeout: 'ERR FAILOVER timeout must be greater than 0',
  failoverInProgress: 'ERR FAILOVER already in progress.',
  failoverOnReplica: 'ERR FAILOVER is not valid when server is a replica.',
  failoverWithoutReplicas: 'ERR FAILOVER requires connected replicas.',
  failoverForce: 'ERR FAILOVER with force option requires both a timeout and target HOST and IP.',
  failoverUnknownTarget: 'ERR FAILOVER target HOST and PORT is not a replica.',
  failoverTargetOffline: 'ERR FAILOVER target replica is not online.',
  failoverNotInProgress: 'ERR No failover in progress.',
  unknownCommand: (name: string, args: string): string =>
    `ERR unknown command '${name}', with args beginning with: ${args}`,
  authWithoutPassword:
    'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
  resetNormalClients: 'ERR can only reset normal client connections',
  helloUnauthenticated:
    'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
  protocolNotInteger: 'ERR Protocol version is not an integer or out of range',
  noProtocol: 'NOPROTO unsupported protocol version',
  helloOption: (word: string): string => `ERR Syntax error in HELLO option '${word}'`,
  clientName: 'ERR Client names cannot contain spaces, newlines or special characters.',
  clientInfoOption: (word: string): string => `ERR Unrecognized option '${word}'`,
  clientInfoText: (word: string): string =>
    `ERR ${word} cannot contain spaces, newlines or special characters.`,
  clientUnknownType: (word: string): string => `ERR Unknown client type '${word}'`,
  clientBadId: 'ERR Invalid client ID',
  clientIdNotPositive: 'ERR client-id should be greater than 0',
  clientNoUser: (name: string): string => `ERR No such user '${name}'`,
  clientNone: 'ERR No such client',
  clientPauseMode: 'ERR CLIENT PAUSE mode must be WRITE or ALL',
  clientUnblockReason: 'ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR',
  commandInvalid: 'ERR Invalid command specified',
  commandNoKeys: 'ERR The command has no key arguments',
  commandArguments: 'ERR Invalid number of arguments specified for command',
  commandInvalidArguments: 'ERR Invalid arguments specified for command',
  streamInvalidId: 'ERR Invalid stream ID specified as stream command argument',
  streamStartOfInterval: 'ERR invalid start ID for the interval',
  streamEndOfInterval: 'ERR invalid end ID for the interval',
  streamIdIsZero: 'ERR The ID specified in XADD must be greater than 0-0',
  streamIdsExhausted: 'ERR The stream has exhausted the last possible ID, unable to add more items',
  streamIdTooSmall:
    'ERR The ID specified in XADD is equal or smaller than the target stream top item',
  streamEntryTooLarge: 'ERR Elements are too large to be stored',
  trimTwoStrategies:
    'ERR syntax error, MAXLEN and MINID options at the same time are not compatible',
  trimMaxlenIsNegative: 'ERR The MAXLEN argument must be >= 0.',
  trimLimitIsNegative: 'ERR The LIMIT argument must be >= 0.',
  trimLimitWithoutStrategy:
    'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy',
  trimWithoutStrategy: 'ERR syntax error, XTRIM must be called with a trimming strategy',
  trimLimitWhenExact: 'ERR syntax error, LIMIT cannot be used without the special ~ option',
  streamsUnbalanced: (name: string, symbol: string): string =>
    `ERR Unbalanced '${name}' list of streams: for each stream key an ID or '${symbol}' must be specified.`,
  xreadGroup: 'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.',
  xreadNoack: 'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.',
  xreadNewId:
    'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
  xreadgroupWithoutGroup: 'ERR Missing GROUP option for XREADGROUP',
  xreadgroupLastId:
    'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
  xreadgroupNoGroup: (key: string, group: string): string =>
    `NOGROUP No such key '${key}' or consumer group '${group}' in XREADGROUP with GROUP option`,
  noKeyOrGroup: (key: string, group: string): string =>
    `NOGROUP No such key '${key}' or consumer group '${group}'`,
  noGroup: (group: string, key: string): string =>
    `NOGROUP No such consumer group '${group}' for key name '${key}'`,
  groupExists: 'BUSYGROUP Consumer Group name already exists',
  xgroupNoKey:
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
  entriesReadNegative: 'ERR value for ENTRIESREAD must be positive or -1',
  entriesAddedNegative: 'ERR entries_added must be positive',
  xsetidBelowGivenDeleted:
    'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
  xsetidBelowDeleted: 'ERR The ID specified in XSETID is smaller than current max_deleted_entry_id',
  xsetidBelowTop: 'ERR The ID specified in XSETID is smaller than the target stream top item',
  xsetidFewerAdded:
    'ERR The entries_added specified in XSETID is smaller than the target stream length',
  claimMinIdle: (name: string): string => `ERR Invalid min-idle-time argument for ${name}`,
  xclaimOption: (option: string): string => `ERR Invalid ${option} option argument for XCLAIM`,
  xclaimUnknownOption: (word: string): string => `ERR Unrecognized XCLAIM option '${word}'`,
  claimCount: 'ERR COUNT must be > 0',
  migrateKeys:
    'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
  migrateConnecting: 'IOERR error or timeout connecting to the client',
  migrateReading: 'IOERR error or timeout reading to target instance',
  migrateWriting: 'IOERR error or timeout writing to target instance',
  migrateRefused: (text: string): string => `ERR Target instance replied with error: ${text}`,
  migrateNested:
    'ERR MIGRATE waits for another server, and nothing waits in a transaction or a script',
  migrateChanged: 'ERR A key changed on its way: it was kept here as well',
  sentinelNoMaster: 'ERR No such master with that name',
  sentinelFailoverInProgress: 'INPROG Failover already in progress',
  sentinelNoGoodReplica: 'NOGOODSLAVE No suitable replica to promote',
  sentinelBadQuorum: 'ERR Invalid quorum',
  sentinelBadPort: 'ERR Invalid port',
  sentinelQuorumTooSmall: 'ERR Quorum must be 1 or greater.',
  sentinelBadHost: 'ERR Invalid IP address or hostname specified',
  sentinelDuplicateMaster: 'ERR Duplicate master name.',
  sentinelPortOutOfRange: 'ERR Invalid port number.',
  sentinelNotSaved: 'ERR Failed to save config file. Check server logs.',
  sentinelNoQuorum: (usable: number, reasons: string): string =>
    `NOQUORUM ${usable} usable Sentinels. ${reasons}`,
  sentinelConfigUsage:
    'ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...]/ SET <param> <value> [<param> <value> ...] are supported.',
  sentinelConfigUnknown: (option: string): string =>
    `ERR Invalid argument '${option}' to SENTINEL CONFIG SET`,
  sentinelConfigTwice: (option: string): string =>
    `ERR Duplicate argument '${option}' to SENTINEL CONFIG SET`,
  sentinelConfigNoValue: (option: string): string => `ERR Missing argument '${option}' value`,
  sentinelConfigBadValue: (value: string, option: string): string =>
    `ERR Invalid value '${value}' to SENTINEL CONFIG SET '${option}'`,
  sentinelUnknownOption: (command: string, option: string): string =>
    `ERR Unknown option or number of arguments for SENTINEL ${command} '${option}'`,
  sentinelBadValue: (value: string, command: string, option: string): string =>
    `ERR Invalid argument '${value}' for SENTINEL ${command} '${option}'`,
  sentinelScriptsDenied:
    'ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration',
  sentinelNotificationScript: 'ERR Notification script seems non existing or non executable',
  sentinelReconfigScript: 'ERR Client reconfiguration script seems non existing or non executable',
  sentinelUnknownFailure: 'ERR Unknown failure simulation specified',
  sentinelHelloOnly: 'ERR Only HELLO messages are accepted by Sentinel instances.',
} as const;
