// What one session has asked of client side caching (CLIENT TRACKING). It exists while tracking is on.

export class TrackingState {
  bcast = false;
  optin = false;
  optout = false;
  noloop = false;
  /** CLIENT CACHING was given: the next command's keys are (optin) or are not (optout) remembered. */
  caching = false;
  /** The session that gets the messages; 0: this one. */
  redirect = 0;
  /** The session of `redirect` was gone when a message was due. */
  brokenRedirect = false;
  /** Of a broadcasting session; latin1. */
  readonly #prefixes: Set<string> = new Set();

  /** In byte order, as TRACKINGINFO prints them. */
  get prefixes(): string[] {
    return [...this.#prefixes].sort();
  }

  addPrefix(prefix: string): void {
    this.#prefixes.add(prefix);
  }

  /** Bytes, for CLIENT LIST. */
  get memoryBytes(): number {
    let bytes = 64;
    for (const prefix of this.#prefixes) bytes += prefix.length + 48;
    return bytes;
  }
}
