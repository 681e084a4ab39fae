import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyBytes, sameBytes } from './bytes.ts';
import { SeededRandom } from './seeded-random.ts';

const LONGEST = 100;
const random = new SeededRandom(7);
const source = Buffer.from(Array.from({ length: LONGEST + 9 }, () => random.below(256)));

test('runs of every length are copied, and nothing beside them', () => {
  for (let length = 0; length <= LONGEST; length++) {
    const target = Buffer.alloc(LONGEST + 10, 1);
    copyBytes(target, 3, source, 5, 5 + length);
    const expected = Buffer.alloc(LONGEST + 10, 1);
    source.copy(expected, 3, 5, 5 + length);
    assert.deepEqual(target, expected, `${length} bytes`);
  }
});

test('runs are the same when every byte is', () => {
  for (let length = 0; length <= LONGEST; length++) {
    const other = Buffer.alloc(LONGEST + 9);
    source.copy(other, 2, 5, 5 + length);
    assert.equal(sameBytes(other, 2, source, 5, length), true, `${length} bytes`);
    for (let i = 0; i < length; i++) {
      other[2 + i] ^= 1;
      assert.equal(sameBytes(other, 2, source, 5, length), false, `byte ${i} of ${length}`);
      other[2 + i] ^= 1;
    }
  }
});
