// A network in memory, on virtual time: hosts with addresses, delays, partitions. Connections keep
// their order, push back when the receiver is slow, and break in the ways that TCP's do. It models
// what a program can see; there are no packets, and a partition delays bytes as retransmission would.

import { assert } from '../../util/assert.ts';
import type {
  ConnectAddress,
  Connection,
  ListenAddress,
  Listener,
  ListenerHandlers,
  Network,
} from '../network.ts';
import { NetworkError } from '../system-error.ts';
import { SimulatedConnection } from './simulated-connection.ts';
import type { SimulatedTime, SimulatedTimers } from './simulated-time.ts';

export interface NetworkOptions {
  /** One way, in microseconds, for a pair of hosts; `random` is in [0, 1). */
  readonly delayUs: (from: string, to: string) => number;
  /** Bytes that may be under way or unread in one direction before the sender must wait. */
  readonly windowBytes: number;
  /** Largest chunk that arrives at once; small values split requests in every place. */
  readonly chunkBytes: () => number;
  /** How long a connection attempt into a partition takes to fail. */
  readonly connectTimeoutMs: number;
}

const defaultNetworkOptions: NetworkOptions = {
  delayUs: () => 50,
  windowBytes: 256 * 1024,
  chunkBytes: () => 64 * 1024,
  connectTimeoutMs: 127_000,
};

/** The wires between all hosts. */
export class SimulatedFabric {
  readonly time: SimulatedTime;
  readonly options: NetworkOptions;
  /** Sees all bytes as they are put on a wire, and by which end of the connection. */
  tap: ((from: SimulatedConnection, bytes: Buffer) => void) | undefined;
  readonly #hosts = new Map<string, SimulatedNetwork>();
  readonly #cuts = new Set<string>();
  readonly #refusing = new Set<string>();
  readonly #held = new Map<string, (() => void)[]>();
  /** What waits for a machine that lost power, by address. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #nextFd = 8;

  constructor(time: SimulatedTime, options: Partial<NetworkOptions> = {}) {
    this.time = time;
    this.options = { ...defaultNetworkOptions, ...options };
  }

  /** A machine with one address besides loopback. */
  host(address: string, timers: SimulatedTimers): SimulatedNetwork {
    const network = new SimulatedNetwork(this, address, timers);
    this.#hosts.set(address, network);
    const waiting = this.#waiting.get(address) ?? [];
    this.#waiting.delete(address);
    for (const run of waiting) this.time.schedule(0, run);
    return network;
  }

  /** Runs `run` once the machine that lost its `network` has another, which may be now. */
  whenBack(network: SimulatedNetwork, run: () => void): void {
    const { address } = network;
    if (this.#hosts.get(address) !== network) {
      this.time.schedule(0, run);
      return;
    }
    const waiting = this.#waiting.get(address);
    if (waiting === undefined) this.#waiting.set(address, [run]);
    else waiting.push(run);
  }

  find(address: string): SimulatedNetwork | undefined {
    return this.#hosts.get(address);
  }

  fd(): number {
    return this.#nextFd++;
  }

  /** From now on nothing passes between the two, in either direction. */
  cut(a: string, b: string): void {
    this.#cuts.add(`${a}>${b}`);
    this.#cuts.add(`${b}>${a}`);
  }

  /** From now on nothing passes from `from` to `to`; the other direction works. */
  cutOneWay(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** Ends the partition; what was held back arrives, in order. */
  heal(a: string, b: string): void {
    for (const wire of [`${a}>${b}`, `${b}>${a}`]) {
      this.#cuts.delete(wire);
      const held = this.#held.get(wire) ?? [];
      this.#held.delete(wire);
      for (const arrive of held) this.time.schedule(0, arrive);
    }
  }

  /** Ends all partitions. */
  healAll(): void {
    for (const wire of [...this.#cuts]) {
      const [from, to] = wire.split('>');
      this.heal(from, to);
    }
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(`${from}>${to}`);
  }

  /** Whether a host answers new connections with a refusal; those that are open go on. */
  refuse(address: string, on: boolean): void {
    if (on) this.#refusing.add(address);
    else this.#refusing.delete(address);
  }

  refuses(address: string): boolean {
    return this.#refusing.has(address);
  }

  /** All connections of the two: broken, which both are told, or forgotten, which nobody is told. */
  breakLinks(a: string, b: string, isTold: boolean): void {
    const [one, other] = [this.#hosts.get(a), this.#hosts.get(b)];
    if (one === undefined || other === undefined) return;
    for (const connection of one.connectionsTo(other)) {
      if (isTold) connection.breakOff();
      else connection.forgetWay();
    }
  }

  /** Holds `arrive` back while the wire is cut. True when it was held. */
  hold(from: string, to: string, arrive: () => void): boolean {
    if (this.#cuts.size === 0) return false;
    const wire = `${from}>${to}`;
    if (!this.#cuts.has(wire)) return false;
    const held = this.#held.get(wire);
    if (held === undefined) this.#held.set(wire, [arrive]);
    else held.push(arrive);
    return true;
  }
}

/** The network as one host sees it. */
export class SimulatedNetwork implements Network {
  readonly address: string;
  readonly timers: SimulatedTimers;
  readonly fabric: SimulatedFabric;
  readonly #listeners: SimulatedListener[] = [];
  readonly #connections = new Set<SimulatedConnection>();
  #nextPort = 40_000;

  constructor(fabric: SimulatedFabric, address: string, timers: SimulatedTimers) {
    this.fabric = fabric;
    this.address = address;
    this.timers = timers;
  }

  async listen(address: ListenAddress, handlers: ListenerHandlers): Promise<Listener> {
    this.fabric.time.willContinue();
    return this.#open(address, handlers);
  }

  #open(address: ListenAddress, handlers: ListenerHandlers): Listener {
    const isUnix = 'path' in address;
    const host = isUnix ? '' : address.host;
    if (!isUnix && !this.#isMine(host)) throw new NetworkError('EADDRNOTAVAIL');
    const port = isUnix ? 0 : address.port || this.#nextPort++;
    const path = isUnix ? address.path : '';
    if (this.#listeners.some((other) => other.conflicts(host, port, path))) {
      throw new NetworkError('EADDRINUSE');
    }
    const listener = new SimulatedListener(host, port, path, handlers, () => {
      this.#listeners.splice(this.#listeners.indexOf(listener), 1);
      this.fabric.time.willContinue();
    });
    this.#listeners.push(listener);
    return listener;
  }

  connect(address: ConnectAddress): Connection {
    const isUnix = 'path' in address;
    const path = isUnix ? address.path : '';
    const host = isUnix || isLoopback(address.host) ? this.address : address.host;
    const facts = {
      path,
      remoteHost: isUnix ? '' : address.host,
      remotePort: isUnix ? 0 : address.port,
      localHost: isUnix ? '' : isLoopback(address.host) ? address.host : this.address,
      localPort: isUnix ? 0 : this.#nextPort++,
    };
    const connection = this.#adopt(new SimulatedConnection(this, facts));
    this.#knock(connection, host, 1, this.fabric.options.connectTimeoutMs);
    return connection;
  }

  async resolve(host: string): Promise<string> {
    this.fabric.time.willContinue();
    if (isLoopback(host) || this.fabric.find(host) !== undefined) {
      return host === 'localhost' ? '127.0.0.1' : host;
    }
    throw new NetworkError('ENOTFOUND');
  }

  /** The process died: peers see their connections closed, listeners are gone. */
  crash(): void {
    this.#listeners.length = 0;
    for (const connection of [...this.#connections]) connection.abandon();
    this.#connections.clear();
  }

  /** The machine lost power: nothing tells its peers, whose bytes meet nobody until it is back. */
  vanish(): void {
    this.#listeners.length = 0;
    for (const connection of [...this.#connections]) connection.vanish();
    this.#connections.clear();
  }

  connectionsTo(other: SimulatedNetwork): readonly SimulatedConnection[] {
    return [...this.#connections].filter((connection) => connection.goesTo(other));
  }

  forget(connection: SimulatedConnection): void {
    this.#connections.delete(connection);
  }

  #adopt(connection: SimulatedConnection): SimulatedConnection {
    this.#connections.add(connection);
    return connection;
  }

  /** The way of the first packet and of its answer; it is sent again after 1, 2, 4 … seconds. */
  #knock(client: SimulatedConnection, target: string, seconds: number, leftMs: number): void {
    const { fabric, address } = this;
    const { time, options } = fabric;
    if (client.isClosed) return;
    if (fabric.isCut(address, target) || fabric.isCut(target, address)) {
      const waitMs = Math.min(seconds * 1000, leftMs);
      const again = (): void => {
        if (waitMs < leftMs) this.#knock(client, target, 2 * seconds, leftMs - waitMs);
        else this.timers.due(() => client.fail('ETIMEDOUT'));
      };
      time.schedule(waitMs * 1000, again);
      return;
    }
    const there = client.path === '' ? options.delayUs(address, target) : 0;
    time.schedule(there, () => {
      const network = fabric.find(target);
      const back = client.path === '' ? options.delayUs(target, address) : 0;
      const isOpen = network !== undefined && !fabric.refuses(target);
      const listener = isOpen ? network.#listenerFor(client) : undefined;
      if (network === undefined || listener === undefined) {
        const unknown = client.path === '' ? 'EHOSTUNREACH' : 'ENOENT';
        const code =
          network === undefined ? unknown : client.path === '' ? 'ECONNREFUSED' : 'ENOENT';
        time.schedule(back, () => this.timers.due(() => client.fail(code)));
        return;
      }
      if (client.isClosed) return;
      const server = network.#adopt(
        new SimulatedConnection(network, {
          path: client.path,
          remoteHost: client.localHost,
          remotePort: client.localPort,
          localHost: client.remoteHost,
          localPort: client.remotePort,
        }),
      );
      client.join(server);
      network.timers.due(() => server.accepted(listener.handlers.onConnection));
      time.schedule(back, () => this.timers.due(() => client.established()));
    });
  }

  #listenerFor(client: SimulatedConnection): SimulatedListener | undefined {
    const { path, remoteHost, remotePort } = client;
    return this.#listeners.find((listener) => listener.takes(remoteHost, remotePort, path));
  }

  #isMine(host: string): boolean {
    return isAny(host) || isLoopback(host) || host === this.address;
  }
}

class SimulatedListener implements Listener {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly handlers: ListenerHandlers;
  readonly #remove: () => void;
  #isOpen = true;

  constructor(
    host: string,
    port: number,
    path: string,
    handlers: ListenerHandlers,
    remove: () => void,
  ) {
    assert(path !== '' || port > 0, 'a TCP listener has a port');
    this.host = host;
    this.port = port;
    this.path = path;
    this.handlers = handlers;
    this.#remove = remove;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#remove();
  }

  conflicts(host: string, port: number, path: string): boolean {
    if (path !== '' || this.path !== '') return path === this.path;
    if (port !== this.port || host.includes(':') !== this.host.includes(':')) return false;
    return host === this.host || isAny(host) || isAny(this.host);
  }

  takes(host: string, port: number, path: string): boolean {
    if (path !== '' || this.path !== '') return path === this.path;
    if (port !== this.port || host.includes(':') !== this.host.includes(':')) return false;
    return isAny(this.host) || host === this.host;
  }
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host === 'localhost';
}
