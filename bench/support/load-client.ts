// One connection of a benchmark: requests as bytes, replies counted and not understood. A load that is
// built and checked in JavaScript must not cost more than the server under it, so batches are written
// as buffers, and replies are told apart by their number of lines alone.

import { connect, type Socket } from 'node:net';

const LF = 10;
const MINUS = 45;

export class LoadClient {
  readonly socket: Socket;
  /** Lines still to come before `#finish` is called. */
  #linesLeft = 0;
  #finish: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #head = '';
  #atLineStart = true;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    const lost = (): void => this.#fail?.(new Error('connection lost'));
    socket.on('error', lost);
    socket.on('close', lost);
  }

  static connect(port: number): Promise<LoadClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new LoadClient(socket));
      });
    });
  }

  /** Writes the bytes and waits for replies of `lines` lines together; an error reply rejects. */
  send(bytes: Uint8Array, lines: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#linesLeft = lines;
      this.#head = '';
      this.#finish = resolve;
      this.#fail = reject;
      this.socket.write(bytes);
    });
  }

  /** Sends one command whose reply is a single line, and returns that line. */
  async call(...args: readonly (string | number)[]): Promise<string> {
    await this.send(encode(args), 1);
    return this.#head;
  }

  /** Sends one command whose reply is a bulk of text, and returns that text. */
  async text(...args: readonly (string | number)[]): Promise<string> {
    const header = new Promise<Buffer>((resolve) => this.socket.once('data', resolve));
    await this.send(encode(args), 2);
    const chunk = (await header).toString('latin1');
    return chunk.slice(chunk.indexOf('\n') + 1);
  }

  close(): void {
    this.#fail = undefined;
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#head.length < 64) {
      this.#head = (this.#head + chunk.toString('latin1', 0, 256)).split('\r\n')[0];
    }
    let lines = 0;
    // A line that begins with '-' is an error: none of the values stored here does.
    if (this.#atLineStart && chunk[0] === MINUS) this.#refuse(chunk, 0);
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      lines++;
      if (chunk[at + 1] === MINUS) this.#refuse(chunk, at + 1);
    }
    this.#atLineStart = chunk[chunk.length - 1] === LF;
    this.#linesLeft -= lines;
    if (this.#linesLeft <= 0) this.#finish?.();
  }

  #refuse(chunk: Buffer, at: number): void {
    this.#fail?.(new Error(chunk.toString('latin1', at, at + 200).split('\r\n')[0]));
  }
}

/** One request as RESP; arguments are latin1. */
export function encode(args: readonly (string | number)[]): Buffer {
  let text = `*${args.length}\r\n`;
  for (const arg of args) text += `$${`${arg}`.length}\r\n${arg}\r\n`;
  return Buffer.from(text, 'latin1');
}

/**
 * Sends `total` requests in pipelines: `request(i)` gives the text of one, with `lines` lines of reply.
 * Two batches are on the way at any time, so that the server never waits for the client.
 */
export async function pipeline(
  clients: readonly LoadClient[],
  total: number,
  depth: number,
  lines: number,
  request: (i: number) => string,
): Promise<void> {
  let next = 0;
  const run = async (client: LoadClient): Promise<void> => {
    while (next < total) {
      const from = next;
      next = Math.min(total, from + depth);
      let text = '';
      const n = next - from;
      for (let i = from; i < from + n; i++) text += request(i);
      await client.send(Buffer.from(text, 'latin1'), n * lines);
    }
  };
  await Promise.all(clients.map(run));
}

/** The text of one request, for `pipeline`. */
export function requestText(...args: readonly string[]): string {
  let text = `*${args.length}\r\n`;
  for (const arg of args) text += `$${arg.length}\r\n${arg}\r\n`;
  return text;
}

export async function connectAll(port: number, count: number): Promise<LoadClient[]> {
  return Promise.all(Array.from({ length: count }, () => LoadClient.connect(port)));
}
