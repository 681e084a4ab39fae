// Everything that a sentinel does. The shell carries effects out at once and in order. It need not
// hold anything back: what may only be seen once a state is on disk (a vote, an epoch, a new master's
// address) is not an effect before the core was told `persisted`; PINGs do not wait for a disk.

import type { SavedState } from './settings.ts';

/** Redis's log levels. */
export type EventLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export type SentinelEffect =
  /** Write it, sync it, answer `persisted` with this id. Newer ones replace those that still wait. */
  | { readonly kind: 'persist'; readonly id: number; readonly state: SavedState }
  /** Connect. `send` effects follow at once and go out when it is open. Ids are never used again. */
  | {
      readonly kind: 'open';
      readonly link: number;
      readonly purpose: 'command' | 'subscription';
      /** The other end: `sentinel` links are to other sentinels. For the log and TLS. */
      readonly target: 'master' | 'replica' | 'sentinel';
      /** An IP address. */
      readonly host: string;
      readonly port: number;
    }
  /** No `linkClosed` follows; answers that were due never come. */
  | { readonly kind: 'close'; readonly link: number }
  /** After the answer to one with `subscribes` everything on this link is a `message`. */
  | {
      readonly kind: 'send';
      readonly link: number;
      readonly id: number;
      readonly args: readonly string[];
      readonly subscribes: boolean;
    }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: SentinelAnswer }
  /** Log line `name message` and, above debug, a message on the channel `name`. */
  | {
      readonly kind: 'event';
      readonly level: EventLevel;
      readonly name: string;
      readonly message: string;
    }
  /** A log line only. */
  | { readonly kind: 'log'; readonly level: EventLevel; readonly text: string }
  /** "Next failover delay: I will not start a failover before …": the core knows no calendar. */
  | { readonly kind: 'failoverDelayed'; readonly master: string; readonly forMs: number }
  /** notification-script or client-reconfig-script; `master` for the log. */
  | { readonly kind: 'script'; readonly path: string; readonly args: readonly string[] }
  /** Give `wake` at this monotonic time; replaces the one before. */
  | { readonly kind: 'wake'; readonly at: number }
  /** Find the address of a name, without blocking; answer `resolved`. One at a time for a name. */
  | { readonly kind: 'resolve'; readonly host: string }
  /** End the process at once, as if it crashed: SIMULATE-FAILURE. */
  | { readonly kind: 'exit'; readonly code: number };

/** What became of a command. */
export type SentinelAnswer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'unknownMaster' }
  /** RESET: masters that matched. */
  | { readonly kind: 'count'; readonly count: number }
  /** IS-MASTER-DOWN-BY-ADDR; `leader` is '*' without a vote. */
  | {
      readonly kind: 'masterDown';
      readonly isDown: boolean;
      readonly leader: string;
      readonly leaderEpoch: number;
    }
  /** MONITOR. */
  | { readonly kind: 'invalidHost' }
  | { readonly kind: 'duplicateMaster' }
  | { readonly kind: 'invalidPort' }
  /** FAILOVER. */
  | { readonly kind: 'failoverInProgress' }
  | { readonly kind: 'noGoodReplica' }
  /** Done in memory, but not on disk. */
  | { readonly kind: 'notSaved' };
