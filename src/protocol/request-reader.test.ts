import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestLimits } from './ordinary-request.ts';
import { Request } from './request.ts';
import { FAILED, MORE, READY, RequestReader } from './request-reader.ts';

const open: RequestLimits = {
  protoMaxBulkLen: 512 * 1024 * 1024,
  authenticated: true,
  queryBufferLimit: 1024 * 1024 * 1024,
};
const stranger: RequestLimits = { ...open, authenticated: false };

/** All requests of the chunks as arrays of texts, and the error that ended them. */
function read(
  chunks: readonly (string | Buffer)[],
  limits: RequestLimits = open,
): { requests: string[][]; error: string | undefined; reader: RequestReader } {
  const reader = new RequestReader(limits);
  const request = new Request();
  const requests: string[][] = [];
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk as string, 'latin1');
    reader.feed(bytes);
    for (;;) {
      const outcome = reader.next(request);
      if (outcome === FAILED) return { requests, error: reader.error, reader };
      if (outcome === MORE) break;
      requests.push(Array.from({ length: request.count }, (_, i) => request.text(i)));
    }
    // The reader may keep nothing that lies in the chunk.
    bytes.fill(0x23);
  }
  return { requests, error: undefined, reader };
}

const resp = (...args: string[]): string => Request.of(args).buffer.toString('latin1');

test('reads pipelined requests of both kinds', () => {
  const { requests, reader } = read([
    `${resp('SET', 'k', 'v')}PING\r\n${resp('GET', 'k')}\r\n*0\r\n*-1\r\n  \nECHO "a b"\n*1\r\n$0\r\n\r\n`,
  ]);
  assert.deepEqual(requests, [['SET', 'k', 'v'], ['PING'], ['GET', 'k'], ['ECHO', 'a b'], ['']]);
  assert.equal(reader.emptyLines, 1);
  assert.equal(reader.bufferedBytes, 0);
  assert.equal(reader.capacityBytes, 0);
});

test('gives the span of a multibulk and none of an inline request', () => {
  const reader = new RequestReader(open);
  const request = new Request();
  const first = resp('GET', 'abc');
  reader.feed(Buffer.from(`\r\n${first}PING x\r\n${first.slice(0, 9)}`));
  assert.equal(reader.next(request), READY);
  assert.equal(request.buffer.toString('latin1', request.spanStart, request.spanEnd), first);
  assert.equal(reader.next(request), READY);
  assert.deepEqual([request.spanStart, request.spanEnd], [-1, -1]);
  assert.equal(reader.next(request), MORE);
  reader.feed(Buffer.from(first.slice(9) + first));
  for (let i = 0; i < 2; i++) {
    assert.equal(reader.next(request), READY);
    assert.equal(request.buffer.toString('latin1', request.spanStart, request.spanEnd), first);
  }
  assert.equal(reader.next(request), MORE);
});

test('takes any two bytes as a line end, but gives no span then', () => {
  for (const input of ['*1\rx$1\r\na\r\n', '*1\r\n$1\rxa\r\n', '*1\r\n$1\r\naxx']) {
    const reader = new RequestReader(open);
    const request = new Request();
    reader.feed(Buffer.from(input + resp('b')));
    assert.equal(reader.next(request), READY);
    assert.deepEqual([request.text(0), request.spanStart], ['a', -1]);
    assert.equal(reader.next(request), READY);
    assert.deepEqual([request.text(0), request.spanStart], ['b', input.length]);
  }
});

test('one byte at a time gives the same as all at once', () => {
  const many = Array.from({ length: 40 }, (_, i) => 'x'.repeat(i * 7));
  const whole = `${resp('SET', 'k', 'v')}\r\nPING 'a'\r\n${resp(...many)}*0\r\n${resp('', '')}X\n`;
  assert.deepEqual(read([...whole]).requests, read([whole]).requests);
  for (let cut = 0; cut <= whole.length; cut++) {
    const { requests } = read([whole.slice(0, cut), whole.slice(cut)]);
    assert.deepEqual(requests, read([whole]).requests, `cut at ${cut}`);
  }
});

test('bulks that span chunks are gathered, and the rest of the last chunk is read in place', () => {
  const big = 'b'.repeat(300_000);
  const whole = Buffer.from(`${resp('SET', 'k', big)}${resp('GET', 'k').repeat(5000)}`);
  for (const size of [1000, 16_384, 65_536, 100_001]) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
    const { requests, reader } = read(chunks);
    assert.equal(requests.length, 5001);
    assert.equal(requests[0][2], big);
    assert.ok(requests.slice(1).every((args) => args.join() === 'GET,k'));
    assert.equal(reader.bufferedBytes, 0);
  }
});

test('ends with the texts of Redis', () => {
  const cases: [input: string, error: string][] = [
    ['*abc\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*3000000000\r\n', 'invalid multibulk length'],
    ['*99999999999999999999999\r\n', 'invalid multibulk length'],
    ['*1\r\nfoo\r\n', "expected '$', got 'f'"],
    ['*1\r\n\r\n', "expected '$', got '\r'"],
    ['*1\r\n\0\r\n', "expected '$', got '"],
    ['*1\r\n*1\r\n', "expected '$', got '*'"],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$-2\r\n', 'invalid bulk length'],
    ['*1\r\n$2147483648\r\n', 'invalid bulk length'],
    ['*1\r\n$536870913\r\n', 'invalid bulk length'],
    ['*1\r\n$01\r\na\r\n', 'invalid bulk length'],
    ['*1\r\n$1x\r\n', 'invalid bulk length'],
    ['SET "a\r\n', 'unbalanced quotes in request'],
    ["SET 'a'b\r\n", 'unbalanced quotes in request'],
    [`*${'1'.repeat(65_536)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(65_536)}`, 'too big bulk count string'],
    ['x'.repeat(65_537), 'too big inline request'],
    [`\0${'x'.repeat(65_537)}`, 'too big inline request'],
  ];
  for (const [input, error] of cases) {
    for (const chunks of [[input], [...(input.length < 100 ? input : [input])]]) {
      const result = read([resp('OK'), ...chunks]);
      assert.deepEqual(result.requests, [['OK']]);
      assert.equal(result.error, `Protocol error: ${error}`, JSON.stringify(input.slice(0, 40)));
      assert.notEqual(result.reader.failure, '');
    }
  }
});

test('strangers get less', () => {
  const ten = Array.from({ length: 10 }, () => 'x');
  const within = resp('AUTH', 'x'.repeat(16_384)) + resp(...ten);
  assert.equal(read([within], stranger).requests.length, 2);
  const cases: [string, string][] = [
    ['*11\r\n', 'unauthenticated multibulk length'],
    ['*1\r\n$16385\r\n', 'unauthenticated bulk length'],
  ];
  for (const [input, error] of cases) {
    assert.equal(read([input], stranger).error, `Protocol error: ${error}`);
    assert.equal(read([input]).error, undefined);
  }
});

test('limits are looked at anew for every request', () => {
  const limits = { ...stranger };
  const reader = new RequestReader(limits);
  const request = new Request();
  const eleven = resp(...Array.from({ length: 11 }, () => 'x'));
  reader.feed(Buffer.from(resp('AUTH', 'secret') + eleven));
  assert.equal(reader.next(request), READY);
  limits.authenticated = true;
  assert.equal(reader.next(request), READY);
  assert.equal(request.count, 11);
});

test('a client that sends no end of an argument is cut off without a reply', () => {
  const limits = { ...open, queryBufferLimit: 100_000 };
  const result = read(['*2\r\n$400000\r\n', ...Array(20).fill('x'.repeat(10_000))], limits);
  assert.equal(result.error, '');
  assert.notEqual(result.reader.failure, '');
});

test('takes no memory on a mere announcement', () => {
  for (const input of ['*1000000000\r\n', '*1\r\n$536870912\r\n', '*1000000\r\n$500000000\r\nx']) {
    const { reader, error } = read([input]);
    assert.equal(error, undefined);
    assert.ok(reader.capacityBytes < 4096, `${reader.capacityBytes} bytes for ${input}`);
  }
  const { reader } = read(['*1\r\n$536870912\r\n', 'x'.repeat(100_000)]);
  assert.ok(reader.capacityBytes < 500_000);
});

test('a dribble costs no more than its bytes', () => {
  // Quadratic work would take minutes here.
  const args = Array.from({ length: 60_000 }, (_, i) => `${i}`);
  const whole = Buffer.from(resp(...args));
  const reader = new RequestReader(open);
  const request = new Request();
  const start = process.hrtime.bigint();
  let outcome: number = MORE;
  for (let i = 0; i < whole.length; i++) {
    reader.feed(whole.subarray(i, i + 1));
    outcome = reader.next(request);
  }
  assert.equal(outcome, READY);
  assert.equal(request.text(59_999), '59999');
  // A line, too, is searched once.
  for (const lead of ['', '*', '*1\r\n$']) {
    const slow = new RequestReader(open);
    slow.feed(Buffer.from(lead));
    for (let i = 0; i < 65_000; i++) {
      slow.feed(Buffer.from('1'));
      assert.equal(slow.next(request), MORE);
    }
  }
  assert.ok(process.hrtime.bigint() - start < 5_000_000_000n);
});

test('keeps what is unread when the chunk goes away', () => {
  const reader = new RequestReader(open);
  const request = new Request();
  const part = resp('SET', 'k', 'v'.repeat(2000));
  reader.feed(Buffer.from(part.slice(0, 100)));
  assert.equal(reader.next(request), MORE);
  const chunk = Buffer.from(part.slice(100) + resp('GET', 'k').repeat(500));
  reader.feed(chunk);
  assert.equal(reader.next(request), READY);
  // A client that blocks: no further `next` for now, but more input.
  reader.keep();
  chunk.fill(0);
  const second = Buffer.from(resp('PING').repeat(300));
  reader.feed(second);
  reader.feed(Buffer.from(resp('QUIT')));
  second.fill(0);
  let count = 0;
  let last = '';
  while (reader.next(request) === READY) {
    count++;
    last = request.text(0);
  }
  assert.equal(count, 500 + 300 + 1);
  assert.equal(last, 'QUIT');
});

test('a huge request leaves no huge arrays behind', () => {
  const reader = new RequestReader(open);
  const request = new Request();
  reader.feed(Buffer.from(resp(...Array(10_000).fill('x')) + resp('PING')));
  assert.equal(reader.next(request), READY);
  assert.equal(request.count, 10_000);
  assert.equal(reader.next(request), READY);
  assert.ok(request.starts.length < 100);
});

test('what is read ahead stays unread until it is taken', () => {
  const reader = new RequestReader(open);
  const batch = Array.from({ length: 4 }, () => new Request());
  const request = new Request();
  reader.feed(Buffer.from(`${resp('A', '1')}${resp('B', '2')}${resp('C', '3')}PING\r\n`));
  const { bufferedBytes } = reader;
  assert.equal(reader.readAhead(batch), 3);
  assert.equal(reader.bufferedBytes, bufferedBytes);
  reader.take(batch[0]);
  assert.equal(batch[0].text(0) + batch[0].text(1), 'A1');
  // Whoever stops here finds the rest where it was, also after it was moved.
  reader.keep();
  assert.equal(reader.next(request), READY);
  assert.equal(request.text(0) + request.text(1), 'B2');
  assert.equal(reader.readAhead(batch), 1);
  reader.take(batch[0]);
  assert.equal(batch[0].text(0) + batch[0].text(1), 'C3');
  assert.equal(reader.readAhead(batch), 0);
  assert.equal(reader.next(request), READY);
  assert.equal(request.text(0), 'PING');
});

test('nothing is read ahead for a stranger, whose limits the next request may lift', () => {
  const reader = new RequestReader(stranger);
  reader.feed(Buffer.from(resp('AUTH', 'x') + resp('PING')));
  assert.equal(reader.readAhead([new Request()]), 0);
});
