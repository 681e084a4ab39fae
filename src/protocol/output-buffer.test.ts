import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../util/seeded-random.ts';
import { BufferPool, OutputBuffer } from './output-buffer.ts';

function put(out: OutputBuffer, text: string): void {
  const b = Buffer.from(text, 'latin1');
  out.append(b, 0, b.length);
}

function drained(out: OutputBuffer): string {
  const parts: Buffer[] = [];
  out.take((bytes) => {
    parts.push(Buffer.from(bytes));
    return true;
  });
  return Buffer.concat(parts).toString('latin1');
}

test('gives out what came in, and holds nothing then', () => {
  const out = new OutputBuffer();
  let first = 0;
  out.onFirstByte = () => first++;
  assert.equal(out.capacityBytes, 0);
  put(out, 'abc');
  put(out, 'def');
  assert.equal(first, 1);
  assert.equal(out.length, 6);
  assert.equal(drained(out), 'abcdef');
  assert.equal(out.length, 0);
  assert.equal(out.capacityBytes, 0);
  put(out, 'x');
  assert.equal(first, 2);
});

test('grows by pieces that double up to 1 MiB', () => {
  const out = new OutputBuffer({ pool: new BufferPool() });
  const sizes: number[] = [];
  for (let i = 0; i < 3000; i++) put(out, 'x'.repeat(1000));
  assert.equal(out.length, 3_000_000);
  out.take((bytes) => {
    sizes.push(bytes.length);
    return true;
  });
  // 1 KiB doubles ten times to 1 MiB, and one piece more holds the rest.
  assert.ok(sizes.length <= 12, `${sizes}`);
  assert.ok(sizes.every((size) => size <= 1024 * 1024));
});

test('what one flush needed is one piece in the next', () => {
  const out = new OutputBuffer({ pool: new BufferPool() });
  const pieces: number[] = [];
  for (let flush = 0; flush < 3; flush++) {
    for (let i = 0; i < 20; i++) put(out, 'x'.repeat(1000));
    let n = 0;
    out.take(() => ++n > 0);
    pieces.push(n);
  }
  assert.ok(pieces[0] > 1);
  assert.deepEqual(pieces.slice(1), [1, 1]);
});

test('what needs more than a piece gets its own', () => {
  const out = new OutputBuffer({ pool: new BufferPool() });
  put(out, 'a');
  const large = 'b'.repeat(3_000_000);
  put(out, large);
  put(out, 'c');
  assert.equal(drained(out), `a${large}c`);
});

test('reuses memory only when it is gone', () => {
  const pool = new BufferPool();
  const out = new OutputBuffer({ pool });
  put(out, 'one');
  let memory = out.bytes;
  out.take(() => false);
  put(out, 'two');
  assert.notEqual(out.bytes, memory);
  memory = out.bytes;
  out.take(() => true);
  put(out, 'three');
  assert.equal(out.bytes, memory);
  // Once a piece stays with the receiver, so do all that follow.
  const held: Buffer[] = [];
  for (let i = 0; i < 40; i++) put(out, String.fromCharCode(65 + i).repeat(1000));
  out.take((bytes) => {
    held.push(bytes);
    return held.length > 1;
  });
  const before = held.map((bytes) => bytes.toString('latin1'));
  for (let i = 0; i < 100; i++) put(out, '#'.repeat(1000));
  assert.deepEqual(
    held.map((bytes) => bytes.toString('latin1')),
    before,
  );
});

test('a view is made once for replies of one length', () => {
  const out = new OutputBuffer({ pool: new BufferPool() });
  const views: Buffer[] = [];
  const texts: string[] = [];
  for (const text of ['one', 'two', 'four', 'six']) {
    put(out, text);
    out.take((bytes) => {
      texts.push(bytes.toString('latin1'));
      return views.push(bytes) > 0;
    });
  }
  assert.deepEqual(texts, ['one', 'two', 'four', 'six']);
  assert.equal(views[1], views[0]);
  assert.equal(views[2].length, 4);
});

test('a failing write may clear the buffer under way', () => {
  const out = new OutputBuffer({ pool: new BufferPool() });
  for (let i = 0; i < 40; i++) put(out, 'x'.repeat(1000));
  let bytes = 0;
  out.take((piece) => {
    bytes += piece.length;
    out.clear();
    out.discard();
    return false;
  });
  assert.equal(bytes, 40_000);
  put(out, 'late');
  assert.equal(drained(out), '');
});

test('owned bytes go out as they are, and their neighbours around them', () => {
  const out = new OutputBuffer();
  let first = 0;
  out.onFirstByte = () => first++;
  const owned = Buffer.from('owned');
  out.appendOwned(owned);
  assert.equal(first, 1);
  put(out, 'a');
  out.appendOwned(owned);
  put(out, 'b');
  out.appendOwned(Buffer.alloc(0));
  assert.equal(out.length, 12);
  const pieces: Buffer[] = [];
  out.take((bytes) => pieces.push(bytes) > 0);
  assert.equal(pieces[0], owned);
  assert.equal(Buffer.concat(pieces).toString(), 'ownedaownedb');
});

test('inserts anywhere', () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new SeededRandom(seed);
    const out = new OutputBuffer({ pool: new BufferPool() });
    let model = '';
    for (let i = 0; i < 40; i++) {
      const text = String.fromCharCode(97 + random.below(26)).repeat(random.below(4000));
      const action = random.below(4);
      if (action === 0) {
        const at = random.below(model.length + 1);
        out.insert(at, Buffer.from('<123>'), 5);
        model = `${model.slice(0, at)}<123>${model.slice(at)}`;
      } else if (action === 1) {
        out.appendOwned(Buffer.from(text));
        model += text;
      } else {
        put(out, text);
        model += text;
      }
      assert.equal(out.length, model.length);
    }
    assert.equal(drained(out), model);
  }
});

test('a sink keeps nothing, whatever its size', () => {
  const out = new OutputBuffer({ discards: true });
  let first = 0;
  out.onFirstByte = () => first++;
  for (let i = 0; i < 1000; i++) put(out, 'x'.repeat(1 + i * 100));
  out.appendOwned(Buffer.alloc(100));
  out.insert(5, Buffer.from('x'), 1);
  assert.ok(out.capacityBytes < 1_000_000);
  assert.equal(first, 0);
});

test('tells when it grows, and may be shut then', () => {
  const out = new OutputBuffer({ pool: new BufferPool() });
  out.onGrow = () => {
    if (out.length > 50_000) out.discard();
  };
  for (let i = 0; i < 1000; i++) put(out, 'x'.repeat(1000));
  assert.ok(out.capacityBytes < 300_000);
});
