// The sockets a node listens on: several TCP addresses on one port and a Unix socket, opened at the
// start and moved at run time by CONFIG SET port and bind. Log texts are redis-server's, because its
// test-suite and people's scripts wait for them.

import type { Clock } from '../env/clock.ts';
import type { Log } from '../env/log.ts';
import type { Connection, ListenAddress, Listener, Network } from '../env/network.ts';
import { type NetworkError, systemErrorText } from '../env/system-error.ts';
import type { NetSettings } from './net-settings.ts';

export interface ListenersEnvironment {
  readonly clock: Clock;
  readonly network: Network;
  readonly log: Log;
}

/** Where TCP is to be listened on. */
export interface TcpPlan {
  readonly bind: readonly string[];
  readonly port: number;
}

/** Errors of a machine that lacks the protocol: such an address is skipped. */
const NO_PROTOCOL: ReadonlySet<string> = new Set([
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'ENOPROTOOPT',
]);
/** Failed accepts come in floods; one line in this time says enough. */
const ACCEPT_LOG_US = 1_000_000;

export class Listeners {
  readonly #environment: ListenersEnvironment;
  readonly #settings: NetSettings;
  readonly #onConnection: (connection: Connection) => void;
  #tcp: readonly Listener[] = [];
  #unix: Listener | undefined;
  #plan: TcpPlan = { bind: [], port: 0 };
  #acceptLoggedUs = Number.NEGATIVE_INFINITY;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(
    environment: ListenersEnvironment,
    settings: NetSettings,
    onConnection: (connection: Connection) => void,
  ) {
    this.#environment = environment;
    this.#settings = settings;
    this.#onConnection = onConnection;
  }

  /** The real port; 0 while there is no TCP. */
  get port(): number {
    return this.#tcp[0]?.port ?? 0;
  }

  get addresses(): readonly string[] {
    return this.#tcp.map((listener) => listener.host);
  }

  /** The Unix socket's path, '' without one. */
  get path(): string {
    return this.#unix?.path ?? '';
  }

  /** Listens on everything configured; false, logged, when the node cannot start. */
  async open(): Promise<boolean> {
    const settings = this.#settings;
    const environment = this.#environment;
    const { log } = environment;
    if (settings.port !== 0) {
      const opened = await this.openTcp({ bind: settings.bind, port: settings.port });
      if (opened === undefined) {
        log.warning(`Failed listening on port ${settings.port} (tcp), aborting.`);
        return false;
      }
    }
    if (settings.unixsocket !== '' && !(await this.#openUnix())) {
      log.warning('Failed listening on port 0 (unix), aborting.');
      await this.close();
      return false;
    }
    if (this.#tcp.length === 0 && this.#unix === undefined) {
      log.warning('Configured to not listen anywhere, exiting.');
      return false;
    }
    return true;
  }

  /** TCP alone; port 0 is any free one here, which the configuration file has no word for. */
  async openTcp(plan: TcpPlan): Promise<readonly Listener[] | undefined> {
    const opened = await this.#listenAll(plan);
    if (opened === undefined) return undefined;
    this.#tcp = opened;
    this.#plan = plan;
    return opened;
  }

  /**
   * Moves TCP to another port or other addresses. False when that fails: then everything listens
   * where it did before. Connections that exist are not touched. Calls are done one after another.
   */
  rebind(plan: TcpPlan): Promise<boolean> {
    const result = this.#changing.then(() => this.#move(plan));
    this.#changing = result;
    return result;
  }

  async close(): Promise<void> {
    await this.#changing;
    const all = this.#unix === undefined ? [...this.#tcp] : [...this.#tcp, this.#unix];
    this.#tcp = [];
    this.#unix = undefined;
    await Promise.all(all.map((listener) => listener.close()));
  }

  async #move(plan: TcpPlan): Promise<boolean> {
    const before = { bind: this.#plan.bind, port: this.port };
    // The old ones must go first: '*' and a single address on one port exclude each other.
    await Promise.all(this.#tcp.map((listener) => listener.close()));
    this.#tcp = [];
    if (plan.port === 0) {
      this.#plan = plan;
      return true;
    }
    if ((await this.openTcp(plan)) !== undefined) return true;
    if (before.port !== 0 && (await this.openTcp(before)) === undefined) {
      this.#environment.log.warning('Failed to restore old listening sockets.');
    }
    return false;
  }

  /** All addresses or none; undefined, logged, when one fails that must not. */
  async #listenAll(plan: TcpPlan): Promise<readonly Listener[] | undefined> {
    const opened: Listener[] = [];
    let port = plan.port;
    for (const entry of plan.bind) {
      if (entry === '') continue;
      const isOptional = entry.startsWith('-');
      const name = isOptional ? entry.slice(1) : entry;
      try {
        const host = name === '*' ? '0.0.0.0' : name === '::*' ? '::' : name;
        const listener = await this.#listen({ host, port, backlog: this.#settings.tcpBacklog });
        opened.push(listener);
        // Port 0 is whatever the first address got, for all of them.
        port = listener.port;
      } catch (error) {
        const { code } = error as NetworkError;
        this.#environment.log.warning(
          `Warning: Could not create server TCP listening socket ${name}:${port}: ${bindError(code)}`,
        );
        if ((code === 'EADDRNOTAVAIL' && isOptional) || NO_PROTOCOL.has(code)) continue;
        await Promise.all(opened.map((listener) => listener.close()));
        return undefined;
      }
    }
    return opened;
  }

  async #openUnix(): Promise<boolean> {
    const { unixsocket, unixsocketperm, tcpBacklog } = this.#settings;
    const mode = unixsocketperm === 0 ? {} : { mode: unixsocketperm };
    try {
      this.#unix = await this.#listen({ path: unixsocket, backlog: tcpBacklog, ...mode });
      return true;
    } catch (error) {
      const { code } = error as NetworkError;
      this.#environment.log.warning(`Failed opening Unix socket: bind: ${systemErrorText(code)}`);
      return false;
    }
  }

  #listen(address: ListenAddress): Promise<Listener> {
    return this.#environment.network.listen(address, {
      onConnection: this.#onConnection,
      onError: (code) => this.#acceptFailed(code),
    });
  }

  #acceptFailed(code: string): void {
    const now = this.#environment.clock.monotonicUs();
    if (now - this.#acceptLoggedUs < ACCEPT_LOG_US) return;
    this.#acceptLoggedUs = now;
    this.#environment.log.warning(`Accepting client connection: accept: ${systemErrorText(code)}`);
  }
}

function bindError(code: string): string {
  // A name that does not resolve never came as far as bind.
  const text = systemErrorText(code);
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? text : `bind: ${text}`;
}
