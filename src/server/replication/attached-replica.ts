// One client as replication sees it: the machine of its state, its place in the stream, and its
// connection. What the machine decides is done here. The stream goes to the socket in slices of the
// shared backlog: nothing is copied and nothing is queued for a replica beyond one slice.

import type { Session } from '../../dispatch/session.ts';
import type { OutputChannel, OutputOwner } from '../../dispatch/session-link.ts';
import type { Clock } from '../../env/clock.ts';
import type { Log } from '../../env/log.ts';
import type { Backlog, BacklogCursor } from '../../replication/backlog.ts';
import { MasterSession } from '../../replication/master-session.ts';
import type {
  ReplicaEffect,
  ReplicaFacts,
  ReplicaInput,
  ReplicaSettings,
} from '../../replication/master-session-state.ts';

/** What a replica needs of the side that it belongs to. */
export interface ReplicaHost {
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
  readonly delaysSmallWrites: boolean;
  /** Bytes of the stream so far. */
  offset(): number;
  /** It asked for a snapshot. */
  enlist(replica: AttachedReplica): void;
  /** The file of its snapshot is to be sent. */
  sendFile(replica: AttachedReplica): void;
  countUnexpectedError(): void;
  /** Its connection is gone. Called for clients that only configured something, too. */
  gone(replica: AttachedReplica): void;
}

export class AttachedReplica implements OutputOwner, ReplicaSettings {
  readonly session: Session;
  readonly machine: MasterSession;
  /** Told when the system has taken what was written, while a snapshot is sent. */
  onDrained: (() => void) | undefined;
  readonly #host: ReplicaHost;
  #channel: OutputChannel | undefined;
  #cursor: BacklogCursor | undefined;
  #isStreaming = false;
  /** Replies with an error before it was a replica. */
  #errors = 0;
  /** Bytes behind the cursor that the system has yet to take. */
  #lentBytes = 0;
  // How long nothing has moved.
  #queuedBytes = 0;
  #stalledSinceMs = 0;

  constructor(session: Session, host: ReplicaHost) {
    this.session = session;
    this.#host = host;
    this.machine = new MasterSession(this);
  }

  get facts(): ReplicaFacts {
    return this.machine.facts;
  }

  // What the machine asks.

  get timeoutMs(): number {
    return this.#host.timeoutMs;
  }

  offset(): number {
    return this.#host.offset();
  }

  /** 'ip:port' of where it listens, as far as it told. */
  name(): string {
    const { listeningPort } = this.facts;
    const { address } = this;
    if (address === '') return `client id #${this.session.id}`;
    const host = address.includes(':') ? `[${address}]` : address;
    return listeningPort === 0 ? `${address}:<unknown-replica-port>` : `${host}:${listeningPort}`;
  }

  /** Where it is, as announced or as connected. */
  get address(): string {
    const { link } = this.session;
    if (this.facts.address !== '' || link.isUnix) return this.facts.address;
    const { address } = link;
    return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  }

  /** Whole seconds since it was heard. */
  get lagSeconds(): number {
    return Math.floor((this.#nowMs() - this.machine.ackMs) / 1000);
  }

  #nowMs(): number {
    return this.#host.clock.monotonicUs() / 1000;
  }

  // What the link asks.

  get waitingBytes(): number {
    return this.#cursor === undefined ? 0 : this.#host.backlog.waiting(this.#cursor);
  }

  get heldBytes(): number {
    return this.#cursor === undefined ? 0 : this.#host.backlog.heldBytes(this.#cursor);
  }

  get pieces(): number {
    return this.#cursor === undefined ? 0 : this.#host.backlog.blocksFrom(this.#cursor);
  }

  drained(): void {
    if (this.#lentBytes > 0) {
      const bytes = this.#lentBytes;
      this.#lentBytes = 0;
      if (this.#cursor !== undefined) this.#host.backlog.advance(this.#cursor, bytes);
      this.flush();
    } else this.onDrained?.();
  }

  replied(): void {
    const { session } = this;
    const command = session.command?.fullName ?? '<unknown>';
    if (session.reply.errors > this.#errors) {
      this.#host.countUnexpectedError();
      const text = session.reply.lastError.replace(/^ERR /, '');
      this.#host.log.warning(
        `== CRITICAL == This master is sending an error to its replica: '${text}' after processing the command '${command}'`,
      );
    }
    this.#host.log.warning(
      `Replica generated a reply to command '${command}', disconnecting it: ${session.dispatcher.describe(session)}`,
    );
    session.close();
  }

  closed(): void {
    this.leave();
  }

  /** No replica any more; its connection ends, or has ended. */
  leave(): void {
    this.input({ kind: 'closed' });
    this.#isStreaming = false;
    if (this.#cursor !== undefined) this.#host.backlog.release(this.#cursor);
    this.#cursor = undefined;
    this.#host.gone(this);
  }

  // Control.

  /** From a client to a replica: its output is replication's. */
  attach(): void {
    this.session.role = 'replica';
    this.#errors = this.session.reply.errors;
    this.#channel = this.session.link.takeOutput(this);
    if (this.#host.delaysSmallWrites) this.#channel.setNoDelay(false);
  }

  get isAttached(): boolean {
    return this.#channel !== undefined;
  }

  input(input: ReplicaInput): void {
    for (const effect of this.machine.step(this.#nowMs(), input)) this.#do(effect);
  }

  tick(): void {
    const nowMs = this.#nowMs();
    const queued = this.#channel?.queuedBytes ?? 0;
    if (queued === 0 || queued !== this.#queuedBytes) this.#stalledSinceMs = nowMs;
    this.#queuedBytes = queued;
    const sentOffset = this.#cursor?.offset ?? 0;
    this.input({ kind: 'tick', stalledMs: nowMs - this.#stalledSinceMs, sentOffset });
  }

  #do(effect: ReplicaEffect): void {
    switch (effect.kind) {
      case 'log':
        this.#host.log[effect.level](effect.text);
        return;
      case 'send':
        this.write(Buffer.from(effect.text, 'latin1'));
        return;
      case 'enlist':
        this.#host.enlist(this);
        return;
      case 'hold':
        this.#cursor = this.#host.backlog.cursorAt(effect.offset);
        return;
      case 'sendFile':
        this.#host.sendFile(this);
        return;
      case 'stream':
        this.#isStreaming = true;
        this.flush();
        return;
      case 'close':
        if (effect.afterReplies) this.session.closeAfterReply();
        else this.session.close();
    }
  }

  // Data.

  get queuedBytes(): number {
    return this.#channel?.queuedBytes ?? 0;
  }

  /** Bytes that are not of the stream; they must not change any more. True: they have left. */
  write(bytes: Buffer): boolean {
    return this.#channel?.write(bytes) ?? true;
  }

  /** Hands on what is new in the backlog, as far as the system takes it. */
  flush(): void {
    const cursor = this.#cursor;
    const channel = this.#channel;
    if (cursor === undefined || channel === undefined) return;
    // Killed in this poll: what was written behind that must not reach it.
    if (this.session.closing) return;
    const { backlog } = this.#host;
    if (this.#isStreaming && this.#lentBytes === 0) {
      for (;;) {
        const slice = backlog.slice(cursor);
        if (slice === undefined) break;
        if (!channel.write(slice)) {
          this.#lentBytes = slice.length;
          break;
        }
        backlog.advance(cursor, slice.length);
      }
    }
    channel.check();
  }
}
