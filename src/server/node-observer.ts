// What happens behind the mutation gate: whoever watches, tracks, waits for or listens to a key is told,
// and deletions that the engine made by itself go to replicas and the AOF. While nobody at all is there to
// be told the engine does not ask.

import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { KeyspaceView } from '../dispatch/hooks.ts';
import { KeyspaceEvents } from '../dispatch/pubsub/keyspace-events.ts';
import type { Session } from '../dispatch/session.ts';
import type { Database } from '../engine/database.ts';
import type { ChangeObserver, Engine } from '../engine/engine.ts';
import { NotifyClass } from '../engine/notify-class.ts';
import { kindName } from '../engine/record.ts';
import type { LocalExpiry } from './replication/local-expiry.ts';

export interface ObserverSettings {
  readonly notifyKeyspaceEvents: number;
  readonly lazyfreeLazyExpire: boolean;
  readonly lazyfreeLazyEviction: boolean;
}

export class NodeObserver implements ChangeObserver {
  readonly #dispatcher: Dispatcher;
  readonly #settings: ObserverSettings;
  readonly #events: KeyspaceEvents<Session>;
  /** Told of keys that clients change on a replica. */
  localExpiry: LocalExpiry | undefined;
  /** The command, by its number, whose flushes the tracking clients were told of. */
  #flushTold = -1;

  constructor(dispatcher: Dispatcher, settings: ObserverSettings) {
    this.#dispatcher = dispatcher;
    this.#settings = settings;
    this.#events = new KeyspaceEvents(dispatcher.pubsub, settings);
  }

  get isNeeded(): boolean {
    const { watches, tracking, waiting, blocking } = this.#dispatcher;
    return (
      this.#settings.notifyKeyspaceEvents !== 0 ||
      watches.watchedKeys > 0 ||
      waiting.heldKeys.count > 0 ||
      tracking.wantsChanges ||
      blocking.count > 0 ||
      this.localExpiry?.isOn === true
    );
  }

  changed(db: Database, b: Buffer, s: number, e: number, cls: number, event: string): void {
    this.#modified(db, b, s, e, this.#dispatcher.current);
    const { blocking } = this.#dispatcher;
    if (this.localExpiry?.isOn === true && this.#dispatcher.current?.role !== 'master') {
      this.localExpiry.changed(db, b, s, e);
    }
    // Waking asks what the key is when it serves; here only whether it is there matters.
    if (blocking.count > 0) {
      if (db.lookupRaw(b, s, e) !== 0) blocking.signal(db.index, b, s, e);
      else blocking.signalDeleted(db.index, b, s, e);
    }
    this.notify(db, b, s, e, cls, event);
  }

  notify(db: Database, b: Buffer, s: number, e: number, cls: number, event: string): void {
    if ((this.#settings.notifyKeyspaceEvents & cls) === 0) return;
    this.#events.notify(cls, event, db.index, b, s, e);
  }

  removed(db: Database, key: Buffer, reason: 'expired' | 'evicted'): void {
    const { propagation, blocking } = this.#dispatcher;
    const isExpired = reason === 'expired';
    const settings = this.#settings;
    const isLazy = isExpired ? settings.lazyfreeLazyExpire : settings.lazyfreeLazyEviction;
    propagation.command(db.index, [isLazy ? 'UNLINK' : 'DEL', key]);
    const cls = isExpired ? NotifyClass.expired : NotifyClass.evicted;
    this.notify(db, key, 0, key.length, cls, reason);
    // Nobody's command did it: a session that is spared its own changes is told of this one.
    this.#modified(db, key, 0, key.length, undefined);
    blocking.signalDeleted(db.index, key, 0, key.length);
  }

  /** FLUSHALL comes once a database; the clients are told once a command. */
  flushed(db: Database): void {
    const { statistics, tracking } = this.#dispatcher;
    this.localExpiry?.flushed(db);
    if (!tracking.wantsChanges || this.#flushTold === statistics.commandsProcessed) return;
    this.#flushTold = statistics.commandsProcessed;
    tracking.allKeysChanged();
  }

  #modified(db: Database, b: Buffer, s: number, e: number, by: Session | undefined): void {
    const { watches, tracking, waiting } = this.#dispatcher;
    if (watches.watchedKeys > 0) watches.touch(db.index, b, s, e);
    if (waiting.heldKeys.count > 0) waiting.heldKeys.changed(db.index, b, s, e);
    if (tracking.wantsChanges) tracking.keyChanged(b, s, e, by);
  }
}

/** The keyspace as waiting and watching see it. */
export class NodeKeyspace implements KeyspaceView {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  kindOf(dbIndex: number, key: string): string | undefined {
    const db = this.#engine.databases[dbIndex];
    const bytes = Buffer.from(key, 'latin1');
    const ref = db.lookupQuiet(bytes, 0, bytes.length);
    return ref === 0 ? undefined : kindName(db.kind(ref));
  }

  isExpired(dbIndex: number, key: string): boolean {
    const db = this.#engine.databases[dbIndex];
    const bytes = Buffer.from(key, 'latin1');
    const ref = db.lookupRaw(bytes, 0, bytes.length);
    return ref !== 0 && db.isExpired(ref);
  }

  exists(dbIndex: number, key: string): boolean {
    const bytes = Buffer.from(key, 'latin1');
    return this.#engine.databases[dbIndex].lookupRaw(bytes, 0, bytes.length) !== 0;
  }
}
