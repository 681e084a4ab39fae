import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testEngine } from './engine-fixture.ts';
import { SortedSet } from './sorted-set.ts';

function byOrder(a: [string, number], b: [string, number]): number {
  return a[1] - b[1] || Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]));
}

function contents(set: SortedSet): [string, number][] {
  const found: [string, number][] = [];
  if (set.length === 0) return found;
  set.tree.seek(0);
  for (let i = 0; i < set.length; i++) {
    const { ref, score } = set.tree;
    const at = set.members.keyStart(ref);
    found.push([
      set.members.keyPage(ref).toString('latin1', at, at + set.members.keyLength(ref)),
      score,
    ]);
    set.tree.forward();
  }
  return found;
}

function backwards(set: SortedSet): number[] {
  const scores: number[] = [];
  if (set.length === 0) return scores;
  set.tree.seek(set.length - 1);
  for (let i = 0; i < set.length; i++) {
    scores.push(set.tree.score);
    set.tree.backward();
  }
  return scores;
}

function put(set: SortedSet, name: string, score: number): boolean {
  const b = Buffer.from(name);
  return set.set(b, 0, b.length, score);
}

function remove(set: SortedSet, name: string): boolean {
  const b = Buffer.from(name);
  return set.delete(b, 0, b.length);
}

function checkAgainst(set: SortedSet, model: Map<string, number>): void {
  const sorted = [...model].sort(byOrder);
  assert.deepEqual(contents(set), sorted);
  assert.deepEqual(backwards(set), sorted.map(([, score]) => score).reverse());
  for (let i = 0; i < sorted.length; i += 37) {
    const b = Buffer.from(sorted[i][0]);
    assert.equal(set.rank(b, 0, b.length), i);
    const score = sorted[i][1];
    assert.equal(
      set.tree.countBelowScore(score, false),
      sorted.findIndex(([, s]) => s === score),
    );
    const behind = sorted.findLastIndex(([, s]) => s === score) + 1;
    assert.equal(set.tree.countBelowScore(score, true), behind);
    set.tree.seek(i);
    assert.equal(set.tree.score, score);
  }
}

test('a sorted set behaves as a sorted list, through splits, joins and equal scores', () => {
  const operation = fc.tuple(fc.nat(6000), fc.nat(9), fc.integer({ min: -40, max: 40 }));
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 5000, size: 'max' }),
      fc.boolean(),
      (operations, ascending) => {
        const engine = testEngine(3);
        const set = new SortedSet(engine.newDict());
        const model = new Map<string, number>();
        for (let i = 0; i < 6000; i++) {
          const score = ascending ? i : (i * 7919) % 50;
          assert.ok(put(set, `m${i}`, score));
          model.set(`m${i}`, score);
        }
        checkAgainst(set, model);
        for (const [n, what, score] of operations) {
          const name = `m${n}`;
          if (what < 7) assert.equal(remove(set, name), model.delete(name));
          else {
            assert.equal(put(set, name, score), !model.has(name));
            model.set(name, score);
          }
        }
        checkAgainst(set, model);
        for (let i = 0; i < 6000; i++)
          if (i % 50 !== 0) remove(set, `m${i}`) && model.delete(`m${i}`);
        for (const name of model.keys()) if (Number(name.slice(1)) % 50 !== 0) assert.fail(name);
        checkAgainst(set, model);
        for (const name of model.keys()) remove(set, name);
        assert.equal(set.length, 0);
        assert.equal(set.tree.nodes, 1);
      },
    ),
    { numRuns: 12 },
  );
});

test('ranges by name, infinities, and clones', () => {
  const engine = testEngine(3);
  const set = new SortedSet(engine.newDict());
  const names = Array.from({ length: 1000 }, (_, i) => `n${String(i).padStart(4, '0')}`);
  for (const name of names) put(set, name, 0);
  const b = Buffer.from('n0500');
  assert.equal(set.tree.countBelowName(b, 0, 5, false), 500);
  assert.equal(set.tree.countBelowName(b, 0, 5, true), 501);
  const copy = set.clone();
  put(set, 'n0500', Number.POSITIVE_INFINITY);
  put(set, 'n0501', Number.NEGATIVE_INFINITY);
  assert.equal(set.rank(b, 0, 5), 999);
  assert.equal(copy.rank(b, 0, 5), 500);
  assert.equal(set.tree.countBelowScore(Number.NEGATIVE_INFINITY, true), 1);
});

test('free returns every byte in slices', () => {
  const engine = testEngine(3);
  const before = engine.usedBytes();
  const set = new SortedSet(engine.newDict());
  for (let i = 0; i < 30_000; i++) put(set, `member:${i}`, Math.sin(i));
  let slices = 1;
  while (!set.free(1000)) slices++;
  assert.ok(slices > 20);
  assert.equal(engine.usedBytes(), before);
});
