import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCases } from './case-file.ts';

test('sections, names, comments and quoting', () => {
  const sections = parseCases('# First\nSET k "a\\x00b"\n# aside\nGET k\n\n\nPING\n');
  assert.deepEqual(
    sections.map(({ name, line, steps }) => [name, line, steps.length]),
    [
      ['First', 2, 2],
      ['PING', 7, 1],
    ],
  );
  const { action } = sections[0].steps[0];
  assert.deepEqual(action.kind === 'call' && action.args.map((a) => a.toString('latin1')), [
    'SET',
    'k',
    'a\0b',
  ]);
});

test('markers in any order, repeated units', () => {
  const [{ steps }] = parseCases('2| @masked @resp3 @replies-3 SET k {ab*3}\n3| @read\n');
  const { action, connection, rendering, protocol, replies } = steps[0];
  assert.deepEqual([connection, rendering.masked, protocol, replies], [2, true, 3, 3]);
  assert.deepEqual(action.kind === 'call' && action.args.map(String), ['SET', 'k', 'ababab']);
  assert.deepEqual([steps[1].connection, steps[1].action.kind], [3, 'read']);
});

test('recorded replies belong to the line before', () => {
  const [{ steps }] = parseCases('@since-7.2 X\n= +OK\n@reply-7.2 Y\n=2 nil\n=3 null\n');
  assert.deepEqual(
    steps.map((step) => step.recorded),
    [
      { resp2: '+OK', resp3: '+OK' },
      { resp2: 'nil', resp3: 'null' },
    ],
  );
  assert.deepEqual(
    steps.map((step) => step.newRequest),
    [true, false],
  );
});

test('malformed lines are refused with their number', () => {
  assert.throws(() => parseCases('PING\n@nothing PING\n'), /line 2: there is no marker @nothing/);
  assert.throws(() => parseCases('GET "a\n'), /line 1: no request/);
  assert.throws(() => parseCases('@since-7.2 X\n'), /line 1: the marker needs/);
  assert.throws(() => parseCases('PING\n= +PONG\n'), /line 2/);
});
