// Finds requests in the bytes of one client: RESP multibulks and inline lines, whole or in pieces.
// It yields views (Request) and owns the bytes of what is not yet complete. It does not know
// commands; the only thing it knows about its client is what RequestLimits tells. Texts and limits
// are those of networking.c (processMultibulkBuffer, processInlineBuffer).
//
// A request that lies whole in a chunk is parsed where it lies. The tail of a chunk is moved into a
// buffer of the reader's own, at offset 0, where it is completed from the chunks that follow; the rest
// of those is read in place again. The state of the parse stays, so no byte is looked at more than
// twice, however small the pieces are. Nothing is allocated on a client's word: offset arrays and buffer
// grow with what has arrived.

import { parseInteger } from '../util/integer.ts';
import { splitArguments } from '../util/split-arguments.ts';
import {
  MAX_ARGUMENTS,
  parseOrdinary,
  type RequestLimits,
  UNAUTHENTICATED_ARGUMENTS,
  UNAUTHENTICATED_BULK,
} from './ordinary-request.ts';
import { Request } from './request.ts';

export const READY = 1;
export const MORE = 0;
export const FAILED = -1;

const INLINE_LIMIT = 64 * 1024;
/** Offsets are int32. */
const MAX_BUFFERED = 2 ** 31 - 1;
/** A bulk from here on decides how large the reader's buffer becomes. */
const BIG_BULK = 32 * 1024;
/** Offset arrays beyond this are not kept by a request once it is over. */
const KEPT_ARGUMENTS = 4096;
const INITIAL_CAPACITY = 1024;
/** What is copied of a chunk beyond the bytes that are known to be missing. */
const BRIDGE_BYTES = 256;

const EMPTY: Buffer = Buffer.alloc(0);
const NO_OFFSETS: Int32Array = new Int32Array(0);

/** Inside the reader: nothing came of these bytes (an empty line, '*0'), look at the next ones. */
const NOTHING = 2;
type Outcome = typeof READY | typeof MORE | typeof FAILED;

const ASTERISK = 42;
const DOLLAR = 36;
const CR = 13;
const LF = 10;

export class RequestReader {
  /** After FAILED: the reply in Redis's words; empty when the connection is closed without one. */
  error = '';
  /** After FAILED: what Redis's log calls it. */
  failure = '';
  /** Empty lines so far; a replica sends them to show that it lives. */
  emptyLines = 0;

  readonly #limits: RequestLimits;
  #buffer: Buffer = EMPTY;
  /** The next byte to look at, and where the bytes end. */
  #position = 0;
  #end = 0;
  /** Whether #buffer is the reader's own, so that there may be room behind #end. */
  #owned = false;
  /** How far the line under way has been searched for its end. */
  #searched = 0;

  // The multibulk that is under way; it begins at #requestStart.
  #requestStart = 0;
  /** Arguments in all; 0 between requests. */
  #announced = 0;
  #count = 0;
  /** Length of the argument under way, -1 before its header is read. */
  #bulkLength = -1;
  #starts: Int32Array = NO_OFFSETS;
  #ends: Int32Array = NO_OFFSETS;
  /** Some line end is not CR LF. Redis takes that, but such a request has no span: nobody may copy it. */
  #isIrregular = false;

  /** A chunk of which only the first #nextPosition bytes were appended to our own buffer so far. */
  #nextChunk: Buffer | undefined = undefined;
  #nextPosition = 0;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Bytes that came and are not yet whole arguments: what Redis counts as the query buffer. */
  get bufferedBytes(): number {
    const { length } = this.#nextChunk ?? EMPTY;
    return this.#end - this.#position + length - this.#nextPosition;
  }

  /** Memory held for this client, free room included. */
  get capacityBytes(): number {
    return (
      (this.#owned ? this.#buffer.length : this.#end - this.#firstNeeded()) +
      this.#starts.length * 8
    );
  }

  /** Size of the large argument under way, with its line end; 0 while there is none. */
  get announcedBytes(): number {
    if (this.#announced === 0 || this.#bulkLength < BIG_BULK) return 0;
    return this.#bulkLength + 2;
  }

  /** The bytes not yet understood, for the log. A view. */
  get unparsed(): Buffer {
    return this.#buffer.subarray(this.#position, this.#end);
  }

  /** Gives the reader more bytes. They are read in place: `keep` before their memory changes. */
  feed(chunk: Buffer): void {
    if (this.#position === this.#end && this.#announced === 0 && this.#nextChunk === undefined) {
      this.#readInPlace(chunk, 0);
      return;
    }
    this.keep();
    const waiting = this.#end - this.#position + chunk.length;
    if (waiting > this.#limits.queryBufferLimit || this.#end + chunk.length > MAX_BUFFERED) {
      this.failure = 'query buffer limit';
      return;
    }
    this.#nextChunk = chunk;
    this.#pull();
  }

  /** Moves what is left of the latest chunk into memory of the reader's own. */
  keep(): void {
    if (this.#nextChunk !== undefined) {
      if (this.#isPastOwn()) this.#leaveOwn(this.#nextChunk);
      else this.#append(this.#nextChunk, this.#nextChunk.length);
    }
    this.#moveToOwn();
  }

  #moveToOwn(): void {
    if (this.#owned) return;
    const from = this.#firstNeeded();
    const length = this.#end - from;
    const own = length === 0 ? EMPTY : Buffer.allocUnsafeSlow(this.#capacityFor(length));
    this.#buffer.copy(own, 0, from, this.#end);
    this.#buffer = own;
    this.#owned = true;
    this.#rebase(from);
  }

  /**
   * READY: `request` is the next one. MORE: feed first. FAILED: `error` says why, and nothing more
   * will come. Whatever was returned before is invalid from here on.
   */
  next(request: Request): Outcome {
    let outcome = this.#read(request);
    while (outcome === MORE && this.#nextChunk !== undefined) {
      this.#pull();
      outcome = this.#read(request);
    }
    return outcome;
  }

  /**
   * Parses the requests that come next into `batch`, as many as lie whole and ordinary in the input;
   * returns their number. They stay unread until each is taken.
   */
  readAhead(batch: readonly Request[]): number {
    if (this.failure !== '' || this.#announced > 0 || !this.#limits.authenticated) return 0;
    if (this.#nextChunk !== undefined && this.#isPastOwn()) this.#leaveOwn(this.#nextChunk);
    let at = this.#position;
    if (this.#searched > at) return 0;
    for (let count = 0; count < batch.length; count++) {
      if (batch[count].starts.length > KEPT_ARGUMENTS) batch[count].shrink();
      at = parseOrdinary(this.#buffer, at, this.#end, batch[count], this.#limits);
      if (at < 0) return count;
    }
    return batch.length;
  }

  /** The next request is `ahead`, which was read ahead: what follows begins behind it. */
  take(ahead: Request): void {
    this.#position = ahead.spanEnd;
  }

  #read(request: Request): Outcome {
    if (this.failure !== '') return FAILED;
    if (request.starts.length > KEPT_ARGUMENTS) request.shrink();
    if (this.#announced > 0) return this.#resume(request);
    if (this.#nextChunk !== undefined && this.#isPastOwn()) this.#leaveOwn(this.#nextChunk);
    const b = this.#buffer;
    const end = this.#end;
    for (;;) {
      const start = this.#position;
      if (start >= end) return this.#drained();
      // What was searched in vain before is not ordinary.
      if (this.#searched <= start) {
        const next = parseOrdinary(b, start, end, request, this.#limits);
        if (next > 0) {
          this.#position = next;
          return READY;
        }
      }
      if (b[start] !== ASTERISK) {
        const outcome = this.#inline(request);
        if (outcome === NOTHING) continue;
        return outcome;
      }
      const outcome = this.#header();
      if (outcome === NOTHING) continue;
      if (outcome !== READY) return outcome;
      this.#requestStart = start;
      this.#count = 0;
      this.#bulkLength = -1;
      this.#starts = new Int32Array(4);
      this.#ends = new Int32Array(4);
      return this.#resume(request);
    }
  }

  /** The arguments, with an answer to everything that is unusual. */
  #resume(request: Request): Outcome {
    const b = this.#buffer;
    const end = this.#end;
    while (this.#count < this.#announced) {
      if (this.#bulkLength < 0) {
        const outcome = this.#bulkHeader();
        if (outcome !== READY) return outcome;
      }
      const from = this.#position;
      const to = from + this.#bulkLength;
      if (to + 2 > end) return this.#more();
      const count = this.#count++;
      if (count === this.#starts.length) {
        this.#starts = grown(this.#starts);
        this.#ends = grown(this.#ends);
      }
      this.#starts[count] = from;
      this.#ends[count] = to;
      if (b[to] !== CR || b[to + 1] !== LF) this.#isIrregular = true;
      this.#position = to + 2;
      this.#bulkLength = -1;
      this.#searched = to + 2;
    }
    request.buffer = b;
    request.count = this.#count;
    request.starts = this.#starts;
    request.ends = this.#ends;
    request.spanStart = this.#isIrregular ? -1 : this.#requestStart;
    request.spanEnd = this.#isIrregular ? -1 : this.#position;
    this.#isIrregular = false;
    this.#starts = NO_OFFSETS;
    this.#ends = NO_OFFSETS;
    this.#announced = 0;
    return READY;
  }

  /** The line '*count': READY with #announced and #position set, NOTHING when it announces none. */
  #header(): Outcome | typeof NOTHING {
    const start = this.#position;
    const lineEnd = this.#lineEnd();
    if (lineEnd < 0) return this.#longLine('too big mbulk count string');
    const announced = parseInteger(this.#buffer, start + 1, lineEnd);
    if (!(announced <= MAX_ARGUMENTS)) {
      return this.#fail('invalid multibulk length', 'invalid mbulk count');
    }
    if (announced > UNAUTHENTICATED_ARGUMENTS && !this.#limits.authenticated) {
      return this.#fail('unauthenticated multibulk length', 'unauth mbulk count');
    }
    this.#position = lineEnd + 2;
    this.#searched = lineEnd + 2;
    if (announced <= 0) return NOTHING;
    this.#isIrregular = this.#buffer[lineEnd + 1] !== LF;
    this.#announced = announced;
    return READY;
  }

  /** The line '$length' of the argument under way. */
  #bulkHeader(): Outcome {
    const start = this.#position;
    const lineEnd = this.#lineEnd();
    if (lineEnd < 0) return this.#longLine('too big bulk count string');
    if (this.#buffer[start] !== DOLLAR) {
      // A zero byte ends Redis's text.
      const got = this.#buffer[start] === 0 ? '' : `${String.fromCharCode(this.#buffer[start])}'`;
      return this.#fail(`expected '$', got '${got}`, 'expected $ but got something else');
    }
    const length = parseInteger(this.#buffer, start + 1, lineEnd);
    if (!(length >= 0 && length <= this.#limits.protoMaxBulkLen && length <= MAX_BUFFERED)) {
      return this.#fail('invalid bulk length', 'invalid bulk length');
    }
    if (length > UNAUTHENTICATED_BULK && !this.#limits.authenticated) {
      return this.#fail('unauthenticated bulk length', 'unauth bulk length');
    }
    if (this.#buffer[lineEnd + 1] !== LF) this.#isIrregular = true;
    this.#bulkLength = length;
    this.#position = lineEnd + 2;
    return READY;
  }

  /** Where the CR of the line under way is, -1 while its end has not come. */
  #lineEnd(): number {
    const b = this.#buffer;
    let at = Math.max(this.#searched, this.#position);
    while (at < this.#end && b[at] !== CR) at++;
    this.#searched = at;
    return at + 2 <= this.#end ? at : -1;
  }

  #longLine(failure: string): Outcome {
    if (this.#searched === this.#end && this.#end - this.#position > INLINE_LIMIT) {
      return this.#fail(failure, failure);
    }
    return this.#more();
  }

  #inline(request: Request): Outcome | typeof NOTHING {
    const b = this.#buffer;
    const start = this.#position;
    let at = Math.max(this.#searched, start);
    while (at < this.#end && b[at] !== LF) at++;
    this.#searched = at;
    if (at === this.#end) return this.#longLine('too big inline request');
    const lineEnd = at > start && b[at - 1] === CR ? at - 1 : at;
    const words = splitArguments(b, start, lineEnd);
    if (words === undefined) {
      return this.#fail('unbalanced quotes in request', 'unbalanced quotes in inline request');
    }
    this.#position = at + 1;
    this.#searched = at + 1;
    if (words.length === 0) {
      if (lineEnd === start) this.emptyLines++;
      return NOTHING;
    }
    const made = Request.of(words);
    request.buffer = made.buffer;
    request.count = made.count;
    request.starts = made.starts;
    request.ends = made.ends;
    request.spanStart = -1;
    request.spanEnd = -1;
    return READY;
  }

  #fail(error: string, failure: string): typeof FAILED {
    this.error = `Protocol error: ${error}`;
    this.failure = failure;
    return FAILED;
  }

  #more(): typeof MORE {
    this.#moveToOwn();
    return MORE;
  }

  #drained(): typeof MORE {
    if (this.#nextChunk === undefined) this.#readInPlace(EMPTY, 0);
    return MORE;
  }

  #readInPlace(chunk: Buffer, position: number): void {
    this.#buffer = chunk;
    this.#position = position;
    this.#searched = position;
    this.#end = chunk.length;
    this.#owned = false;
  }

  /** Whether all that is left in our own buffer was copied from #nextChunk. */
  #isPastOwn(): boolean {
    return this.#announced === 0 && this.#end - this.#position <= this.#nextPosition;
  }

  /** Goes on in the chunk itself. */
  #leaveOwn(chunk: Buffer): void {
    const position = this.#nextPosition - (this.#end - this.#position);
    this.#nextChunk = undefined;
    this.#nextPosition = 0;
    this.#readInPlace(chunk, position);
  }

  /** Brings as much of #nextChunk into our own buffer as the request under way is known to need. */
  #pull(): void {
    const chunk = this.#nextChunk;
    if (chunk === undefined) return;
    const missing = this.#bulkLength < 0 ? 0 : this.#position + this.#bulkLength + 2 - this.#end;
    const wanted = Math.max(missing + BRIDGE_BYTES, this.#end);
    const rest = chunk.length - this.#nextPosition;
    this.#append(chunk, this.#nextPosition + (rest - wanted < BRIDGE_BYTES ? rest : wanted));
  }

  /** Appends #nextChunk up to `to`. */
  #append(chunk: Buffer, to: number): void {
    const from = this.#nextPosition;
    this.#makeRoom(to - from);
    chunk.copy(this.#buffer, this.#end, from, to);
    this.#end += to - from;
    this.#nextPosition = to;
    if (to === chunk.length) {
      this.#nextChunk = undefined;
      this.#nextPosition = 0;
    }
  }

  #firstNeeded(): number {
    return this.#announced > 0 ? this.#requestStart : this.#position;
  }

  /** After the bytes moved `by` to the front. */
  #rebase(by: number): void {
    this.#position -= by;
    this.#end -= by;
    this.#searched = Math.max(0, this.#searched - by);
    this.#requestStart -= by;
    if (this.#announced === 0 || by === 0) return;
    for (let i = 0; i < this.#count; i++) {
      this.#starts[i] -= by;
      this.#ends[i] -= by;
    }
  }

  #makeRoom(more: number): void {
    const from = this.#firstNeeded();
    if (this.#buffer.length - this.#end >= more) return;
    const length = this.#end - from;
    const own = Buffer.allocUnsafeSlow(this.#capacityFor(length + more));
    this.#buffer.copy(own, 0, from, this.#end);
    this.#buffer = own;
    this.#rebase(from);
  }

  /** Room for `length` bytes and as many again; for a large argument in steps of four up to its size. */
  #capacityFor(length: number): number {
    const doubled = Math.min(Math.max(length * 2, INITIAL_CAPACITY), MAX_BUFFERED);
    if (this.#announced === 0 || this.#bulkLength < BIG_BULK) return doubled;
    const needed = this.#position - this.#requestStart + this.#bulkLength + 2;
    return needed >= length ? Math.min(4 * length, needed) : doubled;
  }
}

function grown(offsets: Int32Array): Int32Array {
  const larger = new Int32Array(offsets.length * 2);
  larger.set(offsets);
  return larger;
}
