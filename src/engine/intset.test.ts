import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Int64 } from './int64.ts';
import {
  intsetAt,
  intsetBytes,
  intsetCount,
  intsetInsert,
  intsetRemoveAt,
  intsetSearch,
  intsetSizeWith,
  isIntset,
  writeEmptyIntset,
} from './intset.ts';

const START = 5;

const member = fc.oneof(
  fc.bigInt({ min: -40n, max: 40n }),
  fc.bigInt({ min: -70000n, max: 70000n }),
  fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), -32769n, 32768n),
);

const holder = (value: bigint): Int64 => {
  const int = new Int64();
  int.setBig(value);
  return int;
};

function add(b: Buffer, value: bigint): boolean {
  const int = holder(value);
  const place = intsetSearch(b, START, int);
  if (place >= 0) return false;
  const size = intsetSizeWith(b, START, int);
  const wide = int.width() > b[START];
  if (!wide) {
    assert.equal(intsetInsert(b, START, -1 - place, int, b, START), size);
  } else {
    const copy = Buffer.alloc(1 << 12);
    assert.equal(intsetInsert(b, START, -1 - place, int, copy, 3), size);
    copy.copy(b, START, 3, 3 + size);
  }
  return true;
}

describe('intset', () => {
  it('writes the bytes that Redis writes', () => {
    const b = Buffer.alloc(64);
    writeEmptyIntset(b, START);
    for (const v of [5n, -1n, 300n]) add(b, v);
    assert.equal(b.toString('hex', START, START + 14), '0200000003000000ffff05002c01');
    add(b, 70000n);
    assert.equal(
      b.toString('hex', START, START + 24),
      '0400000004000000ffffffff050000002c01000070110100',
    );
  });

  it('is a sorted set of integers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), member), { maxLength: 60 }), (steps) => {
        const model = new Set<bigint>();
        const b = Buffer.alloc(1 << 12);
        writeEmptyIntset(b, START);
        for (const [adding, value] of steps) {
          if (adding) {
            assert.equal(add(b, value), !model.has(value));
            model.add(value);
          } else {
            const index = intsetSearch(b, START, holder(value));
            assert.equal(index >= 0, model.delete(value));
            if (index >= 0) assert.equal(intsetRemoveAt(b, START, index), intsetBytes(b, START));
          }
        }
        const sorted = [...model].sort((x, y) => (x < y ? -1 : 1));
        assert.equal(intsetCount(b, START), sorted.length);
        const int = new Int64();
        const text = Buffer.alloc(24);
        sorted.forEach((value, i) => {
          intsetAt(b, START, i, int);
          assert.equal(int.toBigInt(), value);
          assert.equal(text.toString('latin1', 0, int.write(text, 0)), String(value));
          assert.equal(intsetSearch(b, START, int), i);
        });
        const end = START + intsetBytes(b, START);
        assert.equal(isIntset(b, START, end), sorted.length > 0);
        assert.equal(isIntset(b, START, end + 1), false);
      }),
    );
  });

  it('refuses members out of order', () => {
    const bytes = Buffer.from('02000000020000000500ffff', 'hex');
    assert.equal(isIntset(bytes, 0, bytes.length), false);
    assert.equal(isIntset(bytes, 0, bytes.length, false), true);
  });
});
