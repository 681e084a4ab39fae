// Everything that can happen to a sentinel. The shell reports each fact at once, in the order in which
// it came, with the monotonic time at which it is handed over. It judges nothing: whatever another
// program said is passed on as it is.

import type { Reply } from '../../protocol/reply-reader.ts';
import type { GlobalSettings, MasterSettings, Timings } from './settings.ts';

export type SentinelInput =
  /** First input, once: the sentinel listens, links may open. */
  | { readonly kind: 'start' }
  /** The time of the last `wake` effect has come. */
  | { readonly kind: 'wake' }
  /** `localHost` is this end's address: what a hello tells others when none is configured. */
  | { readonly kind: 'linkOpened'; readonly link: number; readonly localHost: string }
  /** Also when it never opened. Nothing of this link follows. Not sent after a `close` effect. */
  | { readonly kind: 'linkClosed'; readonly link: number; readonly reason: string }
  /** The answer to the `send` effect of that id; answers of one link come in order of sending. */
  | {
      readonly kind: 'reply';
      readonly link: number;
      readonly id: number;
      readonly reply: Reply;
    }
  /** On a subscription link, after the answer to SUBSCRIBE. */
  | { readonly kind: 'message'; readonly link: number; readonly message: Reply }
  /** PUBLISH to `__sentinel__:hello` by a client of ours: another sentinel. */
  | { readonly kind: 'hello'; readonly text: string }
  /** Answer to a `resolve` effect; undefined when the name has no address (now). */
  | { readonly kind: 'resolved'; readonly host: string; readonly ip: string | undefined }
  /**
   * Every `persist` up to this id is on disk, or is not: when several wait, only the newest is
   * written, and one answer with its id is enough.
   */
  | { readonly kind: 'persisted'; readonly id: number; readonly ok: boolean }
  /** `id` comes back in exactly one `answer` effect, perhaps of a later step. */
  | { readonly kind: 'command'; readonly id: number; readonly command: SentinelRequest };

/** Commands that act or vote; those that only look use the core's views. Syntax is checked before. */
export type SentinelRequest =
  | {
      readonly name: 'monitor';
      readonly master: string;
      readonly host: string;
      readonly port: number;
      readonly quorum: number;
    }
  | { readonly name: 'remove'; readonly master: string }
  /** Options up to the first bad one: SET is not atomic. Scripts and `deny-scripts-reconfig` are checked. */
  | { readonly name: 'set'; readonly master: string; readonly changes: readonly MasterChange[] }
  | { readonly name: 'reset'; readonly pattern: string }
  | { readonly name: 'failover'; readonly master: string }
  | {
      readonly name: 'isMasterDown';
      readonly host: string;
      readonly port: number;
      readonly epoch: number;
      /** '*': only asks; otherwise the run id of the sentinel that wants the vote. */
      readonly runId: string;
    }
  /** SENTINEL CONFIG SET. */
  | { readonly name: 'configSet'; readonly changes: Partial<GlobalSettings> }
  | { readonly name: 'debug'; readonly changes: Partial<Timings> }
  | {
      readonly name: 'simulateFailure';
      readonly crashAfterElection: boolean;
      readonly crashAfterPromotion: boolean;
    }
  | { readonly name: 'flushConfig' };

/** One option of SENTINEL SET. */
export interface MasterChange {
  /** The rest of the `+set` event: option and values as given, passwords as `******`. */
  readonly event: string;
  readonly settings: Partial<MasterSettings>;
  /** `rename-command`, which adds to what is there; the same name twice takes an entry away. */
  readonly rename?: { readonly from: string; readonly to: string };
}
