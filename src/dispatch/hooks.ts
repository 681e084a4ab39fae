// What a dispatcher is given by the node around it, as interfaces: time, the log, and the data as far as
// commands' way needs it. A node without data (a Sentinel) leaves that out.

export interface DispatchClock {
  wallMs(): number;
  wallUs(): number;
  monotonicUs(): number;
}

export interface DispatchTimers {
  after(ms: number, run: () => void): { cancel(): void };
}

export interface DispatchLog {
  notice(text: string): void;
  warning(text: string): void;
}

/** What HELLO tells of the node. */
export interface NodeIdentity {
  /** The Redis version whose behaviour is offered. */
  readonly version: string;
  readonly mode: 'standalone' | 'sentinel' | 'cluster';
  /** Undefined on a node that has no such role. */
  role(): 'master' | 'replica' | undefined;
}

/** The keyspace as far as waiting and watching need it; keys as latin1. No call has a side effect. */
export interface KeyspaceView {
  /** 'string', 'list', 'set', 'zset', 'hash' or 'stream'; undefined when absent or expired. */
  kindOf(dbIndex: number, key: string): string | undefined;
  /** The key is there but its time is over. */
  isExpired(dbIndex: number, key: string): boolean;
  /** The key is there, expired or not. */
  exists(dbIndex: number, key: string): boolean;
}

/**
 * Whether anybody may want to hear of changed keys. Whoever begins to sets it, so that no change goes
 * unheard; the node clears it when it finds nobody left, so that changes cost nothing then.
 */
export interface Interest {
  interest: number;
}

/** What the dispatcher shares with the data. The engine itself satisfies this. */
export interface DataState extends Interest {
  /** Changes so far; a command that leaves it as it was changed nothing. */
  readonly dirty: number;
  /** Wall clock in ms, set by the dispatcher once a chunk. */
  wallMs: number;
}

export const noKeyspace: KeyspaceView = {
  kindOf: () => undefined,
  isExpired: () => false,
  exists: () => false,
};

export function noData(): DataState {
  return { dirty: 0, wallMs: 0, interest: 0 };
}
