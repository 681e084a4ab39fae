// The effects of commands on their way to replicas and the AOF. A command's effect is usually its own
// request, byte for byte; requests that lie next to each other in one chunk leave as one span, since
// that is what makes feeding the backlog free (reference/speed.md, section 5). All effects of one unit
// of execution (a command, an EXEC, a script) that are more than one leave inside MULTI and EXEC.
//
// Sinks see RESP bytes and the database they belong to; inserting SELECT, offsets and files are theirs.
// While there is no sink nothing is kept and nothing is encoded.

import { Request } from '../protocol/request.ts';
import type { Argument } from './session.ts';

/** The database of what belongs to none: MULTI and EXEC. */
export const ANY_DATABASE = -1;

export interface PropagationSink {
  /** Takes what changes data and nothing else: an AOF, to which a message of PUBLISH is nothing. */
  readonly dataOnly?: boolean;
  /**
   * bytes[start..end) are `commands` whole commands that run in database `dbIndex`. The bytes are
   * lent: whoever keeps them copies them.
   */
  append(dbIndex: number, bytes: Buffer, start: number, end: number, commands: number): void;
}

/** Who wants to know how far the stream was once its effects were in it: WAIT is about that. */
export interface Writer {
  writeOffset: number;
}

/** One effect of the unit under way; for a verbatim request the bytes are still in the input. */
interface Effect {
  readonly dbIndex: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly isMessage: boolean;
}

const BEGIN: Effect = bracket('*1\r\n$5\r\nMULTI\r\n');
const END: Effect = bracket('*1\r\n$4\r\nEXEC\r\n');
const NO_BYTES: Buffer = Buffer.alloc(0);

function bracket(text: string): Effect {
  const bytes = Buffer.from(text, 'latin1');
  return { dbIndex: ANY_DATABASE, bytes, start: 0, end: bytes.length, isMessage: false };
}

export class Propagation {
  /** Whether anybody listens. */
  active = false;
  /** Effects of the unit under way. */
  pending = 0;
  /** Whose offset writers are told; undefined while nobody counts. */
  stream: { readonly offset: number } | undefined = undefined;

  #sinks: readonly PropagationSink[] = [];
  /** The first effect of the unit, in fields: nearly all units have one, and it costs no object. */
  #firstDb = 0;
  #firstBytes: Buffer = NO_BYTES;
  #firstStart = 0;
  #firstEnd = 0;
  #firstIsMessage = false;
  /** The others. */
  #more: Effect[] = [];
  /** Whose effects have yet to reach the sinks: the latest, and those before it. */
  #latestWriter: Writer | undefined;
  #writers: Writer[] = [];

  // The span that grows: requests of finished units that lie next to each other.
  #bytes: Buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  #dbIndex = 0;
  #commands = 0;
  #isMessage = false;

  addSink(sink: PropagationSink): void {
    this.flush();
    this.#sinks = [...this.#sinks, sink];
    this.active = true;
  }

  removeSink(sink: PropagationSink): void {
    this.flush();
    this.#sinks = this.#sinks.filter((other) => other !== sink);
    this.active = this.#sinks.length > 0;
  }

  /**
   * The request itself is an effect. Its bytes must stay as they are until the unit ends and `flush`.
   * A message changes no data.
   */
  request(dbIndex: number, request: Request, isMessage = false): void {
    if (!this.active) return;
    const whole = request.spanStart < 0 ? request.clone() : request;
    const { buffer: bytes, spanStart: start, spanEnd: end } = whole;
    if (this.pending++ > 0) {
      this.#more.push({ dbIndex, bytes, start, end, isMessage });
      return;
    }
    this.#firstDb = dbIndex;
    this.#firstBytes = bytes;
    this.#firstStart = start;
    this.#firstEnd = end;
    this.#firstIsMessage = isMessage;
  }

  /** An effect of its own making: a rewritten command, the DEL of an expired or evicted key. */
  command(dbIndex: number, args: readonly Argument[]): void {
    if (this.active) this.request(dbIndex, Request.of(args));
  }

  /**
   * The unit is over. Several effects are one transaction, unless they are independent of each other.
   * `writer` is whose they are, if anybody's.
   */
  endUnit(independent: boolean, writer?: Writer): void {
    const count = this.pending;
    if (count === 0) return;
    this.pending = 0;
    // A transaction of which an AOF takes no command is empty there, as Redis's is.
    const transaction = count > 1 && !independent;
    if (transaction) this.#appendEffect(BEGIN);
    this.#append(
      this.#firstDb,
      this.#firstBytes,
      this.#firstStart,
      this.#firstEnd,
      this.#firstIsMessage,
    );
    // A request of many megabytes must not stay until the next effect.
    this.#firstBytes = NO_BYTES;
    if (count > 1) this.#appendMore();
    if (transaction) this.#appendEffect(END);
    if (writer === undefined || writer === this.#latestWriter) return;
    if (this.#latestWriter !== undefined) this.#writers.push(this.#latestWriter);
    this.#latestWriter = writer;
  }

  #appendMore(): void {
    for (const effect of this.#more) this.#appendEffect(effect);
    this.#more = [];
  }

  #appendEffect({ dbIndex, bytes, start, end, isMessage }: Effect): void {
    this.#append(dbIndex, bytes, start, end, isMessage);
  }

  #append(dbIndex: number, bytes: Buffer, start: number, end: number, isMessage: boolean): void {
    if (
      bytes === this.#bytes &&
      start === this.#end &&
      dbIndex === this.#dbIndex &&
      isMessage === this.#isMessage
    ) {
      this.#end = end;
      this.#commands++;
      return;
    }
    if (this.#commands > 0) this.#flushSpan();
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#dbIndex = dbIndex;
    this.#isMessage = isMessage;
    this.#commands = 1;
  }

  /**
   * Hands the span to the sinks. Before the input is read on, and before anybody looks at an offset
   * that the sinks count.
   */
  flush(): void {
    if (this.#commands > 0) this.#flushSpan();
    if (this.#latestWriter !== undefined) this.#tellWriters(this.#latestWriter);
  }

  #tellWriters(latest: Writer): void {
    const offset = this.stream?.offset;
    if (offset !== undefined) {
      latest.writeOffset = offset;
      for (const writer of this.#writers) writer.writeOffset = offset;
    }
    if (this.#writers.length > 0) this.#writers = [];
    this.#latestWriter = undefined;
  }

  #flushSpan(): void {
    const commands = this.#commands;
    const bytes = this.#bytes;
    this.#commands = 0;
    this.#bytes = NO_BYTES;
    for (const sink of this.#sinks) {
      if (this.#isMessage && sink.dataOnly === true) continue;
      sink.append(this.#dbIndex, bytes, this.#start, this.#end, commands);
    }
    this.#end = 0;
  }
}
