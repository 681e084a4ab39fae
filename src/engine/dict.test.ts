import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyedHash, type KeyHash } from '../util/hash.ts';
import { Arena } from './arena.ts';
import { Dict } from './dict.ts';
import { testEngine } from './engine-fixture.ts';
import { Records } from './record.ts';

function newDict(seed = 7): Dict {
  return new Dict(new Records(new Arena()), new KeyedHash(seed, 11));
}

function put(dict: Dict, key: string, value: string): boolean {
  const k = Buffer.from(key, 'latin1');
  const v = Buffer.from(value, 'latin1');
  return dict.set(k, 0, k.length, v, 0, v.length);
}

function get(dict: Dict, key: string): string | undefined {
  const k = Buffer.from(key, 'latin1');
  const ref = dict.find(k, 0, k.length);
  if (ref === 0) return undefined;
  const at = dict.valueStart(ref);
  return dict.page(ref).toString('latin1', at, at + dict.valueLength(ref));
}

function remove(dict: Dict, key: string): boolean {
  const k = Buffer.from(key, 'latin1');
  return dict.delete(k, 0, k.length);
}

function keyOf(dict: Dict, ref: number): string {
  const at = dict.keyStart(ref);
  return dict.keyPage(ref).toString('latin1', at, at + dict.keyLength(ref));
}

function allKeys(dict: Dict): string[] {
  const keys: string[] = [];
  dict.forEach((ref) => {
    keys.push(keyOf(dict, ref));
  });
  return keys;
}

test('a table behaves as a map through growth, splits, deletions and merges', () => {
  const operation = fc.tuple(fc.nat(5000), fc.integer({ min: 0, max: 9 }), fc.nat(60));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 4000, size: 'max' }), (operations) => {
      const dict = newDict();
      const model = new Map<string, string>();
      // Filled first, so that the deletions below really merge segments.
      for (let i = 0; i < 2000; i++) {
        put(dict, `k${i}`, `${i}`);
        model.set(`k${i}`, `${i}`);
      }
      for (const [n, what, length] of operations) {
        const key = `k${n}`;
        if (what < 6) assert.equal(remove(dict, key), model.delete(key));
        else {
          const value = 'v'.repeat(length * length);
          assert.equal(put(dict, key, value), !model.has(key));
          model.set(key, value);
        }
      }
      assert.equal(dict.count, model.size);
      for (const [key, value] of model) assert.equal(get(dict, key), value);
      assert.deepEqual(allKeys(dict).sort(), [...model.keys()].sort());
    }),
    { numRuns: 20 },
  );
});

test('keys of one hash are told apart by every byte, at every length', () => {
  const keyed = new KeyedHash(1, 2);
  const colliding: KeyHash = {
    words: keyed.words,
    at: keyed.at,
    hash: (b, s, e) => keyed.hash(b, s, e) & 0,
  };
  const dict = new Dict(new Records(new Arena()), colliding);
  const model = new Map<string, string>();
  const add = (key: string) => {
    model.set(key, `value ${model.size}`);
    assert.equal(put(dict, key, model.get(key) as string), true);
  };
  // Keys are kept in words up to 64 bytes; above 32 KiB they lie outside of their records.
  for (let length = 0; length <= 66; length++) add('a'.repeat(length));
  for (const length of [33_000, 33_001]) add('a'.repeat(length));
  for (const length of [1, 2, 3, 4, 5, 63, 64, 65, 33_000]) {
    for (const at of new Set([0, length >> 1, length - 1])) {
      add(`${'a'.repeat(at)}\x80${'a'.repeat(length - at - 1)}`);
    }
  }
  // A number of four bytes stands for a key outside: no key of four bytes is taken for it.
  for (const number of [0, 1, 2]) {
    assert.equal(get(dict, String.fromCharCode(number, 0, 0, 0)), undefined);
  }
  for (const [key, value] of model) assert.equal(get(dict, key), value);
  const held = [...model.keys()];
  for (const key of held) {
    assert.equal(remove(dict, key), true);
    assert.equal(get(dict, key), undefined);
  }
  assert.equal(dict.count, 0);
});

test('emptying a large table gives its segments and records back', () => {
  const dict = newDict();
  for (let i = 0; i < 50_000; i++) put(dict, `key:${i}`, 'x');
  const full = dict.records.arena.usedBytes;
  for (let i = 0; i < 50_000; i++) assert.ok(remove(dict, `key:${i}`));
  assert.equal(dict.count, 0);
  assert.ok(dict.records.arena.usedBytes < full / 100);
  assert.equal(dict.segmentCount, 1);
});

test('free empties a table in slices and returns every byte', () => {
  const dict = newDict();
  for (let i = 0; i < 10_000; i++) put(dict, `key:${i}`, 'y'.repeat(i % 100));
  put(dict, 'long', 'z'.repeat(100_000));
  let slices = 0;
  while (!dict.free(500)) slices++;
  assert.ok(slices > 10);
  assert.equal(dict.records.arena.usedBytes, 0);
  assert.equal(dict.records.outsideBytes, 0);
});

test('keys and values of any length and byte', () => {
  const dict = newDict();
  for (const length of [0, 1, 31, 32, 33, 32 * 1024, 32 * 1024 + 1, 70_000, 1 << 20]) {
    const text = '\0\r\n\xff'.repeat(Math.ceil(length / 4)).slice(0, length);
    assert.ok(put(dict, text, text));
    assert.equal(get(dict, text), text);
    assert.ok(!put(dict, text, 'short'));
    assert.equal(get(dict, text), 'short');
    assert.ok(!put(dict, text, text));
    assert.ok(remove(dict, text));
    assert.equal(get(dict, text), undefined);
  }
  assert.equal(dict.records.outsideBytes, 0);
});

test('a scan visits everything that stays, whatever splits and merges meanwhile', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.integer(), (count, seed) => {
      const dict = newDict(seed);
      for (let i = 0; i < 1500; i++) put(dict, `stays:${i}`, '');
      for (let i = 0; i < 1500; i++) put(dict, `goes:${i}`, '');
      const seen = new Set<string>();
      let cursor = 0;
      let calls = 0;
      do {
        cursor = dict.scan(cursor, count, (ref) => {
          const key = keyOf(dict, ref);
          assert.ok(!seen.has(key), 'nothing is visited twice');
          seen.add(key);
        });
        // Not for ever: a small count would never catch up with a table that grows at every call.
        for (let i = 0; i < 20 && calls < 200; i++) {
          put(dict, `new:${calls}:${i}`, '');
          remove(dict, `goes:${(calls * 20 + i) % 1500}`);
        }
        calls++;
      } while (cursor !== 0);
      for (let i = 0; i < 1500; i++) assert.ok(seen.has(`stays:${i}`));
    }),
    { numRuns: 15 },
  );
});

test('a scan call returns about as many as asked for', () => {
  const dict = newDict();
  for (let i = 0; i < 10_000; i++) put(dict, `${i}`, '');
  let visited = 0;
  dict.scan(0, 10, () => visited++);
  assert.ok(visited >= 10 && visited <= 20);
});

test('random draws are even, also where segments have different depths', () => {
  const engine = testEngine(5);
  const dict = engine.newDict();
  const n = 600;
  for (let i = 0; i < n; i++) put(dict, `${i}`, '');
  const drawn = new Map<string, number>();
  const draws = n * 200;
  for (let i = 0; i < draws; i++) {
    const key = keyOf(dict, dict.randomRef(engine.random));
    drawn.set(key, (drawn.get(key) ?? 0) + 1);
  }
  let chiSquare = 0;
  for (let i = 0; i < n; i++) chiSquare += ((drawn.get(`${i}`) ?? 0) - 200) ** 2 / 200;
  // 599 degrees of freedom: mean 599, deviation 35; the seed is fixed, so this cannot flicker.
  assert.ok(chiSquare < 599 + 5 * 35, `chi-square ${chiSquare}`);
});

test('a clone is equal and independent', () => {
  const dict = newDict();
  for (let i = 0; i < 1000; i++) put(dict, `${i}`, `v${i}`);
  const copy = dict.clone();
  put(dict, '1', 'changed');
  remove(dict, '2');
  assert.equal(copy.count, 1000);
  assert.equal(get(copy, '1'), 'v1');
  assert.equal(get(copy, '2'), 'v2');
});
