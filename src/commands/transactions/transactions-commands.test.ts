import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultDispatchSettings } from '../../dispatch/dispatch-settings.ts';
import { Dispatcher } from '../../dispatch/dispatcher.ts';
import { Session, type SessionInit } from '../../dispatch/session.ts';
import { detachedLink } from '../../dispatch/session-link.ts';
import type { Database } from '../../engine/database.ts';
import type { Engine } from '../../engine/engine.ts';
import { testEngine } from '../../engine/engine-fixture.ts';
import { kindName } from '../../engine/record.ts';
import { OutputBuffer } from '../../protocol/output-buffer.ts';
import { Request } from '../../protocol/request.ts';
import { KeyedHash } from '../../util/hash.ts';
import type { DataServer } from '../context.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { transactionsCommands } from './transactions-commands.ts';

class TestSession extends Session {
  readonly server: DataServer;
  db: Database;

  constructor(init: SessionInit, engine: Engine) {
    super(init);
    const settings = { lazyfreeLazyExpire: false, protoMaxBulkLen: 1 << 29 };
    const host = { persistence: { flushedAll: () => {} } };
    const nowMs = (): number => engine.wallMs;
    this.server = { engine, settings, host, nowMs } as unknown as DataServer;
    this.db = engine.databases[0];
  }

  override select(index: number): void {
    super.select(index);
    this.db = this.server.engine.databases[index];
  }
}

/** A dispatcher over an engine, with the mutation gate joined to it as a node does. */
class Node {
  readonly engine: Engine = testEngine();
  readonly dispatcher: Dispatcher;

  constructor() {
    const { engine } = this;
    const refOf = (db: number, key: string): number => {
      const bytes = Buffer.from(key, 'latin1');
      return engine.databases[db].lookupRaw(bytes, 0, bytes.length);
    };
    this.dispatcher = new Dispatcher({
      clock: { wallMs: () => engine.wallMs, wallUs: () => 0, monotonicUs: () => 0 },
      timers: { after: () => ({ cancel: () => {} }) },
      log: { notice: () => {}, warning: () => {} },
      settings: defaultDispatchSettings,
      identity: { version: '7.2.4', mode: 'standalone', role: () => 'master' },
      hash: new KeyedHash(1, 2),
      randomUint32: () => engine.random(),
      randomHex: (n) => '0'.repeat(n),
      data: engine,
      keyspace: {
        kindOf: (db, key) => {
          const ref = refOf(db, key);
          return ref === 0 ? undefined : kindName(engine.databases[db].kind(ref));
        },
        isExpired: (db, key) => {
          const ref = refOf(db, key);
          return ref !== 0 && engine.databases[db].isExpired(ref);
        },
        exists: (db, key) => refOf(db, key) !== 0,
      },
      createSession: (init) => new TestSession(init, engine),
    });
    const { watches } = this.dispatcher;
    engine.interest = 1;
    engine.observer = {
      isNeeded: true,
      changed: (db, b, s, e) => watches.touch(db.index, b, s, e),
      notify: () => {},
      removed: (db, key) => watches.touch(db.index, key, 0, key.length),
      flushed: () => {},
    };
    this.dispatcher.use(stringCommands);
    this.dispatcher.use(keysCommands);
    this.dispatcher.use(transactionsCommands);
  }

  client(): (line: string) => string {
    const out = new OutputBuffer();
    const session = this.dispatcher.createSession(detachedLink, out);
    return (line) => {
      session.request = Request.of(line.split(' '));
      this.dispatcher.beginChunk(this.engine.wallMs);
      this.dispatcher.execute(session, session.request);
      this.dispatcher.endChunk();
      let text = '';
      out.take((bytes) => {
        text += bytes.toString('latin1');
        return true;
      });
      return text.replaceAll('\r\n', ' ').trim();
    };
  }

  advance(ms: number): void {
    this.engine.tick(this.engine.wallMs + ms);
  }
}

const ABORTED = '*-1';

test('commands are queued and run together', () => {
  const a = new Node().client();
  assert.equal(a('multi'), '+OK');
  assert.equal(a('set k 1'), '+QUEUED');
  assert.equal(a('incr k'), '+QUEUED');
  assert.equal(a('get k'), '+QUEUED');
  assert.equal(a('exec'), '*3 +OK :2 $1 2');
  assert.equal(a('get k'), '$1 2');
});

test('an error at run time does not stop the others', () => {
  const a = new Node().client();
  a('multi');
  a('set k x');
  a('incr k');
  a('set l y');
  assert.equal(a('exec'), '*3 +OK -ERR value is not an integer or out of range +OK');
});

test('an error while queueing aborts', () => {
  const a = new Node().client();
  a('multi');
  a('set k 1');
  assert.match(a('bogus'), /^-ERR unknown command/);
  assert.equal(a('exec'), '-EXECABORT Transaction discarded because of previous errors.');
  assert.equal(a('get k'), '$-1');
  a('multi');
  assert.match(a('get'), /^-ERR wrong number of arguments/);
  assert.match(a('exec'), /^-EXECABORT/);
});

test('what is out of place is told', () => {
  const a = new Node().client();
  assert.equal(a('exec'), '-ERR EXEC without MULTI');
  assert.equal(a('discard'), '-ERR DISCARD without MULTI');
  a('multi');
  assert.equal(a('multi'), '-ERR MULTI calls can not be nested');
  assert.equal(a('watch k'), '-ERR WATCH inside MULTI is not allowed');
  a('set k 1');
  assert.equal(a('exec'), '*1 +OK');
});

test('a watched key that changes aborts, one that does not lets pass', () => {
  const node = new Node();
  const a = node.client();
  const b = node.client();
  a('watch k other');
  b('set unrelated 1');
  a('multi');
  a('ttl k');
  assert.equal(a('exec'), '*1 :-2');
  a('watch k');
  b('set k 1');
  a('multi');
  a('ttl k');
  assert.equal(a('exec'), ABORTED);
  a('watch k');
  b('set k 2');
  a('unwatch');
  a('multi');
  assert.equal(a('exec'), '*0');
});

test('DISCARD drops the queue and the watches', () => {
  const node = new Node();
  const a = node.client();
  const b = node.client();
  a('watch k');
  a('multi');
  a('set k 1');
  assert.equal(a('discard'), '+OK');
  assert.equal(a('get k'), '$-1');
  b('set k 2');
  a('multi');
  assert.equal(a('exec'), '*0');
});

test('a watched key whose time runs out aborts; one that was over at WATCH does not', () => {
  const node = new Node();
  const a = node.client();
  a('set k 1 px 10');
  a('watch k');
  node.advance(11);
  a('multi');
  assert.equal(a('exec'), ABORTED);
  a('set k 1 px 10');
  node.advance(11);
  a('watch k');
  a('get k');
  a('multi');
  assert.equal(a('exec'), '*0');
});

test('FLUSHALL, SWAPDB and MOVE count as changes of the keys they touch', () => {
  for (const [prepare, change, aborted] of [
    ['set k 1', 'flushall', true],
    ['set l 1', 'flushall', false],
    ['set k 1', 'flushdb', true],
    ['set k 1', 'swapdb 0 1', true],
    ['set l 1', 'swapdb 0 1', false],
    ['set k 1', 'swapdb 2 1', false],
    ['set k 1', 'move k 1', true],
    ['set k 1', 'rename k l', true],
    ['set l 1', 'rename l k', true],
    ['set l 1', 'copy l k', true],
    ['set k 1', 'expire k 100', true],
    ['set k 1', 'touch k', false],
  ] as const) {
    const node = new Node();
    const a = node.client();
    const b = node.client();
    a(prepare);
    a('watch k');
    b(change);
    a('multi');
    assert.equal(a('exec'), aborted ? ABORTED : '*0', `${prepare}, ${change}`);
  }
});
