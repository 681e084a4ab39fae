// Which nodes a fleet has, where they listen, and the lines of their configuration files. The first
// start writes them; afterwards the nodes keep them up to date themselves (CONFIG REWRITE, a
// sentinel's state), and a restart of one node uses what is there.

import { quoted } from '../util/quoted.ts';
import type { Address } from './fleet.ts';
import type { Implementation } from './fleet-view.ts';

export interface LayoutOptions {
  readonly masterName: string;
  readonly host: string;
  /** In the order of their names. */
  readonly serverPorts: readonly number[];
  readonly sentinelPorts: readonly number[];
  readonly quorum: number;
  readonly downAfterMs: number;
  /** 'server1' unless an earlier run ended with another one. */
  readonly firstMaster: string;
  readonly serverImplementation: Implementation;
  readonly sentinelImplementation: Implementation;
  /** Latin1, as configuration is. */
  readonly password: string | undefined;
  /** Lines of redis.conf, before ours. */
  readonly serverLines: readonly string[];
  /** What each sentinel kept of an earlier run, by its name. */
  readonly sentinelState?: ReadonlyMap<string, readonly string[]>;
}

export interface PlannedNode {
  readonly name: string;
  readonly kind: 'server' | 'sentinel';
  readonly implementation: Implementation;
  readonly port: number;
}

/** A failover that has not succeeded by then is given up, and may be tried again after twice that. */
const FAILOVER_TIMEOUT_MS = 30_000;

export class FleetLayout {
  readonly options: LayoutOptions;
  readonly nodes: readonly PlannedNode[];

  constructor(options: LayoutOptions) {
    this.options = options;
    this.nodes = [
      ...options.serverPorts.map(
        (port, i): PlannedNode => ({
          name: `server${i + 1}`,
          kind: 'server',
          implementation: options.serverImplementation,
          port,
        }),
      ),
      ...options.sentinelPorts.map(
        (port, i): PlannedNode => ({
          name: `sentinel${i + 1}`,
          kind: 'sentinel',
          implementation: options.sentinelImplementation,
          port,
        }),
      ),
    ];
  }

  /** `master` is where the master listens; a master needs to know no one. */
  configuration(node: PlannedNode, master: Address | undefined): readonly string[] {
    if (node.kind === 'server') return this.#server(node, master);
    return this.#sentinel(node, master);
  }

  #server(node: PlannedNode, master: Address | undefined): readonly string[] {
    const { host, password, serverLines } = this.options;
    return [
      ...serverLines,
      `port ${node.port}`,
      `bind ${host}`,
      ...alike,
      // Nobody is waited for: the fleet starts its replicas one right after the other.
      'repl-diskless-sync-delay 0',
      ...(password === undefined
        ? []
        : [`requirepass ${quoted(password)}`, `masterauth ${quoted(password)}`]),
      ...(master === undefined ? [] : [`replicaof ${master.host} ${master.port}`]),
    ];
  }

  #sentinel(node: PlannedNode, master: Address | undefined): readonly string[] {
    const { host, masterName, quorum, downAfterMs, password, sentinelState } = this.options;
    const { host: masterHost, port } = master ?? { host, port: 6379 };
    return [
      `port ${node.port}`,
      `bind ${host}`,
      ...alike,
      `sentinel monitor ${masterName} ${masterHost} ${port} ${quorum}`,
      `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
      `sentinel failover-timeout ${masterName} ${FAILOVER_TIMEOUT_MS}`,
      `sentinel parallel-syncs ${masterName} 1`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${masterName} ${quoted(password)}`]),
      ...(sentinelState?.get(node.name) ?? []),
    ];
  }
}

/** Each node runs in its own folder, in front, and its output is kept by the fleet. */
const alike = ['dir ./', 'daemonize no', 'logfile ""'];
