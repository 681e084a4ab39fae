// Nodes inside this process: a fleet for a test, up in a moment. Each listens on a real port and can be
// killed, frozen and cut off like a process; what they share is the processor and the fate of this
// process.

import type { Environment } from '../env/environment.ts';
import type { LinkRule } from '../env/link-faults.ts';
import type { DataNode } from '../server/data-node.ts';
import { HostedEnvironment } from './hosted-environment.ts';
import { environmentIn, makeSentinel, makeServer, type RecentLines } from './hosted-node.ts';
import {
  type NodeEnd,
  type NodePlan,
  NodeStartError,
  type NodeStarter,
  type StartedNode,
} from './node-starter.ts';
import { writeConfiguration } from './write-configuration.ts';

/** What a node in this process can do. */
type Hosted = Pick<DataNode, 'start' | 'shutdownOnSignal' | 'end'> & {
  onCannotEnd?: () => void;
};

export class HostedStarter implements NodeStarter {
  readonly #makeEnvironment: () => Environment;
  readonly #folder: string;

  /** `makeEnvironment` gives each node an environment of its own; `folder` exists. */
  constructor(makeEnvironment: () => Environment, folder: string) {
    this.#makeEnvironment = makeEnvironment;
    this.#folder = folder;
  }

  async start(plan: NodePlan): Promise<StartedNode> {
    if (plan.implementation !== 'understudy') {
      throw new NodeStartError(plan.name, 'only our own programs run inside this process', []);
    }
    const real = this.#makeEnvironment();
    const folder = real.files.resolve(this.#folder, plan.name);
    real.files.makeFolder(folder);
    const name = plan.kind === 'server' ? 'redis.conf' : 'sentinel.conf';
    const file = real.files.resolve(folder, name);
    if (plan.configuration !== undefined) {
      writeConfiguration(real.files, file, plan.configuration);
    }
    const { environment, log } = environmentIn(real, folder);
    const hosted = new HostedEnvironment(environment);
    const started = new HostedStartedNode(plan, hosted, log);
    const make: (...given: Parameters<typeof makeServer>) => Hosted | { readonly failure: string } =
      plan.kind === 'server' ? makeServer : makeSentinel;
    const node = make(hosted.environment, file, () => started.over('ended'));
    if ('failure' in node) throw new NodeStartError(plan.name, node.failure, log.lines);
    started.node = node;
    if (await node.start()) return started;
    await hosted.crash();
    throw new NodeStartError(plan.name, 'it cannot serve', log.lines);
  }

  async close(): Promise<void> {}
}

class HostedStartedNode implements StartedNode {
  readonly pid: number;
  readonly port: number;
  readonly ended: Promise<NodeEnd>;
  node: Hosted | undefined;
  readonly #hosted: HostedEnvironment;
  readonly #log: RecentLines;
  #settle: (end: NodeEnd) => void = () => {};

  constructor(plan: NodePlan, hosted: HostedEnvironment, log: RecentLines) {
    this.pid = hosted.environment.pid;
    this.port = plan.port;
    this.#hosted = hosted;
    this.#log = log;
    this.ended = new Promise((fulfil) => {
      this.#settle = fulfil;
    });
  }

  over(reason: string): void {
    this.#settle({ reason, lastLines: this.#log.lines });
  }

  async kill(): Promise<void> {
    await this.#hosted.crash();
    this.over('killed');
    await this.ended;
  }

  async stop(): Promise<void> {
    this.thaw();
    const { node } = this;
    if (node !== undefined) {
      // A node that cannot save refuses to end; here nobody is left to put that right.
      node.onCannotEnd = () => void node.end();
      node.shutdownOnSignal('SIGTERM');
    }
    await this.ended;
    await this.#hosted.crash();
  }

  freeze(): void {
    this.#hosted.faults.isFrozen = true;
  }

  thaw(): void {
    this.#hosted.faults.isFrozen = false;
  }

  setLinks(rules: readonly (readonly [string, LinkRule])[]): void {
    this.#hosted.faults.replace(rules);
  }
}
