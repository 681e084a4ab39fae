// One node of a running fleet: its life (started, frozen, gone) and what it last said. What it says is
// asked anew by `poll`; a node that does not answer keeps its last words until it is down.

import type { Environment } from '../env/environment.ts';
import type { NodeState, ServerRole } from './fleet-view.ts';
import { askSentinel, askServer, type SentinelFacts, type ServerFacts } from './node-facts.ts';
import { NodeLink } from './node-link.ts';
import type { NodeEnd, NodePlan, StartedNode } from './node-starter.ts';

/** Without an answer for this long a node counts as silent. */
const SILENT_MS = 1000;

export interface FleetNodeEvents {
  /** `end` is set when the state is 'down' because the process ended. */
  stateChanged(node: FleetNode, from: NodeState, end?: NodeEnd): void;
  roleChanged(node: FleetNode, from: ServerRole | null, to: ServerRole): void;
  published(node: FleetNode, channel: string, text: string): void;
}

export interface FleetNodeOptions {
  readonly plan: NodePlan;
  readonly masterName: string;
  /** Of the servers; sentinels ask for none. */
  readonly password: string | undefined;
}

export class FleetNode {
  readonly plan: NodePlan;
  port: number;
  server: ServerFacts | undefined;
  sentinel: SentinelFacts | undefined;
  state: NodeState = 'down';
  sinceMs = 0;
  /** The last `+new-epoch` that it told. */
  epoch: number | null = null;
  readonly #environment: Environment;
  readonly #masterName: string;
  readonly #events: FleetNodeEvents;
  readonly #questions: NodeLink;
  readonly #subscription: NodeLink;
  #started: StartedNode | undefined;
  #isFrozen = false;
  #isAsking = false;
  #isSubscribed = false;
  #isLeaving = false;
  #answeredUs: number | undefined;
  #role: ServerRole | null = null;

  constructor(environment: Environment, options: FleetNodeOptions, events: FleetNodeEvents) {
    this.#environment = environment;
    this.plan = options.plan;
    this.port = options.plan.port;
    this.#masterName = options.masterName;
    this.#events = events;
    this.sinceMs = environment.clock.wallMs();
    const address = () => ({ host: this.plan.host, port: this.port });
    const password = options.plan.kind === 'server' ? options.password : undefined;
    this.#questions = new NodeLink(environment, address, password);
    this.#subscription = new NodeLink(environment, address, password);
  }

  get name(): string {
    return this.plan.name;
  }

  get started(): StartedNode | undefined {
    return this.#started;
  }

  /** A process was started for it. */
  begin(started: StartedNode): void {
    this.#started = started;
    this.port = started.port;
    this.#isFrozen = false;
    this.#answeredUs = undefined;
    this.#enter('starting');
    void started.ended.then((end) => {
      if (this.#started !== started) return;
      this.#started = undefined;
      this.#isFrozen = false;
      this.server = undefined;
      this.sentinel = undefined;
      this.#disconnect();
      this.#enter('down', end);
    });
  }

  freeze(): void {
    this.#started?.freeze();
    this.#isFrozen = true;
    this.#enter('frozen');
  }

  thaw(): void {
    this.#started?.thaw();
    this.#isFrozen = false;
    // It has not answered yet, so it is not up.
    this.#answeredUs = undefined;
    this.#enter('starting');
  }

  /** Asks unless an answer is still awaited. Never rejects. */
  async poll(): Promise<void> {
    if (this.#started === undefined || this.#isAsking || this.#isLeaving) return;
    this.#isAsking = true;
    try {
      if (this.plan.kind === 'server') this.#tookServer(await askServer(this.#questions));
      else this.#tookSentinel(await askSentinel(this.#questions, this.#masterName));
      if (this.plan.kind === 'sentinel' && !this.#isSubscribed) this.#subscribe();
    } catch {
      // Not listening yet, or gone: what else is known decides the state.
    } finally {
      this.#isAsking = false;
      this.updateState();
    }
  }

  /** Time passes without an answer, too. */
  updateState(): void {
    if (this.#started === undefined) return;
    if (this.#isFrozen) return this.#enter('frozen');
    if (this.#answeredUs === undefined) return this.#enter('starting');
    const silentUs = this.#environment.clock.monotonicUs() - this.#answeredUs;
    this.#enter(silentUs > SILENT_MS * 1000 ? 'silent' : 'up');
  }

  /** No more questions. */
  close(): void {
    this.#isLeaving = true;
    this.#disconnect();
  }

  #tookServer(facts: ServerFacts): void {
    if (this.#started === undefined) return;
    this.server = facts;
    this.#answered(!facts.isLoading);
    const { role } = facts;
    const from = this.#role;
    if (role === null || role === from) return;
    this.#role = role;
    this.#events.roleChanged(this, from, role);
  }

  #tookSentinel(facts: SentinelFacts): void {
    if (this.#started === undefined) return;
    this.sentinel = facts;
    this.#answered(true);
  }

  #answered(isReady: boolean): void {
    if (!this.#isFrozen && isReady) this.#answeredUs = this.#environment.clock.monotonicUs();
  }

  #subscribe(): void {
    this.#isSubscribed = true;
    this.#subscription.subscribe(
      () => {},
      (channel, text) => {
        if (channel === '+new-epoch') this.epoch = Number(text) || this.epoch;
        this.#events.published(this, channel, text);
      },
      () => {
        this.#isSubscribed = false;
      },
    );
  }

  #disconnect(): void {
    this.#questions.close();
    this.#subscription.close();
  }

  #enter(state: NodeState, end?: NodeEnd): void {
    const from = this.state;
    if (from === state) return;
    this.state = state;
    this.sinceMs = this.#environment.clock.wallMs();
    this.#events.stateChanged(this, from, end);
  }
}
