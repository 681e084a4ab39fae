// The generated pages equal what the objects in src/ say now, and what they say is complete.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compatibilityPage } from '../../scripts/compatibility-page.ts';
import { errorsPage } from '../../scripts/errors-page.ts';
import { generatedPages } from '../../scripts/generated-pages.ts';
import type { Command } from '../../src/dispatch/command.ts';
import { errors } from '../../src/protocol/errors.ts';
import { projectFiles } from '../support/project.ts';
import { checkGenerated } from './documents.ts';
import { describe } from './violation.ts';

test('docs/errors.md and docs/compatibility.md say what the objects say', () => {
  const violations = checkGenerated(projectFiles(), generatedPages());
  assert.ok(violations.length === 0, `\n${describe(violations)}\n`);
});

test('the page of errors has every entry, arguments by their names', () => {
  const page = errorsPage(errors);
  for (const name of Object.keys(errors)) assert.ok(page.includes(`| \`${name}\` |`), name);
  assert.ok(page.includes("`ERR wrong number of arguments for '<name>' command`"));
  assert.ok(!page.includes('undefined'));
});

test('the page of commands tells what is here from what is not, subcommands too', () => {
  const sub = { name: 'two', summary: '', since: '7.2.0', group: 'server', arity: 2, flags: [] };
  const one = {
    ...sub,
    name: 'one',
    syntax: '<a|b>',
    flags: ['write', 'denyoom'],
    subcommands: [sub],
  };
  const page = compatibilityPage({
    commands: [one as unknown as Command<never>],
    directives: [],
    redisCommands: { server: 'one 1.0.0, one|two 7.2.0, three 2.0.0' },
  });
  assert.ok(page.includes('| ONE | `<a\\|b>` | 2 | write denyoom | 7.2.0 | yes |'), page);
  assert.ok(page.includes('| ONE TWO |  | 2 |  | 7.2.0 | yes |'));
  assert.ok(page.includes('| THREE | | | | 2.0.0 | not yet |'));
  assert.ok(page.includes('| [Server](#server) | 2 | 3 |'));
});
