// A fleet for a program or a test: everything has a default, ports are free ones, and data lies in a
// temporary folder that goes away with the fleet.

import type { Environment } from '../env/environment.ts';
import type { Listener, Network } from '../env/network.ts';
import { quoted } from '../util/quoted.ts';
import { splitArguments } from '../util/split-arguments.ts';
import { type Fleet, FleetError } from './fleet.ts';
import { FleetLayout } from './fleet-layout.ts';
import { HostedStarter } from './hosted-starter.ts';
import { NodeStartError, type NodeStarter } from './node-starter.ts';
import { ProcessStarter, temporaryFolder } from './process-starter.ts';
import { RunningFleet } from './running-fleet.ts';

export interface FleetOptions {
  /** 2 when left out. */
  readonly replicas?: number;
  /** 3 when left out. */
  readonly sentinels?: number;
  /** Sentinels that must agree; a majority when left out. */
  readonly quorum?: number;
  /** Silence that makes a node count as down; 1000 when left out. */
  readonly downAfterMs?: number;
  /** 'mymaster' when left out. */
  readonly masterName?: string;
  /** Clients, replicas and sentinels must authenticate with it. */
  readonly password?: string;
  /** Directives of redis.conf for every server. */
  readonly directives?: Readonly<Record<string, string | number | boolean>>;
  /** Each node a process of its own; inside this process when left out. */
  readonly processes?: boolean;
  /** Command line of another server, such as 'redis-server'; needs `processes`. */
  readonly server?: string;
  /** Command line of another sentinel, such as 'redis-sentinel'; needs `processes`. */
  readonly sentinel?: string;
  /** How often the write probe writes; 50 when left out. */
  readonly probeIntervalMs?: number;
}

const HOST = '127.0.0.1';
const MOST_NODES = 32;
/** Between our look and a node's own, somebody else may take a port. */
const ATTEMPTS = 3;

/** Starts a fleet in which everyone knows each other; rejects, with nothing left, when it cannot. */
export async function createFleet(
  makeEnvironment: () => Environment,
  options: FleetOptions,
): Promise<Fleet> {
  checkOptions(options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToCreate(makeEnvironment, options);
    } catch (error) {
      const text = error instanceof NodeStartError ? error.message : '';
      if (attempt === ATTEMPTS || !/in use/i.test(text)) throw error;
    }
  }
}

async function tryToCreate(
  makeEnvironment: () => Environment,
  options: FleetOptions,
): Promise<Fleet> {
  const environment = makeEnvironment();
  environment.log.level = 'nothing';
  const { replicas = 2, sentinels = 3, processes = false } = options;
  const ports = await freePorts(environment.network, replicas + 1 + sentinels);
  const folder = temporaryFolder();
  const starter: NodeStarter = processes
    ? new ProcessStarter(folder.path, {
        server: options.server === undefined ? undefined : commandLine(options.server),
        sentinel: options.sentinel === undefined ? undefined : commandLine(options.sentinel),
      })
    : new HostedStarter(makeEnvironment, folder.path);
  const fleet = new RunningFleet({
    environment,
    starter,
    layout: layoutFor(options, ports),
    probeIntervalMs: options.probeIntervalMs,
    cleanUp: () => folder.remove(),
  });
  await fleet.start();
  return fleet;
}

function layoutFor(options: FleetOptions, ports: readonly number[]): FleetLayout {
  const { replicas = 2, sentinels = 3, directives = {} } = options;
  return new FleetLayout({
    masterName: options.masterName ?? 'mymaster',
    host: HOST,
    serverPorts: ports.slice(0, replicas + 1),
    sentinelPorts: ports.slice(replicas + 1),
    quorum: options.quorum ?? Math.floor(sentinels / 2) + 1,
    downAfterMs: options.downAfterMs ?? 1000,
    firstMaster: 'server1',
    serverImplementation: options.server === undefined ? 'understudy' : 'other',
    sentinelImplementation: options.sentinel === undefined ? 'understudy' : 'other',
    password: options.password === undefined ? undefined : latin1(options.password),
    serverLines: Object.entries(directives).map(([name, value]) => {
      const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
      return `${name} ${quoted(latin1(text))}`;
    }),
  });
}

function checkOptions(options: FleetOptions): void {
  const {
    replicas = 2,
    sentinels = 3,
    quorum,
    downAfterMs = 1000,
    processes,
    masterName,
  } = options;
  const isCount = (value: number): boolean =>
    Number.isInteger(value) && value >= 0 && value <= MOST_NODES;
  if (!isCount(replicas) || !isCount(sentinels)) {
    throw new FleetError(`replicas and sentinels are whole numbers up to ${MOST_NODES}`);
  }
  if (quorum !== undefined && !(quorum >= 1 && quorum <= Math.max(1, sentinels))) {
    throw new FleetError('the quorum is at least 1 and at most the number of sentinels');
  }
  if (!(downAfterMs >= 1)) throw new FleetError('downAfterMs is at least 1');
  if (masterName !== undefined && !/^[A-Za-z0-9._-]+$/.test(masterName)) {
    throw new FleetError('a master name has letters, digits and the characters .-_');
  }
  const isForeign = options.server !== undefined || options.sentinel !== undefined;
  if (isForeign && processes !== true) {
    throw new FleetError('other programs than ours need { processes: true }');
  }
}

function commandLine(text: string): readonly string[] {
  const words = splitArguments(Buffer.from(text))?.map((word) => word.toString());
  if (words === undefined || words.length === 0) throw new FleetError(`no command line: ${text}`);
  return words;
}

/** Ports that are free now; all are held until the last is found, so that they differ. */
async function freePorts(network: Network, count: number): Promise<readonly number[]> {
  const listeners: Listener[] = [];
  for (let i = 0; i < count; i++) {
    listeners.push(
      await network.listen({ host: HOST, port: 0 }, { onConnection: (one) => one.destroy() }),
    );
  }
  await Promise.all(listeners.map((listener) => listener.close()));
  return listeners.map(({ port }) => port);
}

/** Configuration is bytes. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
