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
import { type DiskTrouble, diskTroubles } from './disk-trouble.ts';
import { SENTINEL_PORT, SentinelNode } from './sentinel-node.ts';
import { SERVER_PORT, ServerNode } from './server-node.ts';
import type { NodeEvents, Power, SimulatedNode } from './simulated-node.ts';
import { Trace } from './trace.ts';
import { Wires } from './wires.ts';

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

/** How often a fleet that assembles is looked at, and how often at most: a minute. */
const ASSEMBLY_LOOK_MS = 50;
const ASSEMBLY_TRIES = 1200;
const SETTLE_LOOK_MS = 500;

/** Names that a master has for the sentinels. */
function masterName(index: number, masters: number): string {
  return masters === 1 ? 'mymaster' : `master-${index + 1}`;
}

export class World implements NodeEvents {
  readonly options: Required<Omit<WorldOptions, 'seed'>> & { readonly seed: number };
  readonly world: SimulatedWorld;
  readonly trace: Trace;
  /** For faults; clients and nodes have randomness of their own. */
  readonly random: SeededRandom;
  /** For what clients do: the same whatever faults a run has. */
  readonly clientRandom: SeededRandom;
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
  /** When `heal` was last called, in ms. */
  healedMs = 0;
  readonly #wires: Wires;
  readonly #nodes: SimulatedNode[] = [];
  /** Of nodes, and of clients once they were asked for. */
  readonly #addressByName = new Map<string, string>();

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
    this.#wires = new Wires(new SeededRandom(this.random.uint32()), this.options.delayUs);
    this.clientRandom = new SeededRandom(this.random.uint32());
    this.trace = new Trace(this.options.keptLines);
    this.world = new SimulatedWorld(this.random.uint32(), {
      delayUs: (from, to) => this.#wires.delayUs(from, to),
    });
    this.#makeNodes();
  }

  /** A fleet whose nodes have started and found each other. */
  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options);
    for (const node of world.nodes) await world.complete(node.start());
    for (let tries = 0; !world.isAssembled(); tries++) {
      assert(tries < ASSEMBLY_TRIES, 'a fleet without faults assembles');
      await world.run(ASSEMBLY_LOOK_MS);
    }
    return world;
  }

  /** A fleet of which nothing runs yet. */
  static idle(options: WorldOptions): World {
    return new World(options);
  }

  get nodes(): readonly SimulatedNode[] {
    return this.#nodes;
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

  /** Until the fleet is one again; an assertion when it is not within `limitMs`. Starts what is down. */
  async settle(limitMs = 60_000): Promise<void> {
    const deadline = this.nowMs + limitMs;
    while (!this.isAssembled()) {
      assert(this.nowMs < deadline, 'the fleet is one again in time');
      for (const node of this.nodes) if (node.state === 'down') this.restartSoon(node.name);
      await this.run(SETTLE_LOOK_MS);
    }
  }

  until(condition: () => boolean, limitMs: number): Promise<void> {
    return this.world.time.until(condition, limitMs);
  }

  complete<T>(promise: Promise<T>): Promise<T> {
    return this.world.time.complete(promise);
  }

  // --- faults ---

  /** kill -9; with `power` the machine loses power, and with it what it had not synced, or parts of it. */
  crash(name: string, power: Power = false): void {
    this.note(power === 'torn' ? `tear ${name}` : power ? `power off ${name}` : `crash ${name}`);
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
    const node = this.node(name);
    node.start().catch((error) => this.ended(node, 1, `cannot start: ${error}`));
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
    this.node(name).clock.stepWall(ms);
  }

  /** The clocks of a node gain this much from now on; its timers run by them. */
  drift(name: string, partsPerMillion: number): void {
    this.note(`clock of ${name} off by ${partsPerMillion} ppm`);
    this.node(name).clock.drift(partsPerMillion);
  }

  /** Something is wrong with a node's disk from now on, or nothing any more. */
  disk(name: string, trouble: DiskTrouble | undefined): void {
    this.note(`disk of ${name} ${trouble ?? 'works'}`);
    this.node(name).trouble(trouble === undefined ? undefined : diskTroubles[trouble]);
  }

  slowDisk(name: string, ms: number): void {
    this.note(`disk of ${name} slower by ${ms} ms`);
    this.node(name).disk.slowUs = ms * 1000;
  }

  /** Whether a node answers new connections with a refusal. */
  refuse(name: string, on: boolean): void {
    this.note(`${name} ${on ? 'refuses' : 'accepts'} connections`);
    this.world.fabric.refuse(this.#addressOf(name), on);
  }

  /** Breaks all connections between two, or makes the way forget them: then neither end is told. */
  breakLinks(one: string, other: string, isTold = true): void {
    this.note(`${isTold ? 'break' : 'forget'} connections of ${one} and ${other}`);
    this.world.fabric.breakLinks(this.#addressOf(one), this.#addressOf(other), isTold);
  }

  /** Nothing passes between the two groups, nodes or clients; `oneWay`: nothing from the first to the second. */
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

  /** Ends all that can end: partitions, slow links, pauses, disks, drift. Crashed nodes stay down. */
  heal(): void {
    this.note('heal');
    this.healedMs = this.nowMs;
    this.world.fabric.healAll();
    this.#wires.clear();
    for (const node of this.nodes) {
      this.world.fabric.refuse(node.address, false);
      node.trouble(undefined);
      node.disk.slowUs = 0;
      node.clock.drift(0);
      node.resume();
    }
  }

  /** Adds this much to the way from one node to the other. */
  slow(from: string, to: string, ms: number): void {
    this.note(`slow ${from} -> ${to} by ${ms} ms`);
    this.#wires.slow(this.#addressOf(from), this.#addressOf(to), ms * 1000);
  }

  /** Some of what goes from one to the other takes up to this much longer. */
  jitter(from: string, to: string, ms: number): void {
    this.note(`jitter ${from} -> ${to} up to ${ms} ms`);
    this.#wires.jitter(this.#addressOf(from), this.#addressOf(to), ms * 1000);
  }

  // --- what is known ---

  /** Whether bytes pass from one node to the other, and nothing is slower than this on the way. */
  passes(from: string, to: string, withinMs: number): boolean {
    const a = this.#addressOf(from);
    const b = this.#addressOf(to);
    return !this.world.fabric.isCut(a, b) && this.#wires.addedUs(a, b) <= withinMs * 1000;
  }

  /** Where a sentinel says that the master is; undefined when it does not run or knows no such name. */
  masterAddress(sentinel: string, master: string = this.masterNames[0]): string | undefined {
    const address = this.sentinel(sentinel).process?.core.masterAddress(master);
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
    this.#nodes.push(...this.servers, ...this.sentinels);
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
    return names.map((name) => this.#addressOf(name));
  }

  #addressOf(name: string): string {
    let address = this.#addressByName.get(name);
    if (address === undefined) {
      const client = /^client-(\d+)$/.exec(name);
      address = client === null ? this.node(name).address : this.clientAddress(Number(client[1]));
      this.#addressByName.set(name, address);
    }
    return address;
  }
}
