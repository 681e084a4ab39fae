// The states of a replica as its master sees it, what can happen to it, and what is then to be done: the
// types of master-session.ts. A state has exactly the fields that mean something in it.

import type { HistoryPoint } from './history.ts';

/** How a snapshot goes over the link: its length first, or a mark behind it. */
export type Framing = 'length' | 'mark';

export type ReplicaState =
  /** A client that has said something with REPLCONF, and may be one for ever. */
  | { readonly kind: 'handshaking' }
  /** It asked for a snapshot, and none has begun for it. */
  | { readonly kind: 'waiting'; readonly sinceMs: number }
  /** Its snapshot is being written to a file. */
  | { readonly kind: 'saving' }
  | { readonly kind: 'receiving'; readonly framing: Framing }
  /** Everything up to the mark has left. What follows waits for a sign that the mark was seen. */
  | { readonly kind: 'confirming' }
  | {
      readonly kind: 'online';
      /** When it had everything that was sent, or acknowledged more than before. */
      readonly progressMs: number;
    }
  | { readonly kind: 'gone' };

export type ReplicaStateKind = ReplicaState['kind'];
export type ReplicaStateOf<S extends ReplicaStateKind> = Extract<ReplicaState, { kind: S }>;

export type ReplicaInput =
  /** PSYNC or SYNC that cannot go on from the backlog. */
  | { readonly kind: 'sync' }
  /** PSYNC that goes on from the backlog. */
  | { readonly kind: 'continue'; readonly id: string; readonly offset: number }
  /** A snapshot begins for it, or it joins one whose bytes have yet to be sent. */
  | { readonly kind: 'snapshot'; readonly framing: Framing; readonly point: HistoryPoint }
  /** The file is whole. */
  | { readonly kind: 'file' }
  /** The last byte of the snapshot has left. */
  | { readonly kind: 'sent' }
  /** REPLCONF ACK; `durable` is what is on the replica's disk. */
  | { readonly kind: 'ack'; readonly offset: number; readonly durable: number }
  /** Once a second. */
  | {
      readonly kind: 'tick';
      /** How long the link has taken nothing although there was something. */
      readonly stalledMs: number;
      /** What the system has taken of the stream. */
      readonly sentOffset: number;
    }
  /** The snapshot cannot be made, or broke off. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'closed' };

export type ReplicaInputKind = ReplicaInput['kind'];
export type ReplicaInputOf<I extends ReplicaInputKind> = Extract<ReplicaInput, { kind: I }>;

/** To be done in order. */
export type ReplicaEffect =
  | { readonly kind: 'log'; readonly level: 'notice' | 'warning'; readonly text: string }
  /** Bytes that belong to no snapshot and no stream. */
  | { readonly kind: 'send'; readonly text: string }
  /** It is to get the next snapshot. */
  | { readonly kind: 'enlist' }
  /** From this offset on the stream is kept for it. */
  | { readonly kind: 'hold'; readonly offset: number }
  | { readonly kind: 'sendFile' }
  /** The stream may flow. */
  | { readonly kind: 'stream' }
  | { readonly kind: 'close'; readonly afterReplies: boolean };

/** What a replica says about itself before it asks for anything. */
export class ReplicaFacts {
  /** 0: unknown. */
  listeningPort = 0;
  /** As announced; '': where it connects from. */
  address = '';
  /** It finds the end of a snapshot by a mark. */
  takesMark = false;
  /** It takes a new id with +CONTINUE. */
  takesNewId = false;
  /** It wants the snapshot and nothing after it. */
  rdbOnly = false;
  /** It wants a snapshot without keys. */
  withoutData = false;
  /** Of functions, which `withoutData` may still include. */
  withoutFunctions = false;
  /** It used SYNC: it acknowledges nothing, and is not expected to. */
  isOld = false;
}

/** What the machine asks of the node; read live. */
export interface ReplicaSettings {
  readonly timeoutMs: number;
  /** How log lines name the replica. */
  name(): string;
  /** Bytes of the stream so far. */
  offset(): number;
}
