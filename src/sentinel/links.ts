// The core's links to other programs, by the numbers it gave them: commands go out, replies and messages
// come back as inputs. Whatever the other side is or does, a link ends with a reason at worst.

import type { ConnectAddress, Network } from '../env/network.ts';
import type { Timers } from '../env/timers.ts';
import { OutboundLink } from '../net/outbound.ts';
import { encodeCommand } from '../protocol/encode-command.ts';
import type { SentinelEffect } from './core/effect.ts';
import type { SentinelInput } from './core/input.ts';

type Open = Extract<SentinelEffect, { kind: 'open' }>;
type Send = Extract<SentinelEffect, { kind: 'send' }>;

export interface LinksOptions {
  readonly network: Network;
  readonly timers: Timers;
  readonly input: (input: SentinelInput) => void;
  /** The local address that links start from; '' leaves it to the system. */
  readonly sourceHost: () => string;
}

/** An honest INFO is some KiB, of ten thousand replicas a MiB. What exceeds this is no answer. */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
/** The core keeps to a hundred for each master that shares a link; this only bounds its mistakes. */
const MAX_PENDING = 1_000_000;
/** A connection that is not there after this time is tried again by the core. */
const CONNECT_TIMEOUT_MS = 5000;

export class SentinelLinks {
  readonly #options: LinksOptions;
  readonly #links: Map<number, OutboundLink> = new Map();
  /** Commands of the step under way: one write a link. */
  readonly #unsent: Map<OutboundLink, Uint8Array[]> = new Map();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  open({ link: id, host, port }: Open): void {
    const { network, timers, input, sourceHost } = this.#options;
    const localHost = sourceHost();
    const address: ConnectAddress = localHost === '' ? { host, port } : { host, port, localHost };
    const link: OutboundLink = new OutboundLink(
      { network, timers },
      address,
      {
        onConnect: () => input({ kind: 'linkOpened', link: id, localHost: link.localHost }),
        onMessage: (message) => input({ kind: 'message', link: id, message }),
        onClose: (reason) => {
          // The core knows of the ends that it asked for.
          if (!this.#links.delete(id)) return;
          input({ kind: 'linkClosed', link: id, reason });
        },
      },
      {
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        maxReplyBytes: MAX_REPLY_BYTES,
        maxPending: MAX_PENDING,
        limits: {
          maxBulkBytes: MAX_REPLY_BYTES,
          maxLineBytes: 64 * 1024,
          maxDepth: 8,
          maxElements: 65_536,
        },
      },
    );
    this.#links.set(id, link);
  }

  send({ link: id, id: request, args, subscribes }: Send): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    link.expect((reply) => {
      if (subscribes) link.listen();
      this.#options.input({ kind: 'reply', link: id, id: request, reply });
    });
    const command = encodeCommand(args);
    const others = this.#unsent.get(link);
    if (others === undefined) this.#unsent.set(link, [command]);
    else others.push(command);
  }

  /** The step is over: what it sent goes out. */
  flush(): void {
    if (this.#unsent.size === 0) return;
    for (const [link, commands] of this.#unsent) {
      link.sendRaw(commands.length === 1 ? commands[0] : Buffer.concat(commands));
    }
    this.#unsent.clear();
  }

  close(id: number): void {
    const link = this.#links.get(id);
    this.#links.delete(id);
    link?.close();
  }

  closeAll(): void {
    for (const id of [...this.#links.keys()]) this.close(id);
  }
}
