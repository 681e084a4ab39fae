// A data node inside another program: a library's face. It never ends the process, and it is silent
// unless it is told where to log.

import type { Environment } from '../env/environment.ts';
import { AssertionError } from '../util/assert.ts';
import { type Configuration, defaultConfiguration } from './config/load-configuration.ts';
import { DataNode } from './data-node.ts';

export interface ServerOptions {
  /** As loadConfiguration read it; all defaults when left out. */
  readonly configuration?: Configuration;
  /** Listens on any free port instead of the configured one. */
  readonly anyPort?: boolean;
  /** Does not load what lies where saved data would. */
  readonly startsEmpty?: boolean;
}

export interface Server extends AsyncDisposable {
  /** Listens; false, with the reason in the log, when it cannot. Once. */
  start(): Promise<boolean>;
  /** Ends the node and closes its clients. Calling it again waits for the same end. */
  stop(): Promise<void>;
  /** Settles when the node has ended, by `stop` or by a client's SHUTDOWN. */
  readonly ended: Promise<void>;
  /** The address to connect to; '' without TCP. */
  getHost(): string;
  /** 0 without TCP. */
  getPort(): number;
}

/** A node that does nothing before `start`. */
export function createServer(environment: Environment, options: ServerOptions = {}): Server {
  return new EmbeddedServer(environment, options);
}

class EmbeddedServer implements Server {
  readonly ended: Promise<void>;
  readonly #node: DataNode;
  readonly #anyPort: boolean;

  constructor(environment: Environment, options: ServerOptions) {
    const { workingFolder } = environment.host;
    this.#anyPort = options.anyPort ?? false;
    let settle = (): void => {};
    this.ended = new Promise((fulfil) => {
      settle = fulfil;
    });
    this.#node = new DataNode(
      environment,
      options.configuration ?? defaultConfiguration(workingFolder()),
      {
        beforeExit: () => {},
        exit: () => settle(),
        crash: (reason) => {
          throw new AssertionError(reason);
        },
        notify: () => {},
        updateTitle: () => {},
      },
    );
    this.#node.startsEmpty = options.startsEmpty ?? false;
  }

  start(): Promise<boolean> {
    return this.#anyPort ? this.#node.startOnAnyPort() : this.#node.start();
  }

  async stop(): Promise<void> {
    await this.#node.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  getHost(): string {
    const host = this.#node.parts.listeners.addresses[0] ?? '';
    if (host === '0.0.0.0') return '127.0.0.1';
    return host === '::' ? '::1' : host;
  }

  getPort(): number {
    return this.#node.parts.listeners.port;
  }
}
