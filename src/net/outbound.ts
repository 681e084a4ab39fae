// A link to another server as its client: commands out, replies matched to them in order, messages
// that nobody asked for (pub/sub, RESP3 pushes) handed over apart. Replication and Sentinel build on
// it. It never reconnects; whoever owns it knows when that makes sense.
//
// The other side is not trusted: it may be anything that listens on a port. Replies are limited in
// size and number, and whatever breaks a limit ends the link with a reason (CVE-2021-32762 was a
// client that believed a reply's length).

import type { ConnectAddress, Connection, Network } from '../env/network.ts';
import { systemErrorText } from '../env/system-error.ts';
import type { Timer, Timers } from '../env/timers.ts';
import { encodeCommand } from '../protocol/encode-command.ts';
import { type Reply, type ReplyLimits, ReplyReader } from '../protocol/reply-reader.ts';

export interface OutboundEnvironment {
  readonly network: Network;
  readonly timers: Timers;
}

export interface OutboundOptions {
  /** 0: as long as the system tries. */
  readonly connectTimeoutMs: number;
  readonly limits: Partial<ReplyLimits>;
  /** Bytes that one reply may take, nested ones and all. */
  readonly maxReplyBytes: number;
  /** Bytes that may wait to be sent. */
  readonly maxQueuedBytes: number;
  /** Commands that may wait for their reply. */
  readonly maxPending: number;
  /** Seconds; 0: no probes. */
  readonly keepAliveSeconds: number;
}

const defaultOutboundOptions: OutboundOptions = {
  connectTimeoutMs: 5000,
  limits: {
    maxBulkBytes: 8 * 1024 * 1024,
    maxLineBytes: 64 * 1024,
    maxDepth: 8,
    maxElements: 65_536,
  },
  maxReplyBytes: 16 * 1024 * 1024,
  maxQueuedBytes: 4 * 1024 * 1024,
  maxPending: 1024,
  keepAliveSeconds: 0,
};

export interface OutboundHandlers {
  onConnect?(): void;
  /** The system has taken everything that waited to be sent. */
  onDrain?(): void;
  /** A push, or any message once `listen` was called. */
  onMessage?(message: Reply): void;
  /** Last event, exactly once; for the log. Pending commands get no reply. */
  onClose(reason: string): void;
}

type ReplyHandler = (reply: Reply) => void;

export class OutboundLink {
  readonly #connection: Connection;
  readonly #options: OutboundOptions;
  readonly #handlers: OutboundHandlers;
  readonly #reader: ReplyReader;
  readonly #connectTimer: Timer | undefined;
  /** In order of sending. */
  #pending: ReplyHandler[] = [];
  #unfinishedBytes = 0;
  #isListening = false;
  #isEnded = false;
  #isConnected = false;
  #raw: ((bytes: Buffer) => void) | undefined;

  constructor(
    environment: OutboundEnvironment,
    address: ConnectAddress,
    handlers: OutboundHandlers,
    options: Partial<OutboundOptions> = {},
  ) {
    this.#options = { ...defaultOutboundOptions, ...options };
    this.#handlers = handlers;
    this.#reader = new ReplyReader(this.#options.limits);
    const { connectTimeoutMs } = this.#options;
    this.#connectTimer =
      connectTimeoutMs === 0
        ? undefined
        : environment.timers.after(connectTimeoutMs, () => this.#fail('Connection timed out'));
    this.#connection = environment.network.connect(address);
    this.#connection.handle({
      onConnect: () => this.#connected(),
      onData: (chunk) => this.#received(chunk),
      onDrain: () => this.#handlers.onDrain?.(),
      onEnd: () => this.#fail('connection closed by the other side'),
      onClose: (code) => this.#fail(code === undefined ? 'closed' : systemErrorText(code)),
    });
  }

  /** Commands sent whose reply has not come. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  get isOpen(): boolean {
    return this.#isConnected && !this.#isEnded;
  }

  /** Address of this end, as the other side may be told it. */
  get localHost(): string {
    return this.#connection.localHost;
  }

  /** Bytes that the system has not taken. */
  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  /**
   * Sends a command; strings are latin1. The reply comes to `onReply`, an error reply too. May be
   * called before the link is connected. On a link that has ended it does nothing.
   */
  send(args: readonly (Uint8Array | string | number)[], onReply: ReplyHandler = ignore): void {
    if (this.#isEnded) return;
    this.expect(onReply);
    this.sendRaw(encodeCommand(args));
  }

  /** One more reply will come, to a command that is sent as bytes by `sendRaw`. */
  expect(onReply: ReplyHandler): void {
    if (this.#pending.length < this.#options.maxPending) this.#pending.push(onReply);
    else this.#fail('too many commands without a reply');
  }

  /** Sends bytes that get no reply (REPLCONF ACK, an inline newline), or an expected one. The link keeps them. */
  sendRaw(bytes: Uint8Array): void {
    if (this.#isEnded) return;
    this.#connection.write(bytes);
    if (this.#connection.queuedBytes > this.#options.maxQueuedBytes) {
      this.#fail('the other side does not read');
    }
  }

  /** From now on whatever comes is a message, not a reply: after SUBSCRIBE in RESP2. */
  listen(): void {
    this.#isListening = true;
  }

  /**
   * From now on bytes are no replies: a snapshot or a replication stream follows. What has come
   * already is given first; chunks are lent until `onBytes` returns. `pause` and `resume` push back.
   */
  takeBytes(onBytes: (bytes: Buffer) => void): void {
    this.#raw = onBytes;
    const rest = this.#reader.takeRest();
    if (rest.length > 0) onBytes(rest);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /** Ends the link; `onClose` follows before this returns. */
  close(reason = 'closed'): void {
    this.#fail(reason);
  }

  #connected(): void {
    if (this.#isEnded) return;
    this.#connectTimer?.cancel();
    this.#isConnected = true;
    const { keepAliveSeconds } = this.#options;
    if (keepAliveSeconds > 0) this.#connection.setKeepAlive(keepAliveSeconds);
    this.#handlers.onConnect?.();
  }

  #received(chunk: Buffer): void {
    if (this.#isEnded) return;
    if (this.#raw !== undefined) {
      this.#raw(chunk);
      return;
    }
    this.#unfinishedBytes += chunk.length;
    this.#reader.feed(chunk);
    while (!this.#isEnded && this.#raw === undefined) {
      const reply = this.#reader.next();
      if (reply === undefined) break;
      this.#unfinishedBytes = this.#reader.bufferedBytes;
      this.#deliver(reply);
    }
    if (this.#isEnded || this.#raw !== undefined) return;
    if (this.#reader.error !== '') this.#fail(this.#reader.error);
    else if (this.#unfinishedBytes > this.#options.maxReplyBytes) this.#fail('reply too long');
  }

  #deliver(reply: Reply): void {
    if (reply.kind === 'push' || this.#isListening) {
      this.#handlers.onMessage?.(reply);
      return;
    }
    const onReply = this.#pending.shift();
    if (onReply === undefined) this.#fail('reply without a command');
    else onReply(reply);
  }

  #fail(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#connectTimer?.cancel();
    this.#pending = [];
    this.#connection.destroy();
    this.#handlers.onClose(reason);
  }
}

function ignore(): void {}
