// Which links of a process are broken on purpose, and how. A link is named by the address that this
// process connects to: of two processes that may both connect, each is told about the other.

export interface LinkRule {
  /** Nothing passes, in either direction, and nobody is told: a partition, not a closed socket. */
  readonly isCut: boolean;
  /** Added to each direction, milliseconds. */
  readonly delayMs: number;
  /** What each direction carries a second; Infinity: as much as it can. */
  readonly bytesPerSecond: number;
}

export const healthyLink: LinkRule = {
  isCut: false,
  delayMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};

export class LinkFaults {
  readonly #rules = new Map<string, LinkRule>();
  readonly #listeners = new Set<() => void>();
  #isFrozen = false;

  /** True: nothing at all reaches or leaves the process, as after SIGSTOP. */
  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  set isFrozen(value: boolean) {
    if (this.#isFrozen === value) return;
    this.#isFrozen = value;
    this.#tell();
  }

  ruleFor(address: string): LinkRule {
    return this.#rules.get(address) ?? healthyLink;
  }

  /** Replaces the whole table; keys as `linkAddress` writes them. */
  replace(rules: Iterable<readonly [string, LinkRule]>): void {
    this.#rules.clear();
    for (const [address, rule] of rules) this.#rules.set(address, rule);
    this.#tell();
  }

  /** Runs `listener` after every change; the answer ends that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** 'host:port', with one spelling for this machine. */
export function linkAddress(host: string, port: number): string {
  return `${host === 'localhost' ? '127.0.0.1' : host}:${port}`;
}
