// One client as the dispatcher and the commands see it: who it is, what it may do, what it is in the
// middle of. It knows no socket (that is its link) and runs nothing (that is the dispatcher).

import type { OutputBuffer } from '../protocol/output-buffer.ts';
import { type ReplyWriter, Resp2Writer, Resp3Writer } from '../protocol/reply-writer.ts';
import { Request } from '../protocol/request.ts';
import type { AclUser } from './acl/acl-user.ts';
import type { BlockedState } from './blocking.ts';
import type { CommandEntry } from './command-table.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { SubscriptionCounts } from './pubsub/pubsub.ts';
import type { SessionLink } from './session-link.ts';
import type { Transaction, Watches } from './transaction.ts';

/** What one argument of a command to propagate may be; strings are latin1. */
export type Argument = Uint8Array | string | number;

/** CLIENT REPLY: `skipNext` waits for the next command, `skip` is that command. */
export type ReplyMode = 'on' | 'off' | 'skipNext' | 'skip';

/** master and replica are links of replication; monitors are normal sessions here. */
export type SessionRole = 'client' | 'master' | 'replica' | 'monitor';

export interface SessionInit {
  readonly id: number;
  readonly dispatcher: Dispatcher;
  readonly link: SessionLink;
  readonly out: OutputBuffer;
}

export class Session {
  /** Never used twice in the life of a process; grows in order of arrival. */
  readonly id: number;
  readonly dispatcher: Dispatcher;
  readonly link: SessionLink;
  readonly out: OutputBuffer;
  readonly createdMs: number;
  lastInteractionMs: number;

  /** Speaks the session's protocol into `out`. A switch of protocol replaces it. */
  reply: ReplyWriter;
  /** The request that runs; a clone while the session is blocked. */
  request: Request;
  /** The command that runs or ran last. */
  command: CommandEntry | undefined = undefined;

  /** latin1; empty: none. */
  name = '';
  libName = '';
  libVersion = '';
  user: AclUser;
  authenticated: boolean;
  dbIndex = 0;
  role: SessionRole = 'client';

  transaction: Transaction | undefined = undefined;
  watches: Watches | undefined = undefined;
  blockedOn: BlockedState | undefined = undefined;
  /** Set by PubSub alone. */
  subscriptions: SubscriptionCounts | undefined = undefined;
  /** Set by Tracking alone. */
  tracking: object | undefined = undefined;

  replyMode: ReplyMode = 'on';
  noEvict = false;
  noTouch = false;
  /** In a transaction or a script: a handler that would block answers as if it had timed out. */
  denyBlocking = false;
  /** The command runs again because one of its keys became ready. */
  reexecuting = false;
  /** The link was told to close; nothing of this session is executed any more. */
  closing = false;
  closingAfterReplies = false;
  isClosed = false;

  /** What goes out instead of the request, see `propagateAs`; undefined: the request itself. */
  propagated: Argument[][] | undefined = undefined;
  /** The handler asked for propagation although nothing changed (FLUSHALL, PUBLISH). */
  forcePropagation = false;
  /** What it asked for is a message: it goes to replicas, while an AOF keeps data only. */
  propagatesMessage = false;

  /** Bytes of the stream up to the last command of this session that had an effect. Set by Propagation. */
  writeOffset = 0;

  #redacted: number[] | undefined = undefined;

  constructor(init: SessionInit) {
    this.id = init.id;
    this.dispatcher = init.dispatcher;
    this.link = init.link;
    this.out = init.out;
    this.reply = new Resp2Writer(init.out);
    this.request = new Request();
    // Not the cached clock: nobody may have spoken for an hour.
    this.createdMs = init.dispatcher.clock.wallMs();
    this.lastInteractionMs = this.createdMs;
    this.user = init.dispatcher.acl.defaultUser;
    this.authenticated = !init.dispatcher.acl.authRequired();
  }

  get resp(): 2 | 3 {
    return this.reply.protocol;
  }

  /** Switches the protocol of all replies from here on. */
  set resp(version: 2 | 3) {
    if (version === this.reply.protocol) return;
    const before = this.reply;
    this.reply = version === 3 ? new Resp3Writer(this.out) : new Resp2Writer(this.out);
    this.reply.errors = before.errors;
    this.reply.suppressed = before.suppressed;
  }

  get address(): string {
    return this.link.address;
  }

  get localAddress(): string {
    return this.link.localAddress;
  }

  get fd(): number {
    return this.link.fd;
  }

  /** CLIENT REPLY. */
  setReplyMode(mode: ReplyMode): void {
    this.replyMode = mode;
    this.reply.suppressed = mode === 'off' || mode === 'skip';
  }

  /** A command is over, and its reply: CLIENT REPLY SKIP is about the one that follows. */
  advanceReplyMode(): void {
    if (this.replyMode === 'skipNext') this.setReplyMode('skip');
    else if (this.replyMode === 'skip' && this.blockedOn === undefined) this.setReplyMode('on');
  }

  /** SELECT. Sessions with a database override this to follow. */
  select(index: number): void {
    this.dbIndex = index;
  }

  /**
   * The command's effect as other nodes shall see it, in place of the request. Called several times
   * it is several commands, which go out as one transaction. Calling it counts as a change.
   */
  propagateAs(args: readonly Argument[]): void {
    if (!this.dispatcher.propagation.active) return;
    if (this.propagated === undefined) this.propagated = [args.slice()];
    else this.propagated.push(args.slice());
  }

  /** Nothing goes out, whatever the command changed. */
  propagateNothing(): void {
    if (this.dispatcher.propagation.active) this.propagated = [];
  }

  /** The request goes out even if it changed nothing. */
  propagateAnyway(): void {
    this.forcePropagation = true;
  }

  /** As `propagateAnyway`, for what changes no data at all and is for those who listen now. */
  propagateMessage(): void {
    this.forcePropagation = true;
    this.propagatesMessage = true;
  }

  /** The argument is a secret: slowlog and MONITOR show '(redacted)' in its place. */
  redact(i: number): void {
    if (this.#redacted === undefined) this.#redacted = [i];
    else this.#redacted.push(i);
  }

  isRedacted(i: number): boolean {
    return this.#redacted?.includes(i) ?? false;
  }

  /** Forgets what was said about the command that is over. For the dispatcher. */
  endCommand(): void {
    this.#redacted = undefined;
    this.propagated = undefined;
    this.forcePropagation = false;
    this.propagatesMessage = false;
  }

  /** Closes the connection once everything written so far has left. */
  closeAfterReply(): void {
    this.closingAfterReplies = true;
    this.closing = true;
    this.link.close(true);
  }

  /** Closes the connection now; replies that wait are lost. */
  close(): void {
    this.closing = true;
    this.link.close(false);
  }

  /** The link is gone: for the link to call, exactly once. */
  closed(): void {
    this.dispatcher.detach(this);
  }
}
