// A network with a table of faults in front of another network. Only connections that this process
// makes can be cut and slowed: they are known by the address they go to, while an accepted one shows
// nothing but a port of no meaning. Between two nodes the one that connects carries the fault.

import type { Clock } from './clock.ts';
import { FaultyConnection, type FaultyConnectionOwner } from './faulty-connection.ts';
import type { LinkFaults } from './link-faults.ts';
import type {
  ConnectAddress,
  Connection,
  ListenAddress,
  Listener,
  ListenerHandlers,
  Network,
} from './network.ts';
import type { Timers } from './timers.ts';

export interface FaultyNetworkParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class FaultyNetwork implements Network, FaultyConnectionOwner {
  readonly faults: LinkFaults;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly #real: Network;
  readonly #holdsAccepted: boolean;
  readonly #connections = new Set<FaultyConnection>();
  readonly #listeners = new Set<Listener>();
  readonly #unwatch: () => void;
  /** Connections that came while the process was frozen. */
  #knocking: (() => void)[] = [];
  #isDead = false;

  /**
   * `holdsAccepted`: accepted connections, too, fall silent when `faults` says that the process is
   * frozen. A process that is stopped by a signal does not need it, and its clients then keep the
   * direct way.
   */
  constructor(parts: FaultyNetworkParts, faults: LinkFaults, holdsAccepted = false) {
    this.#real = parts.network;
    this.clock = parts.clock;
    this.timers = parts.timers;
    this.faults = faults;
    this.#holdsAccepted = holdsAccepted;
    this.#unwatch = faults.watch(() => this.#refresh());
  }

  async listen(address: ListenAddress, handlers: ListenerHandlers): Promise<Listener> {
    const listener = await this.#real.listen(
      address,
      this.#holdsAccepted
        ? { ...handlers, onConnection: (real) => this.#accept(real, handlers) }
        : handlers,
    );
    this.#listeners.add(listener);
    return listener;
  }

  connect(address: ConnectAddress): Connection {
    return this.#keep(new FaultyConnection(this, address));
  }

  resolve(host: string): Promise<string> {
    return this.#real.resolve(host);
  }

  open(address: ConnectAddress): Connection {
    return this.#real.connect(address);
  }

  forget(connection: FaultyConnection): void {
    this.#connections.delete(connection);
  }

  /** The process died: listeners are gone, peers see their connections reset. */
  async crash(): Promise<void> {
    this.#isDead = true;
    this.#unwatch();
    this.#knocking = [];
    for (const connection of [...this.#connections]) connection.crash();
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
  }

  #accept(real: Connection, handlers: ListenerHandlers): void {
    const connection = this.#keep(new FaultyConnection(this, real));
    if (this.faults.isFrozen) this.#knocking.push(() => handlers.onConnection(connection));
    else handlers.onConnection(connection);
  }

  #keep(connection: FaultyConnection): FaultyConnection {
    if (this.#isDead) connection.crash();
    else this.#connections.add(connection);
    return connection;
  }

  #refresh(): void {
    if (!this.faults.isFrozen) {
      const knocking = this.#knocking;
      this.#knocking = [];
      for (const accept of knocking) accept();
    }
    for (const connection of [...this.#connections]) connection.refresh();
  }
}
