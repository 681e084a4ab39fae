// One client's connection: bytes become requests, requests are run, replies leave. It knows no
// command and no reply; what is decided here is when to run, when to flush and when to close.
//
// The way of a chunk: `onData` feeds the reader and runs every complete request; replies collect in
// `out`; the first byte enlists the connection with PollEnd, which flushes everybody at once. While
// the socket has not taken the previous flush, further replies stay in `out`, where they are
// compact and counted, and follow on `onDrain`.
//
// Reading is not stopped while the session is blocked: as in Redis, its input collects up to
// `client-query-buffer-limit`, so a client that hangs up is noticed.

import type {
  LinkUsage,
  OutputChannel,
  OutputOwner,
  SessionLink,
} from '../dispatch/session-link.ts';
import type { Clock } from '../env/clock.ts';
import type { Log } from '../env/log.ts';
import type { Connection, ConnectionHandlers } from '../env/network.ts';
import type { RequestLimits } from '../protocol/ordinary-request.ts';
import { OutputBuffer } from '../protocol/output-buffer.ts';
import type { Request } from '../protocol/request.ts';
import { FAILED, READY, RequestReader } from '../protocol/request-reader.ts';
import { outputLimitExceeded, type SoftLimit } from './client-limits.ts';
import type { ClientClass, NetHost, NetSession } from './net-session.ts';
import {
  type NetSettings,
  type NetStatistics,
  type NetSwitches,
  netLimits,
} from './net-settings.ts';
import type { PollEnd, PollMember } from './poll-end.ts';
import { ReplyRoom } from './reply-room.ts';

/** How much of a client's input the log quotes. */
const LOGGED_INPUT = 64;

// Constants of this file: to the compiler an imported one is a cell that is read and checked each time.
const AHEAD_BYTES: number = netLimits.aheadBytes;
/** A power of two less one. */
const CLOCK_MASK: number = netLimits.requestsBetweenClocks - 1;

/** What all connections of a node share. */
export interface ClientContext<S extends NetSession> {
  readonly host: NetHost<S>;
  readonly settings: NetSettings;
  readonly statistics: NetStatistics;
  readonly switches: NetSwitches;
  readonly clock: Clock;
  readonly log: Log;
  readonly poll: PollEnd<ClientConnection<S>>;
  /** Requests read ahead; they mean nothing beyond the turn of the connection that read them. */
  readonly ahead: readonly Request[];
  /** The connection's memory has changed. */
  account(connection: ClientConnection<S>): void;
  /** A turn is over and all accounts are up to date: the time to evict. */
  turnOver(): void;
  /** The connection is gone; called once. */
  gone(connection: ClientConnection<S>): void;
}

export class ClientConnection<S extends NetSession>
  implements SessionLink, ConnectionHandlers, PollMember
{
  readonly session: S;
  readonly address: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  /** Position in the registry's list, which it keeps. */
  index = -1;
  /** What the registry's account holds for this connection. */
  accountedBytes = 0;
  /** Since when the soft output limit is exceeded. */
  readonly soft: SoftLimit = { sinceMs: 0 };

  readonly #context: ClientContext<S>;
  readonly #connection: Connection;
  readonly #reader: RequestReader;
  readonly #out: OutputBuffer;
  readonly #send: (bytes: Buffer) => boolean;
  /** In the middle of its requests: closing must wait until the loop has noticed. */
  #isRunning = false;
  #isReady = false;
  #isEnlisted = false;
  #isPaused = false;
  #ending: 'no' | 'afterReplies' | 'now' | 'done' = 'no';
  /** The room that Redis would keep for input, see `usage`. */
  #roomBytes = 0;
  #peakBytes = 0;
  readonly #replyRoom: ReplyRoom = new ReplyRoom();
  /** Writes in place of replies. */
  #owner: OutputOwner | undefined;
  /** Told to go while its own request ran. */
  #isFinishDue = false;

  constructor(context: ClientContext<S>, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
    this.isUnix = connection.isUnix;
    const { isUnix, path } = connection;
    this.address = isUnix ? `${path}:0` : hostAndPort(connection.remoteHost, connection.remotePort);
    this.localAddress = isUnix
      ? `${path}:0`
      : hostAndPort(connection.localHost, connection.localPort);
    const { statistics } = context;
    this.#send = (bytes) => {
      statistics.writes++;
      statistics.outputBytes += bytes.length;
      return connection.write(bytes);
    };
    this.#out = new OutputBuffer();
    this.#out.onFirstByte = () => this.#enlist();
    this.#out.onGrow = () => this.checkOutput();
    this.session = context.host.createSession(this, this.#out);
    this.#reader = new RequestReader(new LiveLimits(context, this.session));
  }

  get fd(): number {
    return this.#connection.fd;
  }

  /** Output that counts as waiting: none while it would fit Redis's static reply buffer. */
  get outputBytes(): number {
    if (this.#owner !== undefined) return this.#owner.waitingBytes;
    const waiting = this.#connection.queuedBytes + this.#out.length;
    return waiting > netLimits.replyBufferBytes ? waiting : 0;
  }

  get isClosing(): boolean {
    return this.#ending === 'now' || this.#ending === 'done';
  }

  get clientClass(): ClientClass {
    return this.#context.host.clientClass(this.session);
  }

  usage(): LinkUsage {
    const queued = this.#connection.queuedBytes;
    const waiting = queued + this.#out.length;
    const owner = this.#owner;
    const isMany = this.outputBytes > 0;
    const input = this.#reader.unparsed.length;
    // The reader itself keeps no room for a client that is between requests. What is shown is what
    // Node reserves to read with, so that operators find the figures they know.
    const capacity = Math.max(this.#roomBytes, this.#reader.capacityBytes);
    return {
      queryBufferBytes: input,
      queryBufferFreeBytes: Math.max(0, capacity - input),
      replyBufferBytes: this.#replyRoom.bytes,
      replyBufferPeakBytes: this.#replyRoom.peakBytes,
      replyHeldBytes: owner?.heldBytes ?? this.#out.capacityBytes + queued,
      replyBytes: isMany ? 0 : waiting,
      replyPieces: owner?.pieces ?? (isMany ? this.#out.pieces + (queued > 0 ? 1 : 0) : 0),
      replyPiecesBytes: owner?.heldBytes ?? this.outputBytes,
      events: queued > 0 ? 'rw' : 'r',
    };
  }

  // What the session asks for.

  flushSoon(): void {
    if (this.#out.length > 0) this.#enlist();
  }

  resume(): void {
    if (this.#isReady || this.#ending !== 'no') return;
    this.#isReady = true;
    this.#context.poll.addReady(this);
  }

  close(afterReplies: boolean): void {
    if (this.#ending === 'now' || this.#ending === 'done') return;
    this.session.closing = true;
    if (afterReplies) {
      if (this.#ending === 'afterReplies') return;
      this.#ending = 'afterReplies';
      this.#enlist();
      return;
    }
    this.#ending = 'now';
    this.#out.discard();
    this.#context.poll.addEnding(this);
  }

  takeOutput(owner: OutputOwner): OutputChannel {
    const connection = this.#connection;
    const { statistics } = this.#context;
    if (this.#out.length > 0) this.#out.take(this.#send);
    this.#owner = owner;
    this.#out.onFirstByte = () => owner.replied();
    return {
      write: (bytes) => {
        statistics.writes++;
        statistics.replicationOutputBytes += bytes.length;
        return connection.write(bytes);
      },
      get queuedBytes() {
        return connection.queuedBytes;
      },
      check: () => this.checkOutput(),
      setNoDelay: (on) => connection.setNoDelay(on),
    };
  }

  // What the network tells.

  onData(chunk: Buffer): void {
    if (this.#ending !== 'no') return;
    const context = this.#context;
    const reader = this.#reader;
    const session = this.session;
    context.statistics.reads++;
    context.statistics.inputBytes += chunk.length;
    const now = context.clock.wallMs();
    session.lastInteractionMs = now;
    reader.feed(chunk);
    const waiting = reader.bufferedBytes;
    if (waiting > this.#peakBytes) this.#notePeak(waiting);
    // Requests that wait for their turn keep their order; the chunk is only lent.
    if (this.#isReady) {
      reader.keep();
      this.#checkInput();
      return;
    }
    context.host.beginChunk(now);
    this.#runRequests();
    context.poll.finishEnding();
  }

  onDrain(): void {
    if (this.#ending === 'done') return;
    this.#owner?.drained();
    // Not at once: replies of this poll may be among what waits, and their effects not yet in the AOF.
    this.#enlist();
  }

  onEnd(): void {
    if (this.#ending === 'done') return;
    // As Redis: what has been answered by now may still leave, what has not been read is dropped.
    this.#context.poll.flushAlone(this);
    const { log } = this.#context;
    if (log.level === 'verbose' || log.level === 'debug') {
      log.verbose(`Client closed connection ${this.#context.host.describe(this.session)}`);
    }
    this.finish();
  }

  onClose(error: string | undefined): void {
    if (this.#ending === 'done') return;
    if (error !== undefined) this.#context.log.verbose(`Reading from client: ${error}`);
    this.finish();
  }

  // What the end of a poll brings.

  continueTurn(): void {
    this.#isReady = false;
    if (this.#ending !== 'no') return;
    this.#context.host.beginChunk(this.#context.clock.wallMs());
    this.#runRequests();
  }

  flush(): void {
    this.#isEnlisted = false;
    if (this.#ending === 'done') return;
    const connection = this.#connection;
    const out = this.#out;
    if (out.length > 0 && connection.queuedBytes === 0 && !this.checkOutput()) {
      this.#replyRoom.note(out.length);
      out.take(this.#send);
    }
    if (this.#ending === 'afterReplies' && out.length === 0) {
      this.finish();
      return;
    }
    if (connection.queuedBytes > 0) this.checkOutput();
    else this.#context.account(this);
  }

  finish(): void {
    if (this.#ending === 'done') return;
    // Closing while its own request runs: the loop sees `ending`, and its end comes back here.
    if (this.#isRunning) {
      this.#isFinishDue = true;
      return;
    }
    // What the socket still holds leaves first after a reply that closes; else nothing is waited for.
    if (this.#ending === 'afterReplies') this.#connection.end();
    else this.#connection.destroy();
    this.#ending = 'done';
    this.#out.discard();
    this.#context.poll.forget(this);
    this.#context.gone(this);
    this.session.closed();
    this.#owner?.closed();
  }

  /** Regular visit: limits that only time exceeds, room that is no longer needed. */
  sweep(now: number): void {
    const idleMs = now - this.session.lastInteractionMs;
    if (this.#checkIdle(idleMs) || this.checkOutput()) return;
    if (idleMs > netLimits.activeMs) {
      this.#roomBytes = 0;
    } else if (
      this.#roomBytes > 2 * netLimits.queryRoomBytes &&
      this.#roomBytes / 2 > this.#peakBytes
    ) {
      this.#roomBytes = Math.max(this.#peakBytes, netLimits.queryRoomBytes);
    }
    this.#peakBytes = this.#reader.bufferedBytes;
    const { switches, statistics } = this.#context;
    this.#replyRoom.fit(now, this.#out.length, switches, statistics);
  }

  /** True when the client was closed for the output that waits for it. */
  checkOutput(): boolean {
    if (this.#ending === 'now' || this.#ending === 'done') return true;
    const waiting = this.outputBytes;
    const queued = this.#connection.queuedBytes;
    const stuck = queued > 0 || waiting > 0 ? queued + this.#out.length : 0;
    this.#context.account(this);
    // What a stranger leaves unread is bounded whatever the limits say (CVE-2025-21605).
    const isStranger = !this.session.authenticated;
    if (!isStranger || stuck <= netLimits.unauthenticatedOutputBytes) {
      const { settings, clock } = this.#context;
      if (!outputLimitExceeded(settings, this.clientClass, waiting, this.soft, clock)) return false;
    }
    this.#context.statistics.outputBufferDisconnections++;
    this.#context.log.warning(
      `Client ${this.#context.host.describe(this.session)} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    );
    this.close(false);
    return true;
  }

  #runRequests(): void {
    const reader = this.#reader;
    const session = this.session;
    const own = session.request;
    const { host } = this.#context;
    let count = 0;
    let startedUs = 0;
    let isOver = true;
    this.#isRunning = true;
    const { ahead } = this.#context;
    let parsed = 0;
    let taken = 0;
    // The hot loop. `blockedOn` and `ending` may change with every request.
    while (this.#ending === 'no' && session.blockedOn === undefined) {
      if (taken === parsed) {
        taken = 0;
        parsed = reader.bufferedBytes < AHEAD_BYTES ? 0 : reader.readAhead(ahead);
        if (parsed > 1) host.lookAhead?.(session, ahead, parsed);
      }
      let request = own;
      if (taken < parsed) {
        request = ahead[taken++];
        reader.take(request);
      } else {
        const outcome = reader.next(request);
        if (outcome === FAILED) this.#protocolFailed();
        if (outcome !== READY) break;
      }
      session.request = request;
      host.execute(session, request);
      // The clock is looked at rarely, so that nobody pays for it but long pipelines.
      if ((++count & CLOCK_MASK) === 0) {
        const now = this.#context.clock.monotonicUs();
        if (startedUs === 0) startedUs = now;
        else if (now - startedUs > netLimits.turnUs) {
          isOver = false;
          break;
        }
      }
    }
    session.request = own;
    host.endChunk();
    this.#isRunning = false;
    reader.keep();
    // A large argument is room promised: it counts whole once it is announced, while its client is at it.
    if (reader.announcedBytes > this.#roomBytes) this.#roomBytes = reader.announcedBytes;
    if (this.#isFinishDue) this.#context.poll.addEnding(this);
    this.#endTurn(isOver);
  }

  #endTurn(isOver: boolean): void {
    if (!isOver && this.#ending === 'no') {
      // The others' turn. More input would only wait here, so it waits in the system's buffers.
      this.resume();
      if (!this.#isPaused) {
        this.#isPaused = true;
        this.#connection.pause();
      }
    } else if (this.#isPaused) {
      this.#isPaused = false;
      this.#connection.resume();
    }
    if (this.#out.length > netLimits.replyBufferBytes) this.checkOutput();
    this.#checkInput();
    this.#context.account(this);
    this.#context.turnOver();
    const { length } = this.#out;
    if (this.#isEnlisted && length <= netLimits.promptBytes) return;
    if (length > 0) this.#context.poll.flushAlone(this);
    else this.#context.poll.schedule();
  }

  #protocolFailed(): void {
    const context = this.#context;
    const reader = this.#reader;
    const session = this.session;
    // Without a text it is the size of the input, which `checkInput` is about.
    if (reader.error === '') return;
    const { host, log } = context;
    if (log.level === 'verbose' || log.level === 'debug') {
      const head = reader.unparsed.subarray(0, LOGGED_INPUT).toString('latin1');
      const printable = head.replace(/[^ -~]/g, '.');
      log.verbose(
        `Protocol error (${reader.failure}) from client: ${host.describe(session)}. Query buffer during protocol error: '${printable}'`,
      );
    }
    host.replyError(session, `ERR ${reader.error}`);
    this.close(true);
  }

  #checkInput(): void {
    const context = this.#context;
    const reader = this.#reader;
    // The reader took nothing more, and it is no protocol error: its input is too long.
    if (this.#ending !== 'no' || reader.failure === '' || reader.error !== '') return;
    context.statistics.queryBufferDisconnections++;
    const head = JSON.stringify(reader.unparsed.subarray(0, LOGGED_INPUT).toString('latin1'));
    context.log.warning(
      `Closing client that reached max query buffer length: ${context.host.describe(this.session)} (qbuf initial bytes: ${head})`,
    );
    this.close(false);
  }

  #checkIdle(idleMs: number): boolean {
    const { settings, log } = this.#context;
    if (settings.timeout === 0 || Math.floor(idleMs / 1000) <= settings.timeout) return false;
    if (this.session.blockedOn !== undefined || this.clientClass !== 'normal') return false;
    log.verbose('Closing idle client');
    this.close(false);
    return true;
  }

  #notePeak(bytes: number): void {
    this.#peakBytes = bytes;
    this.#roomBytes = Math.max(this.#roomBytes, bytes, netLimits.queryRoomBytes);
  }

  #enlist(): void {
    if (this.#isEnlisted || this.#ending === 'done') return;
    // Alone and in its own turn: `endTurn` flushes.
    if (this.#isRunning && this.#context.poll.isAlone(this)) return;
    this.#isEnlisted = true;
    this.#context.poll.addDirty(this);
  }
}

/** Redis writes IPv6 addresses in brackets and leaves names of Unix sockets alone. */
function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

class LiveLimits<S extends NetSession> implements RequestLimits {
  readonly #context: ClientContext<S>;
  readonly #session: S;

  constructor(context: ClientContext<S>, session: S) {
    this.#context = context;
    this.#session = session;
  }

  get protoMaxBulkLen(): number {
    const isMaster = this.#context.host.clientClass(this.#session) === 'master';
    return isMaster ? Number.POSITIVE_INFINITY : this.#context.settings.protoMaxBulkLen;
  }

  get authenticated(): boolean {
    return this.#session.authenticated;
  }

  get queryBufferLimit(): number {
    const isMaster = this.#context.host.clientClass(this.#session) === 'master';
    return isMaster ? Number.POSITIVE_INFINITY : this.#context.settings.clientQueryBufferLimit;
  }
}
