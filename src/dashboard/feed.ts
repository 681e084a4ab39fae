// What all open pages are told, kept once. Each page's stream asks for the news since its own cursor
// when its connection has room for more: a slow reader gets fewer and larger messages, a stuck one
// none, and neither makes anything grow here.

import type { Fleet } from '../fleet/fleet.ts';
import type { FailoverView, FleetView } from '../fleet/fleet-view.ts';
import type { FleetState, FullMessage, PageMessage, Sample } from './messages.ts';

/** Five minutes at two samples a second. */
const KEPT_SAMPLES = 600;
/** Views come faster than this when much happens; the charts do not need them all. */
const SAMPLE_SPACING_MS = 400;

/** How far one page has read. */
export interface Cursor {
  readonly version: number;
  readonly lastEventId: number;
  readonly lastSampleMs: number;
  readonly failovers: string;
}

export class Feed {
  readonly #fleet: Fleet;
  readonly #unsubscribe: () => void;
  readonly #waiting = new Set<() => void>();
  #samples: readonly Sample[] = [];
  #version = 0;
  #isClosed = false;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#take(fleet.view);
    this.#unsubscribe = fleet.on('view', (view) => this.#take(view));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /**
   * True as soon as there is something that `cursor` has not seen, or the feed was closed; false when
   * `quietMs` have passed without.
   */
  changedSince(cursor: Cursor, quietMs: number): Promise<boolean> {
    if (this.#isClosed || this.#version !== cursor.version) return Promise.resolve(true);
    return new Promise((resolve) => {
      const changed = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(changed);
        resolve(false);
      }, quietMs);
      this.#waiting.add(changed);
    });
  }

  /** Everything, or what is new for somebody who has read up to the cursor. */
  message(cursor?: Cursor): { readonly message: PageMessage; readonly cursor: Cursor } {
    const { events, failovers, ...state } = this.#fleet.view;
    const next: Cursor = {
      version: this.#version,
      lastEventId: events.at(-1)?.id ?? 0,
      lastSampleMs: this.#samples.at(-1)?.atMs ?? 0,
      failovers: failoversKey(failovers),
    };
    if (cursor === undefined || hasMissed(cursor, events[0]?.id)) {
      return { message: this.#full(state), cursor: next };
    }
    const message: PageMessage = {
      kind: 'news',
      state,
      events: events.filter(({ id }) => id > cursor.lastEventId),
      failovers: next.failovers === cursor.failovers ? null : failovers,
      samples: this.#samples.filter(({ atMs }) => atMs > cursor.lastSampleMs),
    };
    return { message, cursor: next };
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#wake();
  }

  #full(state: FleetState): FullMessage {
    const { events, failovers } = this.#fleet.view;
    return {
      kind: 'full',
      state,
      events,
      failovers,
      samples: this.#samples,
      uncuttable: this.#uncuttable(state),
    };
  }

  #uncuttable(state: FleetState): Record<string, string> {
    const names = [...state.servers, ...state.sentinels].map(({ name }) => name).sort();
    const reasons: Record<string, string> = {};
    for (const [index, a] of names.entries()) {
      for (const b of names.slice(index + 1)) {
        const reason = this.#fleet.whyNotCut(a, b);
        if (reason !== undefined) reasons[`${a} ${b}`] = reason;
      }
    }
    return reasons;
  }

  #take(view: FleetView): void {
    this.#version++;
    const last = this.#samples.at(-1)?.atMs ?? 0;
    if (view.atMs - last >= SAMPLE_SPACING_MS) {
      this.#samples = [...this.#samples.slice(1 - KEPT_SAMPLES), sampleOf(view)];
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** The charts' figures of one view; nothing of a node that did not answer. */
function sampleOf(view: FleetView): Sample {
  const master = view.servers.find(({ name }) => name === view.master);
  const backlog = master?.state === 'up' ? master.backlog : null;
  return {
    atMs: view.atMs,
    values: view.servers.map((server) =>
      server.state === 'up'
        ? {
            offset: server.offset,
            lagBytes: server.upstream?.lagBytes ?? null,
            lagMs: server.upstream?.lagMs ?? null,
            opsPerSecond: server.opsPerSecond,
            memoryBytes: server.memoryBytes,
          }
        : null,
    ),
    backlog: backlog ? [backlog.first, backlog.first + backlog.length] : null,
  };
}

/** Events are numbered without gaps: the oldest kept one tells whether some are gone. */
function hasMissed(cursor: Cursor, oldest: number | undefined): boolean {
  return oldest !== undefined && oldest > cursor.lastEventId + 1;
}

/** Only the last failover can change. */
function failoversKey(failovers: readonly FailoverView[]): string {
  return `${failovers.length} ${JSON.stringify(failovers.at(-1) ?? null)}`;
}
