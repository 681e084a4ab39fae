import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitArguments } from './split-arguments.ts';

function split(line: string): string[] | undefined {
  return splitArguments(Buffer.from(line, 'latin1'))?.map((word) => word.toString('latin1'));
}

test('splits as Redis does', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['  \t\r\n ', []],
    ['set a b', ['set', 'a', 'b']],
    ['  set   a\tb  ', ['set', 'a', 'b']],
    ['"hello world"', ['hello world']],
    ["'hello world' x", ['hello world', 'x']],
    ['""', ['']],
    ["'' ''", ['', '']],
    ['"\\x41\\x7a\\xff"', ['Az\xff']],
    ['"\\x4g"', ['x4g']],
    ['"\\n\\r\\t\\b\\a\\q\\""', ['\n\r\t\b\x07q"']],
    ["'\\n \\' x'", ["\\n ' x"]],
    ['a"b c"', ['ab c']],
    ['a\\n', ['a\\n']],
    ['a\vb', ['a\vb']],
    ['\va', ['a']],
    ['\0', ['\0']],
  ];
  for (const [line, words] of cases) assert.deepEqual(split(line), words, JSON.stringify(line));
});

test('refuses unbalanced quotes', () => {
  for (const line of [
    '"',
    "'",
    '"a',
    "'a",
    '"a"b',
    "'a'b",
    '"\\"',
    "'\\'",
    'a "b',
    '"\\',
    '"a\\x4',
  ]) {
    assert.equal(split(line), undefined, JSON.stringify(line));
  }
});

test('reads a range', () => {
  const b = Buffer.from('"x" ab cd "');
  assert.deepEqual(splitArguments(b, 4, 10)?.map(String), ['ab', 'cd']);
});
