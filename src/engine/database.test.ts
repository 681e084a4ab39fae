import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyKey } from './copy-key.ts';
import type { Database } from './database.ts';
import type { Dict } from './dict.ts';
import type { Engine } from './engine.ts';
import { testEngine } from './engine-fixture.ts';
import { Eviction } from './eviction.ts';
import { ExpiryCycle } from './expiry-cycle.ts';
import { NotifyClass } from './notify-class.ts';
import { Encoding, KEEP_EXPIRY, Kind, NO_EXPIRY } from './record.ts';

function set(db: Database, key: string, value: string, expiry = NO_EXPIRY): void {
  const k = Buffer.from(key);
  const v = Buffer.from(value);
  db.setString(k, 0, k.length, v, 0, v.length, Encoding.embstr, expiry);
}

function get(db: Database, key: string): string | undefined {
  const k = Buffer.from(key);
  const ref = db.lookupRead(k, 0, k.length);
  if (ref === 0) return undefined;
  const at = db.valueStart(ref);
  return db.page(ref).toString('latin1', at, at + db.valueLength(ref));
}

interface Seen {
  readonly events: string[];
  readonly removed: string[];
}

function observe(engine: Engine): Seen {
  const seen: Seen = { events: [], removed: [] };
  engine.interest = 1;
  engine.observer = {
    isNeeded: true,
    changed: (db, b, s, e, _cls, event) => {
      seen.events.push(`${db.index} ${b.toString('latin1', s, e)} ${event}`);
    },
    notify: (db, b, s, e, _cls, event) => {
      seen.events.push(`${db.index} ${b.toString('latin1', s, e)} (${event})`);
    },
    removed: (db, key, reason) => {
      seen.removed.push(`${db.index} ${key.toString('latin1')} ${reason}`);
    },
    flushed: () => {},
  };
  return seen;
}

/** Values that go in their place, into another block, outside, with and without an expiry. */
const shapes = [
  ['two', NO_EXPIRY],
  ['of another length', NO_EXPIRY],
  ['kept', KEEP_EXPIRY],
  ['passing', 100_000],
  ['passing too', KEEP_EXPIRY],
  ['for ever', NO_EXPIRY],
  ['x'.repeat(40_000), NO_EXPIRY],
  ['short again', NO_EXPIRY],
] as const;

/** A database with one key, SET over it, and its access clock. */
function oneKey(engine: Engine) {
  const db = engine.databases[0];
  const key = Buffer.from('k');
  return {
    db,
    /** `expiry`: ms from now, or one of the constants. */
    assign: (value: string, expiry: number = NO_EXPIRY): void => {
      const v = Buffer.from(value);
      const expiryMs = expiry < 0 ? expiry : engine.wallMs + expiry;
      db.assignString(key, 0, 1, v, 0, v.length, Encoding.embstr, expiryMs);
    },
    clock: (): number => db.access(db.lookupQuiet(key, 0, 1)),
  };
}

test('SET over a key uses it, whatever its new form', () => {
  const engine = testEngine();
  const { db, assign, clock } = oneKey(engine);
  assign('one');
  for (const [value, expiry] of shapes) {
    engine.tick(engine.wallMs + 1000);
    assign(value, expiry);
    assert.equal(clock(), engine.access.lru, value.slice(0, 20));
    engine.tick(engine.wallMs + 1000);
    engine.noTouch = true;
    assign(value, expiry);
    engine.noTouch = false;
    assert.notEqual(clock(), engine.access.lru, `untouched: ${value.slice(0, 20)}`);
    assert.equal(get(db, 'k'), value);
  }
});

test('SET over a key counts as one use of it, whatever its new form', () => {
  const lfu = { maxmemoryPolicy: 'allkeys-lfu', lfuLogFactor: 0, lfuDecayTime: 0 } as const;
  const engine = testEngine(1, lfu);
  engine.tick(engine.wallMs + 1);
  const { assign, clock } = oneKey(engine);
  assign('one');
  let uses = engine.access.frequency(clock());
  for (const [value, expiry] of shapes) {
    assign(value, expiry);
    assert.equal(engine.access.frequency(clock()), ++uses, value.slice(0, 20));
    engine.noTouch = true;
    assign(value, expiry);
    engine.noTouch = false;
    assert.equal(engine.access.frequency(clock()), uses, `untouched: ${value.slice(0, 20)}`);
  }
});

test('an expired key is gone on a master, hidden on a replica, there for a stream', () => {
  const engine = testEngine();
  const db = engine.databases[0];
  const seen = observe(engine);
  set(db, 'k', 'v', engine.wallMs + 10);
  engine.tick(engine.wallMs + 10);
  assert.equal(get(db, 'k'), 'v', 'still there in the very millisecond');
  engine.tick(engine.wallMs + 1);
  engine.ignoreExpiry = true;
  assert.equal(get(db, 'k'), 'v');
  engine.ignoreExpiry = false;
  engine.mayExpire = false;
  assert.equal(get(db, 'k'), undefined);
  assert.equal(db.keyCount, 1);
  engine.mayExpire = true;
  assert.equal(get(db, 'k'), undefined);
  assert.equal(db.keyCount, 0);
  assert.equal(db.expiryCount, 0);
  assert.deepEqual(seen.removed, ['0 k expired']);
  assert.equal(engine.expired, 1);
});

test('the expiry survives what keeps it and goes with what does not', () => {
  const engine = testEngine();
  const db = engine.databases[0];
  const far = 8_640_000_000_000_000;
  set(db, 'k', 'v', far);
  assert.equal(db.expiryCount, 1);
  set(db, 'k', 'a longer value than before', KEEP_EXPIRY);
  const key = Buffer.from('k');
  assert.equal(db.expiry(db.lookupRaw(key, 0, 1)), far);
  set(db, 'k', 'v');
  assert.equal(db.expiryCount, 0);
  assert.equal(db.expiry(db.lookupRaw(key, 0, 1)), NO_EXPIRY);
  assert.ok(db.setExpiry(key, 0, 1, 5));
  assert.ok(db.setExpiry(key, 0, 1, 6));
  assert.equal(db.expiryCount, 1);
  assert.ok(db.setExpiry(key, 0, 1, NO_EXPIRY));
  assert.equal(db.expiryCount, 0);
});

test('active expiry removes exactly what is due, within its budget', () => {
  const engine = testEngine();
  const db = engine.databases[3];
  for (let i = 0; i < 20_000; i++)
    set(db, `k${i}`, 'v', engine.wallMs + (i % 2 === 0 ? 5 : 60_000));
  for (let i = 0; i < 1000; i++) set(db, `p${i}`, 'v');
  const cycle = new ExpiryCycle(engine);
  cycle.run(1_000_000);
  assert.equal(db.keyCount, 21_000);
  engine.tick(engine.wallMs + 1000);
  cycle.run(500);
  assert.ok(db.keyCount > 19_000, 'a small budget does a small part');
  for (let i = 0; i < 100; i++) cycle.run(2000);
  assert.equal(db.keyCount, 11_000);
  assert.equal(db.expiryCount, 10_000);
  assert.equal(engine.expired, 10_000);
});

test('a key that expires later than its segment was swept for is found all the same', () => {
  const engine = testEngine();
  const db = engine.databases[0];
  const cycle = new ExpiryCycle(engine);
  set(db, 'a', '1', engine.wallMs + 100_000);
  cycle.run(10_000);
  set(db, 'b', '2', engine.wallMs + 1000);
  engine.tick(engine.wallMs + 3000);
  cycle.run(10_000);
  assert.equal(db.keyCount, 1);
});

test('moving and copying keep value, expiry and clock; nothing leaks', () => {
  const engine = testEngine();
  const [a, b] = engine.databases;
  const long = 'x'.repeat(200_000);
  set(a, 'from', long, engine.wallMs + 5000);
  const from = Buffer.from('from');
  const to = Buffer.from('to');
  a.moveKey(from, 0, 4, b, to, 0, 2);
  assert.equal(get(a, 'from'), undefined);
  assert.equal(get(b, 'to'), long);
  assert.equal(a.expiryCount, 0);
  assert.equal(b.expiryCount, 1);
  copyKey(b, to, 0, 2, a, from, 0, 4);
  assert.equal(get(a, 'from'), long);
  assert.equal(a.expiryCount, 1);
  a.delete(from, 0, 4);
  b.delete(to, 0, 2);
  assert.equal(engine.records.outsideBytes, 0);
});

test('growing a string keeps its bytes and fills with zeros, inside and outside the arena', () => {
  const engine = testEngine();
  const db = engine.databases[0];
  set(db, 'k', 'abc');
  const key = Buffer.from('k');
  for (const length of [4, 100, 40_000, 40_001, 300_000]) {
    const ref = db.growString(key, 0, 1, length);
    assert.equal(db.valueLength(ref), length);
    const at = db.valueStart(ref);
    assert.equal(db.page(ref).toString('latin1', at, at + 3), 'abc');
    assert.ok(
      db
        .page(ref)
        .subarray(at + 3, at + length)
        .every((byte) => byte === 0),
    );
  }
});

test('the gate tells once per change and a new key is announced', () => {
  const engine = testEngine();
  const db = engine.databases[0];
  const seen = observe(engine);
  set(db, 'k', 'v');
  const key = Buffer.from('k');
  db.changed(key, 0, 1, NotifyClass.string, 'set');
  assert.deepEqual(seen.events, ['0 k (new)', '0 k set']);
  assert.equal(engine.dirty, 1);
  assert.equal(get(db, 'nothing'), undefined);
  assert.equal(seen.events[2], '0 nothing (keymiss)');
});

for (const policy of [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
]) {
  test(`${policy} removes only what it may, until nothing is left to remove`, () => {
    const engine = testEngine(9, { maxmemoryPolicy: policy });
    engine.tick(engine.wallMs + 1);
    const seen = observe(engine);
    engine.interest = 0;
    const db = engine.databases[2];
    for (let i = 0; i < 900; i++) set(db, `stays${i}`, 'v');
    for (let i = 0; i < 7; i++) set(db, `goes${i}`, 'v', engine.wallMs + 100_000 + i);
    const eviction = new Eviction(engine);
    const may = policy.startsWith('volatile') ? 7 : 907;
    for (let i = 0; i < may; i++) assert.ok(eviction.evictOne(), `eviction ${i}`);
    assert.ok(!eviction.evictOne());
    assert.equal(engine.evicted, may);
    assert.equal(seen.removed.length, may);
  });
}

test('the nearest expiry goes first under volatile-ttl', () => {
  const engine = testEngine(2, { maxmemoryPolicy: 'volatile-ttl', maxmemorySamples: 64 });
  const db = engine.databases[0];
  for (let i = 0; i < 16; i++) set(db, `k${i}`, 'v', engine.wallMs + 100_000 - i);
  const seen = observe(engine);
  const eviction = new Eviction(engine);
  for (let i = 0; i < 3; i++) eviction.evictOne();
  assert.deepEqual(seen.removed, ['0 k15 evicted', '0 k14 evicted', '0 k13 evicted']);
});

test('least recently used keys go first', () => {
  const engine = testEngine(4, { maxmemoryPolicy: 'allkeys-lru', maxmemorySamples: 10 });
  const db = engine.databases[0];
  for (let i = 0; i < 400; i++) set(db, `old${i}`, 'v');
  engine.tick(engine.wallMs + 100_000);
  for (let i = 0; i < 400; i++) set(db, `new${i}`, 'v');
  const eviction = new Eviction(engine);
  for (let i = 0; i < 200; i++) eviction.evictOne();
  let recent = 0;
  for (let i = 0; i < 400; i++) if (get(db, `new${i}`) !== undefined) recent++;
  assert.ok(recent >= 395, `${recent} of 400 recent keys are left`);
});

test('usedBytes returns to where it was', () => {
  const engine = testEngine();
  const db = engine.databases[0];
  const empty = engine.usedBytes();
  for (let i = 0; i < 5000; i++) set(db, `k${i}`, 'v'.repeat(i % 1000));
  db.flush();
  while (engine.lazyFree.step());
  assert.equal(engine.usedBytes(), empty);
});

test('a record made where another was has its own object', () => {
  const db = testEngine().databases[0];
  const key = Buffer.from('key');
  const put = (): readonly [ref: number, object: Dict] => {
    const object = db.engine.newDict();
    db.setObject(key, 0, key.length, Kind.set, Encoding.hashtable, object);
    return [db.lookupRaw(key, 0, key.length), object];
  };
  const [before, first] = put();
  assert.equal(db.object(before), first);
  db.delete(key, 0, key.length);
  const [after, second] = put();
  assert.equal(after, before);
  assert.equal(db.object(after), second);
});
