import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankComments, blankText, importsOf, lineAt } from './code.ts';

test('blanks comments, strings, templates and regular expressions, line by line', () => {
  const source = [
    "const a = 'process.exit'; // process.exit",
    '/* setTimeout',
    '   again */ const b = `x ${a.length} process`;',
    'const c = /process\\/[/"]/g.test(a) ? 4 / 2 / 1 : "it\\"s";',
  ].join('\n');
  const code = blankText(source);
  assert.ok(!/process|setTimeout|again|it/.test(code), code);
  assert.ok(code.includes('a.length'));
  assert.ok(code.includes('4 / 2 / 1'));
  assert.equal(code.split('\n').length, 4);
  assert.deepEqual(
    code.split('\n').map((line) => line.indexOf('const')),
    source.split('\n').map((line) => line.indexOf('const')),
  );
});

test('leaves balanced braces behind, whatever is nested in a template', () => {
  const code = blankText('f(`a{${g({ b: `}${h}` })}}`);');
  const depth = [...code].reduce((sum, c) => sum + (c === '{' ? 1 : c === '}' ? -1 : 0), 0);
  assert.equal(depth, 0, code);
  assert.ok(code.includes('g({'));
});

test('keeps strings when only comments are asked for', () => {
  assert.equal(blankComments("const url = 'http://x'; // y"), "const url = 'http://x';     ");
});

test('finds imports of every form and tells types from values', () => {
  const source = [
    'import { a,',
    "  b } from './a.ts';",
    "import type { C } from './c.ts';",
    "export { d } from './d.ts';",
    "import './e.ts';",
    "const f = await import('./f.ts');",
    "// import './g.ts';",
    "const text = 'import h from h';",
    'const other = `import("./i.ts")`;',
  ].join('\n');
  assert.deepEqual(importsOf(source), [
    { specifier: './a.ts', line: 2, typeOnly: false },
    { specifier: './c.ts', line: 3, typeOnly: true },
    { specifier: './d.ts', line: 4, typeOnly: false },
    { specifier: './e.ts', line: 5, typeOnly: false },
    { specifier: './f.ts', line: 6, typeOnly: false },
  ]);
});

test('counts lines from one', () => {
  assert.equal(lineAt('a\nb\nc', 0), 1);
  assert.equal(lineAt('a\nb\nc', 2), 2);
  assert.equal(lineAt('a\nb\nc', 4), 3);
});
