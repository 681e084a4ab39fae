// The public API: a data node inside a Node.js program or a test.
//
//   await using server = await createServer();
//   const url = `redis://${server.getHost()}:${server.getPort()}`;

import { nodeEnvironment } from './env/node/node-environment.ts';
import { loadNodeConfiguration } from './server/load-node-configuration.ts';
import { createServer as createNode, type Server } from './server/server.ts';
import { quoted } from './util/quoted.ts';

export interface ServerOptions {
  /** 0, and the default: any free port. */
  readonly port?: number;
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Clients must authenticate with it. */
  readonly password?: string;
  /**
   * Directives of redis.conf by name, such as `{ maxmemory: '64mb', 'maxmemory-policy': 'allkeys-lru' }`.
   * Without `save`, `dir` or `dbfilename` the server starts empty and saves nothing by itself.
   */
  readonly directives?: Readonly<Record<string, string | number | boolean>>;
  /** Standard output gets the log; silent by default. A `logfile` directive also turns it on. */
  readonly log?: boolean;
}

/** A server that listens. */
export interface RunningServer extends AsyncDisposable {
  getHost(): string;
  getPort(): number;
  /** Ends the server and closes its clients. May be called again. */
  stop(): Promise<void>;
  /** Settles when the server has ended, by `stop` or by a client's SHUTDOWN. */
  readonly ended: Promise<void>;
}

/** Starts a server; rejects when a directive is wrong or the port is taken. */
export async function createServer(options: ServerOptions = {}): Promise<RunningServer> {
  const environment = nodeEnvironment();
  const loaded = loadNodeConfiguration({
    files: environment.files,
    workingFolder: environment.host.workingFolder(),
    options: directiveLines(options),
  });
  if ('failure' in loaded) throw new Error(loaded.failure.text.trim());
  const { settings } = loaded.configuration;
  environment.log.level =
    options.log === true || settings.logfile !== '' ? settings.loglevel : 'nothing';
  if (settings.logfile !== '') {
    environment.log.file = environment.files.resolve(settings.dir, settings.logfile);
  }
  const server: Server = createNode(environment, {
    configuration: loaded.configuration,
    anyPort: (options.port ?? 0) === 0,
    startsEmpty: !savingDirectives.some((name) => name in (options.directives ?? {})),
  });
  if (!(await server.start())) {
    throw new Error(`the server could not start on ${settings.bind.join(' ')}:${settings.port}`);
  }
  return server;
}

/** Naming one of them asks for data that outlives the server. */
const savingDirectives = ['save', 'dir', 'dbfilename'];

function directiveLines(options: ServerOptions): string {
  const { port = 0, host = '127.0.0.1', password, directives = {} } = options;
  const lines = ['save ""', `bind ${quoted(host)}`, `port ${port}`];
  if (password !== undefined) lines.push(`requirepass ${quoted(latin1(password))}`);
  for (const [name, value] of Object.entries(directives)) {
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
    lines.push(`${name} ${quoted(latin1(text))}`);
  }
  return lines.join('\n');
}

/** Configuration is bytes. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
