// What the net layer reads of the configuration, and the counters it keeps for INFO. Settings are
// read live: CONFIG SET only assigns (port and bind excepted, see `listeners.ts`).

/** Bytes that may wait for one client; 0 is no limit. */
export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  /** How long the soft limit may be exceeded without a break. */
  readonly softSeconds: number;
}

export interface NetSettings {
  /** Addresses to listen on; '*' is all of IPv4, '-' in front means: skip it when the machine lacks it. */
  readonly bind: readonly string[];
  /** 0: no TCP. */
  readonly port: number;
  readonly tcpBacklog: number;
  /** Seconds of silence before the first probe; 0: none. */
  readonly tcpKeepalive: number;
  /** Seconds after which an idle client is closed; 0: never. */
  readonly timeout: number;
  /** Path; '': none. */
  readonly unixsocket: string;
  /** Permission bits; 0 leaves them to the umask. */
  readonly unixsocketperm: number;
  readonly protectedMode: boolean;
  readonly maxclients: number;
  readonly protoMaxBulkLen: number;
  readonly clientQueryBufferLimit: number;
  readonly clientOutputBufferLimit: {
    readonly normal: OutputLimit;
    readonly replica: OutputLimit;
    readonly pubsub: OutputLimit;
  };
  /** Bytes for all normal and pub/sub clients together; negative: percent of maxmemory; 0: no limit. */
  readonly maxmemoryClients: number;
  readonly maxmemory: number;
  /** A replica's limit is never below this: a partial resynchronisation must fit. */
  readonly replBacklogSize: number;
}

/** What DEBUG turns. Read live. */
export interface NetSwitches {
  /** No regular visits to clients. */
  readonly cronPaused: boolean;
  /** How often the peak of a reply buffer is forgotten; negative: never. */
  readonly replyBufferPeakResetMs: number;
  readonly replyBufferResizing: boolean;
}

/** Counted since the start or the last CONFIG RESETSTAT; INFO stats prints them. */
export class NetStatistics {
  /** Connections taken, and those turned away at the door. */
  accepted = 0;
  rejected = 0;
  inputBytes = 0;
  outputBytes = 0;
  /** Of replication alone, which the two above do not count. */
  replicationInputBytes = 0;
  replicationOutputBytes = 0;
  reads = 0;
  writes = 0;
  /** Clients closed for exceeding a limit. */
  queryBufferDisconnections = 0;
  outputBufferDisconnections = 0;
  evictedClients = 0;
  /** Changes of what CLIENT LIST shows as rbs, see reply-room.ts. */
  replyBufferShrinks = 0;
  replyBufferExpands = 0;

  reset(): void {
    Object.assign(this, new NetStatistics());
  }
}

/** Sizes that are not configurable; docs/limits.md lists them. */
export const netLimits = {
  /** Redis's static reply buffer: what fits does not count as waiting output. */
  replyBufferBytes: 16384,
  /** Output that may wait for a client that has yet to authenticate (CVE-2025-21605). */
  unauthenticatedOutputBytes: 1024,
  /** Requests of one connection between two looks at the clock, a power of two, and the time it may then take. */
  requestsBetweenClocks: 64,
  turnUs: 5000,
  /** With more input than this requests are read ahead, so many at a time. */
  aheadBytes: 128,
  aheadRequests: 16,
  /** More output than this leaves at the end of its own turn, while it is in the processor's caches. */
  promptBytes: 65536,
  /** What a connection costs besides its buffers: session, socket, handlers (an estimate). */
  connectionBytes: 4096,
  /** Room that Redis reserves to read into, and how long a client counts as active. */
  queryRoomBytes: 16384,
  activeMs: 2000,
  /** Each client is looked at this often for idleness, soft limits and spare room. */
  sweepMs: 1000,
} as const;
