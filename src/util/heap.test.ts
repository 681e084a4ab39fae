import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap, type HeapHandle } from './heap.ts';

type Step = { push: number } | { remove: number } | 'pop';

test('agrees with a sorted array, whatever leaves early', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 50 }).map((push): Step => ({ push })) },
    { weight: 1, arbitrary: fc.nat().map((remove): Step => ({ remove })) },
    { weight: 1, arbitrary: fc.constant<Step>('pop') },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<number>((a, b) => a - b);
      const handles: HeapHandle<number>[] = [];
      const model: number[] = [];
      for (const action of steps) {
        if (action === 'pop') assert.equal(heap.pop(), model.shift());
        else if ('push' in action) {
          handles.push(heap.push(action.push));
          model.push(action.push);
          model.sort((a, b) => a - b);
        } else if (handles.length > 0) {
          const handle = handles[action.remove % handles.length];
          const isIn = handle.index >= 0;
          assert.equal(heap.remove(handle), isIn);
          if (isIn) model.splice(model.indexOf(handle.value), 1);
        }
        assert.equal(heap.size, model.length);
        assert.equal(heap.peek(), model[0]);
      }
    }),
  );
});

test('forgets everything at once', () => {
  const heap = new Heap<string>((a, b) => a.localeCompare(b));
  const handle = heap.push('b');
  heap.push('a');
  heap.clear();
  assert.equal(heap.pop(), undefined);
  assert.equal(heap.remove(handle), false);
});
