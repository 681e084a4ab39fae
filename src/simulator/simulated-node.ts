// One machine of the simulated fleet: an address, a disk, and at most one process, which is the
// production code of a server or a sentinel. The machine outlives its processes.

import type {
  SimulatedEnvironment,
  SimulatedWorld,
} from '../env/simulated/simulated-environment.ts';
import { type FaultPlan, SimulatedDisk } from '../env/simulated/simulated-files.ts';
import type { LogEntry } from '../env/simulated/simulated-log.ts';
import type { SimulatedClock } from '../env/simulated/simulated-time.ts';
import { assert } from '../util/assert.ts';

export const CONFIG_FILE = '/node.conf';

/** How a machine goes down: its process alone, with its power, or with its power amid writing. */
export type Power = boolean | 'torn';
export type NodeState = 'down' | 'running' | 'paused';

/** A process as its machine sees it. */
export interface Process {
  /** False when it cannot start; its log says why. */
  start(): Promise<boolean>;
}

export interface NodeEvents {
  /** There is a process, which has yet to read its disk. */
  created(node: SimulatedNode): void;
  /** It has loaded what there was and serves. */
  started(node: SimulatedNode): void;
  log(node: SimulatedNode, entry: LogEntry): void;
  /** The process ended by itself: with this exit code, or broken for this reason. */
  ended(node: SimulatedNode, code: number, reason: string): void;
}

export interface Refusal {
  readonly atUs: number;
  readonly path: string;
}

export abstract class SimulatedNode {
  abstract readonly kind: 'server' | 'sentinel';
  abstract readonly port: number;
  readonly name: string;
  readonly address: string;
  readonly disk: SimulatedDisk = new SimulatedDisk();
  state: NodeState = 'down';
  /** Of the machine: it outlives the process, with all its error. */
  readonly clock: SimulatedClock;
  /** What its disk refused last to the process that runs, or that was the last to run. */
  refusal: Refusal | undefined;
  /** Starts so far. */
  starts = 0;
  protected readonly world: SimulatedWorld;
  protected readonly events: NodeEvents;
  #environment: SimulatedEnvironment | undefined;

  constructor(world: SimulatedWorld, name: string, address: string, events: NodeEvents) {
    this.world = world;
    this.name = name;
    this.address = address;
    this.events = events;
    this.clock = world.clock();
  }

  /** The running process's environment. */
  get environment(): SimulatedEnvironment | undefined {
    return this.#environment;
  }

  /** A process over what is on the disk. */
  protected abstract createProcess(environment: SimulatedEnvironment): Process;

  /** The process is gone: nothing of it may be looked at any more. */
  protected abstract forgetProcess(): void;

  /** Starts the process; false when it could not start, and then the node is down. */
  async start(): Promise<boolean> {
    assert(this.state === 'down', 'a machine has one process at a time');
    this.state = 'running';
    this.starts++;
    this.refusal = undefined;
    const environment = this.world.start(this.address, this.disk, this.clock);
    this.#environment = environment;
    environment.log.keeps = false;
    environment.log.level = 'notice';
    environment.log.onEntry = (entry) => {
      if (this.#environment === environment) this.events.log(this, entry);
    };
    const started = this.createProcess(environment);
    this.events.created(this);
    const hasStarted = await started.start();
    if (this.#environment !== environment) return false;
    if (hasStarted) this.events.started(this);
    else this.ended(environment, 1, 'it could not start');
    return hasStarted;
  }

  /**
   * kill -9. With `power` the whole machine goes: its peers are told nothing, and what was not synced
   * is lost, or with 'torn' any part of it.
   */
  crash(power: Power = false): void {
    const environment = this.#environment;
    if (environment === undefined) return;
    if (power) environment.network.vanish();
    environment.kill();
    if (power === 'torn') this.disk.crash(this.world.random);
    else if (power) this.disk.crash();
    this.#gone();
  }

  /** Something is wrong with the disk from now on, or nothing any more. */
  trouble(plan: FaultPlan | undefined): void {
    const faulty: FaultPlan = (operation, path, mode) => {
      const code = plan?.(operation, path, mode);
      if (code !== undefined) this.refusal = { atUs: this.world.time.nowUs, path };
      return code;
    };
    this.disk.faults = plan === undefined ? undefined : faulty;
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.state !== 'running') return;
    this.state = 'paused';
    this.#environment?.timers.pause();
  }

  /** SIGCONT. */
  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    this.#environment?.timers.resume();
  }

  /** For the process: it has ended by itself. */
  protected ended(environment: SimulatedEnvironment, code: number, reason: string): void {
    if (this.#environment !== environment) return;
    environment.kill();
    this.#gone();
    this.events.ended(this, code, reason);
  }

  #gone(): void {
    this.state = 'down';
    this.#environment = undefined;
    this.forgetProcess();
  }
}
