import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Request } from '../protocol/request.ts';
import { READY, RequestReader } from '../protocol/request-reader.ts';
import { TestNode } from './dispatch-fixture.ts';
import { ANY_DATABASE, Propagation } from './propagation.ts';

interface Span {
  dbIndex: number;
  text: string;
  commands: number;
}

function capture(propagation: Propagation): Span[] {
  const spans: Span[] = [];
  propagation.addSink({
    append(dbIndex, bytes, start, end, commands) {
      const text = bytes.toString('latin1', start, end).replaceAll('\r\n', ' ').trim();
      spans.push({ dbIndex, text: text.replaceAll(/[*$]\d+ /g, ''), commands });
    },
  });
  return spans;
}

test('requests that lie next to each other leave as one span', () => {
  const propagation = new Propagation();
  const spans = capture(propagation);
  const limits = { protoMaxBulkLen: 1e9, authenticated: true, queryBufferLimit: 1e9 };
  const reader = new RequestReader(limits);
  const lines = [
    ['SET', 'a', '1'],
    ['GET', 'a'],
    ['SET', 'b', '2'],
    ['SET', 'c', '3'],
  ];
  const input = Buffer.concat(
    lines.map((line) => {
      const { buffer, spanStart, spanEnd } = Request.of(line);
      return buffer.subarray(spanStart, spanEnd);
    }),
  );
  reader.feed(input);
  const request = new Request();
  while (reader.next(request) === READY) {
    if (request.is(0, 'GET')) continue;
    propagation.request(3, request);
    propagation.endUnit(false);
  }
  propagation.flush();
  assert.deepEqual(spans, [
    { dbIndex: 3, text: 'SET a 1', commands: 1 },
    { dbIndex: 3, text: 'SET b 2 SET c 3', commands: 2 },
  ]);
});

test('several effects of one unit are a transaction, independent ones are not', () => {
  const propagation = new Propagation();
  const spans = capture(propagation);
  propagation.command(1, ['DEL', 'x']);
  propagation.request(1, Request.of(['SET', 'y', '1']));
  propagation.endUnit(false);
  propagation.command(0, ['DEL', 'p']);
  propagation.command(0, ['DEL', 'q']);
  propagation.endUnit(true);
  propagation.flush();
  assert.deepEqual(
    spans.map(({ dbIndex, text }) => [dbIndex, text]),
    [
      [ANY_DATABASE, 'MULTI'],
      [1, 'DEL x'],
      [1, 'SET y 1'],
      [ANY_DATABASE, 'EXEC'],
      [0, 'DEL p'],
      [0, 'DEL q'],
    ],
  );
});

test('an inline request leaves as RESP', () => {
  const propagation = new Propagation();
  const spans = capture(propagation);
  const request = Request.of(['SET', 'a', 'b']);
  request.spanStart = -1;
  request.spanEnd = -1;
  propagation.request(0, request);
  propagation.endUnit(false);
  propagation.flush();
  assert.deepEqual(spans, [{ dbIndex: 0, text: 'SET a b', commands: 1 }]);
});

test('keeps nothing while nobody listens', () => {
  const propagation = new Propagation();
  propagation.command(0, ['DEL', 'x']);
  propagation.endUnit(false);
  const spans = capture(propagation);
  propagation.flush();
  assert.deepEqual(spans, []);
});

test('commands propagate what changed data, as they say or as they came', () => {
  const node = new TestNode();
  const spans = capture(node.dispatcher.propagation);
  const [client, waiter] = [node.client(), node.client()];
  client.run('len k', 'del k', 'push k');
  client.run('MULTI', 'push k', 'len k', 'EXEC');
  client.run('MULTI', 'push k', 'push j', 'EXEC');
  client.run('bpop j 0', 'fail');
  waiter.run('bpop w 0');
  client.run('push w');
  assert.deepEqual(
    spans.map(({ text }) => text),
    ['push k', 'push k', 'MULTI', 'push k', 'push j', 'EXEC', 'POP j', 'push w', 'POP w'],
  );
});

test('a unit that wakes a waiter and the waiter are two', () => {
  const node = new TestNode();
  const spans = capture(node.dispatcher.propagation);
  const [client, waiter] = [node.client(), node.client()];
  waiter.run('bmove a b');
  client.run('MULTI', 'push a', 'push c', 'EXEC');
  assert.deepEqual(
    spans.map(({ text }) => text),
    ['MULTI', 'push a', 'push c', 'EXEC', 'bmove a b'],
  );
});

test('messages reach those who listen now, and not a log of the data', () => {
  const propagation = new Propagation();
  const all = capture(propagation);
  let logged = '';
  propagation.addSink({
    dataOnly: true,
    append(_dbIndex, bytes, start, end) {
      logged += bytes.toString('latin1', start, end);
    },
  });
  propagation.request(0, Request.of(['PUBLISH', 'c', 'm']), true);
  propagation.command(0, ['SET', 'k', 'v']);
  propagation.endUnit(true);
  propagation.flush();
  assert.deepEqual(
    all.map(({ text }) => text),
    ['PUBLISH c m', 'SET k v'],
  );
  assert.equal(logged, '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n');
});
