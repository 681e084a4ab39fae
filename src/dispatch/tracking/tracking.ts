// Client side caching: sessions that track are told when a key they may hold has changed. In default
// mode the keys a session reads are remembered and told of once; in broadcasting mode every change
// under a prefix is told, once a poll. https://redis.io/docs/manual/client-side-caching.
//
// The message about a change follows the reply of the command that made it: `deliver` sees to that
// for the session that runs, the others are written to at once.

import type { Request } from '../../protocol/request.ts';
import type { KeyedHash } from '../../util/hash.ts';
import { ByteMap } from '../byte-map.ts';
import type { Command } from '../command.ts';
import type { Interest } from '../hooks.ts';
import { keysOf } from '../key-finder.ts';
import {
  allKeysBody,
  brokenRedirectPush,
  invalidationMessage,
  invalidationPush,
  keysBody,
} from './invalidation.ts';
import { TrackingState } from './tracking-state.ts';
import { TrackingTable } from './tracking-table.ts';

/** A session as tracking needs it. */
export interface TrackedSession {
  readonly id: number;
  readonly resp: 2 | 3;
  readonly subscriptions: object | undefined;
  readonly transaction: object | undefined;
  /** Set by Tracking alone. */
  tracking: object | undefined;
}

export interface TrackingSettings {
  /** Keys to remember at most; 0: no limit. Read live. */
  readonly trackingTableMaxKeys: number;
}

export interface TrackingEnvironment<S extends TrackedSession> {
  readonly hash: KeyedHash;
  readonly settings: TrackingSettings;
  readonly interest: Interest;
  readonly randomUint32: () => number;
  readonly sessionById: (id: number) => S | undefined;
  /** The session whose command runs. */
  readonly current: () => S | undefined;
  /** Queues whole messages; those to the session whose command runs, behind its reply. */
  readonly deliver: (session: S, bytes: Buffer) => void;
}

/** What CLIENT TRACKING ON asks for. */
export interface TrackingOptions {
  readonly bcast: boolean;
  readonly optin: boolean;
  readonly optout: boolean;
  readonly noloop: boolean;
  readonly redirect: number;
  /** Latin1. */
  readonly prefixes: readonly string[];
}

interface Prefix<S> {
  readonly bytes: Buffer;
  readonly sessions: Set<S>;
  /** Keys changed since the last poll, with the session that changed each last. */
  readonly keys: ByteMap<S | undefined>;
}

export class Tracking<S extends TrackedSession> {
  readonly #environment: TrackingEnvironment<S>;
  readonly #table: TrackingTable;
  readonly #states = new Map<S, TrackingState>();
  /** By latin1 text. */
  readonly #prefixes = new Map<string, Prefix<S>>();
  /** How often in a row `limit` did not get below the limit: its effort grows with that. */
  #overLimit = 0;

  constructor(environment: TrackingEnvironment<S>) {
    this.#environment = environment;
    this.#table = new TrackingTable(environment.hash);
  }

  // --- figures for INFO ---

  /** Sessions with tracking on. */
  get sessions(): number {
    return this.#states.size;
  }

  /** Whether changes matter here: who stopped tracking may start again, and then hears of what it read. */
  get wantsChanges(): boolean {
    return this.#states.size > 0 || this.#table.keys > 0;
  }

  get totalKeys(): number {
    return this.#table.keys;
  }

  get totalItems(): number {
    return this.#table.items;
  }

  get totalPrefixes(): number {
    return this.#prefixes.size;
  }

  get memoryBytes(): number {
    let bytes = this.#table.memoryBytes;
    for (const prefix of this.#prefixes.values()) bytes += prefix.keys.memoryBytes + 256;
    return bytes;
  }

  memoryOf(session: S): number {
    return this.#states.get(session)?.memoryBytes ?? 0;
  }

  // --- switching on and off ---

  stateOf(session: S): TrackingState | undefined {
    return this.#states.get(session);
  }

  /** A second time it changes the options, and adds prefixes to those there are. */
  enable(session: S, options: TrackingOptions): void {
    let state = this.#states.get(session);
    if (state === undefined) {
      state = new TrackingState();
      this.#states.set(session, state);
      this.#environment.interest.interest = 1;
      session.tracking = state;
    }
    state.bcast = options.bcast;
    state.optin = options.optin;
    state.optout = options.optout;
    state.noloop = options.noloop;
    state.redirect = options.redirect;
    state.brokenRedirect = false;
    if (!options.bcast) return;
    const prefixes = options.prefixes.length === 0 ? [''] : options.prefixes;
    for (const prefix of prefixes) this.#addPrefix(session, state, prefix);
  }

  #addPrefix(session: S, state: TrackingState, text: string): void {
    let prefix = this.#prefixes.get(text);
    if (prefix === undefined) {
      const keys = new ByteMap<S | undefined>(this.#environment.hash);
      prefix = { bytes: Buffer.from(text, 'latin1'), sessions: new Set(), keys };
      this.#prefixes.set(text, prefix);
    }
    prefix.sessions.add(session);
    state.addPrefix(text);
  }

  /** CLIENT TRACKING OFF, RESET, or the session is gone. What it has read is forgotten key by key. */
  disable(session: S): void {
    const state = this.#states.get(session);
    if (state === undefined) return;
    for (const text of state.prefixes) {
      const prefix = this.#prefixes.get(text);
      prefix?.sessions.delete(session);
      if (prefix?.sessions.size === 0) this.#prefixes.delete(text);
    }
    this.#states.delete(session);
    session.tracking = undefined;
  }

  // --- around a command ---

  /** After a read-only command: the session may hold its keys from now on. */
  remember(session: S, entry: { readonly command: Command<never> }, request: Request): void {
    const state = this.#states.get(session);
    if (state === undefined || state.bcast) return;
    if ((state.optin && !state.caching) || (state.optout && state.caching)) return;
    // Shard channels are keys to a client that looks for the right node, not to a cache.
    if (entry.command.flags.includes('pubsub')) return;
    const { buffer, starts, ends } = request;
    for (const { index } of keysOf(entry.command, request)) {
      this.#table.remember(session.id, buffer, starts[index], ends[index]);
    }
  }

  /** CLIENT CACHING holds for one command, or for one transaction. */
  afterCommand(session: S, entry: { readonly fullName: string }): void {
    const state = this.#states.get(session);
    if (!state?.caching || session.transaction !== undefined) return;
    if (!entry.fullName.startsWith('client|')) state.caching = false;
  }

  // --- changes ---

  /**
   * The gate: the key at b[start..end) changed. `by` is the session whose command changed it;
   * undefined when nobody's did (expiry, eviction).
   */
  keyChanged(b: Buffer, start: number, end: number, by: S | undefined): void {
    for (const prefix of this.#prefixes.values()) {
      if (!beginsWith(b, start, end, prefix.bytes)) continue;
      const known = prefix.keys.entry(b, start, end);
      if (known === undefined) prefix.keys.add(by, b, start, end);
      else known.value = by;
    }
    if (this.#table.keys > 0) this.#tellReaders(b, start, end, this.#environment.current());
  }

  /** `running` made the change, if anybody did: with NOLOOP it is not told. */
  #tellReaders(b: Buffer, start: number, end: number, running: S | undefined): void {
    const readers = this.#table.take(b, start, end);
    if (readers === undefined) return;
    const body = keysBody([b.subarray(start, end)]);
    if (typeof readers === 'number') this.#tellReader(readers, body, running);
    else for (const id of readers) this.#tellReader(id, body, running);
  }

  #tellReader(id: number, body: Buffer, running: S | undefined): void {
    const session = this.#environment.sessionById(id);
    const state = session && this.#states.get(session);
    // Read in default mode, before a switch to broadcasting: that mode's messages come otherwise.
    if (session === undefined || state === undefined || state.bcast) return;
    if (state.noloop && session === running) return;
    this.#send(session, state, body);
  }

  /** FLUSHALL, FLUSHDB, a replica that loads its master's data: every key of every database. */
  allKeysChanged(): void {
    for (const [session, state] of this.#states) {
      this.#send(session, state, allKeysBody(session.resp));
    }
    this.#table.clear();
  }

  /** Before the flush of a poll: what changed under the prefixes, prefix by prefix in byte order. */
  flushBroadcast(): void {
    if (this.#prefixes.size === 0) return;
    const changed = [...this.#prefixes].filter(([, prefix]) => prefix.keys.size > 0);
    if (changed.length > 1) changed.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, prefix] of changed) this.#broadcast(prefix);
  }

  #broadcast(prefix: Prefix<S>): void {
    const changes = [...prefix.keys]
      .map((entry) => ({ key: entry.keyBytes(), by: entry.value }))
      .sort((a, b) => Buffer.compare(a.key, b.key));
    prefix.keys.clear();
    const whole = keysBody(changes.map(({ key }) => key));
    for (const session of prefix.sessions) {
      const state = this.#states.get(session);
      if (state === undefined) continue;
      if (!state.noloop) {
        this.#send(session, state, whole);
        continue;
      }
      const others = changes.filter(({ by }) => by !== session);
      if (others.length > 0) {
        this.#send(session, state, keysBody(others.map(({ key }) => key)));
      }
    }
  }

  #send(session: S, state: TrackingState, body: Buffer): void {
    const { deliver, sessionById } = this.#environment;
    let target = session;
    if (state.redirect !== 0) {
      const redirected = sessionById(state.redirect);
      if (redirected === undefined) {
        state.brokenRedirect = true;
        if (session.resp === 3) deliver(session, brokenRedirectPush(state.redirect));
        return;
      }
      target = redirected;
    }
    if (target.resp === 3) deliver(target, invalidationPush(body));
    // RESP2 has no pushes: only a session that listens to channels can be told anything.
    else if (state.redirect !== 0 && target.subscriptions !== undefined) {
      deliver(target, invalidationMessage(body));
    }
  }

  // --- the limit ---

  /** With every command and in the cron: forgets keys at random, telling their readers, until the table fits. */
  limit(): void {
    const maxKeys = this.#environment.settings.trackingTableMaxKeys;
    if (maxKeys === 0 || this.#table.keys <= maxKeys) {
      this.#overLimit = 0;
      return;
    }
    let effort = 100 * (this.#overLimit + 1);
    while (effort-- > 0) {
      const key = this.#table.randomKey(this.#environment.randomUint32());
      if (key === undefined) break;
      // Nobody changed it: who is spared its own changes must hear of this all the same.
      this.#tellReaders(key, 0, key.length, undefined);
      if (this.#table.keys <= maxKeys) {
        this.#overLimit = 0;
        return;
      }
    }
    this.#overLimit++;
  }
}

function beginsWith(b: Buffer, start: number, end: number, prefix: Buffer): boolean {
  if (prefix.length > end - start) return false;
  for (let i = 0; i < prefix.length; i++) if (b[start + i] !== prefix[i]) return false;
  return true;
}
