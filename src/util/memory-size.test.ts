import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMemorySize, parseMemorySize } from './memory-size.ts';

test('reads amounts', () => {
  const amounts: [string, number][] = [
    ['0', 0],
    ['100b', 100],
    ['1k', 1000],
    ['1kb', 1024],
    ['2MB', 2097152],
    ['3g', 3e9],
    ['1Gb', 1073741824],
  ];
  for (const [text, bytes] of amounts) assert.equal(parseMemorySize(text), bytes, text);
  for (const text of [
    '',
    'kb',
    '-1',
    '1.5gb',
    '1 kb',
    '1tb',
    '1kbx',
    '1__proto__',
    '1constructor',
  ]) {
    assert.equal(parseMemorySize(text), undefined, text);
  }
});

test('prints amounts', () => {
  const amounts: [number, string][] = [
    [0, '0B'],
    [1023, '1023B'],
    [1536, '1.50K'],
    [1024 ** 2, '1.00M'],
    [2.5 * 1024 ** 3, '2.50G'],
    [1024 ** 4, '1.00T'],
    [1024 ** 5, '1.00P'],
  ];
  for (const [bytes, text] of amounts) assert.equal(formatMemorySize(bytes), text);
});
