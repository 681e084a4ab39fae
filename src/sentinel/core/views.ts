// What SENTINEL MASTERS, REPLICAS, SENTINELS, CKQUORUM, INFO-CACHE and INFO show, as values of one
// moment. Times are ages in ms at the `now` that the view was asked for. Fields stand in Redis's order.

export interface InstanceView {
  readonly name: string;
  /** As announced: the host with `announce-hostnames yes`, empty while a name has no address. */
  readonly ip: string;
  readonly port: number;
  /** Empty while unknown. */
  readonly runId: string;
  /** Comma separated, Redis's names in Redis's order. */
  readonly flags: string;
  readonly linkPendingCommands: number;
  readonly linkRefcount: number;
  /** Of a master that is being failed over. */
  readonly failoverState: string | undefined;
  readonly lastPingSent: number;
  readonly lastOkPingReply: number;
  readonly lastPingReply: number;
  readonly sDownTime: number | undefined;
  readonly oDownTime: number | undefined;
  readonly downAfterMs: number;
  /** The error with which it refuses our credentials or commands; empty when it does not. */
  readonly refusal: string;
}

export interface DataNodeView extends InstanceView {
  readonly infoRefresh: number;
  readonly roleReported: 'master' | 'slave';
  readonly roleReportedTime: number;
}

export interface MasterView extends DataNodeView {
  readonly configEpoch: number;
  readonly replicaCount: number;
  readonly otherSentinelCount: number;
  readonly quorum: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  readonly notificationScript: string;
  readonly clientReconfigScript: string;
}

export interface ReplicaView extends DataNodeView {
  readonly masterLinkDownTime: number;
  readonly masterLinkStatus: 'ok' | 'err';
  /** '?' while unknown. */
  readonly masterHost: string;
  readonly masterPort: number;
  readonly priority: number;
  /** Exact; INFO's number can pass 2^53. */
  readonly replicationOffset: bigint;
  /** Not announced: hidden from SENTINEL REPLICAS. */
  readonly isAnnounced: boolean;
}

export interface SentinelView extends InstanceView {
  readonly lastHelloMessage: number;
  /** '?' without a vote. */
  readonly votedLeader: string;
  readonly votedLeaderEpoch: number;
}

/** SENTINEL CKQUORUM. */
export interface QuorumView {
  readonly usable: number;
  readonly hasQuorum: boolean;
  readonly hasMajority: boolean;
  /** To lead a failover: the majority of all ever known, and at least the quorum. */
  readonly votesNeeded: number;
  /** Who refuses us and why, `<type> <ip>:<port>: <error>`; empty when nobody does. */
  readonly refusals: readonly string[];
}

/** INFO's masterN lines and ROLE. */
export interface MasterSummary {
  readonly name: string;
  readonly status: 'ok' | 'sdown' | 'odown';
  readonly ip: string;
  readonly port: number;
  readonly replicaCount: number;
  /** This sentinel too. */
  readonly sentinelCount: number;
}

/** SENTINEL INFO-CACHE: the master first, then its replicas. */
export interface CachedInfo {
  readonly master: string;
  readonly nodes: readonly { readonly age: number; readonly info: Buffer | undefined }[];
}

export interface SentinelSummary {
  readonly isTilt: boolean;
  /** -1 when not in TILT. */
  readonly tiltSinceSeconds: number;
  /** Bit 0: crash after election; bit 1: crash after promotion. */
  readonly simulateFailureFlags: number;
}
