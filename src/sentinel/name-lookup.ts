// Looks names up without ever making anybody wait. Only few at a time: a system's resolver works on the
// same threads as the disk, and a name server that does not answer must not keep a vote from it.

import type { Network } from '../env/network.ts';

const MAX_AT_ONCE = 2;

export class NameLookup {
  readonly #network: Network;
  readonly #found: (host: string, ip: string | undefined) => void;
  readonly #waiting: Set<string> = new Set();
  readonly #running: Set<string> = new Set();

  constructor(network: Network, found: (host: string, ip: string | undefined) => void) {
    this.#network = network;
    this.#found = found;
  }

  /** The answer follows, never before this returns. */
  resolve(host: string): void {
    if (this.#running.has(host)) return;
    this.#waiting.add(host);
    this.#next();
  }

  #next(): void {
    for (const host of this.#waiting) {
      if (this.#running.size >= MAX_AT_ONCE) return;
      this.#waiting.delete(host);
      this.#running.add(host);
      const done = (ip: string | undefined): void => {
        this.#running.delete(host);
        this.#found(host, ip);
        this.#next();
      };
      void this.#network.resolve(utf8(host)).then(done, () => done(undefined));
    }
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
