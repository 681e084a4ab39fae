// The states of a replica's link to its master, what can happen to it, and what is then to be done: the
// types of replica-link.ts. A state has exactly the fields that mean something in it.

import type {
  HandshakeFacts,
  HandshakeStep,
  Remark,
  SnapshotFraming,
} from './replica-handshake.ts';

export interface MasterPlace {
  readonly host: string;
  readonly port: number;
}

/** The history that a snapshot begins; undefined: a master without PSYNC told nothing about it. */
export type PromisedHistory = { readonly id: string; readonly offset: number } | undefined;

export type LinkState =
  /** The node follows nobody. */
  | { readonly kind: 'idle' }
  /** The next tick tries. */
  | { readonly kind: 'waiting'; readonly master: MasterPlace }
  | { readonly kind: 'connecting'; readonly master: MasterPlace }
  | {
      readonly kind: 'handshaking';
      readonly master: MasterPlace;
      /** The first one's answer comes next. */
      readonly steps: readonly [HandshakeStep, ...HandshakeStep[]];
      /** PSYNC asked for the rest of a history. */
      readonly asksForRest: boolean;
    }
  /** The master prepares a snapshot; its first line has not come. */
  | { readonly kind: 'promised'; readonly master: MasterPlace; readonly history: PromisedHistory }
  /** The snapshot is written to a file. */
  | { readonly kind: 'receiving'; readonly master: MasterPlace; readonly history: PromisedHistory }
  /** The snapshot is put into the databases, from the file or as it comes. */
  | {
      readonly kind: 'loading';
      readonly master: MasterPlace;
      readonly history: PromisedHistory;
      readonly from: 'file' | 'link';
      /** The link was lost meanwhile; a file can be loaded all the same, and gone on from. */
      readonly isCut: boolean;
    }
  | {
      readonly kind: 'streaming';
      readonly master: MasterPlace;
      /** A master without PSYNC has no use for acknowledgements. */
      readonly acknowledges: boolean;
    };

export type StateKind = LinkState['kind'];
export type StateOf<S extends StateKind> = Extract<LinkState, { kind: S }>;

export type LinkInput =
  /** REPLICAOF host port. */
  | { readonly kind: 'follow'; readonly master: MasterPlace }
  /** As `follow`, of a configuration file: the first tick tries. */
  | { readonly kind: 'remember'; readonly master: MasterPlace }
  /** REPLICAOF NO ONE. */
  | { readonly kind: 'leave' }
  /** Once a second. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'connected' }
  /** A line of the master without its end. */
  | { readonly kind: 'line'; readonly text: string }
  /** The link ended, for a reason that is not ours. */
  | { readonly kind: 'closed'; readonly reason: string }
  /** The file of the snapshot is whole. */
  | { readonly kind: 'received' }
  | { readonly kind: 'loaded' }
  /** The snapshot or the stream cannot be used; the reason is in the log. */
  | { readonly kind: 'failed' };

export type InputKind = LinkInput['kind'];
export type InputOf<I extends InputKind> = Extract<LinkInput, { kind: I }>;

/** To be done in order. */
export type LinkEffect =
  | { readonly kind: 'log'; readonly remark: Remark }
  | { readonly kind: 'connect'; readonly master: MasterPlace }
  /** Ends the connection and whatever was received and not loaded; no input follows from it. */
  | { readonly kind: 'close' }
  | { readonly kind: 'send'; readonly args: readonly string[] }
  /** Snapshot bytes follow the line; whether to a file or not was asked of the facts. */
  | {
      readonly kind: 'receive';
      readonly framing: SnapshotFraming;
      readonly to: 'file' | 'databases';
      readonly history: PromisedHistory;
    }
  | { readonly kind: 'load'; readonly history: PromisedHistory }
  /** The rest of the history comes, under this id if it has a new one. */
  | { readonly kind: 'continue'; readonly id: string | undefined }
  /** The stream begins where the snapshot ended. */
  | { readonly kind: 'begin'; readonly history: PromisedHistory }
  | { readonly kind: 'acknowledge' }
  /** What the target of a failover said. */
  | { readonly kind: 'failover'; readonly isAccepted: boolean };

/** What the machine asks of the node; read live. */
export interface LinkFacts extends HandshakeFacts {
  readonly timeoutMs: number;
  /** Whether the snapshot that comes now goes straight into the databases. */
  loadsFromLink(): boolean;
}
