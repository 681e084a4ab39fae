// Waiting: which sessions wait for which keys, in order of arrival, and until when. A waiting session
// keeps a clone of its request; when a key that it waits for becomes ready its command runs again,
// and either replies or says that it goes on waiting (it then keeps its place). Who runs it again, and when,
// is the dispatcher's business; this file only knows who is due. Model: blocked.c of Redis 7.2.

import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import { Heap, type HeapHandle } from '../util/heap.ts';
import type { CommandEntry } from './command-table.ts';
import type { Interest } from './hooks.ts';
import type { Session } from './session.ts';

/** `list`, `zset` and `stream` wait for a key to hold that type; the others for something else. */
export type BlockedKind =
  | 'list'
  | 'zset'
  | 'stream'
  | 'wait'
  | 'waitaof'
  | 'shutdown'
  | 'config'
  | 'migrate'
  | 'postponed';

/** What a handler returns instead of replying. */
export interface Blocked {
  /** Owned copies; empty for the kinds that wait for no key. */
  readonly keys: readonly Buffer[];
  readonly kind: BlockedKind;
  /** Wall clock; 0: never. */
  readonly deadlineMs: number;
  /** Writes the reply of a timeout (a null array, the count of WAIT …). */
  onTimeout(reply: ReplyWriter): void;
  /** Run the command again also when a key is deleted or changes its type (XREADGROUP). */
  readonly unblockOnDeletedKey?: boolean;
  /** The session stopped waiting, for whatever reason: called exactly once. */
  onEnd?(): void;
}

/** Says that the command waits: `return blocked({ … })`. */
export function blocked(options: Blocked): Blocked {
  return options;
}

/** A session's wait. */
export interface BlockedState {
  readonly blocked: Blocked;
  readonly entry: CommandEntry;
  /** Owned. */
  readonly request: Request;
  /** The database at the time of the call: a later SWAPDB does not move the wait. */
  readonly dbIndex: number;
  /** What the command's attempts have taken so far. */
  spentUs: number;
  deadline: HeapHandle<Deadline> | undefined;
}

interface WaitQueue {
  readonly dbIndex: number;
  /** latin1. */
  readonly key: string;
  /** In order of arrival. */
  readonly sessions: Set<Session>;
  /** How many of them asked for `unblockOnDeletedKey`. */
  deletionWaiters: number;
  /** Signalled, and not yet served. */
  isReady: boolean;
}

/** A key whose waiters are to be looked at. */
export interface ReadyKey {
  readonly dbIndex: number;
  readonly key: string;
}

interface Deadline {
  readonly atMs: number;
  readonly session: Session;
}

export class BlockingRegistry {
  /** Sessions that wait, postponed ones included, as INFO's blocked_clients counts them. */
  count = 0;
  /** Keys signalled and not yet served: the one thing to ask after each command. */
  readyCount = 0;

  /** Sessions that a pause keeps waiting, in order of arrival. */
  readonly postponed: Set<Session> = new Set();

  readonly #interest: Interest;
  /** Per database, by key. */
  readonly #queues: Map<string, WaitQueue>[] = [];
  /** Keys with at least one waiter, over all databases; 0 makes `signal` free. */
  #keyCount = 0;
  #ready: WaitQueue[] = [];
  readonly #deadlines: Heap<Deadline> = new Heap(
    (a, b) => a.atMs - b.atMs || a.session.id - b.session.id,
  );

  constructor(interest: Interest) {
    this.#interest = interest;
  }

  /** Starts a wait. */
  add(session: Session, state: BlockedState): void {
    session.blockedOn = state;
    this.count++;
    this.#interest.interest = 1;
    if (state.blocked.kind === 'postponed') this.postponed.add(session);
    for (const key of state.blocked.keys) this.#enqueue(session, state, key.toString('latin1'));
    const atMs = state.blocked.deadlineMs;
    if (atMs > 0) state.deadline = this.#deadlines.push({ atMs, session });
  }

  /** Ends a wait. */
  remove(session: Session): void {
    const state = session.blockedOn;
    if (state === undefined) return;
    session.blockedOn = undefined;
    this.count--;
    this.postponed.delete(session);
    for (const key of state.blocked.keys) this.#dequeue(session, state, key.toString('latin1'));
    if (state.deadline !== undefined) this.#deadlines.remove(state.deadline);
    state.blocked.onEnd?.();
  }

  #enqueue(session: Session, state: BlockedState, key: string): void {
    while (this.#queues.length <= state.dbIndex) this.#queues.push(new Map());
    const queues = this.#queues[state.dbIndex];
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = {
        dbIndex: state.dbIndex,
        key,
        sessions: new Set(),
        deletionWaiters: 0,
        isReady: false,
      };
      queues.set(key, queue);
      this.#keyCount++;
    }
    // A key named twice is one wait.
    if (queue.sessions.has(session)) return;
    queue.sessions.add(session);
    if (state.blocked.unblockOnDeletedKey === true) queue.deletionWaiters++;
  }

  #dequeue(session: Session, state: BlockedState, key: string): void {
    const queues = this.#queues[state.dbIndex];
    const queue = queues?.get(key);
    if (queue === undefined || !queue.sessions.delete(session)) return;
    if (state.blocked.unblockOnDeletedKey === true) queue.deletionWaiters--;
    if (queue.sessions.size > 0) return;
    queues.delete(key);
    this.#keyCount--;
  }

  /** The gate: the key at b[s..e) exists now and changed. */
  signal(dbIndex: number, b: Buffer, s: number, e: number): void {
    if (this.#keyCount === 0) return;
    const queue = this.#queues[dbIndex]?.get(b.toString('latin1', s, e));
    if (queue !== undefined) this.#markReady(queue);
  }

  /** The gate: the key was deleted, or overwritten by another type. */
  signalDeleted(dbIndex: number, b: Buffer, s: number, e: number): void {
    if (this.#keyCount === 0) return;
    const queue = this.#queues[dbIndex]?.get(b.toString('latin1', s, e));
    if (queue !== undefined && queue.deletionWaiters > 0) this.#markReady(queue);
  }

  /** FLUSHDB, SWAPDB: any key of the database may have come or gone. */
  signalDatabase(dbIndex: number): void {
    for (const queue of this.#queues[dbIndex]?.values() ?? []) this.#markReady(queue);
  }

  #markReady(queue: WaitQueue): void {
    if (queue.isReady) return;
    queue.isReady = true;
    this.#ready.push(queue);
    this.readyCount++;
  }

  /** The keys signalled so far; signals from here on collect anew. */
  takeReady(): readonly ReadyKey[] {
    const ready = this.#ready;
    this.#ready = [];
    this.readyCount = 0;
    for (const queue of ready) queue.isReady = false;
    return ready;
  }

  /** Who waits for the key now, first come first. */
  waiters(dbIndex: number, key: string): readonly Session[] {
    const queue = this.#queues[dbIndex]?.get(key);
    return queue === undefined ? [] : [...queue.sessions];
  }

  /** The earliest deadline; 0: none. */
  get nextDeadlineMs(): number {
    return this.#deadlines.peek()?.atMs ?? 0;
  }

  /** The session whose deadline comes first, if it has come. It goes on waiting until `remove`. */
  expired(nowMs: number): Session | undefined {
    const first = this.#deadlines.peek();
    return first !== undefined && first.atMs <= nowMs ? first.session : undefined;
  }

  /** INFO: keys that somebody waits for, and those where a deletion counts too. */
  keyCounts(): { total: number; onNoKey: number } {
    let onNoKey = 0;
    for (const queues of this.#queues) {
      for (const queue of queues.values()) if (queue.deletionWaiters > 0) onNoKey++;
    }
    return { total: this.#keyCount, onNoKey };
  }
}
