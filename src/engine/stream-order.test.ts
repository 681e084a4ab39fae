import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { StreamId } from './stream-id.ts';
import { OrderPlace, StreamOrder } from './stream-order.ts';

const text = (id: StreamId | undefined): string | undefined => id?.toString();
const numbers = (order: StreamOrder<StreamId>): number[] => {
  const all: number[] = [];
  order.visit((id) => all.push(id.seqLow));
  return all;
};

/** An order of `n` even numbers, built in ascending order. */
function evens(n: number): StreamOrder<StreamId> {
  const order = new StreamOrder<StreamId>();
  for (let i = 0; i < n; i++) order.add(StreamId.from(0, 2 * i));
  return order;
}

const action = fc.record({
  what: fc.constantFrom('add', 'add', 'remove', 'removeFirst', 'addRun', 'removeRun'),
  n: fc.nat(2000),
});

test('an order is a sorted array', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const order = new StreamOrder<StreamId>();
      const model = new Set<number>();
      const add = (n: number): void => {
        if (model.has(n)) return;
        model.add(n);
        order.add(StreamId.from(0, n));
      };
      const remove = (n: number): void => {
        assert.equal(order.remove(StreamId.from(0, n))?.seqLow, model.has(n) ? n : undefined);
        model.delete(n);
      };
      for (const { what, n } of actions) {
        if (what === 'add') add(n);
        else if (what === 'remove') remove(n);
        else if (what === 'addRun') for (let i = n; i < n + 600; i++) add(i);
        else if (what === 'removeRun') for (let i = n; i < n + 600; i += 3) remove(i);
        else {
          const first = [...model].sort((a, b) => a - b).slice(0, n);
          const gone: number[] = [];
          order.removeFirst(first.length, (item) => gone.push(item.seqLow));
          assert.deepEqual(gone, first);
          for (const one of first) model.delete(one);
        }
      }
      const sorted = [...model].sort((a, b) => a - b);
      assert.deepEqual(numbers(order), sorted);
      assert.equal(order.size, sorted.length);
      assert.equal(order.first?.seqLow, sorted[0]);
      assert.equal(order.last?.seqLow, sorted.at(-1));
      const place = new OrderPlace();
      for (const { n } of actions) {
        order.seek(StreamId.from(0, n), place);
        const at = sorted.findIndex((m) => m >= n);
        assert.equal(order.at(place)?.seqLow, sorted[at]);
        const before = at === -1 ? sorted.length - 1 : at - 1;
        assert.equal(order.backward(place), before >= 0);
        if (before >= 0) assert.equal(order.at(place)?.seqLow, sorted[before]);
        assert.equal(text(order.find(StreamId.from(0, n))), model.has(n) ? `0-${n}` : undefined);
      }
    }),
    { numRuns: 60 },
  );
});

test('places go to both ends and beyond', () => {
  const order = evens(1000);
  const place = new OrderPlace();
  order.toFirst(place);
  const seen: number[] = [];
  for (let id = order.at(place); id !== undefined; id = order.at(place)) {
    seen.push(id.seqLow);
    order.forward(place);
  }
  assert.deepEqual(seen, numbers(order));
  assert.equal(order.backward(place), true);
  assert.equal(order.at(place)?.seqLow, 1998);
  order.toFirst(place);
  assert.equal(order.backward(place), false);
});

test('many items go in one pass', () => {
  const order = evens(1000);
  order.removeWhere(({ seqLow }) => seqLow % 10 !== 0);
  assert.deepEqual(
    numbers(order),
    Array.from({ length: 200 }, (_, i) => i * 10),
  );
  assert.equal(order.size, 200);
  assert.equal(order.find(StreamId.from(0, 1990))?.seqLow, 1990);
  order.removeWhere(() => true);
  assert.deepEqual([order.size, order.first, order.last], [0, undefined, undefined]);
});

test('what is left after random removals is not spread over many chunks', () => {
  const order = evens(20_000);
  for (let i = 0; i < 20_000; i++) if (i % 100 !== 0) order.remove(StreamId.from(0, 2 * i));
  assert.equal(order.size, 200);
  const place = new OrderPlace();
  order.seek(StreamId.from(0, 2 * 19_900), place);
  assert.equal(order.at(place), order.last);
  assert.ok(place.chunk < 10, `${place.chunk + 1} chunks`);
  assert.equal(order.free(199), false);
  assert.equal(order.size, 1);
  assert.equal(order.free(1), true);
  assert.equal(order.size, 0);
});
