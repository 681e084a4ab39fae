import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lzfCompress, lzfDecompress } from './lzf.ts';

const repetitive = fc
  .array(fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 60 })), {
    maxLength: 30,
  })
  .map((parts) => Buffer.from(parts.map(([text, times]) => text.repeat(times)).join('')));

test('gives back what it compressed', () => {
  fc.assert(
    fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 600 })), (input) => {
      const around = Buffer.concat([Buffer.from('abcabcabc'), input, Buffer.from('abcabc')]);
      const packed = Buffer.alloc(input.length + (input.length >> 5) + 8);
      const size = lzfCompress(around, 9, 9 + input.length, packed);
      if (input.length > 0) assert.ok(size > 0);
      const output = Buffer.alloc(input.length);
      assert.ok(lzfDecompress(packed, 0, size, output));
      assert.ok(output.equals(input));
    }),
    { numRuns: 1000 },
  );
});

test('compresses far matches of any length', () => {
  for (const distance of [1, 2, 263, 264, 265, 8191, 8192, 8193]) {
    const unit = Buffer.alloc(distance);
    for (let i = 0; i < distance; i++) unit[i] = (i * i * 31 + (i >> 3)) & 255;
    const input = Buffer.concat([unit, unit, unit.subarray(0, 5)]);
    const packed = Buffer.alloc(input.length * 2 + 8);
    const size = lzfCompress(input, 0, input.length, packed);
    const output = Buffer.alloc(input.length);
    assert.ok(lzfDecompress(packed, 0, size, output), `${distance}`);
    assert.ok(output.equals(input), `${distance}`);
  }
});

test('says when there is no gain', () => {
  const random = Buffer.from(Array.from({ length: 100 }, (_, i) => (i * 167 + 13) & 255));
  assert.equal(lzfCompress(random, 0, 100, Buffer.alloc(96)), 0);
  assert.equal(lzfCompress(random, 0, 0, Buffer.alloc(96)), 0);
});

test("reads Redis's own output", () => {
  // What redis-server writes for 100 times 'a', and for 'foo' 40 times.
  const runs: [string, Buffer][] = [
    ['016161e05700016161', Buffer.alloc(100, 'a')],
    ['03666f6f66e06902016f6f', Buffer.from('foo'.repeat(40))],
  ];
  for (const [hex, expected] of runs) {
    const packed = Buffer.from(hex, 'hex');
    const output = Buffer.alloc(expected.length);
    assert.ok(lzfDecompress(packed, 0, packed.length, output), hex);
    assert.ok(output.equals(expected), hex);
  }
});

test('stays inside its buffers whatever the input', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(80), (input, length) => {
      const output = Buffer.alloc(length + 16, 0xee);
      lzfDecompress(input, 0, input.length, output, length);
      assert.ok(output.subarray(length).every((byte) => byte === 0xee));
    }),
    { numRuns: 3000 },
  );
  const output = Buffer.alloc(10);
  // Truncated literals, a reference before the start, truncated references, too short a result.
  for (const hex of ['05616263', '2000', 'e0', 'e010', '0061', '006120']) {
    assert.equal(lzfDecompress(Buffer.from(hex, 'hex'), 0, hex.length / 2, output), false, hex);
  }
});
