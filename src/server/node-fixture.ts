// A data node on simulated time for tests, and a client that sends it requests and reads replies.

import type { Connection } from '../env/network.ts';
import {
  type SimulatedEnvironment,
  SimulatedWorld,
} from '../env/simulated/simulated-environment.ts';
import type { SimulatedDisk } from '../env/simulated/simulated-files.ts';
import { encodeCommand } from '../protocol/encode-command.ts';
import { assert } from '../util/assert.ts';
import { type Configuration, loadConfiguration } from './config/load-configuration.ts';
import { DataNode } from './data-node.ts';

export class NodeBench {
  readonly world: SimulatedWorld = new SimulatedWorld(1);
  readonly environment: SimulatedEnvironment;
  readonly exits: number[] = [];
  readonly node: DataNode;

  /** `disk`: what another node left behind. */
  constructor(lines = '', disk?: SimulatedDisk) {
    this.environment = this.world.start('127.0.0.1', disk);
    this.node = new DataNode(this.environment, this.#configuration(lines), {
      beforeExit: () => {},
      exit: (code) => this.exits.push(code),
      crash: (reason) => assert(false, reason),
      notify: () => {},
      updateTitle: () => {},
    });
  }

  #configuration(lines: string): Configuration {
    const loaded = loadConfiguration({
      files: this.environment.files,
      workingFolder: '/',
      options: `bind 127.0.0.1\nport 7000\n${lines}`,
    });
    assert('configuration' in loaded, 'the configuration of a test is right');
    return loaded.configuration;
  }

  start(): Promise<boolean> {
    return this.world.time.complete(this.node.start());
  }

  connect(port = 7000): TestClient {
    return new TestClient(
      this.world,
      this.environment.network.connect({ host: '127.0.0.1', port }),
    );
  }
}

export class TestClient {
  isClosed = false;
  #text = '';
  readonly #world: SimulatedWorld;
  readonly #connection: Connection;

  constructor(world: SimulatedWorld, connection: Connection) {
    this.#world = world;
    this.#connection = connection;
    connection.handle({
      onData: (chunk) => {
        this.#text += chunk.toString('latin1');
      },
      onClose: () => {
        this.isClosed = true;
      },
    });
  }

  /** Sends a command of words and returns the bytes of its reply. */
  ask(...words: string[]): Promise<string> {
    return this.askInOneChunk(words);
  }

  /** The same for several, which arrive together. */
  async askInOneChunk(...commands: string[][]): Promise<string> {
    this.#text = '';
    // The last command's reply tells that those before it are complete.
    this.#connection.write(Buffer.concat([...commands, ['PING', MARK]].map(encodeCommand)));
    const end = `$${MARK.length}\r\n${MARK}\r\n`;
    await this.#world.time.until(() => this.#text.endsWith(end) || this.isClosed);
    return this.isClosed ? this.#text : this.#text.slice(0, -end.length);
  }

  /** For replies of one line, where a second command would not be allowed. */
  async askAlone(...words: string[]): Promise<string> {
    this.#text = '';
    this.#connection.write(encodeCommand(words));
    await this.#world.time.until(() => this.#text.endsWith('\r\n') || this.isClosed);
    return this.#text;
  }

  /** A field of INFO. */
  async info(field: string, ...sections: string[]): Promise<string | undefined> {
    const text = await this.ask('INFO', ...sections);
    return new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)?.[1];
  }
}

const MARK = 'end-of-reply';
