import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { testSettings } from './engine-fixture.ts';
import { ListCursor } from './list-cursor.ts';
import { isListpack } from './listpack-check.ts';
import { Quicklist } from './quicklist.ts';

const bytesOf = (element: string): Buffer => Buffer.from(element, 'latin1');

function read(list: Quicklist, index = 0, forward = true): string[] {
  const cursor = new ListCursor();
  cursor.openQuicklist(list, index, forward);
  const all: string[] = [];
  while (cursor.next()) {
    const entry = cursor.load();
    all.push(entry.bytes.toString('latin1', entry.start, entry.end));
  }
  return all;
}

/** Everything that must hold of a list besides its elements. */
function check(list: Quicklist): void {
  let bytes = 160;
  let count = 0;
  let index = 0;
  const last = list.nodes.nodeCount - 1;
  list.forEachNode((node) => {
    bytes += node.memoryBytes;
    count += node.count;
    assert.ok(node.count > 0);
    const outside = Math.min(index, last - index) < list.compressDepth;
    if (node.compressed) assert.ok(!outside, 'outer nodes are raw');
    else if (!node.plain) {
      assert.ok(isListpack(node.buffer, node.start, node.start + node.bytes));
      if (list.compressDepth > 0 && !outside && last > 2) {
        const copy = node.clone();
        copy.compress();
        assert.ok(!copy.compressed, 'inner nodes are compressed when that gains anything');
      }
    }
    index++;
  });
  assert.equal(count, list.length);
  const overhead = list.memoryBytes - bytes;
  assert.ok(overhead >= 0 && overhead % 96 === 0, `memory is accounted: ${overhead}`);
  assert.equal(overhead === 0, list.length === 0);
}

const element = fc.oneof(
  fc.integer({ min: -300, max: 300 }).map(String),
  fc.constantFrom('a', 'b', 'abc', '', 'x'.repeat(90), 'ab'.repeat(300), 'z'.repeat(5000)),
  fc.string({ maxLength: 30 }),
);

const step = fc.record({
  what: fc.constantFrom(
    'pushHead',
    'pushTail',
    'removeHead',
    'removeTail',
    'replace',
    'before',
    'after',
    'removeRange',
    'removeEqual',
    'removeEqualBackwards',
  ),
  at: fc.nat(200),
  n: fc.nat(20),
  element,
});

const shape = fc.record({
  fill: fc.constantFrom(-1, -2, 1, 2, 3, 4, 16),
  depth: fc.constantFrom(0, 0, 1, 2, 3),
  threshold: fc.constantFrom(1 << 30, 80, 1),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function apply(list: Quicklist, model: string[], { what, at, n, element }: Step): void {
  const v = bytesOf(element);
  const index = model.length === 0 ? 0 : at % model.length;
  const cursor = new ListCursor();
  if (what === 'pushHead') {
    list.pushHead(v, 0, v.length);
    model.unshift(element);
  } else if (what === 'pushTail') {
    list.pushTail(v, 0, v.length);
    model.push(element);
  } else if (model.length === 0) {
    return;
  } else if (what === 'removeHead') {
    list.removeHead();
    model.shift();
  } else if (what === 'removeTail') {
    list.removeTail();
    model.pop();
  } else if (what === 'replace') {
    list.replaceAt(index, v, 0, v.length);
    model[index] = element;
  } else if (what === 'removeRange') {
    const count = Math.min(n, model.length - index);
    list.removeRange(index, count);
    model.splice(index, count);
  } else if (what === 'before' || what === 'after') {
    cursor.openQuicklist(list, index, true);
    assert.ok(cursor.next());
    const after = what === 'after';
    list.insertBeside(cursor.place, cursor.offset, v, 0, v.length, after);
    model.splice(after ? index + 1 : index, 0, element);
  } else {
    const forward = what === 'removeEqual';
    cursor.openQuicklist(list, forward ? 0 : -1, forward);
    const removed = list.removeEqual(cursor, v, 0, v.length, n + 1);
    let expected = 0;
    for (; expected <= n; expected++) {
      const i = forward ? model.indexOf(element) : model.lastIndexOf(element);
      if (i < 0) break;
      model.splice(i, 1);
    }
    assert.equal(removed, expected);
  }
}

describe('quicklist', () => {
  it('is an array of strings under every change, fill, depth and threshold', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(element, { maxLength: 150 }),
        fc.array(step, { maxLength: 40 }),
        ({ fill, depth, threshold }, initial, steps) => {
          const settings = testSettings({ listPackedThreshold: threshold });
          const list = new Quicklist(fill, depth, settings);
          const model: string[] = [];
          for (const e of initial) {
            list.pushTail(bytesOf(e), 0, e.length);
            model.push(Buffer.from(e, 'latin1').toString('latin1'));
          }
          for (const one of steps) {
            apply(list, model, one);
            check(list);
          }
          assert.deepEqual(read(list), model);
          assert.deepEqual(read(list, -1, false), [...model].reverse());
          for (const i of [0, model.length >> 1, model.length - 1]) {
            assert.deepEqual(read(list, i), model.slice(Math.max(i, 0)));
          }
          assert.deepEqual(read(list.clone()), model);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('has nodes in common with its clones, and changes of one are not seen in another', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(element, { minLength: 20, maxLength: 80 }),
        fc.array(fc.record({ of: fc.nat(3), clone: fc.boolean(), step }), { maxLength: 40 }),
        ({ fill, depth, threshold }, initial, actions) => {
          const settings = testSettings({ listPackedThreshold: threshold });
          const first = new Quicklist(fill, depth, settings);
          for (const e of initial) first.pushTail(bytesOf(e), 0, e.length);
          const lists = [{ list: first, model: read(first) }];
          for (const { of, clone, step: one } of actions) {
            const { list, model } = lists[of % lists.length];
            if (clone && lists.length < 4) {
              lists.push({ list: list.clone(), model: [...model] });
            }
            apply(list, model, one);
          }
          for (const { list, model } of lists) {
            check(list);
            assert.deepEqual(read(list), model);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds any element of many nodes and frees them in slices', () => {
    const list = new Quicklist(4, 0, testSettings());
    for (let i = 0; i < 20_000; i++) list.pushTail(bytesOf(String(i)), 0, String(i).length);
    for (let i = 0; i < 20_000; i += 777) {
      assert.equal(read(list, i)[0], String(i));
      assert.equal(read(list, i - 20_000)[0], String(i));
    }
    list.removeRange(100, 19_000);
    assert.deepEqual(read(list).slice(98, 102), ['98', '99', '19100', '19101']);
    check(list);
    let slices = 0;
    while (!list.free(100)) slices++;
    assert.ok(slices > 0);
    assert.equal(list.length, 0);
    assert.equal(list.memoryBytes, 160);
  });

  it('pushes and pops at either end without moving a node', () => {
    const list = new Quicklist(-2, 0, testSettings());
    const v = bytesOf('element');
    for (let i = 0; i < 5000; i++) {
      list.pushTail(v, 0, v.length);
      if (i > 200) list.removeHead();
    }
    assert.equal(list.length, 201);
    assert.ok(list.memoryBytes < 40_000, String(list.memoryBytes));
    check(list);
  });
});
