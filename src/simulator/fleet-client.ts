// A client of the simulated fleet, on a machine of its own: it asks the sentinels where the master is,
// makes sure that it is one, and sends commands one at a time. What it was told, and what it was left
// without an answer to, is all that anybody may hold a fleet to.

import type { SimulatedEnvironment } from '../env/simulated/simulated-environment.ts';
import type { Timer } from '../env/timers.ts';
import { OutboundLink } from '../net/outbound.ts';
import type { Reply } from '../protocol/reply-reader.ts';
import { SENTINEL_PORT } from './sentinel-node.ts';
import type { World } from './world.ts';

/** How long one step may take: asking a sentinel, connecting, a command. */
const PATIENCE_MS = 1000;
/** Between two tries to find a master. */
const RETRY_MS = 100;

/** `refused`: an error reply, so nothing was done. `unknown`: the link ended before the reply came. */
export type Answer =
  /** `link` counts the client's ways to a master: what WAIT counts is about one of them. */
  | {
      readonly kind: 'done';
      readonly reply: Reply;
      readonly master: string;
      readonly link: number;
    }
  | { readonly kind: 'refused'; readonly error: string; readonly master: string }
  | { readonly kind: 'unknown'; readonly master: string };

export class FleetClient {
  readonly name: string;
  readonly environment: SimulatedEnvironment;
  readonly #world: World;
  readonly #masterName: string;
  /** The sentinel that is asked next. */
  #sentinel: number;
  #link: OutboundLink | undefined;
  /** Where the link goes, by the node's name. */
  #master = '';
  #links = 0;
  #isReady = false;
  #isStopped = false;
  /** The command under way. */
  #pending: ((answer: Answer) => void) | undefined;
  #waiting: (() => void) | undefined;
  #timer: Timer | undefined;

  constructor(world: World, number: number, masterName: string = world.masterNames[0]) {
    this.#world = world;
    this.#masterName = masterName;
    this.name = `client-${number}`;
    this.#sentinel = number;
    this.environment = world.world.start(world.clientAddress(number));
    this.#find();
  }

  /** Calls back once there is a master to talk to, which may be at once. */
  whenReady(run: () => void): void {
    if (this.#isReady) run();
    else this.#waiting = run;
  }

  /** Sends a command to the master that `whenReady` has found; one at a time. */
  send(
    args: readonly (string | number)[],
    before: readonly (readonly (string | number)[])[],
    onAnswer: (answer: Answer) => void,
  ): void {
    const master = this.#master;
    const link = this.#links;
    this.#pending = onAnswer;
    this.#guard();
    for (const one of before) this.#link?.send(one);
    this.#link?.send(args, (reply) => {
      this.#timer?.cancel();
      this.#pending = undefined;
      if (reply.kind === 'error') {
        onAnswer({ kind: 'refused', error: reply.text, master });
        // Whoever does not take writes is no master any more.
        if (!reply.text.startsWith('ERR')) this.#lost('refused');
      } else onAnswer({ kind: 'done', reply, master, link });
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.environment.kill();
  }

  #find(): void {
    if (this.#isStopped) return;
    const { sentinels } = this.#world;
    const { address } = sentinels[this.#sentinel++ % sentinels.length];
    this.#open(address, SENTINEL_PORT, (link) => {
      link.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#masterName], (reply) => {
        link.close('asked');
        const [host, port] = reply.kind === 'array' ? reply.items.map(textOf) : [];
        if (port === undefined) this.#again();
        else this.#connect(host, Number(port));
      });
    });
  }

  #connect(host: string, port: number): void {
    this.#open(host, port, (link) => {
      link.send(['ROLE'], (reply) => {
        this.#timer?.cancel();
        if (reply.kind !== 'array' || textOf(reply.items[0]) !== 'master') {
          this.#lost('no master');
          return;
        }
        this.#master = this.#world.nodeAt(host, port)?.name ?? `${host}:${port}`;
        this.#links++;
        this.#isReady = true;
        const run = this.#waiting;
        this.#waiting = undefined;
        run?.();
      });
    });
  }

  /** A link that is closed before the patience ends or later counts as lost. */
  #open(host: string, port: number, onConnect: (link: OutboundLink) => void): void {
    this.#guard();
    const link = new OutboundLink(
      this.environment,
      { host, port },
      {
        onConnect: () => onConnect(link),
        onClose: (reason) => {
          if (this.#link === link && reason !== 'asked') this.#lost(reason);
        },
      },
      { connectTimeoutMs: PATIENCE_MS },
    );
    this.#link = link;
  }

  #guard(): void {
    this.#timer?.cancel();
    this.#timer = this.environment.timers.after(PATIENCE_MS, () => this.#lost('no answer'));
  }

  #lost(reason: string): void {
    const link = this.#link;
    const pending = this.#pending;
    const master = this.#master;
    this.#link = undefined;
    this.#pending = undefined;
    this.#isReady = false;
    link?.close(reason);
    pending?.({ kind: 'unknown', master });
    this.#again();
  }

  #again(): void {
    this.#timer?.cancel();
    if (this.#isStopped) return;
    this.#timer = this.environment.timers.after(RETRY_MS, () => this.#find());
  }
}

/** Text of a bulk or simple string; '' of anything else. */
export function textOf(reply: Reply | undefined): string {
  if (reply?.kind === 'bulk') return reply.bytes.toString('latin1');
  return reply?.kind === 'simple' ? reply.text : '';
}
