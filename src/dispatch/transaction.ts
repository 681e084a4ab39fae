// MULTI's queue and WATCH's marks. The registry is told by the mutation gate of every changed key and
// answers in a map lookup, or in nothing while nobody watches.

import type { Request } from '../protocol/request.ts';
import type { CommandEntry } from './command-table.ts';
import type { Interest, KeyspaceView } from './hooks.ts';
import type { Session } from './session.ts';

export interface QueuedCommand {
  readonly entry: CommandEntry;
  /** Owned. */
  readonly request: Request;
}

/** What a session has queued since MULTI. */
export class Transaction {
  readonly queue: QueuedCommand[] = [];
  /** A command was refused while queueing: EXEC will abort. */
  failed = false;
  /** Flags that some queued command has, and flags that some queued command lacks. */
  flags = 0;
  missingFlags = 0;
  /** Bytes of the queued arguments, for CLIENT LIST. */
  bytes = 0;

  /** `isLost`: EXEC will run nothing anyway, so nothing is kept but what refusals must know. */
  add(entry: CommandEntry, request: Request, isLost: boolean): void {
    if (this.failed || isLost) return;
    this.queue.push({ entry, request: request.clone() });
    this.flags |= entry.flags;
    this.missingFlags |= ~entry.flags;
    for (let i = 0; i < request.count; i++) this.bytes += request.length(i);
  }
}

/** What one mark costs beyond the key's bytes: entries of two maps, a set, two objects (an estimate). */
const WATCH_BYTES = 480;

interface WatchedKey {
  readonly dbIndex: number;
  readonly key: string;
  /** The key's time was over already when it was looked at: its deletion is then no change. */
  wasExpired: boolean;
}

function watchId(dbIndex: number, key: string): string {
  return `${dbIndex} ${key}`;
}

/** What a session watches. */
export class Watches {
  readonly keys: Map<string, WatchedKey> = new Map();
  /** One of them changed. */
  isDirty = false;
  /** Memory of the marks, here and in the registry. */
  bytes = 0;
}

export class WatchRegistry {
  /** Per database: key in latin1 → sessions. */
  readonly #watchers: Map<string, Set<Session>>[] = [];
  #watchedKeys = 0;
  readonly #keyspace: () => KeyspaceView;
  readonly #interest: Interest;

  constructor(keyspace: () => KeyspaceView, interest: Interest) {
    this.#keyspace = keyspace;
    this.#interest = interest;
  }

  /** Keys with at least one watcher, over all databases. */
  get watchedKeys(): number {
    return this.#watchedKeys;
  }

  watch(session: Session, dbIndex: number, key: string): void {
    session.watches ??= new Watches();
    const { keys } = session.watches;
    const id = watchId(dbIndex, key);
    if (keys.has(id)) return;
    session.watches.bytes += WATCH_BYTES + 3 * key.length;
    keys.set(id, { dbIndex, key, wasExpired: this.#keyspace().isExpired(dbIndex, key) });
    while (this.#watchers.length <= dbIndex) this.#watchers.push(new Map());
    const byKey = this.#watchers[dbIndex];
    const sessions = byKey.get(key);
    if (sessions !== undefined) sessions.add(session);
    else {
      byKey.set(key, new Set([session]));
      this.#watchedKeys++;
      this.#interest.interest = 1;
    }
  }

  /** UNWATCH, and the end of every transaction. */
  unwatch(session: Session): void {
    const { watches } = session;
    if (watches === undefined) return;
    session.watches = undefined;
    for (const { dbIndex, key } of watches.keys.values()) {
      const byKey = this.#watchers[dbIndex];
      const sessions = byKey.get(key);
      if (sessions === undefined || !sessions.delete(session) || sessions.size > 0) continue;
      byKey.delete(key);
      this.#watchedKeys--;
    }
  }

  /** The gate: the key at b[s..e) changed. */
  touch(dbIndex: number, b: Buffer, s: number, e: number): void {
    if (this.#watchedKeys === 0) return;
    this.#touchKey(dbIndex, b.toString('latin1', s, e));
  }

  /**
   * FLUSHDB (`replacedBy` undefined) and SWAPDB, called before the data changes: every watched key
   * that is there now or will be there afterwards.
   */
  touchDatabase(dbIndex: number, replacedBy?: number): void {
    const byKey = this.#watchers[dbIndex];
    if (byKey === undefined || byKey.size === 0) return;
    const keyspace = this.#keyspace();
    for (const [key, sessions] of byKey) {
      const isThere = keyspace.exists(dbIndex, key);
      const willBe = replacedBy !== undefined && keyspace.exists(replacedBy, key);
      if (!isThere && !willBe) continue;
      const willBeExpired = replacedBy !== undefined && keyspace.isExpired(replacedBy, key);
      for (const session of sessions) {
        const watched = session.watches?.keys.get(watchId(dbIndex, key));
        if (session.watches === undefined || watched === undefined) continue;
        if (watched.wasExpired) {
          if (!willBe) watched.wasExpired = false;
          if (!willBe || willBeExpired) continue;
        } else if (!isThere && willBeExpired) {
          watched.wasExpired = true;
          continue;
        }
        session.watches.isDirty = true;
      }
    }
  }

  #touchKey(dbIndex: number, key: string): void {
    for (const session of this.#watchers[dbIndex]?.get(key) ?? []) {
      const watched = session.watches?.keys.get(watchId(dbIndex, key));
      if (session.watches === undefined || watched === undefined) continue;
      // A key that was expired when WATCH saw it was absent to that client: to take it away is no
      // change, and from then on it counts as any absent key does.
      if (!watched.wasExpired) session.watches.isDirty = true;
      else if (!this.#keyspace().exists(dbIndex, key)) watched.wasExpired = false;
    }
  }

  /** EXEC: a watched key changed, or its time ran out since WATCH. */
  isBroken(session: Session): boolean {
    const { watches } = session;
    if (watches === undefined) return false;
    if (watches.isDirty) return true;
    for (const { dbIndex, key, wasExpired } of watches.keys.values()) {
      if (!wasExpired && this.#keyspace().isExpired(dbIndex, key)) return true;
    }
    return false;
  }
}
