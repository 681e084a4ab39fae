// A server that is attacked, and how a test knows that it withstood: another client is served all the
// while, the log has no report of a crash, memory stays bounded, and whoever attacked leaves nothing
// behind. What the attacks are is the tests' own business.

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { render } from '../support/render-reply.ts';
import { RespConnection } from '../support/resp-connection.ts';
import { type RunningServer, startServer, subject } from '../support/server-process.ts';

/** An argument of a request. */
export type Argument = Buffer | string;

/** How long any one request of another client may wait; a machine that is busy with tests included. */
const ANSWER_LIMIT_MS = 10_000;
/** What a server that holds next to nothing may occupy, garbage not yet collected included. */
const MEMORY_LIMIT_BYTES = 768 * 1024 * 1024;
/** Nothing a test waits for takes this long unless it never comes. */
const LIMIT_MS = 30_000;

export class Victim {
  readonly server: RunningServer;
  /** The client that must not notice anything. */
  readonly #witness: RespConnection;
  /** Connections that the server has taken in all when nobody is on the way. */
  #arriving = 0;

  private constructor(server: RunningServer, witness: RespConnection) {
    this.server = server;
    this.#witness = witness;
  }

  /** `password` is what the witness logs in with, where `options` ask for one. */
  static async start(
    options: Readonly<Record<string, string>> = {},
    password = '',
  ): Promise<Victim> {
    const server = await startServer(subject, options);
    const witness = await RespConnection.open(server.port);
    const victim = new Victim(server, witness);
    if (password !== '') assert.equal(await victim.ask('AUTH', password), '+OK');
    victim.#arriving = Number(await victim.info('total_connections_received'));
    return victim;
  }

  async stop(): Promise<void> {
    this.#witness.close();
    await this.server.stop();
  }

  open(): Promise<RespConnection> {
    this.#arriving++;
    return RespConnection.open(this.server.port);
  }

  /** A socket that is read only if the test does so. Errors are what an attacker expects. */
  socket(): Promise<Socket> {
    this.#arriving++;
    const socket = connect(this.server.port, '127.0.0.1');
    socket.on('error', () => {});
    return new Promise((done) => socket.once('connect', () => done(socket)));
  }

  /** A request of the witness, its reply as text. */
  async ask(...args: readonly Argument[]): Promise<string> {
    return render(await this.#witness.call(...args));
  }

  /** Asks until the reply matches. */
  async until(expected: RegExp, ...args: readonly Argument[]): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    for (;;) {
      const reply = await this.ask(...args);
      if (expected.test(reply)) return;
      assert.ok(
        performance.now() < deadline,
        `${args.join(' ')} never matched ${expected}: ${reply}`,
      );
      await new Promise((resume) => setImmediate(resume));
    }
  }

  /** One field of INFO. */
  async info(field: string): Promise<string> {
    const reply = await this.#witness.call('INFO', 'everything');
    assert.ok(reply.type === 'bulk' || reply.type === 'verbatim');
    const value = new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(reply.bytes.toString('latin1'));
    assert.ok(value !== null, `INFO has no field ${field}`);
    return value[1];
  }

  /** The witness asks for as long as the work takes, and is answered. */
  async during<T>(work: Promise<T>, request: readonly Argument[] = ['PING']): Promise<T> {
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    work.then(end, end);
    while (!isDone) {
      const start = performance.now();
      assert.match(await this.ask(...request), /^[^-]/);
      const took = performance.now() - start;
      assert.ok(took < ANSWER_LIMIT_MS, `another client waited ${took} ms`);
    }
    return await work;
  }

  /** Sends bytes on a new connection and tells what came until the server closed it. */
  async provoke(bytes: Buffer | string): Promise<string> {
    const socket = await this.socket();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = new Promise<void>((done, fail) => {
      const limit = setTimeout(() => fail(new Error('the connection was not closed')), LIMIT_MS);
      socket.once('close', () => {
        clearTimeout(limit);
        done();
      });
    });
    socket.write(bytes);
    await closed;
    return Buffer.concat(chunks).toString('latin1');
  }

  /** Nothing happened that another client, or the operator, would notice. */
  async unharmed(maxBytes: number = MEMORY_LIMIT_BYTES): Promise<void> {
    await this.during(Promise.resolve());
    assert.equal(await this.ask('SET', 'witness', 'unharmed'), '+OK');
    assert.equal(await this.ask('GET', 'witness'), '"unharmed"');
    assert.equal(await this.ask('DEL', 'witness'), '1');
    assert.doesNotMatch(this.server.output(), /BUG REPORT|ASSERTION|crashed|Unhandled|\n\s+at /);
    // What was large and is garbage may take the collector a moment.
    const deadline = performance.now() + LIMIT_MS;
    for (;;) {
      const bytes = Number(await this.info('used_memory_rss'));
      if (bytes < maxBytes) return;
      assert.ok(performance.now() < deadline, `the server occupies ${bytes} bytes`);
    }
  }

  /** Every connection was taken by the server: being connected is the system's doing, not its own. */
  arrived(): Promise<void> {
    return this.until(
      new RegExp(`total_connections_received:${this.#arriving}\\\\r`),
      'INFO',
      'stats',
    );
  }

  /**
   * Whoever came before was taken or has been forgotten: the system's queue, in which those still wait who
   * have vanished already, is served in order.
   */
  async passed(): Promise<void> {
    const last = await this.open();
    await last.call('PING');
    last.close();
  }

  /** Every connection but the witness's is gone from the server's list. */
  alone(): Promise<void> {
    return this.until(/connected_clients:1\\r/, 'INFO', 'clients');
  }
}

/** A victim for one test. */
export async function startVictim(
  context: TestContext,
  options: Readonly<Record<string, string>> = {},
  password = '',
): Promise<Victim> {
  const victim = await Victim.start(options, password);
  context.after(() => victim.stop());
  return victim;
}

/** Many sockets at once. */
export function openSockets(victim: Victim, count: number): Promise<readonly Socket[]> {
  return Promise.all(Array.from({ length: count }, () => victim.socket()));
}
