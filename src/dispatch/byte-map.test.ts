import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyedHash } from '../util/hash.ts';
import { ByteMap } from './byte-map.ts';

const hash = new KeyedHash(1, 2);

test('agrees with a Map under any sequence of additions and deletions', () => {
  const operation = fc.record({
    add: fc.boolean(),
    key: fc.integer({ min: 0, max: 300 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 1500 }), (operations) => {
      const map = new ByteMap<number>(hash);
      const model = new Map<string, number>();
      for (const [index, { add, key }] of operations.entries()) {
        const text = `key:${key}`;
        const bytes = Buffer.from(`<${text}>`);
        const end = bytes.length - 1;
        if (add && !model.has(text)) {
          map.add(index, bytes, 1, end);
          model.set(text, index);
        } else if (!add) {
          assert.equal(map.delete(bytes, 1, end), model.delete(text));
        }
        assert.equal(map.get(bytes, 1, end), model.get(text));
      }
      assert.equal(map.size, model.size);
      const entries = [...map].map((entry) => [entry.keyBytes().toString(), entry.value]);
      assert.deepEqual(new Map(entries as [string, number][]), model);
    }),
    { numRuns: 60 },
  );
});

test('shrinks again, and forgets the bytes of what was in it', () => {
  const map = new ByteMap<number>(hash);
  for (let i = 0; i < 10_000; i++) map.add(i, Buffer.from(`${i}`));
  assert.ok(map.memoryBytes > 10_000 * 80);
  for (let i = 0; i < 10_000; i++) assert.ok(map.delete(Buffer.from(`${i}`)));
  assert.ok(map.memoryBytes < 100);
  assert.equal(map.randomEntry(7), undefined);
});

test('reaches every entry by random positions', () => {
  const map = new ByteMap<number>(hash);
  for (let i = 0; i < 8; i++) map.add(i, Buffer.from([i]));
  const seen = new Set<number>();
  while (map.size > 0) {
    const entry = map.randomEntry(seen.size * 12_345);
    assert.ok(entry);
    seen.add(entry.value);
    map.delete(entry.keyBytes());
  }
  assert.equal(seen.size, 8);
});

test('keys are bytes, short and long', () => {
  const map = new ByteMap<number>(hash);
  const long = Buffer.alloc(100_000, 0xe9);
  const binary = Buffer.from([0, 255, 10, 200]);
  for (const [value, keyBytes] of [Buffer.alloc(0), binary, long].entries()) {
    const entry = map.add(value, keyBytes);
    assert.deepEqual(entry.keyBytes(), keyBytes);
    assert.equal(map.get(keyBytes), value);
  }
  assert.equal(map.get(Buffer.alloc(100_000, 0xe8)), undefined);
  assert.ok(map.delete(long));
  assert.equal(map.get(long), undefined);
});

test('clear leaves an empty map that can be used', () => {
  const map = new ByteMap<string>(hash);
  for (let i = 0; i < 100; i++) map.add('x', Buffer.from([i]));
  map.clear();
  assert.deepEqual([...map], []);
  map.add('y', Buffer.from('a'));
  assert.equal(map.get(Buffer.from('a')), 'y');
});
