// What clients do during a run, and what must be found afterwards. Each workload has keys of its own,
// so that one run can carry several.

import type { Reply } from '../protocol/reply-reader.ts';
import { type Answer, FleetClient } from './fleet-client.ts';
import { OperationLog } from './operation.ts';
import type { World } from './world.ts';

type Command = readonly (string | number)[];

export interface Workload {
  readonly name: string;
  /** The next command; `number` counts this client's commands of this workload. */
  next(client: string, number: number): Command;
  /** Commands that go ahead of it on the same way, none of which is answered for. */
  before?(client: string, number: number): readonly Command[];
}

/** Keys that are written once each: a missing one is one lost write. */
export const uniqueWrites: Workload = {
  name: 'writes',
  next: (client, number) => ['SET', `write:${client}:${number}`, number],
};

/** Each client adds to a counter of its own: its value tells how many additions lasted. */
export const counters: Workload = {
  name: 'counters',
  next: (client) => ['INCR', `counter:${client}`],
};

/** Members that are added once each. */
export const sets: Workload = {
  name: 'sets',
  next: (client, number) => ['SADD', `set:${client}`, number],
};

/** Keys that live shortly: only a master may end them. */
export const expiries: Workload = {
  name: 'expiries',
  next: (client, number) => ['SET', `expiry:${client}:${number % 8}`, number, 'PX', 300],
};

/** Two keys that must never differ, set by one unit. */
export const pairs: Workload = {
  name: 'pairs',
  next: (client, number) => ['MSET', `left:${client}`, number, `right:${client}`, number],
};

/** A unit of which all or nothing may be seen: a member, and how many there are. */
export const transactions: Workload = {
  name: 'transactions',
  next: () => ['EXEC'],
  before: (client, number) => [
    ['MULTI'],
    ['RPUSH', `unit:${client}`, number],
    ['INCR', `units:${client}`],
  ],
};

/** Acknowledgement by replicas: what it counts must be true. */
export const waits: Workload = {
  name: 'waits',
  next: (client, number) =>
    number % 2 === 0 ? ['SET', `waited:${client}:${number}`, number] : ['WAIT', 1, 200],
};

export const workloads: readonly Workload[] = [
  uniqueWrites,
  counters,
  sets,
  expiries,
  pairs,
  transactions,
  waits,
];

export interface LoadOptions {
  readonly clients: number;
  readonly workloads: readonly Workload[];
  /** Between an answer and the next command, at least; drawn up to twice that. */
  readonly thinkMs: number;
}

/** Clients that work until they are stopped. */
export class Load {
  readonly log: OperationLog = new OperationLog();
  /** Told of every operation when its answer is known. */
  readonly onAnswer: ((client: string, command: Command, answer: Answer) => void)[] = [];
  readonly #world: World;
  readonly #options: LoadOptions;
  readonly #clients: FleetClient[] = [];
  #isStopped = false;

  constructor(world: World, options: LoadOptions) {
    this.#world = world;
    this.#options = options;
    for (let i = 0; i < options.clients; i++) {
      const client = new FleetClient(world, i + 1);
      this.#clients.push(client);
      this.#loop(client, 0);
    }
  }

  get clientNames(): readonly string[] {
    return this.#clients.map((client) => client.name);
  }

  stop(): void {
    this.#isStopped = true;
    for (const client of this.#clients) client.stop();
  }

  #loop(client: FleetClient, turn: number): void {
    if (this.#isStopped) return;
    const { workloads: mine, thinkMs } = this.#options;
    client.whenReady(() => {
      const workload = mine[turn % mine.length];
      const number = Math.floor(turn / mine.length);
      const command = workload.next(client.name, number);
      const before = workload.before?.(client.name, number) ?? [];
      const sentMs = this.#world.nowMs;
      client.send(command, before, (answer) => {
        const answeredMs = this.#world.nowMs;
        this.log.add({ client: client.name, before, command, sentMs, answeredMs, answer });
        this.#world.trace.add(
          answeredMs * 1000,
          client.name,
          `${command.join(' ')}: ${told(answer)}`,
        );
        for (const hear of this.onAnswer) hear(client.name, command, answer);
        const pause = thinkMs + this.#world.clientRandom.below(thinkMs + 1);
        client.environment.timers.after(pause, () => this.#loop(client, turn + 1));
      });
    });
  }
}

function told(answer: Answer): string {
  if (answer.kind === 'refused') return answer.error;
  return answer.kind === 'unknown' ? 'no answer' : shortText(answer.reply);
}

function shortText(reply: Reply): string {
  if (reply.kind === 'integer') return String(reply.value);
  return reply.kind === 'simple' ? reply.text : reply.kind;
}
