import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena, blockBytes, MAX_BLOCK_BYTES, PAGE_MASK, PAGE_SHIFT } from './arena.ts';

function fillBlock(arena: Arena, ref: number, byte: number): void {
  const at = (ref & PAGE_MASK) << 3;
  arena.pages[ref >>> PAGE_SHIFT].fill(byte, at, at + arena.sizeOf(ref));
}

function holds(arena: Arena, ref: number, byte: number): boolean {
  const at = (ref & PAGE_MASK) << 3;
  return arena.pages[ref >>> PAGE_SHIFT]
    .subarray(at, at + arena.sizeOf(ref))
    .every((b) => b === byte);
}

test('blocks never overlap and are at least as large as asked for', () => {
  const size = fc.oneof(
    fc.integer({ min: 1, max: 600 }),
    fc.integer({ min: 1, max: MAX_BLOCK_BYTES }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(size, fc.boolean()), { maxLength: 400 }), (steps) => {
      const arena = new Arena();
      const live: { ref: number; byte: number; bytes: number }[] = [];
      let used = 0;
      steps.forEach(([bytes, release], i) => {
        if (release && live.length > 0) {
          const [block] = live.splice(i % live.length, 1);
          assert.ok(holds(arena, block.ref, block.byte));
          arena.free(block.ref);
          used -= blockBytes(block.bytes);
        } else {
          const ref = arena.alloc(bytes);
          assert.notEqual(ref, 0);
          assert.ok(arena.sizeOf(ref) >= bytes);
          fillBlock(arena, ref, i & 0xff);
          live.push({ ref, byte: i & 0xff, bytes });
          used += blockBytes(bytes);
        }
        assert.equal(arena.usedBytes, used);
      });
      for (const block of live) assert.ok(holds(arena, block.ref, block.byte));
    }),
    { numRuns: 50 },
  );
});

test('memory freed by one size serves another, and empty pages are given back', () => {
  const arena = new Arena();
  const fill = (bytes: number): number[] => {
    const refs: number[] = [];
    for (let total = 0; total < 100 << 20; total += bytes) refs.push(arena.alloc(bytes));
    return refs;
  };
  for (const ref of fill(104)) arena.free(ref);
  const held = arena.heldBytes;
  assert.ok(held <= 32 << 20, `${held} bytes held when nothing is in use`);
  const refs = fill(200);
  assert.ok(arena.heldBytes <= 128 << 20);
  for (const ref of refs) arena.free(ref);
  assert.equal(arena.usedBytes, 0);
});
