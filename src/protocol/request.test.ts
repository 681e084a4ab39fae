import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCommand } from './encode-command.ts';
import { Request } from './request.ts';

test('is made of bytes, latin1 text and integers', () => {
  const request = Request.of(['SET', Buffer.from([0, 255]), -12, '\xe9', '']);
  assert.equal(
    request.buffer.toString('latin1'),
    '*5\r\n$3\r\nSET\r\n$2\r\n\0\xff\r\n$3\r\n-12\r\n$1\r\n\xe9\r\n$0\r\n\r\n',
  );
  assert.equal(request.count, 5);
  assert.deepEqual([request.spanStart, request.spanEnd], [0, request.buffer.length]);
  assert.deepEqual(request.bytes(1), Buffer.from([0, 255]));
  assert.equal(request.text(3), '\xe9');
  assert.equal(request.integer(2), -12);
  assert.equal(request.int64(2), -12n);
  assert.equal(request.double(2), -12);
  assert.equal(request.length(4), 0);
  assert.deepEqual(encodeCommand(['PING']), Buffer.from('*1\r\n$4\r\nPING\r\n'));
});

test('compares words without their case', () => {
  const request = Request.of(['seT', 'nx', 'N@', 'N`', '']);
  assert.ok(request.is(0, 'SET'));
  assert.ok(!request.is(0, 'SETS'));
  assert.ok(!request.is(0, 'GET'));
  assert.ok(request.is(1, 'NX'));
  assert.ok(request.is(2, 'N@'));
  // A back-quote is not the small form of '@'.
  assert.ok(!request.is(3, 'N@'));
  assert.ok(request.is(4, ''));
});

test('a view changes with its buffer, copies and clones do not', () => {
  const request = Request.of(['SET', 'key', 'value']);
  const view = request.bytes(1);
  const copy = request.copy(1);
  const clone = request.clone();
  request.buffer.fill(0x78);
  assert.equal(view.toString(), 'xxx');
  assert.equal(copy.toString(), 'key');
  assert.deepEqual([clone.text(0), clone.text(1), clone.text(2)], ['SET', 'key', 'value']);
  assert.deepEqual([clone.spanStart, clone.spanEnd], [0, clone.buffer.length]);
});

test('a clone takes its span along, wherever that lay', () => {
  const whole = Request.of(['GET', 'k']).buffer;
  const request = new Request();
  request.buffer = Buffer.concat([Buffer.from('....'), whole, Buffer.from('....')]);
  request.count = 2;
  request.starts.set([4 + 8, 4 + 17]);
  request.ends.set([4 + 11, 4 + 18]);
  request.spanStart = 4;
  request.spanEnd = 4 + whole.length;
  const clone = request.clone();
  assert.ok(clone.buffer.equals(whole));
  assert.deepEqual([clone.text(0), clone.text(1)], ['GET', 'k']);
  // Without a span it gets one.
  request.spanStart = -1;
  request.spanEnd = -1;
  assert.ok(request.clone().buffer.equals(whole));
});
