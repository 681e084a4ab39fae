// Reads replies: what other servers say to our links. Both protocols at once, as the first byte of a
// value tells which it is. The other side may be hostile or broken: depth, line length, bulk size and
// element counts are limited, and nothing is allocated on its word; every byte is looked at once.
// For requests of clients there is RequestReader; this one may allocate, links are not a hot path.

import { copied } from '../util/copied.ts';
import { parseDouble } from '../util/double.ts';
import { parseInt64, parseInteger } from '../util/integer.ts';

export type Reply =
  | { readonly kind: 'simple'; readonly text: string }
  /** Without '-'. */
  | { readonly kind: 'error'; readonly text: string }
  /** `exact` is set where `value` lies beyond what a number holds exactly. */
  | { readonly kind: 'integer'; readonly value: number; readonly exact?: bigint }
  | { readonly kind: 'bulk'; readonly bytes: Buffer }
  | { readonly kind: 'null' }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'bigNumber'; readonly text: string }
  | { readonly kind: 'verbatim'; readonly format: string; readonly bytes: Buffer }
  | { readonly kind: 'array' | 'set' | 'push'; readonly items: readonly Reply[] }
  /** Keys and values in turn: a key may be any value. */
  | { readonly kind: 'map'; readonly items: readonly Reply[] };

export interface ReplyLimits {
  readonly maxBulkBytes: number;
  readonly maxLineBytes: number;
  readonly maxDepth: number;
  /** Elements of one aggregate. */
  readonly maxElements: number;
}

const DEFAULT_LIMITS: ReplyLimits = {
  maxBulkBytes: 512 * 1024 * 1024,
  maxLineBytes: 64 * 1024,
  maxDepth: 32,
  maxElements: 16 * 1024 * 1024,
};

interface OpenAggregate {
  /** An attribute is read like a map, and dropped. */
  readonly kind: 'array' | 'set' | 'push' | 'map' | 'attribute';
  readonly items: Reply[];
  remaining: number;
}

type BulkKind = 'bulk' | 'verbatim' | 'error';

const CR = 13;
const LF = 10;
const EMPTY: Buffer = Buffer.alloc(0);
const NULL: Reply = { kind: 'null' };

export class ReplyReader {
  /** Why nothing more will come; empty while all is well. */
  error = '';
  /** Line feeds between replies: masters send them while a PSYNC answer is prepared. */
  emptyLines = 0;

  readonly #limits: ReplyLimits;
  #buffer: Buffer = EMPTY;
  #position = 0;
  #end = 0;
  #owned = false;
  #searched = 0;
  #bulkLength = -1;
  #bulkKind: BulkKind = 'bulk';
  #open: OpenAggregate[] = [];

  constructor(limits: Partial<ReplyLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Bytes that came and are not part of a value yet. */
  get bufferedBytes(): number {
    return this.#end - this.#position;
  }

  /** Call `next` until it has nothing more, before the chunk's memory changes. */
  feed(chunk: Buffer): void {
    if (this.#position === this.#end) {
      this.#use(chunk, chunk.length, false);
      return;
    }
    if (!this.#owned || this.#buffer.length - this.#end < chunk.length) this.#move(chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** The next whole reply; undefined when more bytes are needed or `error` is set. */
  next(): Reply | undefined {
    while (this.error === '' && this.#position < this.#end) {
      const value = this.#bulkLength >= 0 ? this.#bulk() : this.#line();
      if (value === undefined) break;
      if (value === OPENED) continue;
      const whole = this.#close(value);
      if (whole !== undefined) return whole;
    }
    if (this.#position === this.#end) this.#use(EMPTY, 0, false);
    else if (!this.#owned) this.#move(0);
    return undefined;
  }

  /** Takes all bytes that were not read as replies: what follows is another protocol (a snapshot). */
  takeRest(): Buffer {
    const rest = copied(this.#buffer, this.#position, this.#end);
    this.#use(EMPTY, 0, false);
    return rest;
  }

  /** Brings what waits to the front of a buffer of our own with room for `more` and as much again. */
  #move(more: number): void {
    const waiting = this.#end - this.#position;
    const needed = waiting + more;
    const bulk = this.#bulkLength + 2;
    const capacity = bulk >= needed ? Math.min(2 * needed, bulk) : 2 * needed;
    const reuse = this.#owned && this.#buffer.length >= capacity;
    const own = reuse ? this.#buffer : Buffer.allocUnsafeSlow(capacity);
    this.#buffer.copy(own, 0, this.#position, this.#end);
    const searched = this.#searched - this.#position;
    this.#use(own, waiting, true);
    this.#searched = Math.max(0, searched);
  }

  #use(buffer: Buffer, end: number, owned: boolean): void {
    this.#buffer = buffer;
    this.#position = 0;
    this.#end = end;
    this.#owned = owned;
    this.#searched = 0;
  }

  /** A value is complete: it may complete the aggregates around it. */
  #close(value: Reply): Reply | undefined {
    let current = value;
    for (;;) {
      const parent = this.#open[this.#open.length - 1];
      if (parent === undefined) return current;
      parent.items.push(current);
      if (--parent.remaining > 0) return undefined;
      this.#open.pop();
      // Facts about the value that follows; nobody asks for them.
      if (parent.kind === 'attribute') return undefined;
      current = { kind: parent.kind, items: parent.items };
    }
  }

  #line(): Reply | typeof OPENED | undefined {
    const b = this.#buffer;
    const start = this.#position;
    if (b[start] === LF) {
      if (this.#open.length > 0) return this.#fail('line feed inside a reply');
      this.emptyLines++;
      this.#position = start + 1;
      return OPENED;
    }
    let at = Math.max(this.#searched, start);
    while (at < this.#end && b[at] !== CR) at++;
    this.#searched = at;
    if (at - start > this.#limits.maxLineBytes) return this.#fail('line too long');
    if (at + 2 > this.#end) return undefined;
    if (b[at + 1] !== LF) return this.#fail('line without line feed');
    this.#position = at + 2;
    return this.#typed(b[start], start + 1, at);
  }

  #typed(type: number, start: number, end: number): Reply | typeof OPENED | undefined {
    const b = this.#buffer;
    switch (String.fromCharCode(type)) {
      case '+':
        return { kind: 'simple', text: b.toString('latin1', start, end) };
      case '-':
        return { kind: 'error', text: b.toString('latin1', start, end) };
      case ':':
        return this.#integer(start, end);
      case '$':
        return this.#bulkHeader('bulk', start, end);
      case '!':
        return this.#bulkHeader('error', start, end);
      case '=':
        return this.#bulkHeader('verbatim', start, end);
      case '*':
        return this.#aggregate('array', start, end);
      case '~':
        return this.#aggregate('set', start, end);
      case '>':
        return this.#aggregate('push', start, end);
      case '%':
        return this.#aggregate('map', start, end);
      case '|':
        return this.#aggregate('attribute', start, end);
      case '_':
        return start === end ? NULL : this.#fail('bad null');
      case '#':
        return this.#boolean(start, end);
      case ',':
        return this.#double(start, end);
      case '(':
        return { kind: 'bigNumber', text: b.toString('latin1', start, end) };
      default:
        return this.#fail(`unknown type byte ${type}`);
    }
  }

  #integer(start: number, end: number): Reply | undefined {
    const from = this.#buffer[start] === 43 ? start + 1 : start;
    const value = parseInteger(this.#buffer, from, end);
    if (Number.isNaN(value)) return this.#fail('bad integer');
    if (Number.isSafeInteger(value)) return { kind: 'integer', value };
    return { kind: 'integer', value, exact: parseInt64(this.#buffer, from, end) };
  }

  #boolean(start: number, end: number): Reply | undefined {
    const letter = this.#buffer[start];
    if (end - start !== 1 || (letter !== 116 && letter !== 102)) return this.#fail('bad boolean');
    return { kind: 'boolean', value: letter === 116 };
  }

  #double(start: number, end: number): Reply | undefined {
    const isNan = this.#buffer.toString('latin1', start, end).toLowerCase().endsWith('nan');
    const value = parseDouble(this.#buffer, start, end);
    if (Number.isNaN(value) && !isNan) return this.#fail('bad double');
    return { kind: 'double', value };
  }

  #bulkHeader(kind: BulkKind, start: number, end: number): Reply | typeof OPENED | undefined {
    const length = parseInteger(this.#buffer, start, end);
    if (length === -1) return NULL;
    if (!(length >= 0 && length <= this.#limits.maxBulkBytes)) return this.#fail('bad bulk length');
    this.#bulkKind = kind;
    this.#bulkLength = length;
    return OPENED;
  }

  #bulk(): Reply | undefined {
    const start = this.#position;
    const end = start + this.#bulkLength;
    const b = this.#buffer;
    if (end + 2 > this.#end) return undefined;
    if (b[end] !== CR || b[end + 1] !== LF) return this.#fail('bulk without line end');
    this.#position = end + 2;
    this.#bulkLength = -1;
    if (this.#bulkKind === 'error')
      return { kind: 'error', text: b.toString('latin1', start, end) };
    if (this.#bulkKind === 'bulk') return { kind: 'bulk', bytes: copied(b, start, end) };
    if (end - start < 4 || b[start + 3] !== 58) return this.#fail('bad verbatim string');
    const format = b.toString('latin1', start, start + 3);
    return { kind: 'verbatim', format, bytes: copied(b, start + 4, end) };
  }

  #aggregate(
    kind: OpenAggregate['kind'],
    start: number,
    end: number,
  ): Reply | typeof OPENED | undefined {
    const count = parseInteger(this.#buffer, start, end);
    if (count === -1) return NULL;
    if (!(count >= 0 && count <= this.#limits.maxElements)) return this.#fail('bad element count');
    if (this.#open.length >= this.#limits.maxDepth) return this.#fail('nested too deeply');
    if (count === 0) return kind === 'attribute' ? OPENED : { kind, items: [] };
    const remaining = kind === 'map' || kind === 'attribute' ? 2 * count : count;
    this.#open.push({ kind, items: [], remaining });
    return OPENED;
  }

  #fail(why: string): undefined {
    this.error = `Protocol error in a reply: ${why}`;
  }
}

/** Inside the reader: something was understood, but no value is complete. */
const OPENED = 'opened';
