import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testEngine } from './engine-fixture.ts';
import { LOOK_AHEAD } from './look-ahead.ts';
import { Encoding, NO_EXPIRY } from './record.ts';

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
    assert.ok(lookAhead.begin(db.table));
    for (let i = first; i < first + LOOK_AHEAD; i++) {
      lookAhead.add(keys, i * STRIDE, i * STRIDE + 5);
    }
    lookAhead.read(db.table);
    const order = Array.from({ length: LOOK_AHEAD }, (_, i) => first + i);
    for (const i of [...order, ...order.reverse(), first + LOOK_AHEAD - 1]) {
      const s = i * STRIDE;
      assert.equal(db.lookupRead(keys, s, s + 5) !== 0, i % 2 === 0);
      assert.equal(lookAhead.hashOf(keys, s, s + 5), engine.hash.hash(keys, s, s + 5));
      // Another range that begins at the same place is another key.
      assert.equal(lookAhead.hashOf(keys, s, s + 4), engine.hash.hash(keys, s, s + 4));
    }
  }
});

test('a small table is not worth it, and what is no key is not hashed', () => {
  const { engine, db, keys } = filled();
  assert.equal(engine.lookAhead.begin(engine.databases[1].table), false);
  assert.ok(engine.lookAhead.begin(db.table));
  engine.lookAhead.add(keys, 0, 1000);
  engine.lookAhead.read(db.table);
  assert.equal(engine.lookAhead.hashOf(keys, 0, 1000), engine.hash.hash(keys, 0, 1000));
});

test('bytes that change after `clear` are hashed anew', () => {
  const { engine, db, keys } = filled();
  engine.lookAhead.begin(db.table);
  engine.lookAhead.add(keys, 0, 5);
  engine.lookAhead.read(db.table);
  engine.lookAhead.clear();
  keys.write('00002', 0, 'latin1');
  assert.equal(engine.lookAhead.hashOf(keys, 0, 5), engine.hash.hash(keys, 0, 5));
});
