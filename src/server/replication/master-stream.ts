// What a master sends once its replica is up to date: commands, which are run like a client's by a session
// that nobody answers, and whose bytes go on as they came to the backlog and to the replicas of this
// node. A byte counts as applied when its command has run; amid a transaction only EXEC moves on, since
// a link that breaks in between must begin with MULTI again.

import type { AclUser } from '../../dispatch/acl/acl-user.ts';
import { Restriction } from '../../dispatch/admission.ts';
import { CommandBit } from '../../dispatch/command-flags.ts';
import type { Session } from '../../dispatch/session.ts';
import type { LinkUsage, SessionLink } from '../../dispatch/session-link.ts';
import { detachedLink } from '../../dispatch/session-link.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Clock } from '../../env/clock.ts';
import type { Timers } from '../../env/timers.ts';
import { netLimits } from '../../net/net-settings.ts';
import { OutputBuffer } from '../../protocol/output-buffer.ts';
import { Request } from '../../protocol/request.ts';
import { FAILED, READY, RequestReader } from '../../protocol/request-reader.ts';
import type { NodeDispatcher } from '../node-dispatcher.ts';

export interface MasterStreamOptions {
  readonly dispatcher: NodeDispatcher;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly timers: Timers;
  /** May do everything, whatever the rules for others say. */
  readonly user: AclUser;
  /** As CLIENT LIST shows the master. */
  readonly address: string;
  readonly localAddress: string;
  /** The database that the stream is in, and its offset before the first byte. */
  readonly dbIndex: number;
  readonly offset: number;
  /** bytes[start..end) were applied. */
  applied(bytes: Buffer, start: number, end: number): void;
  /** `count` errors came of what the master sent; the last one and its command. */
  failed(count: number, error: string, command: string): void;
  /** A command that is to change data is about to run although the disk fails. */
  beforeUnsafeWrite(): void;
  /** The stream has to be read no further for a while, or again. */
  hold(on: boolean): void;
  /** Nothing more is read. `isBroken`: what came was no command. */
  over(reason: string, isBroken: boolean): void;
}

/** Shared by all streams: none is in the middle of a turn while another one runs. */
const ahead: readonly Request[] = Array.from(
  { length: netLimits.aheadRequests },
  () => new Request(),
);

export class MasterStream implements SessionLink {
  readonly session: Session;
  readonly address: string;
  readonly localAddress: string;
  readonly fd: number = -1;
  readonly isUnix: boolean = false;
  readonly #options: MasterStreamOptions;
  readonly #reader: RequestReader;
  /** Chunks whose bytes are not all applied; the first one from `#tailStart`. */
  #tail: Buffer[] = [];
  #tailStart = 0;
  /** Bytes received, run and handed on since the stream began. */
  #received = 0;
  #run = 0;
  #handedOn = 0;
  #isRunning = false;
  #isHeld = false;
  #isOver = false;
  #errors = 0;

  constructor(options: MasterStreamOptions) {
    this.#options = options;
    this.address = options.address;
    this.localAddress = options.localAddress;
    this.#reader = new RequestReader({
      // A master's commands were within limits when a client sent them.
      protoMaxBulkLen: Number.POSITIVE_INFINITY,
      authenticated: true,
      queryBufferLimit: Number.POSITIVE_INFINITY,
    });
    const session = options.dispatcher.createSession(this, new OutputBuffer({ discards: true }));
    session.role = 'master';
    session.user = options.user;
    session.authenticated = true;
    session.reply.suppressed = true;
    session.select(options.dbIndex);
    this.session = session;
  }

  /** master_repl_offset as this stream would have it after the last command. */
  get appliedOffset(): number {
    return this.#options.offset + this.#run;
  }

  get receivedOffset(): number {
    return this.#options.offset + this.#received;
  }

  /**
   * The chunk is ours from here on. Empty lines between commands, by which a master may say that it lives,
   * are bytes of the stream like all others: a real replica counts them with the command behind them.
   */
  receive(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#received += chunk.length;
    this.#tail.push(chunk);
    this.#reader.feed(chunk);
    this.session.lastInteractionMs = this.#options.clock.wallMs();
    this.#runAll();
  }

  #runAll(): void {
    if (this.#isRunning || this.#isOver) return;
    const { dispatcher, engine, clock } = this.#options;
    const { session } = this;
    const reader = this.#reader;
    const own = session.request;
    this.#isRunning = true;
    dispatcher.beginChunk(clock.wallMs());
    let outcome: number = READY;
    let parsed = 0;
    let taken = 0;
    while (session.blockedOn === undefined && !session.closing) {
      // As for a client with a long pipeline: the keys of what comes next are fetched together.
      if (taken === parsed) {
        taken = 0;
        parsed = reader.bufferedBytes < netLimits.aheadBytes ? 0 : reader.readAhead(ahead);
        if (parsed > 1) dispatcher.lookAhead(session, ahead, parsed);
      }
      let request = own;
      if (taken < parsed) {
        request = ahead[taken++];
        reader.take(request);
      } else {
        outcome = reader.next(request);
        if (outcome !== READY) break;
      }
      // No master sends inline commands: its stream and we are not where we think we are.
      if (request.spanStart < 0) {
        outcome = FAILED;
        break;
      }
      session.request = request;
      if ((dispatcher.restrictions & Restriction.diskError) !== 0) this.#atRisk();
      // Its master decides what has expired: to its commands every key is still there.
      engine.ignoreExpiry = true;
      dispatcher.execute(session, request);
      engine.ignoreExpiry = false;
      if (session.reply.errors !== this.#errors) this.#failed();
      if (session.transaction === undefined) this.#run = this.#received - reader.bufferedBytes;
    }
    session.request = own;
    dispatcher.endChunk();
    this.#isRunning = false;
    this.#handOn();
    if (outcome === FAILED) this.#end(reader.failure || 'inline protocol', true);
    else this.#hold(session.blockedOn !== undefined);
  }

  #atRisk(): void {
    const entry = this.#options.dispatcher.commands.lookup(this.session.request);
    if (entry !== undefined && (entry.flags & CommandBit.write) !== 0) {
      this.#options.beforeUnsafeWrite();
    }
  }

  #failed(): void {
    const { reply, command } = this.session;
    const count = reply.errors - this.#errors;
    this.#errors = reply.errors;
    this.#options.failed(count, reply.lastError, command?.fullName ?? '<unknown>');
  }

  #handOn(): void {
    let left = this.#run - this.#handedOn;
    this.#handedOn = this.#run;
    let whole = 0;
    while (left > 0) {
      const chunk = this.#tail[whole];
      const end = Math.min(chunk.length, this.#tailStart + left);
      this.#options.applied(chunk, this.#tailStart, end);
      left -= end - this.#tailStart;
      this.#tailStart = end;
      if (end < chunk.length) break;
      this.#tailStart = 0;
      whole++;
    }
    if (whole > 0) this.#tail.splice(0, whole);
  }

  #hold(on: boolean): void {
    if (on === this.#isHeld || this.#isOver) return;
    this.#isHeld = on;
    this.#options.hold(on);
  }

  /** The link is gone, or is to be: what was not applied is forgotten. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tail = [];
    this.session.closed();
  }

  #end(reason: string, isBroken: boolean): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.over(reason, isBroken);
  }

  // SessionLink

  flushSoon(): void {}

  takeOutput: SessionLink['takeOutput'] = detachedLink.takeOutput;

  /** A pause is over: what waited is run, in a turn of its own. */
  resume(): void {
    this.#options.timers.immediate(() => this.#runAll());
  }

  /** CLIENT KILL. */
  close(): void {
    this.#options.timers.immediate(() => this.#end('killed', false));
  }

  usage(): LinkUsage {
    const { bufferedBytes, capacityBytes } = this.#reader;
    return {
      ...detachedLink.usage(),
      queryBufferBytes: bufferedBytes,
      queryBufferFreeBytes: Math.max(0, capacityBytes - bufferedBytes),
      events: 'r',
    };
  }
}
