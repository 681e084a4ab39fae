// All clients of a node: who is let in, who is thrown out, and the regular look at everybody. One
// timer serves all of them: a timer for each of ten thousand idle clients would be garbage and heap.

import type { Clock } from '../env/clock.ts';
import type { Log } from '../env/log.ts';
import type { Connection } from '../env/network.ts';
import type { Timer, Timers } from '../env/timers.ts';
import { errors } from '../protocol/errors.ts';
import { Request } from '../protocol/request.ts';
import { ClientConnection, type ClientContext } from './client-connection.ts';
import { clientMemoryLimit, sizeBucket } from './client-limits.ts';
import type { NetHost, NetSession } from './net-session.ts';
import { type NetSettings, NetStatistics, type NetSwitches, netLimits } from './net-settings.ts';
import { PollEnd } from './poll-end.ts';

export interface ClientsEnvironment {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** Visits a second are spread over this many steps. */
const SWEEP_STEPS = 10;

export class Clients<S extends NetSession> implements ClientContext<S> {
  readonly host: NetHost<S>;
  readonly settings: NetSettings;
  readonly statistics: NetStatistics = new NetStatistics();
  readonly clock: Clock;
  readonly log: Log;
  readonly poll: PollEnd<ClientConnection<S>>;
  readonly ahead: readonly Request[] = Array.from(
    { length: netLimits.aheadRequests },
    () => new Request(),
  );
  switches: NetSwitches = {
    cronPaused: false,
    replyBufferPeakResetMs: 5000,
    replyBufferResizing: true,
  };

  readonly #list: ClientConnection<S>[] = [];
  readonly #timer: Timer;
  #nextToSweep = 0;
  /** Sum of the connections' accounts; kept only while there is a limit. */
  #totalBytes = 0;
  #isAccounting = false;

  constructor(environment: ClientsEnvironment, settings: NetSettings, host: NetHost<S>) {
    this.host = host;
    this.settings = settings;
    this.clock = environment.clock;
    this.log = environment.log;
    this.poll = new PollEnd(environment.timers, () => host.beforeFlush());
    this.#timer = environment.timers.every(netLimits.sweepMs / SWEEP_STEPS, () => this.#sweep());
  }

  get count(): number {
    return this.#list.length;
  }

  /** A connection from a listener. */
  accept(connection: Connection): void {
    const { settings, statistics, log } = this;
    if (!connection.isUnix && connection.remoteHost === '') {
      // Reset before it was accepted: the system no longer knows who it was.
      connection.handle({ onData: () => {}, onClose: () => {} });
      connection.destroy();
      return;
    }
    if (this.#list.length >= settings.maxclients) {
      this.#reject(connection, errors.maxClients);
      return;
    }
    if (log.level === 'verbose' || log.level === 'debug') {
      log.verbose(
        connection.isUnix
          ? `Accepted connection to ${connection.path}`
          : `Accepted ${connection.remoteHost}:${connection.remotePort}`,
      );
    }
    if (settings.protectedMode && !isLocal(connection) && this.host.isOpenToAll()) {
      this.#reject(connection, errors.protectedMode);
      return;
    }
    if (settings.tcpKeepalive > 0) connection.setKeepAlive(settings.tcpKeepalive);
    statistics.accepted++;
    this.add(connection);
  }

  /** A connection that is a client already (the other end of an in-process link). */
  add(connection: Connection): ClientConnection<S> {
    // The session notes when it began: a node that was idle would give it a time long past.
    this.host.beginChunk(this.clock.wallMs());
    this.poll.schedule();
    const client = new ClientConnection(this, connection);
    client.index = this.#list.length;
    this.#list.push(client);
    connection.handle(client);
    this.account(client);
    return client;
  }

  forEach(visit: (client: ClientConnection<S>) => void): void {
    for (const client of this.#list.slice()) visit(client);
  }

  /** Closes everybody; with `afterReplies` what waits may leave first. */
  closeAll(afterReplies: boolean): void {
    for (const client of this.#list.slice()) client.close(afterReplies);
    this.poll.finishEnding();
  }

  /** No further visits: the node ends. */
  stop(): void {
    this.#timer.cancel();
  }

  gone(client: ClientConnection<S>): void {
    const last = this.#list.pop();
    if (last !== undefined && last !== client) {
      this.#list[client.index] = last;
      last.index = client.index;
    }
    client.index = -1;
    this.#totalBytes -= client.accountedBytes;
    client.accountedBytes = 0;
  }

  account(client: ClientConnection<S>): void {
    if (!this.#isAccounting || client.index < 0) return;
    const bytes = this.#isCounted(client) ? this.host.memoryBytes(client.session) : 0;
    this.#totalBytes += bytes - client.accountedBytes;
    client.accountedBytes = bytes;
  }

  turnOver(): void {
    if (this.settings.maxmemoryClients !== 0 || this.#isAccounting) this.limitMemory();
  }

  /** Holds all clients' memory against maxmemory-clients; CONFIG SET calls it too. */
  limitMemory(): void {
    const limit = clientMemoryLimit(this.settings);
    if (limit === 0) {
      this.#isAccounting = false;
      return;
    }
    if (!this.#isAccounting) {
      this.#isAccounting = true;
      this.#accountAll();
    }
    if (this.#totalBytes < limit) return;
    // Accounts of clients that were not heard of may be old; what somebody is closed for is exact.
    this.#accountAll();
    if (this.#totalBytes >= limit) this.#evict(limit);
  }

  #evict(limit: number): void {
    const candidates = this.#list.filter((client) => client.accountedBytes > 0);
    const evictable = candidates.filter((client) => !client.session.noEvict);
    evictable.sort(
      (a, b) =>
        sizeBucket(b.accountedBytes) - sizeBucket(a.accountedBytes) || a.session.id - b.session.id,
    );
    for (const client of evictable) {
      if (this.#totalBytes < limit) return;
      this.log.notice(`Evicting client: ${this.host.describe(client.session)}`);
      this.statistics.evictedClients++;
      this.#totalBytes -= client.accountedBytes;
      client.accountedBytes = 0;
      client.close(false);
    }
    if (this.#totalBytes >= limit) {
      this.log.warning('Over client maxmemory after evicting all evictable clients');
    }
  }

  #accountAll(): void {
    for (const client of this.#list) this.account(client);
  }

  #isCounted(client: ClientConnection<S>): boolean {
    if (client.isClosing || client.session.noEvict) return false;
    const kind = client.clientClass;
    return kind === 'normal' || kind === 'pubsub';
  }

  #reject(connection: Connection, error: string): void {
    this.statistics.rejected++;
    connection.handle({ onData: () => {}, onClose: () => {} });
    connection.write(Buffer.from(`-${error}\r\n`, 'latin1'));
    connection.end();
  }

  #sweep(): void {
    if (this.switches.cronPaused || this.#list.length === 0) return;
    const now = this.clock.wallMs();
    let visits = Math.ceil(this.#list.length / SWEEP_STEPS);
    while (visits-- > 0 && this.#list.length > 0) {
      if (this.#nextToSweep >= this.#list.length) this.#nextToSweep = 0;
      this.#list[this.#nextToSweep++].sweep(now);
    }
    this.poll.finishEnding();
    this.turnOver();
  }
}

/** What protected mode trusts: this machine. */
function isLocal(connection: Connection): boolean {
  const host = connection.remoteHost;
  return connection.isUnix || host.startsWith('127.') || host === '::1';
}
