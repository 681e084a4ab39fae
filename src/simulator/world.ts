// A whole fleet in one thread on virtual time, from one seed: the production code of servers,
// replication and sentinels over a simulated network, simulated disks and clocks. Everything that is
// drawn is drawn from the seed, so one seed gives one history.
//
//   const world = await World.create({ seed: 7 });
//   world.crash('server-1');
//   await world.run(5_000);
//   world.masterAddress('sentinel-1');

import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import type { LogEntry } from '../env/simulated/simulated-log.ts';
import { assert } from '../util/assert.ts';
import { SeededRandom } from '../util/seeded-random.ts';
import { SENTINEL_PORT, SentinelNode } from './sentinel-node.ts';
import { SERVER_PORT, ServerNode } from './server-node.ts';
import type { NodeEvents, SimulatedNode } from './simulated-node.ts';
import { Trace } from './trace.ts';

export interface WorldOptions {
  readonly seed: number;
  /** Masters, each with replicas of its own: `mymaster`, or `master-1`, `master-2` …; 1 by default. */
  readonly masters?: number;
  /** Of each master; 2 by default. */
  readonly replicas?: number;
  /** 3 by default. */
  readonly sentinels?: number;
  /** A majority by default. */
  readonly quorum?: number;
  /** 1000 by default. */
  readonly downAfterMs?: number;
  /** 10 000 by default. */
  readonly failoverTimeoutMs?: number;
  /** Lines for every server's configuration. */
  readonly serverLines?: readonly string[];
  /** Lines for every sentinel's configuration. */
  readonly sentinelLines?: readonly string[];
  /** One way, in microseconds: at least, and at most that much more. */
  readonly delayUs?: readonly [least: number, spread: number];
  /** Trace lines to keep for a transcript; none by default. */
  readonly keptLines?: number;
}

/** Names that a master has for the sentinels. */
function masterName(index: number, masters: number): string {
  return masters === 1 ? 'mymaster' : `master-${index + 1}`;
}

export class World implements NodeEvents {
  readonly options: Required<Omit<WorldOptions, 'seed'>> & { readonly seed: number };
  readonly world: SimulatedWorld;
  readonly trace: Trace;
  /** For faults and workloads; nodes have randomness of their own. */
  readonly random: SeededRandom;
  readonly servers: ServerNode[] = [];
  readonly sentinels: SentinelNode[] = [];
  /** Told of every process before it has read its disk. */
  readonly onCreated: ((node: SimulatedNode) => void)[] = [];
  /** Told of every process that has loaded what it found and serves. */
  readonly onStarted: ((node: SimulatedNode) => void)[] = [];
  /** Told of every line that a node logs. */
  readonly onLog: ((node: SimulatedNode, entry: LogEntry) => void)[] = [];
  /** Told of every process that ends by itself. */
  readonly onEnded: ((node: SimulatedNode, code: number, reason: string) => void)[] = [];
  readonly #delays: SeededRandom;
  readonly #slow = new Map<string, number>();

  private constructor(options: WorldOptions) {
    const sentinels = options.sentinels ?? 3;
    this.options = {
      seed: options.seed,
      masters: options.masters ?? 1,
      replicas: options.replicas ?? 2,
      sentinels,
      quorum: options.quorum ?? Math.floor(sentinels / 2) + 1,
      downAfterMs: options.downAfterMs ?? 1000,
      failoverTimeoutMs: options.failoverTimeoutMs ?? 10_000,
      serverLines: options.serverLines ?? [],
      sentinelLines: options.sentinelLines ?? [],
      delayUs: options.delayUs ?? [100, 400],
      keptLines: options.keptLines ?? 0,
    };
    this.random = new SeededRandom(options.seed);
    this.#delays = new SeededRandom(this.random.uint32());
    this.trace = new Trace(this.options.keptLines);
    this.world = new SimulatedWorld(this.random.uint32(), {
      delayUs: (from, to) => this.#delayUs(from, to),
    });
    this.#makeNodes();
  }

  /** A fleet whose nodes have started and found each other. */
  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options);
    for (const node of world.nodes) await world.complete(node.start());
    await world.until(() => world.isAssembled(), 60_000);
    return world;
  }

  /** A fleet of which nothing runs yet. */
  static idle(options: WorldOptions): World {
    return new World(options);
  }

  get nodes(): readonly SimulatedNode[] {
    return [...this.servers, ...this.sentinels];
  }

  get masterNames(): readonly string[] {
    const { masters } = this.options;
    return Array.from({ length: masters }, (_, i) => masterName(i, masters));
  }

  /** Virtual time since the beginning, in ms. */
  get nowMs(): number {
    return this.world.time.nowUs / 1000;
  }

  node(name: string): SimulatedNode {
    const node = this.nodes.find((one) => one.name === name);
    assert(node !== undefined, `there is a node ${name}`);
    return node;
  }

  server(name: string): ServerNode {
    const node = this.node(name);
    assert(node instanceof ServerNode, `${name} is a server`);
    return node;
  }

  sentinel(name: string): SentinelNode {
    const node = this.node(name);
    assert(node instanceof SentinelNode, `${name} is a sentinel`);
    return node;
  }

  /** The node that listens at an address; undefined when it is none of ours. */
  nodeAt(address: string, port: number): SimulatedNode | undefined {
    return this.nodes.find((node) => node.address === address && node.port === port);
  }

  /** Clients have machines of their own. */
  clientAddress(number: number): string {
    return `10.0.2.${number}`;
  }

  // --- time ---

  /** Lets time pass. */
  run(ms: number): Promise<void> {
    return this.world.time.advance(ms);
  }

  until(condition: () => boolean, limitMs: number): Promise<void> {
    return this.world.time.until(condition, limitMs);
  }

  complete<T>(promise: Promise<T>): Promise<T> {
    return this.world.time.complete(promise);
  }

  // --- faults ---

  /** kill -9; with `power` the machine loses power, and with it what it had not synced. */
  crash(name: string, power = false): void {
    this.note(power ? `power off ${name}` : `crash ${name}`);
    this.node(name).crash(power);
  }

  /** Starts a node that is down; false when it cannot start. */
  async restart(name: string): Promise<boolean> {
    this.note(`restart ${name}`);
    return await this.complete(this.node(name).start());
  }

  /** The same, without waiting for it: within a run. */
  restartSoon(name: string): void {
    this.note(`restart ${name}`);
    this.world.time.willContinue();
    void this.node(name).start();
  }

  pause(name: string): void {
    this.note(`pause ${name}`);
    this.node(name).pause();
  }

  resume(name: string): void {
    this.note(`resume ${name}`);
    this.node(name).resume();
  }

  stepClock(name: string, ms: number): void {
    this.note(`step the clock of ${name} by ${ms} ms`);
    this.node(name).stepClock(ms);
  }

  /** Nothing passes between the two groups; `oneWay`: nothing from the first to the second. */
  partition(from: readonly string[], to: readonly string[], oneWay = false): void {
    this.note(`partition ${from.join(' ')} ${oneWay ? '->' : '|'} ${to.join(' ')}`);
    const { fabric } = this.world;
    for (const a of this.#addresses(from)) {
      for (const b of this.#addresses(to)) {
        if (oneWay) fabric.cutOneWay(a, b);
        else fabric.cut(a, b);
      }
    }
  }

  /** Ends a partition; one that overlaps it ends there too. */
  rejoin(from: readonly string[], to: readonly string[]): void {
    this.note(`rejoin ${from.join(' ')} and ${to.join(' ')}`);
    for (const a of this.#addresses(from)) {
      for (const b of this.#addresses(to)) this.world.fabric.heal(a, b);
    }
  }

  /** Ends all partitions, slow links and pauses. Crashed nodes stay down. */
  heal(): void {
    this.note('heal');
    const all = this.nodes.map((node) => node.address);
    for (const a of all) for (const b of all) if (a < b) this.world.fabric.heal(a, b);
    this.#slow.clear();
    for (const node of this.nodes) node.resume();
  }

  /** Adds this much to the way from one node to the other. */
  slow(from: string, to: string, ms: number): void {
    this.note(`slow ${from} -> ${to} by ${ms} ms`);
    this.#slow.set(`${this.node(from).address}>${this.node(to).address}`, ms * 1000);
  }

  // --- what is known ---

  /** Where a sentinel says that the master is; undefined when it does not run or knows no such name. */
  masterAddress(sentinel: string, master: string = this.masterNames[0]): string | undefined {
    const process = this.sentinel(sentinel).process;
    const address = process?.core.masterAddress(master);
    return address === undefined ? undefined : `${address.host}:${address.port}`;
  }

  /** Whether all who run agree on the masters, every replica follows one, and all know each other. */
  isAssembled(): boolean {
    return this.masterNames.every((name) => this.#isAssembled(name));
  }

  /** A line of what the simulation does. */
  note(text: string): void {
    this.trace.add(this.world.time.nowUs, 'world', text);
  }

  created(node: SimulatedNode): void {
    for (const told of this.onCreated) told(node);
  }

  started(node: SimulatedNode): void {
    for (const told of this.onStarted) told(node);
  }

  log(node: SimulatedNode, entry: LogEntry): void {
    this.trace.add(this.world.time.nowUs, node.name, entry.text);
    for (const told of this.onLog) told(node, entry);
  }

  ended(node: SimulatedNode, code: number, reason: string): void {
    this.note(`${node.name} ended with ${code}${reason === '' ? '' : `: ${reason}`}`);
    for (const told of this.onEnded) told(node, code, reason);
  }

  #isAssembled(master: string): boolean {
    const running = this.sentinels.filter((node) => node.process !== undefined);
    const addresses = new Set(running.map((node) => this.masterAddress(node.name, master)));
    const [address] = addresses;
    if (addresses.size !== 1 || address === undefined) return false;
    const [host, port] = address.split(':');
    const leader = this.nodeAt(host, Number(port));
    if (!(leader instanceof ServerNode)) return false;
    const replication = leader.process?.parts.replication;
    if (replication?.role !== 'master') return false;
    const { replicas, sentinels } = this.options;
    return running.every((node) => {
      const view = node.process?.core.masterSummaries().find((one) => one.name === master);
      return (
        view?.status === 'ok' &&
        view.replicaCount >= replicas &&
        view.sentinelCount >= sentinels &&
        this.#followers(host, Number(port)) >= replicas
      );
    });
  }

  /** Servers that have a link to this master, up and synchronised. */
  #followers(host: string, port: number): number {
    return this.servers.filter((node) => {
      const replication = node.process?.parts.replication;
      const master = replication?.masterAddress;
      return replication?.replica.isUp && master?.host === host && master.port === port;
    }).length;
  }

  #makeNodes(): void {
    const { masters, replicas, sentinels, serverLines } = this.options;
    for (let m = 0; m < masters; m++) {
      for (let i = 0; i <= replicas; i++) {
        const number = this.servers.length + 1;
        const node = new ServerNode(this.world, `server-${number}`, `10.0.0.${number}`, this);
        const leader = this.servers[m * (replicas + 1)];
        const follows = i === 0 ? [] : [`replicaof ${leader.address} ${SERVER_PORT}`];
        node.configure([
          `bind ${node.address}`,
          `port ${SERVER_PORT}`,
          'protected-mode no',
          'save ""',
          'repl-diskless-sync-delay 0',
          ...follows,
          ...serverLines,
        ]);
        this.servers.push(node);
      }
    }
    for (let i = 0; i < sentinels; i++) {
      const node = new SentinelNode(this.world, `sentinel-${i + 1}`, `10.0.1.${i + 1}`, this);
      node.configure(this.#sentinelLines(node.address));
      this.sentinels.push(node);
    }
  }

  #sentinelLines(address: string): string[] {
    const { masters, replicas, quorum, downAfterMs, failoverTimeoutMs } = this.options;
    const lines = [`bind ${address}`, `port ${SENTINEL_PORT}`, 'protected-mode no'];
    for (let m = 0; m < masters; m++) {
      const name = masterName(m, masters);
      const leader = this.servers[m * (replicas + 1)];
      lines.push(
        `sentinel monitor ${name} ${leader.address} ${SERVER_PORT} ${quorum}`,
        `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
        `sentinel failover-timeout ${name} ${failoverTimeoutMs}`,
      );
    }
    return [...lines, ...this.options.sentinelLines];
  }

  #addresses(names: readonly string[]): readonly string[] {
    return names.map((name) => this.node(name).address);
  }

  #delayUs(from: string, to: string): number {
    const [least, spread] = this.options.delayUs;
    const extra = this.#slow.get(`${from}>${to}`) ?? 0;
    return least + this.#delays.below(spread + 1) + extra;
  }
}
