import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceFile } from '../support/project.ts';
import { checkGenerated, checkMentionedPaths, checkReachablePages } from './documents.ts';

function project(readme: string, ...paths: readonly string[]): readonly SourceFile[] {
  return [{ path: 'README.md', text: readme }, ...paths.map((path) => ({ path, text: '' }))];
}

test('a path or link to nothing is caught', () => {
  const files = project('`src/util/`, `src/util/hash.ts`, [a](docs/a.md#b)', 'src/util/hash.ts');
  assert.deepEqual(
    checkMentionedPaths(files).map(({ message }) => message.split(',')[0]),
    ['names docs/a.md'],
  );
  assert.equal(checkMentionedPaths(project('`src/gone/x.ts`')).length, 1);
  assert.deepEqual(checkMentionedPaths(project('[a](https://example.org/x)', 'docs/a.md')), []);
});

test('a link is relative to its page', () => {
  const page = { path: 'docs/a.md', text: '[limits](limits.md) [map](../ARCHITECTURE.md)' };
  assert.deepEqual(
    checkMentionedPaths([page, ...project('', 'docs/limits.md', 'ARCHITECTURE.md')]),
    [],
  );
});

test('a page that nothing links to is caught', () => {
  assert.equal(checkReachablePages(project('', 'docs/lost.md')).length, 1);
  assert.deepEqual(checkReachablePages(project('[x](docs/found.md)', 'docs/found.md')), []);
});

test('a generated page that is missing or old is caught', () => {
  const generated = [{ path: 'docs/errors.md', text: 'a\nb\n' }];
  assert.deepEqual(checkGenerated(generated, generated), []);
  assert.equal(checkGenerated([], generated).length, 1);
  const old = [{ path: 'docs/errors.md', text: 'a\nc\n' }];
  assert.equal(checkGenerated(old, generated)[0].line, 2);
});
