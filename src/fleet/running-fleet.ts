// A fleet that was started: who does what stands in the files beside this one, here it comes together.
// The nodes are asked twice a second, more often while somebody waits for something or a failover is
// under way, and at once after an event.

import type { Environment } from '../env/environment.ts';
import type { Timer } from '../env/timers.ts';
import { EventListeners } from './event-listeners.ts';
import { FailoverTracker } from './failover-tracker.ts';
import {
  type Address,
  type Fleet,
  FleetError,
  type FleetEvents,
  type SlowLink,
  type UntilOptions,
} from './fleet.ts';
import { isComplete, isReplicating } from './fleet-checks.ts';
import type { FleetLayout } from './fleet-layout.ts';
import { FleetNode, type FleetNodeEvents } from './fleet-node.ts';
import type { FleetView, NodeState, ServerRole, TimelineEvent } from './fleet-view.ts';
import { LagMeter } from './lag-meter.ts';
import { LinkTable } from './link-table.ts';
import { NodeLink, textOf } from './node-link.ts';
import { findNode } from './node-names.ts';
import { type NodeEnd, type NodePlan, NodeStartError, type NodeStarter } from './node-starter.ts';
import { Timeline } from './timeline.ts';
import { ViewBuilder } from './view-builder.ts';
import { WriteProbe } from './write-probe.ts';

export interface FleetParts {
  readonly environment: Environment;
  readonly starter: NodeStarter;
  readonly layout: FleetLayout;
  readonly probeIntervalMs?: number;
  /** After everything has ended. */
  readonly cleanUp?: () => void;
}

const CALM_MS = 500;
const BUSY_MS = 50;
const SOON_MS = 10;
/** A node that does not answer must not hold up the picture of the others. */
const POLL_LIMIT_MS = 250;
const START_POLL_MS = 20;
const START_LIMIT_MS = 60_000;
const UNTIL_LIMIT_MS = 30_000;
const PROBE_INTERVAL_MS = 50;

interface Waiter {
  readonly test: (view: FleetView) => boolean;
  readonly fulfil: (view: FleetView) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer;
}

export class RunningFleet implements Fleet, FleetNodeEvents {
  readonly masterName: string;
  readonly ended: Promise<void>;
  readonly #environment: Environment;
  readonly #parts: FleetParts;
  readonly #nodes: readonly FleetNode[];
  readonly #builder: ViewBuilder;
  readonly #timeline: Timeline = new Timeline();
  readonly #tracker: FailoverTracker;
  readonly #links: LinkTable = new LinkTable();
  readonly #listeners: EventListeners<FleetEvents> = new EventListeners();
  readonly #waiters = new Set<Waiter>();
  #settleEnded: () => void = () => {};
  #probe: WriteProbe | undefined;
  #view: FleetView | undefined;
  #timer: Timer | undefined;
  #refreshing: Promise<FleetView> | undefined;
  #soonTimer: Timer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: FleetParts) {
    const { environment, layout } = parts;
    const { masterName, host, password } = layout.options;
    this.#environment = environment;
    this.#parts = parts;
    this.masterName = masterName;
    this.#nodes = layout.nodes.map((planned) => {
      const plan: NodePlan = { ...planned, host, configuration: undefined };
      return new FleetNode(environment, { plan, masterName, password }, this);
    });
    this.#builder = new ViewBuilder(this.#nodes, new LagMeter());
    this.#tracker = new FailoverTracker((from, port) => this.#builder.nameOf(from, port));
    this.ended = new Promise((fulfil) => {
      this.#settleEnded = fulfil;
    });
  }

  get view(): FleetView {
    this.#view ??= this.#picture();
    return this.#view;
  }

  /** Starts all nodes and waits until they know each other; rejects, with nothing left, when one fails. */
  async start(): Promise<void> {
    try {
      const { layout } = this.#parts;
      const master = this.#node(layout.options.firstMaster);
      await this.#launch(master, undefined);
      const address = { host: master.plan.host, port: master.port };
      const servers = this.#nodes.filter(({ plan }) => plan.kind === 'server');
      const replicas = servers.filter((node) => node !== master);
      await Promise.all(replicas.map((node) => this.#launch(node, address)));
      this.#cycle();
      // A sentinel asks a master for its replicas at once, and then only every ten seconds.
      await this.#untilStarted((view) => isReplicating(view), 'replicas that follow the master');
      const sentinels = this.#nodes.filter(({ plan }) => plan.kind === 'sentinel');
      await Promise.all(sentinels.map((node) => this.#launch(node, address)));
      await this.#untilStarted((view) => isComplete(view), 'sentinels that know each other');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  getHost(): string {
    return this.#masterNode().plan.host;
  }

  getPort(): number {
    return this.#masterNode().port;
  }

  serverAddresses(): readonly Address[] {
    return this.#addresses('server');
  }

  sentinelAddresses(): readonly Address[] {
    return this.#addresses('sentinel');
  }

  refresh(): Promise<FleetView> {
    this.#refreshing ??= this.#poll().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  until(test: (view: FleetView) => boolean, options: UntilOptions = {}): Promise<FleetView> {
    const { timeoutMs = UNTIL_LIMIT_MS, what = 'what was waited for' } = options;
    return new Promise((fulfil, reject) => {
      const timer = this.#environment.timers.after(timeoutMs, () => {
        this.#waiters.delete(waiter);
        reject(new FleetError(`${what} did not come within ${timeoutMs} ms: ${this.#summary()}`));
      });
      const waiter: Waiter = { test, fulfil, reject, timer };
      this.#waiters.add(waiter);
      if (this.#stopping !== undefined) this.#rejectWaiters();
      else this.#soon();
    });
  }

  on<Name extends keyof FleetEvents>(
    name: Name,
    listener: (event: FleetEvents[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener);
  }

  async kill(name: string): Promise<void> {
    const node = this.#running(name);
    this.#note(`kill ${node.name}`, 'kill', node.name);
    await node.started?.kill();
  }

  async freeze(name: string): Promise<void> {
    const node = this.#running(name);
    if (node.state === 'frozen') return;
    this.#note(`freeze ${node.name}`, 'freeze', node.name);
    node.freeze();
  }

  async thaw(name: string): Promise<void> {
    const node = this.#running(name);
    if (node.state !== 'frozen') return;
    this.#note(`thaw ${node.name}`, 'thaw', node.name);
    node.thaw();
    this.#soon();
  }

  async restart(name: string): Promise<void> {
    const node = this.#node(name);
    this.#refuseWhenStopping();
    this.#note(`restart ${node.name}`, 'restart', node.name);
    await node.started?.stop();
    await this.#begin(node, undefined);
    await this.#untilUp(node);
    this.#soon();
  }

  async failover(): Promise<void> {
    this.#refuseWhenStopping();
    const leader = this.#nodes.find((node) => node.plan.kind === 'sentinel' && node.state === 'up');
    if (leader === undefined) throw new FleetError('no sentinel is up, so nobody can lead');
    this.#note(`failover, led by ${leader.name}`, 'failover', null);
    const link = new NodeLink(this.#environment, () => ({
      host: leader.plan.host,
      port: leader.port,
    }));
    try {
      const reply = await link.ask('SENTINEL', 'FAILOVER', this.masterName);
      if (reply.kind === 'error') throw new FleetError(`${leader.name}: ${textOf(reply)}`);
    } finally {
      link.close();
    }
    this.#soon();
  }

  async cut(a: string, b: string): Promise<void> {
    const [one, other] = [this.#node(a), this.#node(b)];
    this.#links.cut(one, other);
    this.#note(`cut ${one.name} from ${other.name}`, 'cut', one.name);
  }

  async slow(a: string, b: string, how: SlowLink): Promise<void> {
    const [one, other] = [this.#node(a), this.#node(b)];
    this.#links.slow(one, other, how);
    this.#note(`slow ${one.name} to ${other.name} by ${how.delayMs} ms`, 'slow', one.name);
  }

  async heal(a?: string, b?: string): Promise<void> {
    const one = a === undefined ? undefined : this.#node(a);
    const other = b === undefined ? undefined : this.#node(b);
    this.#links.heal(one, other);
    const what = [one, other].flatMap((node) => node?.name ?? []).join(' and ');
    this.#note(`heal ${what === '' ? 'all links' : what}`, 'heal', one?.name ?? null);
  }

  whyNotCut(a: string, b: string): string | undefined {
    return this.#links.whyNot(this.#node(a), this.#node(b));
  }

  startProbe(): void {
    this.#refuseWhenStopping();
    const { layout, probeIntervalMs = PROBE_INTERVAL_MS } = this.#parts;
    this.#probe ??= new WriteProbe(this.#environment, {
      masterName: this.masterName,
      sentinels: () => this.sentinelAddresses(),
      fallback: () => {
        const node = this.#nodes.find((known) => known.name === this.#builder.master());
        return node && { host: node.plan.host, port: node.port };
      },
      nameOf: (host, port) => this.#builder.nameOf(host, port),
      password: layout.options.password,
      intervalMs: probeIntervalMs,
    });
    this.#probe.start();
    this.#changed();
  }

  stopProbe(): void {
    this.#probe?.stop();
    this.#changed();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  stateChanged(node: FleetNode, from: NodeState, end?: NodeEnd): void {
    const to = node.state;
    const isMaster = node.name === this.#builder.master() || node.server?.role === 'master';
    if (isMaster && (to === 'down' || to === 'frozen')) this.#tracker.masterLost(node.sinceMs);
    if (isMaster && to === 'up') this.#tracker.masterLost(null);
    const text = end === undefined ? `${from} to ${to}` : `ended: ${end.reason}`;
    this.#add({ node: node.name, kind: 'node', name: to, text, subject: node.name });
    if (from === 'down') this.#links.tell(node);
    this.#listeners.emit('state-change', { node: node.name, from, to });
    this.#changed();
  }

  roleChanged(node: FleetNode, from: ServerRole | null, to: ServerRole): void {
    const text = from === null ? to : `${from} to ${to}`;
    this.#add({ node: node.name, kind: 'node', name: 'role', text, subject: node.name });
    this.#listeners.emit('role-change', { node: node.name, from, to });
  }

  published(node: FleetNode, channel: string, text: string): void {
    const words = text.split(' ');
    const isAddressed = /^(master|slave|sentinel)$/.test(words[0] ?? '');
    const subject = isAddressed ? this.#builder.nameOf(words[2] ?? '', Number(words[3])) : null;
    const event = this.#add({ node: node.name, kind: 'sentinel', name: channel, text, subject });
    const failover = this.#tracker.take({
      atMs: event.atMs,
      sentinel: node.name,
      name: channel,
      text,
    });
    if (failover !== undefined) this.#listeners.emit('failover', failover);
    this.#soon();
  }

  #untilStarted(test: (view: FleetView) => boolean, what: string): Promise<FleetView> {
    return this.until(test, { timeoutMs: START_LIMIT_MS, what });
  }

  /** Starts a node and waits until it answers. */
  async #launch(node: FleetNode, master: Address | undefined): Promise<void> {
    this.#refuseWhenStopping();
    const planned = this.#parts.layout.nodes.find(({ name }) => name === node.name);
    if (planned === undefined) throw new FleetError(`${node.name} is not planned`);
    await this.#begin(node, this.#parts.layout.configuration(planned, master));
    await this.#untilUp(node);
  }

  async #begin(node: FleetNode, configuration: readonly string[] | undefined): Promise<void> {
    const started = await this.#parts.starter.start({
      ...node.plan,
      port: node.port,
      configuration,
    });
    node.begin(started);
    if (this.#stopping !== undefined) await started.stop();
  }

  async #untilUp(node: FleetNode): Promise<void> {
    const { started } = node;
    let end: NodeEnd | undefined;
    void started?.ended.then((facts) => {
      end = facts;
    });
    const { clock } = this.#environment;
    const deadlineUs = clock.monotonicUs() + START_LIMIT_MS * 1000;
    while (node.state !== 'up') {
      if (end !== undefined) throw new NodeStartError(node.name, end.reason, end.lastLines);
      if (clock.monotonicUs() > deadlineUs) {
        throw new NodeStartError(node.name, `no answer within ${START_LIMIT_MS / 1000} s`, []);
      }
      void node.poll();
      await this.#pause(START_POLL_MS);
    }
  }

  async #stop(): Promise<void> {
    this.#timer?.cancel();
    this.#soonTimer?.cancel();
    this.#probe?.stop();
    for (const node of this.#nodes) node.close();
    this.#rejectWaiters();
    // Sentinels first, or they would take the end of the master for a failure.
    const rank = (node: FleetNode): number => {
      if (node.plan.kind === 'sentinel') return 0;
      return node.server?.role === 'master' ? 2 : 1;
    };
    for (const current of [0, 1, 2]) {
      const ending = this.#nodes.filter((node) => rank(node) === current);
      await Promise.all(ending.map((node) => node.started?.stop()));
    }
    await Promise.all(this.#nodes.map((node) => node.started?.ended));
    await this.#parts.starter.close();
    this.#parts.cleanUp?.();
    this.#listeners.clear();
    this.#settleEnded();
  }

  /** Asks everybody and asks again, until the fleet is stopped. */
  #cycle(): void {
    void this.refresh().then(() => {
      if (this.#stopping !== undefined) return;
      const isBusy = this.#waiters.size > 0 || this.#tracker.isRunning;
      this.#timer = this.#environment.timers.after(isBusy ? BUSY_MS : CALM_MS, () => this.#cycle());
    });
  }

  async #poll(): Promise<FleetView> {
    const polls = this.#nodes.map((node) => node.poll());
    await new Promise<void>((fulfil) => {
      const limit = this.#environment.timers.after(POLL_LIMIT_MS, fulfil);
      void Promise.all(polls).then(() => {
        limit.cancel();
        fulfil();
      });
    });
    for (const node of this.#nodes) node.updateState();
    this.#view = this.#picture();
    this.#listeners.emit('view', this.#view);
    this.#tellWaiters();
    return this.#view;
  }

  /** Something happened: asks at once, but once for a burst. */
  #soon(): void {
    this.#changed();
    if (this.#soonTimer !== undefined || this.#stopping !== undefined) return;
    this.#soonTimer = this.#environment.timers.after(SOON_MS, () => {
      this.#soonTimer = undefined;
      if (this.#stopping === undefined) void this.refresh();
    });
  }

  #changed(): void {
    this.#view = undefined;
    this.#tellWaiters();
  }

  #tellWaiters(): void {
    for (const waiter of [...this.#waiters]) {
      try {
        if (!waiter.test(this.view)) continue;
        waiter.fulfil(this.view);
      } catch (error) {
        waiter.reject(error);
      }
      waiter.timer.cancel();
      this.#waiters.delete(waiter);
    }
  }

  #rejectWaiters(): void {
    for (const waiter of this.#waiters) {
      waiter.timer.cancel();
      waiter.reject(new FleetError('the fleet was stopped'));
    }
    this.#waiters.clear();
  }

  #picture(): FleetView {
    const { quorum, downAfterMs } = this.#parts.layout.options;
    const atMs = this.#environment.clock.wallMs();
    return {
      atMs,
      masterName: this.masterName,
      quorum,
      downAfterMs,
      master: this.#builder.master(),
      servers: this.#builder.servers(atMs),
      sentinels: this.#builder.sentinels(),
      events: this.#timeline.recent,
      failovers: this.#tracker.failovers,
      faults: this.#links.view,
      probe: this.#probe?.view ?? null,
    };
  }

  #note(text: string, name: string, subject: string | null): void {
    this.#add({ node: 'fleet', kind: 'action', name, text, subject });
    this.#changed();
  }

  #add(event: Omit<TimelineEvent, 'id' | 'atMs'>): TimelineEvent {
    const added = this.#timeline.add({ ...event, atMs: this.#environment.clock.wallMs() });
    this.#listeners.emit('event', added);
    return added;
  }

  #node(name: string): FleetNode {
    return findNode(this.#nodes, name, this.#builder.master());
  }

  #running(name: string): FleetNode {
    this.#refuseWhenStopping();
    const node = this.#node(name);
    if (node.started === undefined) throw new FleetError(`${node.name} is down`);
    return node;
  }

  #masterNode(): FleetNode {
    return this.#node('master');
  }

  #addresses(kind: 'server' | 'sentinel'): readonly Address[] {
    return this.#nodes
      .filter((node) => node.plan.kind === kind)
      .map((node) => ({ host: node.plan.host, port: node.port }));
  }

  #refuseWhenStopping(): void {
    if (this.#stopping !== undefined) throw new FleetError('the fleet was stopped');
  }

  #summary(): string {
    const { master, servers, sentinels } = this.view;
    const nodes = [...servers, ...sentinels].map(({ name, state }) => `${name} ${state}`);
    return `master ${master ?? 'unknown'}; ${nodes.join(', ')}`;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((fulfil) => {
      this.#environment.timers.after(ms, fulfil);
    });
  }
}
