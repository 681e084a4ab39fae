// A fleet: one master, its replicas and the sentinels over them, started together, watched, and broken
// on purpose. Where a node is asked for, these names do: its own ('server1', 'sentinel3'), 'master',
// 'replica' (the first one that is up), its port, or 'host:port'.

import type {
  FailoverView,
  FleetView,
  NodeState,
  ServerRole,
  TimelineEvent,
} from './fleet-view.ts';

export interface FleetEvents {
  /** A new picture of the fleet; about twice a second, and soon after every event. */
  readonly view: FleetView;
  /** Sentinels agreed on another master. */
  readonly failover: FailoverView;
  readonly 'role-change': {
    readonly node: string;
    readonly from: ServerRole | null;
    readonly to: ServerRole;
  };
  readonly 'state-change': {
    readonly node: string;
    readonly from: NodeState;
    readonly to: NodeState;
  };
  /** A line of the time line, as it happens. */
  readonly event: TimelineEvent;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface UntilOptions {
  /** 30 seconds when left out. */
  readonly timeoutMs?: number;
  /** For the error: 'a new master'. */
  readonly what?: string;
}

export interface SlowLink {
  /** Added to each direction. */
  readonly delayMs: number;
  /** Each direction carries at most this; no limit when left out. */
  readonly bytesPerSecond?: number;
}

/** A wrong name, or something that cannot be done to this node; the message says which. */
export class FleetError extends Error {
  override readonly name = 'FleetError';
}

export interface Fleet extends AsyncDisposable {
  /** What the sentinels call the group. */
  readonly masterName: string;
  /** The latest picture; it is never changed, each refresh makes another. */
  readonly view: FleetView;
  /** Settles when the fleet was stopped. */
  readonly ended: Promise<void>;
  /** The address of the current master. */
  getHost(): string;
  getPort(): number;
  /** Where the servers listen, in the order of their names. */
  serverAddresses(): readonly Address[];
  /** What a client in Sentinel mode is given. */
  sentinelAddresses(): readonly Address[];
  /** Asks all nodes now. */
  refresh(): Promise<FleetView>;
  /** Resolves with the first view for which `test` is true; rejects after the time. */
  until(test: (view: FleetView) => boolean, options?: UntilOptions): Promise<FleetView>;
  /** Returns a function that ends the subscription. */
  on<Name extends keyof FleetEvents>(
    name: Name,
    listener: (event: FleetEvents[Name]) => void,
  ): () => void;
  /** Ends a node as `kill -9` does: nothing is saved, nobody is told. */
  kill(node: string): Promise<void>;
  /** Stops a node in its tracks; its connections stay open and are silent. */
  freeze(node: string): Promise<void>;
  thaw(node: string): Promise<void>;
  /** Starts a node that is down; one that runs is ended in order first. */
  restart(node: string): Promise<void>;
  /** A failover without a reason, led by the first sentinel that is up. */
  failover(): Promise<void>;
  /** Nothing passes between the two any more; only between nodes of ours. */
  cut(a: string, b: string): Promise<void>;
  slow(a: string, b: string, how: SlowLink): Promise<void>;
  /** Ends the faults of one link, or of all of one node, or all there are. */
  heal(a?: string, b?: string): Promise<void>;
  /** Whether a link between the two can be cut and slowed; the reason when it cannot. */
  whyNotCut(a: string, b: string): string | undefined;
  /** Starts the write probe; when it runs already nothing happens. */
  startProbe(): void;
  stopProbe(): void;
  /** Ends every node in order, masters last, and waits for them. May be called again. */
  stop(): Promise<void>;
}
