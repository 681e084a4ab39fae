// The page's line to its server: one long response with events, and one short request an action. Both
// carry the token in a header, which a page of another origin could not send without being asked for.

import type { Action, PageMessage } from '../messages.ts';
import { EventReader } from '../model/event-reader.ts';
import { applyMessage, type PageState } from '../model/page-state.ts';

export type LineState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly message: string };

/** The server gives a sign of life every five seconds. */
const SILENCE_MS = 15_000;
const RETRY_MS = 1000;

export class Connection {
  readonly #token: string;
  readonly #listeners = new Set<() => void>();
  #state: PageState | undefined;
  #line: LineState = { kind: 'connecting' };

  constructor(token: string) {
    this.#token = token;
  }

  get state(): PageState | undefined {
    return this.#state;
  }

  get line(): LineState {
    return this.#line;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the stream, and begins again whenever it ends; gives up only when it is refused. */
  async follow(): Promise<void> {
    for (;;) {
      try {
        const refusal = await this.#readStream();
        if (refusal !== undefined) {
          this.#setLine({ kind: 'refused', message: refusal });
          return;
        }
      } catch {
        // A server that is gone may come back; what is said about it is the same for every reason.
      }
      this.#setLine({ kind: 'lost' });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Undefined when it was done, else the reason why not, in a sentence. */
  async act(action: Action): Promise<string | undefined> {
    try {
      const response = await fetch('/api/actions', {
        method: 'POST',
        headers: { ...this.#headers(), 'Content-Type': 'application/json' },
        body: JSON.stringify(action),
      });
      return response.ok ? undefined : await errorOf(response);
    } catch {
      return 'the server did not answer';
    }
  }

  async #readStream(): Promise<string | undefined> {
    const abort = new AbortController();
    const response = await fetch('/api/stream', {
      headers: this.#headers(),
      cache: 'no-store',
      signal: abort.signal,
    });
    if (response.status === 401 || response.status === 403) return errorOf(response);
    if (!response.ok || response.body === null) throw new Error(await errorOf(response));
    const events = new EventReader();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const watchdog = setTimeout(() => abort.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
      if (done) return undefined;
      for (const { data } of events.read(value)) {
        this.#state = applyMessage(this.#state, JSON.parse(data) as PageMessage);
      }
      this.#setLine({ kind: 'live' });
    }
  }

  #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.#token}` };
  }

  #setLine(line: LineState): void {
    this.#line = line;
    for (const listener of this.#listeners) listener();
  }
}

async function errorOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const { error } = (body ?? {}) as { readonly error?: unknown };
  return typeof error === 'string' ? error : `the server answered ${response.status}`;
}
