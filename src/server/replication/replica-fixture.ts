// Nodes on one simulated network, a relay that cuts links where a test says, and a master made by hand.

import type { Connection } from '../../env/network.ts';
import {
  type SimulatedEnvironment,
  SimulatedWorld,
} from '../../env/simulated/simulated-environment.ts';
import type { SimulatedDisk } from '../../env/simulated/simulated-files.ts';
import { assert } from '../../util/assert.ts';
import { loadConfiguration } from '../config/load-configuration.ts';
import { DataNode } from '../data-node.ts';
import { TestClient } from '../node-fixture.ts';

/** Where every node of a test listens. */
export const PORT = 7000;

export class NodeOnNetwork {
  readonly node: DataNode;
  readonly environment: SimulatedEnvironment;
  readonly crashes: string[] = [];
  readonly #world: SimulatedWorld;
  readonly #address: string;

  private constructor(world: SimulatedWorld, address: string, lines: string, disk?: SimulatedDisk) {
    this.#world = world;
    this.#address = address;
    this.environment = world.start(address, disk);
    const loaded = loadConfiguration({
      files: this.environment.files,
      workingFolder: '/',
      options: `bind ${address}\nport ${PORT}\nsave ""\nprotected-mode no\nenable-debug-command yes\nrepl-diskless-sync-delay 0\n${lines}`,
    });
    assert('configuration' in loaded, 'the configuration of a test is right');
    this.node = new DataNode(this.environment, loaded.configuration, {
      beforeExit: () => {},
      exit: () => {},
      crash: (reason) => this.crashes.push(reason),
      notify: () => {},
      updateTitle: () => {},
    });
  }

  static async start(
    world: SimulatedWorld,
    address: string,
    lines = '',
    disk?: SimulatedDisk,
  ): Promise<NodeOnNetwork> {
    const one = new NodeOnNetwork(world, address, lines, disk);
    assert(await world.time.complete(one.node.start()), 'a node of a test starts');
    return one;
  }

  get replication(): DataNode['parts']['replication'] {
    return this.node.parts.replication;
  }

  get log(): string {
    return this.environment.log.texts.join('\n');
  }

  connect(): TestClient {
    const address = { host: this.#address, port: PORT };
    return new TestClient(this.#world, this.environment.network.connect(address));
  }

  async ask(...words: string[]): Promise<string> {
    return this.connect().ask(...words);
  }

  async info(field: string): Promise<string | undefined> {
    return this.connect().info(field, 'everything');
  }

  /** Asks to follow the node at this address. */
  async follow(address: string): Promise<void> {
    await this.ask('REPLICAOF', address, String(PORT));
  }

  get isUp(): boolean {
    return this.replication.replica.isUp;
  }

  get offset(): number {
    return this.replication.offset;
  }

  /** Waits until it has everything that `master` has. */
  async catchUp(master: NodeOnNetwork): Promise<void> {
    await this.#world.time.until(() => this.isUp && this.offset === master.offset, 600_000);
  }
}

/** Passes bytes on between a replica and its master, until it is told to cut. */
export class Relay {
  cuts = 0;
  connections = 0;
  /** Bytes of the master that still pass. */
  left: number = Number.POSITIVE_INFINITY;
  readonly #ends: Set<Connection> = new Set();

  private constructor(environment: SimulatedEnvironment, to: string) {
    void environment.network.listen(
      { host: '0.0.0.0', port: PORT },
      {
        onConnection: (replica) => {
          this.connections++;
          this.#join(replica, environment.network.connect({ host: to, port: PORT }));
        },
      },
    );
  }

  static start(world: SimulatedWorld, address: string, to: string): Relay {
    return new Relay(world.start(address), to);
  }

  #join(replica: Connection, master: Connection): void {
    for (const end of [replica, master]) this.#ends.add(end);
    const close = (): void => {
      replica.destroy();
      master.destroy();
    };
    replica.handle({
      onData: (chunk) => void master.write(Buffer.from(chunk)),
      onClose: close,
    });
    master.handle({
      onData: (chunk) => {
        const part = chunk.subarray(0, Math.min(chunk.length, this.left));
        this.left -= part.length;
        replica.write(Buffer.from(part));
        if (this.left === 0) this.cut();
      },
      onClose: close,
    });
  }

  /** What has been passed on arrives, nothing else. */
  cut(): void {
    this.left = Number.POSITIVE_INFINITY;
    this.cuts++;
    for (const end of this.#ends) end.end();
    this.#ends.clear();
  }
}

/** What a master made by hand answers to a line of the handshake; undefined: nothing. */
export type Answer = (line: string) => string | Buffer | undefined;

/** Answers a replica's lines as a test says, and remembers who came. */
export class HandmadeMaster {
  connections: Connection[] = [];
  /** Everything that came on all connections, latin1. */
  received = '';

  private constructor(environment: SimulatedEnvironment, answer: Answer) {
    void environment.network.listen(
      { host: '0.0.0.0', port: PORT },
      {
        onConnection: (connection) => {
          this.connections.push(connection);
          connection.handle({
            onData: (chunk) => this.#heard(connection, chunk, answer),
            onClose: () => {},
          });
        },
      },
    );
  }

  static start(world: SimulatedWorld, address: string, answer: Answer): HandmadeMaster {
    return new HandmadeMaster(world.start(address), answer);
  }

  #heard(connection: Connection, chunk: Buffer, answer: Answer): void {
    const text = chunk.toString('latin1');
    this.received += text;
    // Commands come whole: the handshake is short.
    for (const command of text.split(/(?=\*\d+\r\n)/)) {
      const words = command.split('\r\n').filter((_, i) => i > 0 && i % 2 === 0);
      const reply = answer(words.join(' '));
      if (reply !== undefined) connection.write(Buffer.from(reply as string, 'latin1'));
    }
  }
}

/** The handshake as a good master answers it, up to PSYNC. */
export function polite(line: string): string | undefined {
  if (line === 'PING') return '+PONG\r\n';
  if (line.startsWith('REPLCONF ACK')) return undefined;
  return line.startsWith('REPLCONF') ? '+OK\r\n' : undefined;
}

export function newWorld(seed = 1, chunkBytes?: () => number): SimulatedWorld {
  return new SimulatedWorld(seed, chunkBytes === undefined ? {} : { chunkBytes });
}
