import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFileNames, checkHabits } from './naming.ts';

const habits = (text: string): number => checkHabits([{ path: 'src/util/x.ts', text }]).length;
const names = (path: string): number => checkFileNames([{ path, text: '' }]).length;

test('default exports, enums, skipped tests and notes for later are caught', () => {
  for (const text of [
    'export default class A {}',
    'enum Color { red }',
    'export const enum Color { red }',
    `test.${'skip'}('x', () => {});`,
    `describe.${'only'}('x', () => {});`,
    `test('x', { ${'todo'}: true }, f);`,
    `// ${'TO'}${'DO'}: later`,
    `/* ${'FIX'}${'ME'} */`,
    `const a = 1; // ${'X'}${'XX'}`,
  ]) {
    assert.equal(habits(text), 1, text);
  }
});

test('words that only look like it are not', () => {
  for (const text of [
    'const enumerate = 1;',
    "const text = 'export default';",
    'await tokens.skip(2);',
    "test('x', { skip: missingProgram }, f);",
  ]) {
    assert.equal(habits(text), 0, text);
  }
});

test('only the reporter may have a default export', () => {
  const text = 'export default function report() {}';
  assert.deepEqual(checkHabits([{ path: 'scripts/test-reporter.mjs', text }]), []);
  assert.equal(checkHabits([{ path: 'scripts/other.mjs', text }]).length, 1);
});

test('file names are kebab-case and say something', () => {
  for (const path of [
    'src/util/camelCase.ts',
    'src/util/snake_case.ts',
    'docs/Page.md',
    'a/utils.ts',
  ]) {
    assert.equal(names(path), 1, path);
  }
  for (const path of [
    'src/util/long-double.test.ts',
    'README.md',
    'LICENSE',
    '.ci/run',
    '.npmrc',
  ]) {
    assert.equal(names(path), 0, path);
  }
});
