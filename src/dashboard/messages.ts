// What the server tells the page. The first message of a stream has everything, the later ones only
// what changes; events come once each.

import type { FailoverView, FleetView, TimelineEvent } from '../fleet/fleet-view.ts';

/** The fleet without its long lists. */
export type FleetState = Omit<FleetView, 'events' | 'failovers'>;

/** One column of the charts. Servers stand in the order of the message's `servers`. */
export interface Sample {
  readonly atMs: number;
  readonly values: readonly (ServerSample | null)[];
  /** The master's: first offset that a replica can go on from, and the end. */
  readonly backlog: readonly [first: number, end: number] | null;
}

export interface ServerSample {
  readonly offset: number | null;
  readonly lagBytes: number | null;
  readonly lagMs: number | null;
  readonly opsPerSecond: number | null;
  readonly memoryBytes: number | null;
}

/** The whole picture: at the start of a stream, and when a slow reader has missed events. */
export interface FullMessage {
  readonly kind: 'full';
  readonly state: FleetState;
  readonly events: readonly TimelineEvent[];
  readonly failovers: readonly FailoverView[];
  readonly samples: readonly Sample[];
  /** Why a link cannot be cut, by both names in alphabetical order: 'sentinel1 server2'. */
  readonly uncuttable: Readonly<Record<string, string>>;
}

/** What is new since the message before. */
export interface NewsMessage {
  readonly kind: 'news';
  readonly state: FleetState;
  readonly events: readonly TimelineEvent[];
  /** Null when none changed. */
  readonly failovers: readonly FailoverView[] | null;
  readonly samples: readonly Sample[];
}

export type PageMessage = FullMessage | NewsMessage;

/** What the page can ask for, as the body of a POST to /api/actions. */
export type Action =
  | { readonly action: 'kill' | 'freeze' | 'thaw' | 'restart'; readonly node: string }
  | { readonly action: 'cut'; readonly between: readonly [string, string] }
  | {
      readonly action: 'slow';
      readonly between: readonly [string, string];
      readonly delayMs: number;
    }
  /** One link, all links of a node, or all there are. */
  | {
      readonly action: 'heal';
      readonly between?: readonly [string, string];
      readonly node?: string;
    }
  | { readonly action: 'failover' | 'start-probe' | 'stop-probe' };
