// Hashes go in once and are found again, 0 and those of one part too.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashSet } from './hash-set.ts';

test('what was added is there, once, and nothing else is', () => {
  const hashes = new HashSet();
  const expected = new Set<number>();
  let state = 7;
  for (let i = 0; i < 20_000; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    // Every other one falls into the same part.
    const hash = (i & 1) === 0 ? state | 0 : state & 0xffff;
    assert.equal(hashes.add(hash), !expected.has(hash));
    expected.add(hash);
    assert.equal(hashes.has(hash), true);
    assert.equal(hashes.has(hash ^ 0x40_0000), expected.has(hash ^ 0x40_0000));
  }
  assert.equal(hashes.has(0), expected.has(0));
  assert.equal(hashes.add(0), !expected.has(0));
  assert.equal(hashes.add(0), false);
  assert.equal(hashes.size, new Set([...expected, 0]).size);
});
