import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from './seeded-random.ts';

test('a seed repeats, another does not', () => {
  const first = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  assert.deepEqual(first(7), first(7));
  assert.notDeepEqual(first(7), first(8));
  assert.notDeepEqual(first(7), first(7 + 2 ** 40));
});

test('covers its ranges evenly', () => {
  const random = new SeededRandom(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[random.below(10)]++;
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 600, `${counts}`);
  for (let i = 0; i < 1000; i++) {
    const large = random.below(2 ** 50 + 1);
    assert.ok(Number.isSafeInteger(large) && large >= 0 && large <= 2 ** 50);
    const fraction = random.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
  }
  assert.equal(random.bytes(7).length, 7);
});
