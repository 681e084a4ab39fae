// The public API: a server, a sentinel or a whole fleet inside a Node.js program or a test.
//
//   await using server = await createServer();
//   const url = `redis://${server.getHost()}:${server.getPort()}`;
//
//   await using fleet = await createFleet();
//   await fleet.kill('master');
//   await fleet.until((view) => view.failovers.at(-1)?.outcome === 'done');

import { nodeEnvironment } from './env/node/node-environment.ts';
import { NodeProcesses } from './env/node/node-processes.ts';
import { createFleet as createFleetOf, type FleetOptions } from './fleet/create-fleet.ts';
import type { Fleet } from './fleet/fleet.ts';
import { configurationChecks } from './sentinel/configuration-checks.ts';
import { createSentinel as createNodeSentinel } from './sentinel/embedded-sentinel.ts';
import { loadNodeConfiguration } from './server/load-node-configuration.ts';
import { loadSentinelConfiguration } from './server/load-sentinel-configuration.ts';
import { createServer as createNode, type Server } from './server/server.ts';
import { quoted } from './util/quoted.ts';

export type { FleetOptions } from './fleet/create-fleet.ts';
export {
  type Address,
  type Fleet,
  FleetError,
  type FleetEvents,
  type SlowLink,
  type UntilOptions,
} from './fleet/fleet.ts';
export type * from './fleet/fleet-view.ts';
export { NodeStartError } from './fleet/node-starter.ts';

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

/** A server or sentinel that listens. */
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

/** A master for a sentinel to watch. */
export interface WatchedMaster {
  readonly host: string;
  readonly port: number;
  /** How many sentinels must find it down. */
  readonly quorum: number;
  /** 30000 by default. */
  readonly downAfterMs?: number;
  /** 180000 by default. */
  readonly failoverTimeoutMs?: number;
  /** Replicas that are turned to a new master at once; 1 by default. */
  readonly parallelSyncs?: number;
  /** With which the master and its replicas are logged in to. */
  readonly username?: string;
  readonly password?: string;
}

export interface SentinelOptions {
  /** By name. */
  readonly masters: Readonly<Record<string, WatchedMaster>>;
  /** 0, and the default: any free port. */
  readonly port?: number;
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Clients and other sentinels must authenticate with it. */
  readonly password?: string;
  /**
   * Where epochs, votes and what was learnt survive. Without one they are forgotten at the end, and a
   * sentinel that comes back may vote twice in an epoch: good for tests only.
   */
  readonly stateDir?: string;
  /** Directives of sentinel.conf that name no master, such as `{ 'resolve-hostnames': true }`. */
  readonly directives?: Readonly<Record<string, string | number | boolean>>;
  /** Standard output gets the log; silent by default. */
  readonly log?: boolean;
}

/** A sentinel that watches. */
export interface RunningSentinel extends AsyncDisposable {
  getHost(): string;
  getPort(): number;
  /** Where it says that a master is; undefined when it watches none of that name. */
  masterAddress(name: string): { readonly host: string; readonly port: number } | undefined;
  /** Ends the sentinel and closes its clients. May be called again. */
  stop(): Promise<void>;
  /** Settles when the sentinel has ended, by `stop` or by a client's SHUTDOWN. */
  readonly ended: Promise<void>;
}

/** Starts a sentinel; rejects when a setting is wrong, the state cannot be written or the port is taken. */
export async function createSentinel(options: SentinelOptions): Promise<RunningSentinel> {
  const environment = nodeEnvironment();
  const { files, host, log } = environment;
  const loaded = loadSentinelConfiguration(environment, {
    ...configurationChecks(),
    options: sentinelLines(options),
  });
  if ('failure' in loaded) throw new Error(loaded.failure.text.trim());
  log.role = 'X';
  log.level = options.log === true ? loaded.configuration.settings.loglevel : 'nothing';
  const { stateDir } = options;
  const sentinel = createNodeSentinel({
    environment,
    processes: new NodeProcesses(),
    configuration: {
      ...loaded.configuration,
      stateFolder:
        stateDir === undefined ? undefined : files.resolve(host.workingFolder(), stateDir),
      isForgetful: stateDir === undefined,
    },
    anyPort: (options.port ?? 0) === 0,
  });
  if ('failure' in sentinel) throw new Error(sentinel.failure.text.trim());
  if (!(await sentinel.start())) throw new Error('the sentinel could not start');
  return sentinel;
}

function sentinelLines(options: SentinelOptions): string {
  const { port = 0, host = '127.0.0.1', password, directives = {} } = options;
  const lines = [`bind ${quoted(host)}`, `port ${port}`];
  if (password !== undefined) lines.push(`requirepass ${quoted(latin1(password))}`);
  for (const [name, value] of Object.entries(directives)) {
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
    lines.push(`sentinel ${name} ${quoted(latin1(text))}`);
  }
  for (const [name, master] of Object.entries(options.masters)) {
    const put = (directive: string, value: string | number | undefined): void => {
      if (value === undefined) return;
      lines.push(`sentinel ${directive} ${quoted(latin1(name))} ${quoted(latin1(String(value)))}`);
    };
    const address = `${quoted(latin1(master.host))} ${master.port} ${master.quorum}`;
    lines.push(`sentinel monitor ${quoted(latin1(name))} ${address}`);
    put('down-after-milliseconds', master.downAfterMs);
    put('failover-timeout', master.failoverTimeoutMs);
    put('parallel-syncs', master.parallelSyncs);
    put('auth-user', master.username);
    put('auth-pass', master.password);
  }
  return lines.join('\n');
}

/**
 * Starts a master, its replicas and sentinels, and waits until they know each other; rejects, with
 * nothing left behind, when one cannot start.
 */
export function createFleet(options: FleetOptions = {}): Promise<Fleet> {
  return createFleetOf(nodeEnvironment, options);
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
