import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  entryEquals,
  findEntry,
  firstEntry,
  LISTPACK_END,
  ListpackEntry,
  lastEntry,
  listpackBytes,
  listpackCount,
  NONE,
  nextEntry,
  previousEntry,
  seekEntry,
} from './listpack.ts';
import { hasDistinctTuples, isListpack } from './listpack-check.ts';
import {
  copyWithGap,
  deleteEntries,
  entrySize,
  openGap,
  skipEntries,
  writeEmptyListpack,
  writeEntry,
} from './listpack-edit.ts';

const START = 13;

/** A listpack at START of a buffer with room. */
function pack(elements: readonly string[], room = 1 << 16): Buffer {
  const b = Buffer.alloc(room, 0xaa);
  writeEmptyListpack(b, START);
  for (const element of elements) insert(b, listpackCount(b, START), element);
  return b;
}

function positionOf(b: Buffer, index: number): number {
  const p = seekEntry(b, START, index);
  return p === NONE ? START + listpackBytes(b, START) - 1 : p;
}

function insert(b: Buffer, index: number, element: string, replaced = 0): void {
  const v = Buffer.from(element, 'latin1');
  const p = positionOf(b, index);
  openGap(b, START, p, skipEntries(b, p, replaced), entrySize(v, 0, v.length), 1 - replaced);
  writeEntry(b, p, v, 0, v.length);
}

function read(b: Buffer): string[] {
  const entry = new ListpackEntry();
  const all: string[] = [];
  for (let p = START + 6; b[p] !== LISTPACK_END; ) {
    p = entry.load(b, p);
    all.push(entry.bytes.toString('latin1', entry.start, entry.end));
  }
  return all;
}

function readBackwards(b: Buffer): string[] {
  const entry = new ListpackEntry();
  const all: string[] = [];
  for (let p = lastEntry(b, START); p !== NONE; p = previousEntry(b, START, p)) {
    entry.load(b, p);
    all.push(entry.bytes.toString('latin1', entry.start, entry.end));
  }
  return all.reverse();
}

const bytesOf = (b: Buffer): Buffer => b.subarray(START, START + listpackBytes(b, START));

const element = fc.oneof(
  fc.integer({ min: -5000, max: 5000 }).map(String),
  fc.bigInt({ min: -(2n ** 63n) - 2n, max: 2n ** 63n + 2n }).map(String),
  fc.constantFrom('', '-', '0', '-0', '007', '+1', '127', '128', '4095', '4096', '-4096', '-4097'),
  fc.constantFrom('32767', '32768', '-32769', '8388607', '8388608', '-8388609', '2147483648'),
  fc.constantFrom('9007199254740993', '-9007199254740993', '9223372036854775807'),
  fc.constantFrom('-9223372036854775808', '9223372036854775808', '99999999999999999999'),
  fc.string({ maxLength: 20 }).map((s) => Buffer.from(s).toString('latin1')),
  fc
    .tuple(fc.constantFrom(62, 63, 64, 125, 126, 127, 4095, 4096), fc.constantFrom('x', 'é'))
    .map(([n, c]) => c.repeat(n)),
);

describe('listpack', () => {
  it('writes the bytes that Redis writes', () => {
    const b = pack(['a', '1', '-1', '4096', '-8388608', '2147483647', '-9223372036854775808']);
    assert.equal(
      bytesOf(b).toString('hex'),
      '28000000' +
        '0700' +
        '816102' +
        '0101' +
        'dfff02' +
        'f1001003' +
        'f200008004' +
        'f3ffffff7f05' +
        'f4000000000000008009' +
        'ff',
    );
    const long = pack(['x'.repeat(64), 'y'.repeat(4096)]);
    assert.equal(bytesOf(long).toString('hex', 6, 9), 'e04078');
    assert.equal(bytesOf(long)[6 + 66], 66);
    assert.equal(bytesOf(long).toString('hex', 73, 79), 'f00010000079');
    // 4101 in two groups of seven bits, the last byte marked.
    assert.equal(bytesOf(long).toString('hex', 73 + 4101), '2085ff');
  });

  it('is an array of strings under every change', () => {
    const change = fc.record({
      what: fc.constantFrom('insert', 'replace', 'delete', 'deleteMany'),
      at: fc.nat(40),
      n: fc.nat(4),
      element,
    });
    fc.assert(
      fc.property(fc.array(element, { maxLength: 12 }), fc.array(change), (initial, changes) => {
        const model = [...initial];
        const b = pack(initial, 1 << 19);
        for (const { what, at, n, element } of changes) {
          const index = at % (model.length + 1);
          if (what === 'insert') {
            model.splice(index, 0, element);
            insert(b, index, element);
          } else if (what === 'replace' && index < model.length) {
            model[index] = element;
            insert(b, index, element, 1);
          } else if (what === 'delete') {
            const p = positionOf(b, index);
            const gone = model.splice(index, n).length;
            openGap(b, START, p, skipEntries(b, p, n), 0, -gone);
          } else if (what === 'deleteMany') {
            const chosen = model.map((_, i) => i).filter((i) => (i + at) % 3 === 0);
            deleteEntries(
              b,
              START,
              chosen.map((i) => seekEntry(b, START, i)),
              chosen.length,
            );
            for (const i of chosen.reverse()) model.splice(i, 1);
          }
        }
        assert.deepEqual(read(b), model);
        assert.deepEqual(readBackwards(b), model);
        assert.equal(listpackCount(b, START), model.length);
        assert.ok(isListpack(b, START, START + listpackBytes(b, START)));
        assert.equal(b[START - 1], 0xaa);
        assert.deepEqual(bytesOf(b), bytesOf(pack(model, 1 << 19)));
      }),
    );
  });

  it('finds, compares and seeks', () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 20 }), element, fc.nat(2), (elements, v, skip) => {
        const b = pack(elements, 1 << 18);
        const wanted = Buffer.from(v, 'latin1');
        let expected = -1;
        for (let i = 0; i < elements.length && expected < 0; i += skip + 1) {
          if (elements[i] === v) expected = i;
        }
        const found =
          firstEntry(b, START) === NONE
            ? NONE
            : findEntry(b, firstEntry(b, START), wanted, 0, wanted.length, skip);
        assert.equal(found, expected < 0 ? NONE : seekEntry(b, START, expected));
        for (let i = -elements.length - 1; i <= elements.length; i++) {
          const p = seekEntry(b, START, i);
          const there = elements.at(i) !== undefined && i < elements.length;
          assert.equal(p !== NONE, there);
          if (there)
            assert.equal(entryEquals(b, p, wanted, 0, wanted.length), elements.at(i) === v);
        }
      }),
    );
  });

  it('copies with a gap as it edits in place', () => {
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 1, maxLength: 9 }),
        fc.nat(8),
        element,
        (es, i, v) => {
          const b = pack(es, 1 << 18);
          const at = i % es.length;
          const value = Buffer.from(v, 'latin1');
          const p = seekEntry(b, START, at);
          const into = Buffer.alloc(1 << 18);
          const size = entrySize(value, 0, value.length);
          const total = copyWithGap(b, START, p, nextEntry(b, p), size, 0, into);
          writeEntry(into, p - START, value, 0, value.length);
          assert.deepEqual(into.subarray(0, total), bytesOf(pack(es.with(at, v), 1 << 18)));
        },
      ),
    );
  });

  it('counts beyond 65534 entries by walking', () => {
    const b = pack(
      Array.from({ length: 65534 }, (_, i) => String(i % 100)),
      1 << 18,
    );
    assert.equal(b.readUInt16LE(START + 4), 65534);
    insert(b, 0, 'x');
    insert(b, 0, 'y');
    assert.equal(b.readUInt16LE(START + 4), 65535);
    assert.equal(listpackCount(b, START), 65536);
    assert.equal(seekEntry(b, START, 65536), NONE);
    assert.equal(seekEntry(b, START, -65536), START + 6);
  });

  it('refuses bytes that are no listpack and never leaves them', () => {
    fc.assert(
      fc.property(
        fc.array(element, { maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        (elements, damages) => {
          const b = Buffer.from(bytesOf(pack(elements, 1 << 17)));
          for (const [at, byte] of damages) b[at % b.length] = byte;
          if (!isListpack(b, 0, b.length)) return;
          const entry = new ListpackEntry();
          let count = 0;
          for (let p = 6; b[p] !== LISTPACK_END; count++) {
            p = entry.load(b, p);
            assert.ok(p < b.length && entry.end <= Math.max(b.length, 24));
          }
          for (let p = lastEntry(b, 0); p !== NONE; p = previousEntry(b, 0, p)) count--;
          assert.equal(count, 0);
        },
      ),
      { numRuns: 2000 },
    );
    assert.equal(isListpack(Buffer.alloc(3), 0, 3), false);
  });

  it('tells repeated fields', () => {
    const check = (elements: string[], width: number): boolean =>
      hasDistinctTuples(pack(elements), START, width);
    assert.ok(check(['a', '1', 'b', '1'], 2));
    assert.ok(!check(['a', '1', 'a', '2'], 2));
    assert.ok(!check(['a', '1', 'b'], 2));
    assert.ok(!check(['7', '7'], 1));
  });
});
