// What sentinels say to others, read off the wire: votes, and hellos with their epochs. Whatever a
// sentinel thinks, only what it told can harm the fleet, and a restart does not take it back.

import type { SimulatedConnection } from '../../env/simulated/simulated-connection.ts';
import { type Reply, ReplyReader } from '../../protocol/reply-reader.ts';
import { type Hello, parseHello } from '../../sentinel/core/hello-text.ts';
import { textOf } from '../fleet-client.ts';
import { SENTINEL_PORT } from '../sentinel-node.ts';
import { SERVER_PORT } from '../server-node.ts';
import type { World } from '../world.ts';
import { perWorld } from './per-world.ts';

export interface ToldVote {
  readonly voter: string;
  /** The sentinel that heard it. */
  readonly to: string;
  readonly master: string;
  readonly epoch: number;
  /** Run id of the candidate. */
  readonly leader: string;
}

interface Exchange {
  readonly asks: ReplyReader;
  readonly answers: ReplyReader;
  /** Masters that votes were asked about and that have yet to be answered. */
  readonly masters: string[];
}

/** Answers to PING that tell of a server that serves, or soon will; -MISCONF is none of them. */
const SIGNS_OF_LIFE = ['+PONG', '-LOADING', '-MASTERDOWN'];

/** What changes whose votes a failover needs. */
const OPERATORS = ['FAILOVER', 'RESET', 'SET'];

/** Most of what passes, and without consequence where nothing else is under way. */
const PING: Buffer = Buffer.from('*1\r\n$4\r\nPING\r\n');
const PONG: Buffer = Buffer.from('+PONG\r\n');

const STAR = 42;

/** When a server last gave a sentinel an answer to PING that counts, in ms. */
export interface Heard {
  atMs: number | undefined;
}

export class SentinelWire {
  readonly votes: ToldVote[] = [];
  readonly onVote: ((vote: ToldVote) => void)[] = [];
  readonly onHello: ((sentinel: string, hello: Hello) => void)[] = [];
  /** A command of an operator reached this sentinel: SENTINEL FAILOVER, RESET or SET, with its arguments. */
  readonly onOperator: ((sentinel: string, args: readonly string[]) => void)[] = [];
  readonly #world: World;
  readonly #names = new Map<string, string>();
  /** By address and port of the end that asks. */
  readonly #exchanges = new Map<string, Exchange>();
  /** The same by either end, so that no name is put together for each message. */
  readonly #exchangeOf = new WeakMap<SimulatedConnection, Exchange>();
  /** By `server>sentinel`. */
  readonly #heard = new Map<string, Heard>();
  /** The same by the server's end. */
  readonly #heardOver = new WeakMap<SimulatedConnection, Heard>();

  /** The wire of this world; there is one. */
  static readonly of: (world: World) => SentinelWire = perWorld((world) => new SentinelWire(world));

  private constructor(world: World) {
    this.#world = world;
    for (const { address, name } of world.sentinels) this.#names.set(address, name);
    world.world.fabric.tap = (from, bytes) => this.#tap(from, bytes);
  }

  #tap(from: SimulatedConnection, bytes: Buffer): void {
    if (from.remotePort === SENTINEL_PORT || from.remotePort === SERVER_PORT) {
      const isToSentinel = from.remotePort === SENTINEL_PORT;
      if (!isToSentinel && !this.#names.has(from.localHost)) return;
      const exchange = this.#asking(from);
      if (exchange.asks.bufferedBytes === 0 && isSame(bytes, PING)) return;
      for (const ask of read(exchange.asks, bytes)) this.#asked(from, exchange, ask);
    } else if (from.localPort === SENTINEL_PORT && this.#names.has(from.remoteHost)) {
      const exchange = this.#answering(from);
      if (exchange === undefined) return;
      if (exchange.answers.bufferedBytes === 0 && isSame(bytes, PONG)) return;
      for (const answer of read(exchange.answers, bytes)) this.#answered(from, exchange, answer);
    } else if (from.localPort === SERVER_PORT && this.#names.has(from.remoteHost)) {
      // A sentinel that has begun anew with a server does not hear what the way before brings.
      if (from.hasReader && hasSignOfLife(bytes)) this.#hear(from);
    }
  }

  #hear(from: SimulatedConnection): void {
    let heard = this.#heardOver.get(from);
    if (heard === undefined) {
      heard = this.heard(from.localHost, from.remoteHost);
      this.#heardOver.set(from, heard);
    }
    heard.atMs = this.#world.nowMs;
  }

  /** What this server, by its address, lets this sentinel hear; it goes on telling. */
  heard(server: string, sentinel: string): Heard {
    const key = `${server}>${sentinel}`;
    let heard = this.#heard.get(key);
    if (heard === undefined) {
      heard = { atMs: undefined };
      this.#heard.set(key, heard);
    }
    return heard;
  }

  /** A machine that starts again begins with the same ports, so an end that is new begins anew. */
  #asking(end: SimulatedConnection): Exchange {
    let exchange = this.#exchangeOf.get(end);
    if (exchange === undefined) {
      exchange = { asks: new ReplyReader(), answers: new ReplyReader(), masters: [] };
      this.#exchangeOf.set(end, exchange);
      this.#exchanges.set(`${end.localHost}:${end.localPort}`, exchange);
    }
    return exchange;
  }

  /** Undefined when nothing has been asked. */
  #answering(end: SimulatedConnection): Exchange | undefined {
    let exchange = this.#exchangeOf.get(end);
    if (exchange === undefined) {
      exchange = this.#exchanges.get(`${end.remoteHost}:${end.remotePort}`);
      if (exchange !== undefined) this.#exchangeOf.set(end, exchange);
    }
    return exchange;
  }

  #asked(from: SimulatedConnection, exchange: Exchange, ask: Reply): void {
    if (ask.kind !== 'array' || ask.items.length < 3) return;
    const args = ask.items.map(textOf);
    const [name, second, third, fourth] = args;
    const command = name.toUpperCase();
    if (command === 'PUBLISH') {
      const sentinel = this.#names.get(from.localHost);
      const hello = parseHello(third);
      if (sentinel === undefined || hello === undefined) return;
      for (const hear of this.onHello) hear(sentinel, hello);
      return;
    }
    if (command !== 'SENTINEL' || from.remotePort !== SENTINEL_PORT) return;
    if (second.toUpperCase() === 'IS-MASTER-DOWN-BY-ADDR') {
      exchange.masters.push(this.#masterAt(third, Number(fourth)));
    } else if (OPERATORS.includes(second.toUpperCase())) {
      const sentinel = this.#names.get(from.remoteHost) ?? '';
      for (const hear of this.onOperator) hear(sentinel, args);
    }
  }

  #answered(from: SimulatedConnection, exchange: Exchange, answer: Reply): void {
    if (answer.kind !== 'array' || answer.items.length !== 3) return;
    const [isDown, leader, epoch] = answer.items;
    if (isDown.kind !== 'integer' || epoch.kind !== 'integer') return;
    const master = exchange.masters.shift();
    const id = textOf(leader);
    if (master === undefined || id.length !== 40) return;
    const voter = this.#names.get(from.localHost) ?? '';
    const to = this.#names.get(from.remoteHost) ?? '';
    const vote = { voter, to, master, epoch: epoch.value, leader: id };
    this.votes.push(vote);
    for (const hear of this.onVote) hear(vote);
  }

  /** The name of the master whose group has this node; sentinels ask by address. */
  #masterAt(host: string, port: number): string {
    const { masterNames, options, servers } = this.#world;
    const index = servers.findIndex((node) => node.address === host && node.port === port);
    return masterNames[Math.floor(index / (options.replicas + 1))] ?? `${host}:${port}`;
  }
}

function hasSignOfLife(bytes: Buffer): boolean {
  // By far the most frequent: a hello, which is no answer, and PONG alone.
  if (bytes[0] === STAR) return false;
  if (isSame(bytes, PONG)) return true;
  return SIGNS_OF_LIFE.some((sign) => bytes.includes(sign));
}

function isSame(bytes: Buffer, wanted: Buffer): boolean {
  if (bytes.length !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[i] !== wanted[i]) return false;
  return true;
}

function read(reader: ReplyReader, bytes: Buffer): readonly Reply[] {
  const all: Reply[] = [];
  reader.feed(bytes);
  for (let one = reader.next(); one !== undefined; one = reader.next()) all.push(one);
  return all;
}
