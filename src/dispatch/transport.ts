// What a session may ask of the connection below it, and what CLIENT LIST may know about it. The net
// layer implements this; dispatch never sees a socket. Sessions without a connection (scripts, the
// link to a master, AOF loading) have no transport at all.

export interface Transport {
  /** 'ip:port', '[v6]:port' is not used: as CLIENT LIST prints it; '/path:0' on a Unix socket. */
  readonly address: string;
  readonly localAddress: string;
  /** The descriptor, -1 when it is unknown. */
  readonly fd: number;
  readonly isUnix: boolean;
  /** Loopback or Unix: what protected mode trusts. */
  readonly isLocal: boolean;
  /** True from the moment it was told to close; a long reply may stop being built. */
  readonly isClosing: boolean;

  /** Bytes received that no request was made of (qbuf), and room kept beyond them (qbuf-free). */
  readonly queryBytes: number;
  readonly queryFreeBytes: number;
  /** Output that waits: bytes in the current piece (obl), further pieces (oll), all memory (omem), buffer kept (rbs). */
  readonly outputBytes: number;
  readonly outputPieces: number;
  readonly outputMemoryBytes: number;
  readonly replyBufferBytes: number;
  /** 'r' and 'w' as CLIENT LIST's events. */
  readonly events: string;

  /** Sends what waits, then closes; requests that were read but not run are dropped. */
  closeAfterReply(): void;
  /** Closes now, without what waits. `reason` goes to the log (level verbose) when it is given. */
  close(reason?: string): void;
  /** The session can run requests again (unblocked, unpaused): what was read meanwhile is run soon. */
  resume(): void;
}

/** What the net layer tells the node about a session's connection. */
export interface SessionEvents {
  /** The connection is gone; called once, after the last request. */
  closed(): void;
}
