import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testEngine } from './engine-fixture.ts';
import { LOOK_AHEAD } from './look-ahead.ts';
import { Quicklist } from './quicklist.ts';
import { Encoding, Kind, NO_EXPIRY } from './record.ts';

const KEYS = 80_000;
const STRIDE = 8;

/** Keys of five bytes, one after another with gaps, and a database that holds the even ones. */
function filled() {
  const engine = testEngine();
  const db = engine.databases[0];
  const keys = Buffer.alloc(KEYS * STRIDE);
  for (let i = 0; i < KEYS; i++) {
    const s = i * STRIDE;
    keys.write(String(i).padStart(5, '0'), s, 'latin1');
    if (i % 2 === 0) db.setString(keys, s, s + 5, keys, s, s + 5, Encoding.embstr, NO_EXPIRY);
  }
  return { engine, db, keys };
}

/** A request whose arguments are the keys of these numbers. */
function request(keys: Buffer, numbers: readonly number[]) {
  const starts = Int32Array.from(numbers, (i) => i * STRIDE);
  return { buffer: keys, count: numbers.length, starts, ends: starts.map((start) => start + 5) };
}

test('announced keys are found, and are not, as without it, in any order and twice', () => {
  const { engine, db, keys } = filled();
  const { lookAhead } = engine;
  for (let first = 0; first + LOOK_AHEAD <= KEYS; first += 3989) {
    const order = Array.from({ length: LOOK_AHEAD }, (_, i) => first + i);
    lookAhead.keys(db.table, request(keys, order), 0, LOOK_AHEAD, 1);
    for (const i of [...order, ...order.reverse(), first + LOOK_AHEAD - 1]) {
      const s = i * STRIDE;
      assert.equal(db.lookupRead(keys, s, s + 5) !== 0, i % 2 === 0);
      assert.equal(lookAhead.hash(keys, s, s + 5), engine.hash.hash(keys, s, s + 5));
      // Another range that begins at the same place is another key.
      assert.equal(lookAhead.hash(keys, s, s + 4), engine.hash.hash(keys, s, s + 4));
    }
  }
});

test('members of large collections are read with their keys', () => {
  const { engine, db, keys } = filled();
  const members = engine.newDict();
  for (let i = 0; i < KEYS; i += 2) {
    const s = i * STRIDE;
    members.set(keys, s, s + 5, keys, s, s + 5);
  }
  const name = Buffer.from('big');
  db.setObject(name, 0, 3, Kind.hash, Encoding.hashtable, members);
  engine.settle();
  assert.ok(engine.hasLargeTables);
  const buffer = Buffer.from('hset big 00002 hset big 00003 ping get str');
  const words = [...buffer.toString().matchAll(/\S+/g)];
  const of = (from: number, count: number) => {
    const some = words.slice(from, from + count);
    const starts = Int32Array.from(some, (one) => one.index);
    return { buffer, count, starts, ends: starts.map((start, i) => start + some[i][0].length) };
  };
  const requests = [of(0, 3), of(3, 3), of(6, 1), of(7, 2)];
  engine.lookAhead.requests(db.table, engine.hasLargeTables, requests, requests.length);
  const [first, second, , last] = requests;
  for (const one of [first, second, last]) {
    assert.equal(db.lookupRead(buffer, one.starts[1], one.ends[1]) !== 0, one !== last);
    if (one === last) continue;
    assert.equal(members.find(buffer, one.starts[2], one.ends[2]) !== 0, one === first);
  }
});

test('members are looked ahead for while some collection has many', () => {
  const { engine, keys } = filled();
  const db = engine.databases[0];
  const list = Buffer.from('list');
  const elements = new Quicklist(-2, 0, engine.settings);
  for (let i = 0; i < KEYS; i++) elements.pushTail(keys, i * STRIDE, i * STRIDE + 5);
  db.setObject(list, 0, 4, Kind.list, Encoding.quicklist, elements);
  const name = Buffer.from('set');
  const members = engine.newDict();
  db.setObject(name, 0, 3, Kind.set, Encoding.hashtable, members);
  engine.settle();
  const change = (count: number, make: (s: number) => void): void => {
    for (let i = 0; i < count; i++) make(i * STRIDE);
    engine.touchObject(members);
    engine.settle();
  };
  change(1000, (s) => members.add(keys, s, s + 5));
  assert.equal(engine.hasLargeTables, false, 'neither a list nor a thousand members');
  change(KEYS, (s) => members.add(keys, s, s + 5));
  assert.equal(engine.hasLargeTables, true);
  change(KEYS - 100, (s) => members.delete(keys, s, s + 5));
  assert.equal(engine.hasLargeTables, false, 'they have become few');
  change(KEYS, (s) => members.add(keys, s, s + 5));
  assert.equal(engine.hasLargeTables, true);
  assert.equal(db.delete(name, 0, 3), true);
  assert.equal(engine.hasLargeTables, false, 'the set is gone');
  const again = engine.newDict();
  for (let i = 0; i < KEYS; i++) again.add(keys, i * STRIDE, i * STRIDE + 5);
  db.setObject(name, 0, 3, Kind.set, Encoding.hashtable, again);
  engine.settle();
  assert.equal(engine.hasLargeTables, true);
  engine.adopt(engine.newEmpty());
  assert.equal(engine.hasLargeTables, false, 'everything is gone');
});

test('what is no key is not hashed', () => {
  const { engine, db, keys } = filled();
  const long = { ...request(keys, [0]), ends: Int32Array.of(1000) };
  engine.lookAhead.keys(db.table, long, 0, 1, 1);
  assert.equal(engine.lookAhead.hash(keys, 0, 1000), engine.hash.hash(keys, 0, 1000));
});

test('bytes that change after `clear` are hashed anew', () => {
  const { engine, db, keys } = filled();
  engine.lookAhead.keys(db.table, request(keys, [0]), 0, 1, 1);
  engine.lookAhead.clear();
  keys.write('00002', 0, 'latin1');
  assert.equal(engine.lookAhead.hash(keys, 0, 5), engine.hash.hash(keys, 0, 5));
});
