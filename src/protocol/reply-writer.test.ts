import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputBuffer } from './output-buffer.ts';
import { type ReplyWriter, Resp2Writer, Resp3Writer } from './reply-writer.ts';

/** What both writers make of the same calls. */
function written(write: (reply: ReplyWriter) => void): [resp2: string, resp3: string] {
  const texts = [Resp2Writer, Resp3Writer].map((Writer) => {
    const out = new OutputBuffer();
    write(new Writer(out));
    const parts: Buffer[] = [];
    out.take((bytes) => parts.push(Buffer.from(bytes)) > 0);
    return Buffer.concat(parts).toString('latin1');
  });
  return [texts[0], texts[1]];
}

test('writes each shape in both protocols', () => {
  const cases: [(reply: ReplyWriter) => void, string, string?][] = [
    [(r) => r.ok(), '+OK\r\n'],
    [(r) => r.queued(), '+QUEUED\r\n'],
    [(r) => r.simple('PONG'), '+PONG\r\n'],
    [(r) => r.error('ERR no'), '-ERR no\r\n'],
    [(r) => r.integer(0), ':0\r\n'],
    [(r) => r.integer(-1234567890123), ':-1234567890123\r\n'],
    [(r) => r.digits(Buffer.from('#1234567#'), 1, 8), ':1234567\r\n'],
    [(r) => r.integer(2n ** 63n - 1n), ':9223372036854775807\r\n'],
    [(r) => r.bulk(Uint8Array.of(0, 255)), '$2\r\n\0\xff\r\n'],
    [(r) => r.bulkRange(Buffer.from('abcdef'), 2, 4), '$2\r\ncd\r\n'],
    [(r) => r.bulkRange(Buffer.from('abcdef'), 2, 2), '$0\r\n\r\n'],
    [(r) => r.bulkInteger(-42), '$3\r\n-42\r\n'],
    [(r) => r.bulkInteger(-(2n ** 63n)), '$20\r\n-9223372036854775808\r\n'],
    [(r) => r.text('h\xe9'), '$2\r\nh\xe9\r\n'],
    [(r) => r.text(''), '$0\r\n\r\n'],
    [(r) => r.null(), '$-1\r\n', '_\r\n'],
    [(r) => r.nullArray(), '*-1\r\n', '_\r\n'],
    [(r) => r.array(3), '*3\r\n'],
    [(r) => r.map(3), '*6\r\n', '%3\r\n'],
    [(r) => r.set(3), '*3\r\n', '~3\r\n'],
    [(r) => r.push(3), '*3\r\n', '>3\r\n'],
    [(r) => r.double(3), '$1\r\n3\r\n', ',3\r\n'],
    [(r) => r.double(-0.1), '$4\r\n-0.1\r\n', ',-0.1\r\n'],
    [(r) => r.double(-0), '$2\r\n-0\r\n', ',-0\r\n'],
    [(r) => r.double(1e21), '$5\r\n1e+21\r\n', ',1e+21\r\n'],
    [(r) => r.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
    [(r) => r.double(Number.NaN), '$3\r\nnan\r\n', ',nan\r\n'],
    [(r) => r.boolean(true), ':1\r\n', '#t\r\n'],
    [(r) => r.boolean(false), ':0\r\n', '#f\r\n'],
    [(r) => r.verbatim('txt', 'hi'), '$2\r\nhi\r\n', '=6\r\ntxt:hi\r\n'],
    [(r) => r.bigNumber('-123'), '$4\r\n-123\r\n', '(-123\r\n'],
    [(r) => r.raw(Buffer.from('+X\r\n')), '+X\r\n'],
  ];
  for (const [write, resp2, resp3 = resp2] of cases) {
    assert.deepEqual(written(write), [resp2, resp3]);
  }
});

test('writes bulks of every length', () => {
  const b = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 255));
  for (const length of [
    1, 9, 10, 31, 32, 33, 63, 64, 65, 99, 100, 999, 1000, 16_383, 16_384, 65_536, 69_000,
  ]) {
    const view = b.subarray(7, 7 + length);
    const expected = `$${length}\r\n${view.toString('latin1')}\r\n`;
    assert.equal(written((r) => r.bulkRange(b, 7, 7 + length))[0], expected);
    assert.equal(written((r) => r.bulk(view))[0], expected);
    assert.equal(written((r) => r.bulkOwned(view))[0], expected);
    assert.equal(written((r) => r.text(view.toString('latin1')))[0], expected);
  }
});

test('writes many short bulks as one by one', () => {
  const b = Buffer.from(Array.from({ length: 5000 }, (_, i) => i & 255));
  const lengths = Array.from({ length: 100 }, (_, i) => i);
  const spans = Int32Array.from(lengths.flatMap((length) => [length, 2 * length]));
  const together = written((r) => r.shortBulks(b, spans, lengths.length))[0];
  const expected = written((r) => {
    for (const length of lengths) r.bulkRange(b, length, 2 * length);
  })[0];
  assert.equal(together, expected);
});

test('an owned bulk is not copied', () => {
  const out = new OutputBuffer();
  const owned = Buffer.alloc(100_000, 'x');
  new Resp2Writer(out).bulkOwned(owned);
  const pieces: Buffer[] = [];
  out.take((bytes) => pieces.push(bytes) > 0);
  assert.ok(pieces.includes(owned));
});

test('errors are counted, remembered and kept on one line', () => {
  const out = new OutputBuffer();
  const reply = new Resp3Writer(out);
  reply.error('ERR one\r\ntwo\n');
  reply.error('WRONGTYPE three');
  assert.equal(reply.errors, 2);
  assert.equal(reply.lastError, 'WRONGTYPE three');
  assert.equal(out.bytes.toString('latin1', 0, out.at), '-ERR one  two \r\n-WRONGTYPE three\r\n');
});

test('sizes may be told at the end, nested and however long the rest is', () => {
  const [resp2, resp3] = written((reply) => {
    const outer = reply.deferred();
    for (let i = 0; i < 2000; i++) {
      const inner = reply.deferred();
      reply.text('x'.repeat(i % 50));
      if (i % 2 === 0) reply.finishArray(inner, 1);
      else reply.finishSet(inner, 1);
    }
    const empty = reply.deferred();
    reply.finishMap(empty, 0);
    reply.finishMap(outer, 12);
  });
  const items = Array.from({ length: 2000 }, (_, i) => [
    i,
    `$${i % 50}\r\n${'x'.repeat(i % 50)}\r\n`,
  ]);
  assert.equal(resp2, `*24\r\n${items.map(([, text]) => `*1\r\n${text}`).join('')}*0\r\n`);
  const inner = items.map(([i, text]) => `${Number(i) % 2 === 0 ? '*' : '~'}1\r\n${text}`);
  assert.equal(resp3, `%12\r\n${inner.join('')}%0\r\n`);
});

test('a suppressed writer writes nothing but counts errors', () => {
  const out = new OutputBuffer();
  const reply = new Resp2Writer(out);
  reply.suppressed = true;
  const mark = reply.deferred();
  reply.text('x'.repeat(100_000));
  reply.bulkOwned(Buffer.alloc(100_000));
  reply.finishArray(mark, 2);
  reply.error('ERR no');
  assert.equal(out.length, 0);
  assert.equal(reply.errors, 1);
  reply.suppressed = false;
  reply.ok();
  assert.equal(out.length, 5);
});
