// A sentinel on virtual time, other programs it can talk to, and clients that ask it: for tests.

import type { Environment } from '../env/environment.ts';
import type { Connection, ConnectionHandlers, Network } from '../env/network.ts';
import type { ProcessEnd, Processes } from '../env/processes.ts';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import type { SimulatedDisk } from '../env/simulated/simulated-files.ts';
import type { SimulatedLog } from '../env/simulated/simulated-log.ts';
import { encodeCommand } from '../protocol/encode-command.ts';
import { assert } from '../util/assert.ts';
import { splitArguments } from '../util/split-arguments.ts';
import type { SentinelLine } from './config/sentinel-lines.ts';
import { openState, type StartFailure } from './open-state.ts';
import { Sentinel } from './sentinel.ts';
import type { SentinelConfiguration, SentinelSettings } from './sentinel-settings.ts';

const NO_LIMIT = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
export const SENTINEL_HOST = '10.0.0.1';
const SENTINEL_PORT = 26_379;
const CONFIG_FILE = '/sentinel.conf';
const LIMIT_MS = 600_000;

export interface BenchOptions {
  readonly lines?: readonly string[];
  readonly disk?: SimulatedDisk;
  readonly stateFolder?: string;
  readonly withoutFile?: boolean;
  readonly settings?: Partial<SentinelSettings>;
  readonly world?: SimulatedWorld;
  /** Names that the resolver knows; it never answers about others. */
  readonly names?: ReadonlyMap<string, string>;
}

export interface StartedScript {
  readonly argv: readonly string[];
  end(end: Partial<ProcessEnd>): void;
}

/** Records what is started; a test says how it ends. */
class RecordedProcesses implements Processes {
  readonly started: StartedScript[] = [];

  start(
    path: string,
    args: readonly string[],
    _folder: string,
    onEnd: (end: ProcessEnd) => void,
  ): { readonly pid: number; kill(): void } {
    this.started.push({
      argv: [path, ...args],
      end: (end) => onEnd({ exitCode: 0, signal: 0, hasFailedToStart: false, ...end }),
    });
    return { pid: this.started.length, kill: () => {} };
  }
}

export class SentinelBench {
  readonly world: SimulatedWorld;
  readonly environment: Environment & { readonly log: SimulatedLog };
  readonly processes: RecordedProcesses = new RecordedProcesses();
  readonly exits: number[] = [];
  readonly failure: StartFailure | undefined;
  readonly #sentinel: Sentinel | undefined;

  constructor(options: BenchOptions = {}) {
    this.world = options.world ?? new SimulatedWorld(1);
    this.environment = this.#environment(options);
    const { lines = [], stateFolder, withoutFile = false } = options;
    if (!withoutFile && this.environment.files.stat(CONFIG_FILE) === undefined) {
      const file = this.environment.files.open(CONFIG_FILE, 'write');
      file.writeNow(Buffer.from(lines.map((line) => `${line}\n`).join('')));
      file.syncNow();
      this.environment.files.syncFolder('/');
    }
    const configuration = this.#configuration(options, stateFolder);
    const opened = openState(this.environment, configuration);
    if ('failure' in opened) {
      this.failure = opened.failure;
      return;
    }
    this.#sentinel = new Sentinel({
      environment: this.environment,
      processes: this.processes,
      process: {
        beforeExit: () => {},
        exit: (code) => this.exits.push(code),
        notify: () => {},
      },
      configuration,
      opened,
    });
  }

  get sentinel(): Sentinel {
    assert(this.#sentinel !== undefined, this.failure?.text ?? '');
    return this.#sentinel;
  }

  /** The configuration file as it is now. */
  get file(): string {
    return this.environment.files.readWhole(CONFIG_FILE).toString('latin1');
  }

  get log(): string {
    return this.environment.log.texts.join('\n');
  }

  start(): Promise<boolean> {
    return this.world.time.complete(this.sentinel.start());
  }

  /** A client on a machine of its own. */
  async connect(host = '10.0.9.9'): Promise<BenchClient> {
    const other = this.world.start(host);
    const connection = other.network.connect({ host: SENTINEL_HOST, port: SENTINEL_PORT });
    const client = new BenchClient(this.world, connection);
    await this.world.time.until(() => client.isConnected, LIMIT_MS);
    return client;
  }

  #environment({ disk, names }: BenchOptions): SentinelBench['environment'] {
    const environment = this.world.start(SENTINEL_HOST, disk);
    if (names === undefined) return environment;
    const { network } = environment;
    const resolve = (host: string): Promise<string> => {
      const ip = names.get(host);
      return ip === undefined ? new Promise<string>(() => {}) : Promise.resolve(ip);
    };
    const wrapped: Network = {
      listen: (address, handlers) => network.listen(address, handlers),
      connect: (address) => network.connect(address),
      resolve,
    };
    return { ...environment, network: wrapped };
  }

  #configuration(options: BenchOptions, stateFolder: string | undefined): SentinelConfiguration {
    const text = options.withoutFile === true ? '' : this.file;
    return {
      settings: { ...testSettings(), ...options.settings },
      configFile: options.withoutFile === true ? undefined : CONFIG_FILE,
      stateFolder,
      sentinelLines: sentinelLines(text),
      users: [],
      renames: [],
      aclFile: undefined,
      rewrite: (old) => old,
    };
  }
}

function sentinelLines(text: string): readonly SentinelLine[] {
  return text.split('\n').flatMap((line, i) => {
    const words = splitArguments(Buffer.from(line))?.map((word) => word.toString('latin1'));
    if (words?.[0] !== 'sentinel') return [];
    return [{ words: words.slice(1), line: i + 1, text: line }];
  });
}

function testSettings(): SentinelSettings {
  return {
    bind: [SENTINEL_HOST],
    port: SENTINEL_PORT,
    tcpBacklog: 511,
    tcpKeepalive: 0,
    timeout: 0,
    unixsocket: '',
    unixsocketperm: 0,
    protectedMode: false,
    maxclients: 1000,
    protoMaxBulkLen: 1024 * 1024,
    clientQueryBufferLimit: 1024 * 1024,
    clientOutputBufferLimit: { normal: NO_LIMIT, replica: NO_LIMIT, pubsub: NO_LIMIT },
    maxmemoryClients: 0,
    maxmemory: 0,
    replBacklogSize: 1024 * 1024,
    slowlogLogSlowerThan: 10_000,
    slowlogMaxLen: 128,
    latencyMonitorThreshold: 0,
    latencyTracking: true,
    latencyTrackingInfoPercentiles: [50],
    aclPubsubDefault: 'resetchannels',
    acllogMaxLen: 128,
    trackingTableMaxKeys: 1000,
    dir: '/',
    requirepass: '',
    aclfile: '',
    bindSourceAddr: '',
    supervised: 'no',
    loglevel: 'debug',
  };
}

/** Sends requests and reads the bytes that come back. */
export class BenchClient implements ConnectionHandlers {
  isConnected = false;
  isClosed = false;
  text = '';
  readonly #world: SimulatedWorld;
  readonly #connection: Connection;

  constructor(world: SimulatedWorld, connection: Connection) {
    this.#world = world;
    this.#connection = connection;
    connection.handle(this);
  }

  onConnect(): void {
    this.isConnected = true;
  }

  onData(chunk: Buffer): void {
    this.text += chunk.toString('latin1');
  }

  onClose(): void {
    this.isClosed = true;
  }

  send(...words: string[]): void {
    this.#connection.write(encodeCommand(words));
  }

  /** The bytes of the reply to one request. */
  async ask(...words: string[]): Promise<string> {
    this.text = '';
    this.#connection.write(Buffer.concat([encodeCommand(words), encodeCommand(['PING', MARK])]));
    const end = `$${MARK.length}\r\n${MARK}\r\n`;
    const isOver = (): boolean => this.text.endsWith(end) || this.isClosed;
    await this.#world.time.until(isOver, LIMIT_MS);
    return this.isClosed ? this.text : this.text.slice(0, -end.length);
  }
}

const MARK = '<end>';

/**
 * A program that accepts connections on an address of its own and answers each chunk with what `answer`
 * makes of it.
 */
export async function stranger(
  world: SimulatedWorld,
  host: string,
  port: number,
  answer: (text: string, connection: Connection) => string | undefined,
): Promise<void> {
  const { network } = world.start(host);
  await world.time.complete(
    network.listen(
      { host, port },
      {
        onConnection(connection) {
          connection.handle({
            onData(chunk) {
              const reply = answer(chunk.toString('latin1'), connection);
              if (reply !== undefined) connection.write(Buffer.from(reply, 'latin1'));
            },
            onClose() {},
          });
        },
      },
    ),
  );
}
