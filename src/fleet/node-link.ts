// The fleet's own line to a node: questions with promised answers. It is opened when something is
// asked and again after it broke; it goes round the faults that are set between nodes.

import type { Environment } from '../env/environment.ts';
import { OutboundLink } from '../net/outbound.ts';
import type { Reply } from '../protocol/reply-reader.ts';
import type { Address } from './fleet.ts';

export type LinkEnvironment = Pick<Environment, 'network' | 'timers'>;

export class NodeLink {
  readonly #environment: LinkEnvironment;
  readonly #address: () => Address;
  readonly #password: string | undefined;
  #link: OutboundLink | undefined;
  #pending = new Set<(error: Error) => void>();

  constructor(environment: LinkEnvironment, address: () => Address, password?: string) {
    this.#environment = environment;
    this.#address = address;
    this.#password = password;
  }

  /** The answer, an error reply too; rejects when the link ends first. Strings are latin1. */
  ask(...args: readonly (string | number)[]): Promise<Reply> {
    return new Promise((fulfil, reject) => {
      this.#link ??= this.#open();
      this.#pending.add(reject);
      this.#link.send(args, (reply) => {
        this.#pending.delete(reject);
        fulfil(reply);
      });
    });
  }

  /** Subscribes to everything; `onMessage` gets channel and text, `onOpen` and `onClose` frame it. */
  subscribe(
    onOpen: () => void,
    onMessage: (channel: string, text: string) => void,
    onClose: () => void,
  ): void {
    const link = new OutboundLink(this.#environment, this.#address(), {
      onConnect: onOpen,
      onMessage: (reply) => {
        if (reply.kind !== 'array' && reply.kind !== 'push') return;
        const words = reply.items.map(textOf);
        if (words[0] === 'pmessage' && words.length === 4) onMessage(words[2], words[3]);
      },
      onClose: () => {
        if (this.#link === link) this.#link = undefined;
        onClose();
      },
    });
    this.#link = link;
    this.#authenticate(link);
    // The password's answer comes first, so listening begins with the answer to this.
    link.send(['PSUBSCRIBE', '*'], () => link.listen());
  }

  close(): void {
    this.#link?.close();
  }

  #open(): OutboundLink {
    const link = new OutboundLink(this.#environment, this.#address(), {
      onClose: (reason) => {
        if (this.#link === link) this.#link = undefined;
        const pending = this.#pending;
        this.#pending = new Set();
        for (const reject of pending) reject(new Error(reason));
      },
    });
    this.#authenticate(link);
    return link;
  }

  #authenticate(link: OutboundLink): void {
    if (this.#password !== undefined) link.send(['AUTH', this.#password]);
  }
}

/** Text of a simple reply; '' of anything that has none. */
export function textOf(reply: Reply): string {
  switch (reply.kind) {
    case 'simple':
    case 'error':
    case 'bigNumber':
      return reply.text;
    case 'bulk':
    case 'verbatim':
      return reply.bytes.toString('utf8');
    case 'integer':
    case 'double':
      return String(reply.value);
    default:
      return '';
  }
}

/** Names and values in turn, as SENTINEL MASTER answers. */
export function fieldsOf(reply: Reply): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (reply.kind !== 'array' && reply.kind !== 'map') return fields;
  const words = reply.items.map(textOf);
  for (let i = 0; i + 1 < words.length; i += 2) fields.set(words[i], words[i + 1]);
  return fields;
}

/** The lines `name:value` of INFO. */
export function infoFields(reply: Reply): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (reply.kind === 'error') return fields;
  for (const line of textOf(reply).split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

/** Null when it is absent or no number. */
export function numberIn(fields: ReadonlyMap<string, string>, name: string): number | null {
  const text = fields.get(name);
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
