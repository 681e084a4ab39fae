// What the net layer needs of a session and of the node behind it. dispatch/session.ts satisfies
// NetSession by its shape; tests bring sessions of their own.

import type { SessionLink } from '../dispatch/session-link.ts';
import type { OutputBuffer } from '../protocol/output-buffer.ts';
import type { Request } from '../protocol/request.ts';

/** How the output limits and the idle timeout treat a client. */
export type ClientClass = 'normal' | 'pubsub' | 'replica' | 'master';

export interface NetSession {
  readonly id: number;
  /** The view that the reader fills. While the session is blocked this is a clone and is left alone. */
  request: Request;
  readonly authenticated: boolean;
  /** Set while the session waits; nothing of it is run meanwhile. */
  readonly blockedOn: object | undefined;
  readonly noEvict: boolean;
  /** Set by the link when it was told to close: a command with a long reply gives up. */
  closing: boolean;
  lastInteractionMs: number;
  /** The link is gone; called once and last. */
  closed(): void;
}

/** The node behind the sessions; the composition root implements it. */
export interface NetHost<S extends NetSession> {
  createSession(link: SessionLink, out: OutputBuffer): S;
  /** Once before the requests of a chunk: the node's cached clock takes this time. */
  beginChunk(wallMs: number): void;
  /** The first `count` of these requests come next; nothing is to be done yet. */
  lookAhead?(session: S, requests: readonly Request[], count: number): void;
  execute(session: S, request: Request): void;
  /** After the requests of a chunk, while its bytes are still what they were. */
  endChunk(): void;
  /** Replies an error that no command gives, and counts it ('ERR Protocol error: …'). */
  replyError(session: S, text: string): void;
  /** Once a poll, after all requests and before any reply leaves: AOF, invalidations. */
  beforeFlush(): void;
  clientClass(session: S): ClientClass;
  /** All memory of the session and its link: CLIENT LIST's tot-mem, held against maxmemory-clients. */
  memoryBytes(session: S): number;
  /** The session as CLIENT LIST prints it, for the log. */
  describe(session: S): string;
  /** Whether anybody may do anything: protected mode then trusts only this machine. */
  isOpenToAll(): boolean;
}
