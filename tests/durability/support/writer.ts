// A client that does what an application would: it asks for the master, makes sure that it is one, and
// writes numbered values there one after the other. Each number is sent once, whatever becomes of it, and
// counted on the server (HINCRBY): a count of 0 is a write that is not there, 2 one that was done twice.
// Everything that was answered is kept, with the history of the server that answered.

import { setTimeout as pause } from 'node:timers/promises';
import { textOf } from '../../support/questions.ts';
import { type Reply, RespConnection } from '../../support/resp-connection.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface WriterPlan {
  readonly name: string;
  /** With none, the servers are asked for their role. */
  readonly sentinels: readonly Address[];
  readonly servers: readonly Address[];
  /** How long an answer is waited for. */
  readonly patienceMs: number;
  /** Replicas that WAIT must count for a write to be acknowledged; 0: without WAIT. */
  readonly confirm: number;
  /** Time from one write to the next, when answers are faster. */
  readonly intervalMs: number;
}

export type Outcome =
  /** Answered, and by as many replicas as wanted. */
  | 'acknowledged'
  /** Answered, but WAIT did not count enough replicas. */
  | 'unconfirmed'
  /** An error reply: it must not be there. */
  | 'refused'
  /** No answer: it may be there or not. */
  | 'unknown';

export interface Write {
  readonly number: number;
  /** On the clock of the machine that never goes back. */
  readonly sentMs: number;
  readonly answeredMs: number;
  outcome: Outcome;
  readonly server: string;
  /** `master_replid` of the server when the connection was opened. */
  readonly history: string;
  /** What WAIT counted. */
  replicas: number;
  /** The error of a refused one. */
  readonly error: string;
}

const NUMBERS_A_KEY = 1000;
const QUESTION_MS = 500;
const RETRY_MS = 20;
const WAIT_MS = 200;

/** The same in all processes of a machine. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function keyOf(writer: string, number: number): string {
  return `writes:${writer}:${Math.floor(number / NUMBERS_A_KEY)}`;
}

/** What errors are counted by. */
export function refusalOf(error: string, server: string): string {
  return `${error.split(' ')[0]} ${server}`;
}

export class Writer {
  readonly writes: Write[] = [];
  readonly #plan: WriterPlan;
  #connection: RespConnection | undefined;
  #isStopped = false;
  #turn = 0;

  constructor(plan: WriterPlan) {
    this.#plan = plan;
  }

  /** Until `stop`. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#follow(await this.#findMaster());
      } catch {
        // Nobody there, or not any more.
      }
      this.#connection?.close();
      await pause(RETRY_MS);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#connection?.close();
  }

  /** Writes to this server until it gives an error or no answer. */
  async #follow(address: Address): Promise<void> {
    const connection = await openWithin(address, QUESTION_MS);
    this.#connection = connection;
    const text = textOf(await within(QUESTION_MS, connection.call('INFO', 'replication')));
    const history = /^master_replid:(\w+)\r$/m.exec(text)?.[1] ?? '';
    if (!/^role:master\r$/m.test(text)) return;
    const server = `${address.host}:${address.port}`;
    while (!this.#isStopped) {
      const startMs = nowMs();
      const write = await this.#write(connection, server, history);
      this.writes.push(write);
      if (write.outcome === 'refused' || write.outcome === 'unknown') return;
      await pause(Math.max(0, startMs + this.#plan.intervalMs - nowMs()));
    }
  }

  async #write(connection: RespConnection, server: string, history: string): Promise<Write> {
    const { name, patienceMs, confirm } = this.#plan;
    const number = this.writes.length;
    const known = { number, server, history, replicas: 0, sentMs: nowMs() };
    const key = keyOf(name, number);
    try {
      const call = connection.call('HINCRBY', key, String(number), '1');
      const reply = await within(patienceMs, call);
      const answeredMs = nowMs();
      if (reply.type === 'error') {
        return { ...known, answeredMs, outcome: 'refused', error: reply.text };
      }
      const replicas = await this.#confirmed(connection);
      const outcome = replicas >= confirm ? 'acknowledged' : 'unconfirmed';
      return { ...known, answeredMs, outcome, replicas, error: '' };
    } catch {
      return { ...known, answeredMs: nowMs(), outcome: 'unknown', error: '' };
    }
  }

  async #confirmed(connection: RespConnection): Promise<number> {
    const { confirm, patienceMs } = this.#plan;
    if (confirm === 0) return 0;
    try {
      const call = connection.call('WAIT', String(confirm), String(WAIT_MS));
      const reply = await within(patienceMs, call);
      return reply.type === 'integer' ? Number(reply.text) : 0;
    } catch {
      connection.close();
      return 0;
    }
  }

  async #findMaster(): Promise<Address> {
    const { sentinels, servers } = this.#plan;
    // Each in turn: the one that was asked before may be the one that is frozen.
    const turn = this.#turn++;
    if (sentinels.length === 0) return servers[turn % servers.length];
    const connection = await openWithin(sentinels[turn % sentinels.length], QUESTION_MS);
    try {
      const call = connection.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster');
      const reply = await within(QUESTION_MS, call);
      if (reply.type !== 'array') throw new Error('no master');
      const [host, port] = reply.items.map(textOf);
      return { host, port: Number(port) };
    } finally {
      connection.close();
    }
  }
}

async function openWithin({ host, port }: Address, ms: number): Promise<RespConnection> {
  const opening = RespConnection.open(port, host);
  try {
    return await within(ms, opening);
  } catch (error) {
    opening.then(
      (connection) => connection.close(),
      () => undefined,
    );
    throw error;
  }
}

async function within<T extends Reply | RespConnection>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('no answer')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
