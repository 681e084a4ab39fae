import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionsOf } from './functions.ts';
import { checkFileLength, checkFunctionLength } from './size.ts';

const path = 'src/util/x.ts';
const lines = (count: number): string => '  f();\n'.repeat(count);

test('functions of every form are found with their names', () => {
  const source = [
    'export function plain(a: number): { b: number } {',
    '}',
    'class A {',
    '  constructor(x: number) {',
    '  }',
    '  get size(): number {',
    '    if (x(1)) {',
    '    }',
    '  }',
    '  generic<T>(a: T): Map<string, { a: T }> {',
    '  }',
    '}',
    'export const arrow = (a: number): number => {',
    '};',
    'function holds(x: unknown): asserts x is string {',
    '}',
    'declare function nothing(a: string): void;',
    'const value = a ? f(b) : { c: 1 };',
    'switch (f(1)) {',
    '  case g(2): {',
    '  }',
    '}',
  ].join('\n');
  assert.deepEqual(
    functionsOf(source).map(({ name, lines: count }) => `${name} ${count}`),
    ['plain 2', 'constructor 2', 'size 4', 'generic 2', 'arrow 2', 'holds 2'],
  );
});

test('a file and a function at the limit pass, one line more is caught', () => {
  assert.deepEqual(checkFileLength([{ path, text: '\n'.repeat(500) }]), []);
  assert.equal(checkFileLength([{ path, text: '\n'.repeat(501) }]).length, 1);
  const long = (count: number): string => `function f() {\n${lines(count - 2)}}\n`;
  assert.deepEqual(checkFunctionLength([{ path, text: long(70) }], []), []);
  const found = checkFunctionLength([{ path, text: long(71) }], []);
  assert.match(found[0].message, /f has 71 lines, at most 70/);
});

test('a listed function may be longer up to its own limit; a stale entry is caught', () => {
  const text = `function hot() {\n${lines(88)}}\n`;
  const entry = { path, name: 'hot', reason: 'measured', maxLines: 90 };
  assert.deepEqual(checkFunctionLength([{ path, text }], [entry]), []);
  assert.equal(checkFunctionLength([{ path, text }], [{ ...entry, maxLines: 80 }]).length, 1);
  const stale = checkFunctionLength([{ path, text: 'function hot() {}' }], [entry]);
  assert.match(stale[0].message, /remove the entry/);
});

test('a test suite is not one long function', () => {
  const text = `describe('x', () => {\n${lines(100)}});\n`;
  assert.deepEqual(checkFunctionLength([{ path: 'src/util/x.test.ts', text }], []), []);
});
