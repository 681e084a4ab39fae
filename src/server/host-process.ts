// The seam between a node and the program it runs in. A node never ends a process, names it or writes
// its pid file; it says what happened, and `src/cli` (or whoever embeds the node) does what follows.

/** What a node may ask of its process. */
export interface HostProcess {
  /** The last step of an orderly shutdown, before its last log line: removes the pid file. */
  beforeExit(): void;
  /** The node has ended, by SHUTDOWN or by signal; nothing of it runs any more. */
  exit(code: number): void;
  /** Ends the process with a bug report in the log (DEBUG PANIC, a broken invariant). */
  crash(reason: string): void;
  /** A line for the service manager: 'READY=1', 'STOPPING=1', 'STATUS=…'. */
  notify(state: string): void;
  /** The title depends on settings that CONFIG SET changed (port, bind, template). */
  updateTitle(): void;
}

export type ShutdownSignal = 'SIGTERM' | 'SIGINT';

/** A node as its process runs it. */
export interface HostedNode {
  /** True from the moment that ending was asked for, also while it waits for replicas. */
  readonly isEnding: boolean;
  readonly isLoading: boolean;
  /**
   * Listens, logs `Server initialized`, loads the data, logs `Ready to accept connections tcp` (and
   * unix). False when it cannot start; the reason is logged.
   */
  start(): Promise<boolean>;
  /** Ends in order as shutdown-on-sigterm or shutdown-on-sigint say, and calls `exit`. */
  shutdownOnSignal(signal: ShutdownSignal): void;
  /** Nobody waits for the end any more: a file that is only half written goes. Must not throw. */
  insist?(): void;
  /** INFO and the clients, for the bug report. Must not throw. */
  describeForBugReport(): string;
}
