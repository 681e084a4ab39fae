import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testEngine } from './engine-fixture.ts';
import { LOOK_AHEAD } from './look-ahead.ts';
import { Encoding, Kind, NO_EXPIRY } from './record.ts';

const KEYS = 20_000;
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

test('announced keys are found, and are not, as without it, in any order and twice', () => {
  const { engine, db, keys } = filled();
  const { lookAhead } = engine;
  for (let first = 0; first + LOOK_AHEAD <= KEYS; first += 997) {
    lookAhead.clear();
    for (let i = first; i < first + LOOK_AHEAD; i++) {
      lookAhead.add(keys, i * STRIDE, i * STRIDE + 5);
    }
    lookAhead.read(db.table);
    const order = Array.from({ length: LOOK_AHEAD }, (_, i) => first + i);
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
  assert.ok(engine.hasObjects);
  const { lookAhead } = engine;
  const request = Buffer.from('big 00002 big 00003 str 00004');
  const starts = Int32Array.of(0, 0, 4, 10, 14, 20, 24);
  const ends = Int32Array.of(0, 3, 9, 13, 19, 23, 29);
  for (const at of [1, 3, 5]) {
    const own = [starts.slice(at - 1), ends.slice(at - 1)] as const;
    lookAhead.addRequest(request, starts[at], ends[at], own[0], own[1], 3);
  }
  lookAhead.read(db.table);
  for (const [i, isThere] of [true, false, true].entries()) {
    const at = 2 * i + 1;
    assert.equal(db.lookupRead(request, starts[at], ends[at]) !== 0, at !== 5);
    assert.equal(members.find(request, starts[at + 1], ends[at + 1]) !== 0, isThere);
  }
});

test('a small table is not worth it, and what is no key is not hashed', () => {
  const { engine, db, keys } = filled();
  assert.equal(engine.lookAhead.isWorthwhile(engine.databases[1].table, false), false);
  assert.equal(engine.lookAhead.isWorthwhile(db.table, false), true);
  engine.lookAhead.add(keys, 0, 1000);
  engine.lookAhead.read(db.table);
  assert.equal(engine.lookAhead.hash(keys, 0, 1000), engine.hash.hash(keys, 0, 1000));
});

test('bytes that change after `clear` are hashed anew', () => {
  const { engine, db, keys } = filled();
  engine.lookAhead.add(keys, 0, 5);
  engine.lookAhead.read(db.table);
  engine.lookAhead.clear();
  keys.write('00002', 0, 'latin1');
  assert.equal(engine.lookAhead.hash(keys, 0, 5), engine.hash.hash(keys, 0, 5));
});
