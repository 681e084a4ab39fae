// Programs that a node starts: a sentinel's notification and reconfiguration scripts. Nothing is read
// from them and nothing is written to them; what matters is how they end.

export interface ProcessEnd {
  readonly exitCode: number;
  /** The signal that ended it; 0: none. */
  readonly signal: number;
  /** It never ran, because the system had no room for another process. */
  readonly hasFailedToStart: boolean;
}

export interface ChildProcess {
  /** 0 when it did not start. */
  readonly pid: number;
  /** Ends it at once; `onEnd` still follows. */
  kill(): void;
}

export interface Processes {
  /**
   * Starts the program at `path`, which is not looked for anywhere else; it inherits standard output and
   * no other descriptor. `onEnd` is called exactly once, never before this returns. A file that cannot
   * be executed ends with exit code 2, as if a child of fork had failed to become it.
   */
  start(
    path: string,
    args: readonly string[],
    folder: string,
    onEnd: (end: ProcessEnd) => void,
  ): ChildProcess;
}
