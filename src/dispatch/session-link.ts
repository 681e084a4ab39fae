// What a session needs of whatever carries its bytes. The net layer implements it over a connection;
// replays and scripts use `detachedLink`, whose replies go nowhere.

/** Memory figures of CLIENT LIST, in bytes unless said. */
export interface LinkUsage {
  /** Input that is not yet executed, and the free room behind it. */
  readonly queryBufferBytes: number;
  readonly queryBufferFreeBytes: number;
  /** Room for replies as CLIENT LIST shows it, its recent peak, the memory held now, what waits if it is little. */
  readonly replyBufferBytes: number;
  readonly replyBufferPeakBytes: number;
  readonly replyHeldBytes: number;
  readonly replyBytes: number;
  /** Where more waits: its pieces, and their bytes. */
  readonly replyPieces: number;
  readonly replyPiecesBytes: number;
  /** Which events are armed: 'r', 'rw' or ''. */
  readonly events: string;
}

/** Who writes to a connection in place of replies: replication does, to a replica. */
export interface OutputOwner {
  /** Bytes that wait for this connection, those included that the system has yet to take. */
  readonly waitingBytes: number;
  /** Memory that they hold, and in how many pieces. */
  readonly heldBytes: number;
  readonly pieces: number;
  /** The system has taken everything that was written. */
  drained(): void;
  /** A command of the connection replied, for which there is no place in what the owner writes. */
  replied(): void;
  /** The connection is gone; called once. */
  closed(): void;
}

/** A connection's output as its owner has it. */
export interface OutputChannel {
  /** True: gone, the bytes may be used again. False: queued and lent until `drained`. */
  write(bytes: Buffer): boolean;
  readonly queuedBytes: number;
  /** Holds what waits against the output limits; true when the connection is closed for it, or was. */
  check(): boolean;
  setNoDelay(on: boolean): void;
}

export interface SessionLink {
  /** 'ip:port', '[ip6]:port' as Redis prints it, or '/path:0' for a Unix socket. */
  readonly address: string;
  readonly localAddress: string;
  /** -1 without a socket. */
  readonly fd: number;
  readonly isUnix: boolean;
  /** Replies were written outside of `readRequests` (a wake-up, a message): flush them this poll. */
  flushSoon(): void;
  /** Requests may be read again: the session was blocked or postponed and no longer is. */
  resume(): void;
  /**
   * Ends the connection: at once, or after the replies written so far have left. May be called more
   * than once. The link answers with `session.closed()` when it is gone, never before returning.
   */
  close(afterReplies: boolean): void;
  /** From here on `owner` writes, behind the replies so far; input goes on as before. Once at most. */
  takeOutput(owner: OutputOwner): OutputChannel;
  usage(): LinkUsage;
}

const NO_USAGE: LinkUsage = {
  queryBufferBytes: 0,
  queryBufferFreeBytes: 0,
  replyBufferBytes: 0,
  replyBufferPeakBytes: 0,
  replyHeldBytes: 0,
  replyBytes: 0,
  replyPieces: 0,
  replyPiecesBytes: 0,
  events: '',
};

/** Output that goes nowhere. */
const NO_CHANNEL: OutputChannel = {
  write: () => true,
  queuedBytes: 0,
  check: () => false,
  setNoDelay: () => {},
};

/** A link to nobody. */
export const detachedLink: SessionLink = {
  address: '',
  localAddress: '',
  fd: -1,
  isUnix: false,
  flushSoon: () => {},
  resume: () => {},
  close: () => {},
  takeOutput: () => NO_CHANNEL,
  usage: () => NO_USAGE,
};
