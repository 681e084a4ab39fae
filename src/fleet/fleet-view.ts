// What a fleet looks like at one moment, as plain data: it goes as it is into `status --json`, to the
// page and into metrics. Everything here was observed from outside, by asking the nodes: each
// sentinel's view is that sentinel's own, and two of them may differ.
//
// Times are milliseconds since 1970; `null` stands where nothing is known, so that JSON keeps the field.

export interface FleetView {
  readonly atMs: number;
  /** What the sentinels call the group: 'mymaster'. */
  readonly masterName: string;
  readonly quorum: number;
  readonly downAfterMs: number;
  /** The server that most sentinels name, or without sentinels the one that says it is master. */
  readonly master: string | null;
  readonly servers: readonly ServerView[];
  readonly sentinels: readonly SentinelView[];
  /** Oldest first; the most recent thousand. */
  readonly events: readonly TimelineEvent[];
  /** Oldest first; the most recent fifty. The last one may be under way. */
  readonly failovers: readonly FailoverView[];
  /** Only links that are cut or slow. */
  readonly faults: readonly LinkFaultView[];
  /** Null when no probe was started. */
  readonly probe: ProbeView | null;
}

/**
 * starting: a process that has not answered yet. up: answers. silent: its process lives but has not
 * answered for over a second. frozen: stopped by `freeze`. down: no process.
 */
export type NodeState = 'starting' | 'up' | 'silent' | 'frozen' | 'down';

/** What was started: a program of ours, or another one (redis-server, valkey-server). */
export type Implementation = 'understudy' | 'other';

export interface NodeView {
  /** 'server1', 'sentinel2'. */
  readonly name: string;
  readonly kind: 'server' | 'sentinel';
  readonly implementation: Implementation;
  readonly host: string;
  readonly port: number;
  /** Null while no process runs; of this process for nodes inside it. */
  readonly pid: number | null;
  readonly state: NodeState;
  /** Since when it has been in this state. */
  readonly sinceMs: number;
  /** 'understudy 0.1.0' or 'redis 7.0.15', as INFO tells. */
  readonly version: string | null;
  readonly memoryBytes: number | null;
  readonly opsPerSecond: number | null;
  readonly connectedClients: number | null;
}

export type ServerRole = 'master' | 'replica';

export interface ServerView extends NodeView {
  readonly kind: 'server';
  /** As it says itself, when it last answered. */
  readonly role: ServerRole | null;
  readonly replicationId: string | null;
  /** Bytes of the replication stream: written by a master, applied by a replica. */
  readonly offset: number | null;
  readonly backlog: BacklogView | null;
  /** Of a replica: how it stands to its master. */
  readonly upstream: UpstreamView | null;
  /** Of a master or a chained replica: who follows it, as it says. */
  readonly replicas: readonly DownstreamView[];
  readonly keys: number | null;
  readonly fullSyncs: number | null;
  readonly partialSyncs: number | null;
  /** INFO's counter since the start of the process. */
  readonly commandsProcessed: number | null;
}

export interface BacklogView {
  /** Offset of the first byte that it holds; it ends at `first + length`. */
  readonly first: number;
  readonly length: number;
  readonly size: number;
}

export interface UpstreamView {
  /** Name of the master in this fleet; null when it follows a stranger. */
  readonly node: string | null;
  readonly host: string;
  readonly port: number;
  readonly link: 'up' | 'down';
  readonly isSyncing: boolean;
  readonly secondsSinceIo: number | null;
  /** Bytes of the master's stream that it has not applied, both asked at about the same moment. */
  readonly lagBytes: number | null;
  /** How old the newest byte is that it has applied; 0 when it has all. Measured by the fleet's polls. */
  readonly lagMs: number | null;
}

export interface DownstreamView {
  readonly node: string | null;
  readonly host: string;
  readonly port: number;
  /** 'online', 'wait_bgsave', 'send_bulk'. */
  readonly state: string;
  readonly offset: number;
  /** Seconds since its last acknowledgement. */
  readonly lagSeconds: number;
}

/** A sentinel with what it believes. */
export interface SentinelView extends NodeView {
  readonly kind: 'sentinel';
  readonly id: string | null;
  readonly currentEpoch: number | null;
  readonly configEpoch: number | null;
  readonly isTilt: boolean;
  /** Its master, null until it has answered. */
  readonly master: WatchedNode | null;
  readonly replicas: readonly WatchedNode[];
  readonly sentinels: readonly WatchedNode[];
  /** 'none' or the state of the failover that it leads: 'select_slave', 'wait_promotion' … */
  readonly failoverState: string;
  readonly quorum: number | null;
}

/** Another node as one sentinel sees it. */
export interface WatchedNode {
  readonly node: string | null;
  readonly host: string;
  readonly port: number;
  /** As in SENTINEL MASTER: 'master', 's_down', 'o_down', 'disconnected', 'failover_in_progress' … */
  readonly flags: readonly string[];
  readonly isSubjectivelyDown: boolean;
  readonly isObjectivelyDown: boolean;
  readonly lastPingReplyMs: number | null;
  readonly runId: string | null;
}

/** One line of the time line: what a sentinel published, or what was done to the fleet. */
export interface TimelineEvent {
  /** Grows by one with each event. */
  readonly id: number;
  readonly atMs: number;
  /** Whose event it is: a sentinel's name, a server's, or 'fleet'. */
  readonly node: string;
  /** sentinel: published by one. node: a process or role changed. action: asked for by somebody. */
  readonly kind: 'sentinel' | 'node' | 'action';
  /** '+sdown', '+switch-master'; 'started', 'exited', 'role'; 'kill', 'cut' … */
  readonly name: string;
  /** A sentinel's payload as published, else a sentence. */
  readonly text: string;
  /** The node that it is about, when it is one of the fleet. */
  readonly subject: string | null;
}

export type FailoverOutcome = 'running' | 'done' | 'aborted';

export interface FailoverView {
  readonly id: number;
  readonly epoch: number | null;
  /** The sentinel that leads. */
  readonly leader: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** From the first sign of trouble to +switch-master; null when it has not come. */
  readonly durationMs: number | null;
  readonly outcome: FailoverOutcome;
  readonly phases: readonly FailoverPhase[];
}

export interface FailoverPhase {
  /** 'detection', 'agreement', 'election', 'selection', 'promotion', 'reconfiguration'. */
  readonly name: string;
  readonly startedMs: number;
  /** Null while it lasts. */
  readonly durationMs: number | null;
}

export interface LinkFaultView {
  readonly between: readonly [string, string];
  readonly fault: LinkFault;
}

/** cut: nothing passes and nobody is told. slow: each direction takes this much longer. */
export type LinkFault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'slow'; readonly delayMs: number; readonly bytesPerSecond: number | null };

/** A client that follows the sentinels and writes numbered values. */
export interface ProbeView {
  readonly isRunning: boolean;
  readonly startedMs: number;
  /** The node it writes to now. */
  readonly target: string | null;
  readonly attempted: number;
  readonly acknowledged: number;
  readonly failed: number;
  /** Acknowledged, and missing on the master that was asked last. */
  readonly lost: number;
  /** Written more than once, by repetition after an answer that never came. */
  readonly duplicated: number;
  /** The longest time between two acknowledgements. */
  readonly longestGapMs: number;
  /** 99th percentile over the last thousand acknowledged writes. */
  readonly latencyP99Ms: number | null;
  /** One entry a second, oldest first, the last two minutes; the last one is unfinished. */
  readonly seconds: readonly ProbeSecond[];
}

export interface ProbeSecond {
  readonly atMs: number;
  readonly acknowledged: number;
  readonly failed: number;
}
