// A node and its clients over any network, for the tests of the net layer.

import type { Environment } from '../env/environment.ts';
import type { Log } from '../env/log.ts';
import type { Connection } from '../env/network.ts';
import { Clients } from './clients.ts';
import { Listeners } from './listeners.ts';
import { TestHost, type TestSession, TestSettings } from './net-fixture.ts';

export interface NetBench {
  readonly environment: Environment & { readonly log: Log & { readonly texts: readonly string[] } };
  /** Lets the world go on until the condition holds. */
  until(condition: () => boolean): Promise<void>;
  /** For Unix sockets. */
  readonly folder: string;
}

/** What a test's context is used for. */
export interface Cleanup {
  after(run: () => Promise<void>): void;
}

/** A client that remembers what it was told. */
export class TestClient {
  readonly connection: Connection;
  text = '';
  bytes = 0;
  keeps = true;
  isConnected = false;
  isClosed = false;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.handle({
      onConnect: () => {
        this.isConnected = true;
      },
      onData: (chunk) => {
        this.bytes += chunk.length;
        if (this.keeps) this.text += chunk.toString('latin1');
      },
      onClose: () => {
        this.isClosed = true;
      },
    });
  }

  send(text: string): void {
    this.connection.write(Buffer.from(text, 'latin1'));
  }
}

/** A net layer with a small host behind it. */
export class TestNode {
  readonly bench: NetBench;
  readonly settings: TestSettings = new TestSettings();
  readonly host: TestHost = new TestHost();
  readonly clients: Clients<TestSession>;
  readonly listeners: Listeners;

  constructor(bench: NetBench) {
    this.bench = bench;
    this.clients = new Clients(bench.environment, this.settings, this.host);
    this.listeners = new Listeners(bench.environment, this.settings, (connection) =>
      this.clients.accept(connection),
    );
  }

  /** A running node, closed when the test is over. */
  static async start(bench: NetBench, context: Cleanup): Promise<TestNode> {
    const node = new TestNode(bench);
    await node.listeners.openTcp({ bind: ['127.0.0.1'], port: 0 });
    context.after(async () => {
      node.clients.closeAll(false);
      node.clients.stop();
      await node.listeners.close();
    });
    return node;
  }

  connect(): TestClient {
    const { network } = this.bench.environment;
    return new TestClient(network.connect({ host: '127.0.0.1', port: this.listeners.port }));
  }

  async join(): Promise<TestClient> {
    const before = this.clients.statistics.accepted;
    const client = this.connect();
    await this.bench.until(() => client.isConnected && this.clients.statistics.accepted > before);
    return client;
  }

  until(condition: () => boolean): Promise<void> {
    return this.bench.until(condition);
  }

  get log(): string {
    return this.bench.environment.log.texts.join('\n');
  }
}
