// MIGRATE: keys leave for another server. Redis stands still for it; here only the client that asked
// waits, and those who want to write the keys that are under way (see held-keys.ts). A key is deleted
// when the other side has acknowledged it, and that deletion is what replicas and the AOF are told.

import { blocked } from '../../dispatch/blocking.ts';
import { type FoundKey, type KeySpec, type KeySpecFlag, keyAt } from '../../dispatch/command.ts';
import type { Dict } from '../../engine/dict.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { encodeCommand } from '../../protocol/encode-command.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { dumpPayload } from '../../rdb/dump-payload.ts';
import {
  type DataCommand,
  type DataSession,
  type MigrationCargo,
  type MigrationTarget,
  readKey,
} from '../context.ts';

const DEFAULT_TIMEOUT_MS = 1000;
const FIRST_OPTION = 6;
const KEY = 3;

interface Order {
  readonly target: MigrationTarget;
  readonly copy: boolean;
  readonly replace: boolean;
  readonly firstKey: number;
  /** Argument after the last key. */
  readonly endKey: number;
}

/** Undefined: the refusal is written. */
function parseOrder(session: DataSession, request: Request, reply: ReplyWriter): Order | undefined {
  const refuse = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  let copy = false;
  let replace = false;
  let credentials: string[] = [];
  let firstKey = KEY;
  let endKey = KEY + 1;
  for (let i = FIRST_OPTION; i < request.count; i++) {
    if (request.is(i, 'COPY')) copy = true;
    else if (request.is(i, 'REPLACE')) replace = true;
    else if (request.is(i, 'AUTH') || request.is(i, 'AUTH2')) {
      const words = request.is(i, 'AUTH') ? 1 : 2;
      if (i + words >= request.count) return refuse(errors.syntax);
      // AUTH after AUTH2 changes the password and leaves the name.
      credentials = words === 1 && credentials.length === 2 ? [credentials[0]] : [];
      for (let left = words; left > 0; left--) {
        session.redact(++i);
        credentials.push(request.text(i));
      }
    } else if (request.is(i, 'KEYS')) {
      if (request.length(KEY) !== 0) return refuse(errors.migrateKeys);
      firstKey = i + 1;
      endKey = request.count;
      break;
    } else return refuse(errors.syntax);
  }
  const timeoutMs = request.integer(5);
  const database = request.int64(4);
  if (Number.isNaN(timeoutMs) || database === undefined) return refuse(errors.notInteger);
  const target: MigrationTarget = {
    host: request.text(1),
    port: Number.parseInt(request.text(2), 10) || 0,
    database: String(database),
    timeoutMs: timeoutMs <= 0 ? DEFAULT_TIMEOUT_MS : timeoutMs,
    credentials,
  };
  return { target, copy, replace, firstKey, endKey };
}

/** The keys that are here, each once. */
function presentKeys(session: DataSession, request: Request, order: Order): Buffer[] {
  const keys: Map<string, Buffer> = new Map();
  for (let i = order.firstKey; i < order.endKey; i++) {
    if (readKey(session, request, i) === 0) continue;
    const name = request.text(i);
    if (!keys.has(name)) keys.set(name, request.copy(i));
  }
  return [...keys.values()];
}

/** Keys on their way, seen from the data. */
class Cargo implements MigrationCargo {
  readonly #session: DataSession;
  readonly #keys: readonly Buffer[];
  readonly #order: Order;
  /** The table that holds them: a flush, SWAPDB or a snapshot from a master puts another in its place. */
  readonly #table: Dict;
  readonly #dbIndex: number;
  readonly #isHeld: Uint8Array;
  readonly #role: string | undefined;
  #hasChanged = false;

  constructor(session: DataSession, keys: readonly Buffer[], order: Order) {
    this.#session = session;
    this.#keys = keys;
    this.#order = order;
    this.#table = session.db.table;
    this.#dbIndex = session.db.index;
    this.#isHeld = new Uint8Array(keys.length).fill(1);
    const { waiting, identity } = session.dispatcher;
    this.#role = identity.role();
    for (const key of keys) waiting.heldKeys.hold(this.#dbIndex, key);
    waiting.updateHeldKeys();
  }

  get count(): number {
    return this.#keys.length;
  }

  restoreOf(i: number): Buffer | undefined {
    const { engine, settings } = this.#session.server;
    const db = engine.databases[this.#dbIndex];
    const key = this.#keys[i];
    const ref = db.table === this.#table ? db.lookupQuiet(key, 0, key.length) : 0;
    if (ref === 0) return undefined;
    const expiryMs = db.expiry(ref);
    const ttlMs = expiryMs < 0 ? 0 : Math.max(1, expiryMs - engine.wallMs);
    const payload = dumpPayload(db, ref, {
      version: settings.rdbTargetVersion,
      compress: settings.rdbcompression,
    });
    const options = this.#order.replace ? ['REPLACE'] : [];
    return encodeCommand(['RESTORE', key, ttlMs, payload, ...options]);
  }

  acknowledged(indexes: readonly number[]): void {
    const { dispatcher } = this.#session;
    const gone: Buffer[] = [];
    for (const i of indexes) {
      // What changed since it was sent must not be lost with it.
      if (this.#letGo(i)) this.#hasChanged = true;
      else if (!this.#order.copy) gone.push(this.#keys[i]);
    }
    const deleted = this.#delete(gone);
    if (deleted.length > 0) dispatcher.propagation.command(this.#dbIndex, ['DEL', ...deleted]);
    dispatcher.endBackgroundUnit();
    dispatcher.propagation.flush();
    dispatcher.waiting.updateHeldKeys();
  }

  /** True when the key changed while it was held. */
  #letGo(i: number): boolean {
    if (this.#isHeld[i] === 0) return false;
    this.#isHeld[i] = 0;
    return this.#session.dispatcher.waiting.heldKeys.release(this.#keys[i]);
  }

  #delete(keys: readonly Buffer[]): Buffer[] {
    const { dispatcher, server } = this.#session;
    const db = server.engine.databases[this.#dbIndex];
    // What was emptied has nothing to delete; a master that became a replica has no say any more.
    if (db.table !== this.#table || dispatcher.identity.role() !== this.#role) return [];
    return keys.filter((key) => {
      if (!db.delete(key, 0, key.length)) return false;
      db.changed(key, 0, key.length, NotifyClass.generic, 'del');
      return true;
    });
  }

  done(error: string | undefined): void {
    const { waiting } = this.#session.dispatcher;
    for (let i = 0; i < this.#keys.length; i++) this.#letGo(i);
    const text = error ?? (this.#hasChanged ? errors.migrateChanged : undefined);
    waiting.answer(this.#session, (reply) => {
      if (text === undefined) reply.ok();
      else reply.error(text);
    });
    waiting.updateHeldKeys();
  }
}

const ACCESS: readonly KeySpecFlag[] = ['RW', 'access', 'delete'];

const keySpecs: readonly KeySpec[] = [
  keyAt(KEY, ...ACCESS),
  {
    flags: [...ACCESS, 'incomplete'],
    begin: { keyword: 'KEYS', from: -2 },
    find: { last: -1, step: 1, limit: 0 },
  },
];

/** As Redis finds them, which passes over passwords that look like options. */
function findKeys(request: Request): readonly FoundKey[] {
  const found = (first: number, end: number): FoundKey[] =>
    Array.from({ length: end - first }, (_, i) => ({ index: first + i, flags: ACCESS }));
  for (let i = FIRST_OPTION; i < request.count; i++) {
    if (request.is(i, 'KEYS')) return request.length(KEY) > 0 ? [] : found(i + 1, request.count);
    if (request.is(i, 'AUTH')) i++;
    else if (request.is(i, 'AUTH2')) i += 2;
  }
  return found(KEY, KEY + 1);
}

export const migrate: DataCommand = {
  name: 'migrate',
  summary: 'Moves keys to another server, which acknowledges them before they are deleted here.',
  since: '2.6.0',
  group: 'generic',
  complexity:
    'This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.',
  arity: -6,
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  keys: keySpecs,
  findKeys,
  syntax:
    'host port:integer key-selector=<key|empty-string=\'""\'> destination-db:integer timeout:integer [COPY@3.0.0] [REPLACE@3.0.0] authentication=[AUTH auth{password}@4.0.7|AUTH2 (username password)@6.0.0] [KEYS keys{key}:key#1...@3.0.6]',
  tips: ['nondeterministic_output'],
  history: [
    ['3.0.0', 'Added the `COPY` and `REPLACE` options.'],
    ['3.0.6', 'Added the `KEYS` option.'],
    ['4.0.7', 'Added the `AUTH` option.'],
    ['6.0.0', 'Added the `AUTH2` option.'],
  ],
  run(session, request, reply) {
    const order = parseOrder(session, request, reply);
    if (order === undefined) return;
    const keys = presentKeys(session, request, order);
    if (keys.length === 0) return reply.simple('NOKEY');
    if (session.denyBlocking) return reply.error(errors.migrateNested);
    session.server.host.migrations.start(order.target, new Cargo(session, keys, order));
    return blocked({ keys: [], kind: 'migrate', deadlineMs: 0, onTimeout: () => {} });
  },
};
