// A RESP connection for tests that shows every reply as it came: type by type, byte by byte. It shares
// no code with the server's own parsers, because it is their witness.

import { connect, type Socket } from 'node:net';

/** A reply with its type as on the wire. */
export type Reply =
  | { readonly type: 'simple' | 'error' | 'big' | 'double' | 'bulkError'; readonly text: string }
  | { readonly type: 'integer'; readonly text: string }
  | { readonly type: 'bulk' | 'verbatim'; readonly bytes: Buffer }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'nullBulk' | 'nullArray' | 'null' }
  | { readonly type: 'array' | 'set' | 'push'; readonly items: readonly Reply[] }
  | { readonly type: 'map' | 'attribute'; readonly items: readonly Reply[] };

/** Nothing a test waits for takes this long unless it never comes. */
const LIMIT_MS = 30_000;

const CLOSED = 'the connection was closed';

/** One connection: requests go out as arrays of bulks, frames come back in order. */
export class RespConnection {
  private readonly socket: Socket;
  private input: Buffer = Buffer.alloc(0);
  private readonly frames: Reply[] = [];
  private wake: (() => void) | undefined;
  /** The last one that waits for a frame; the next one waits behind it. */
  private lastTurn: Promise<unknown> = Promise.resolve();
  private ended: string | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.finish(error.message));
    socket.on('close', () => this.finish(CLOSED));
  }

  static open(port: number, host = '127.0.0.1'): Promise<RespConnection> {
    return new Promise((done, fail) => {
      const socket = connect(port, host);
      socket.once('error', fail);
      socket.once('connect', () => {
        socket.off('error', fail);
        done(new RespConnection(socket));
      });
    });
  }

  send(args: readonly (Buffer | string)[]): void {
    const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
    for (const arg of args) {
      const bytes = typeof arg === 'string' ? Buffer.from(arg) : arg;
      parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
    }
    this.sendRaw(Buffer.concat(parts));
  }

  sendRaw(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The next frame, pushes included. Frames go to callers in the order of their calls. */
  next(what = 'a reply'): Promise<Reply> {
    const turn = this.lastTurn.then(() => this.take(what));
    this.lastTurn = turn.catch(() => {});
    return turn;
  }

  /** Sends one request and takes the next frame for its reply. */
  call(...args: readonly (Buffer | string)[]): Promise<Reply> {
    this.send(args);
    return this.next(`the reply to ${args.join(' ').slice(0, 80)}`);
  }

  /** Waits until the other side closes; a frame that comes instead is an error. */
  async closed(): Promise<void> {
    try {
      const frame = await this.next('the end of the connection');
      throw new Error(`a reply of type ${frame.type} came instead of the end of the connection`);
    } catch (error) {
      if (this.ended !== CLOSED) throw error;
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async take(what: string): Promise<Reply> {
    const deadline = setTimeout(
      () => this.finish(`${what} did not come in ${LIMIT_MS} ms`),
      LIMIT_MS,
    );
    try {
      while (this.frames.length === 0) {
        if (this.ended !== undefined) throw new Error(`Waiting for ${what}: ${this.ended}`);
        await new Promise<void>((done) => {
          this.wake = done;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
    return this.frames.shift() as Reply;
  }

  private receive(chunk: Buffer): void {
    this.input = this.input.length === 0 ? chunk : Buffer.concat([this.input, chunk]);
    const parser = new Parser(this.input);
    let taken = 0;
    for (let reply = parser.reply(); reply !== undefined; reply = parser.reply()) {
      this.frames.push(reply);
      taken = parser.at;
    }
    this.input = this.input.subarray(taken);
    if (taken > 0) this.wake?.();
  }

  private finish(reason: string): void {
    this.ended ??= reason;
    this.socket.destroy();
    this.wake?.();
  }
}

/** Reads replies from the start of a buffer; undefined when the rest has not arrived. */
class Parser {
  at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  reply(): Reply | undefined {
    const start = this.at;
    const reply = this.read();
    if (reply === undefined) this.at = start;
    return reply;
  }

  private read(): Reply | undefined {
    const end = this.bytes.indexOf('\r\n', this.at);
    if (end === -1) return undefined;
    const mark = String.fromCharCode(this.bytes[this.at]);
    const text = this.bytes.toString('latin1', this.at + 1, end);
    this.at = end + 2;
    switch (mark) {
      case '+':
        return { type: 'simple', text };
      case '-':
        return { type: 'error', text };
      case ':':
        return { type: 'integer', text };
      case ',':
        return { type: 'double', text };
      case '(':
        return { type: 'big', text };
      case '#':
        return { type: 'boolean', value: text === 't' };
      case '_':
        return { type: 'null' };
      case '$':
        return text === '-1' ? { type: 'nullBulk' } : this.body('bulk', Number(text));
      case '=':
        return this.body('verbatim', Number(text));
      case '*':
        return text === '-1' ? { type: 'nullArray' } : this.items('array', Number(text));
      case '~':
        return this.items('set', Number(text));
      case '>':
        return this.items('push', Number(text));
      case '%':
        return this.items('map', 2 * Number(text));
      case '|':
        return this.items('attribute', 2 * Number(text));
      default:
        throw new Error(
          `A reply began with byte ${JSON.stringify(mark)}, which is no type of RESP.`,
        );
    }
  }

  private body(type: 'bulk' | 'verbatim', length: number): Reply | undefined {
    const end = this.at + length;
    if (this.bytes.length < end + 2) return undefined;
    const bytes = this.bytes.subarray(this.at, end);
    this.at = end + 2;
    return { type, bytes };
  }

  private items(
    type: 'array' | 'set' | 'push' | 'map' | 'attribute',
    n: number,
  ): Reply | undefined {
    const items: Reply[] = [];
    for (let i = 0; i < n; i++) {
      const item = this.read();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { type, items };
  }
}
