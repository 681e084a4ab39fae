// npm test: builds when needed and runs the tests on the compiled files, each in a process of its
// own. `npm test -- src/engine tests/tidy` runs only those below the folders or files named.
// The list of files is passed explicitly, since what `node --test` finds by itself differs between
// Node 20, 22 and 24.

import { join } from 'node:path';
import { builtPath, ensureBuilt, exitCode, filesBelow, root } from './setup.mjs';

// Generous: it is there to end a hung run, not to judge speed.
const LIMIT_MS = 300_000;

const wanted = process.argv.slice(2).map((word) => word.replace(/^\.\//, '').replace(/\/$/, ''));
const isWanted = (path) =>
  wanted.length === 0 || wanted.some((word) => path === word || path.startsWith(`${word}/`));
const tests = ['src', 'tests']
  .flatMap((folder) => filesBelow(folder, (path) => path.endsWith('.test.ts')))
  .filter(isWanted);

if (tests.length === 0) {
  process.stderr.write(`No test file below ${wanted.join(', ') || 'src and tests'}.\n`);
  process.exit(1);
}

ensureBuilt();
process.exitCode = exitCode(process.execPath, [
  '--test',
  `--test-timeout=${LIMIT_MS}`,
  `--test-reporter=${join(root, 'scripts', 'test-reporter.mjs')}`,
  '--test-reporter-destination=stdout',
  ...tests.map(builtPath),
]);
