// npm run outside -- --suite DIR: Redis's own tests against our program (tests/outside/README.md). The
// program that runs them is not part of the project: UNDERSTUDY_OUTSIDE_RUNNER names it. All
// arguments go to it.

import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, exitCode, root } from './setup.mjs';

const runner = process.env.UNDERSTUDY_OUTSIDE_RUNNER;
if (runner === undefined) {
  process.stderr.write('Set UNDERSTUDY_OUTSIDE_RUNNER: see tests/outside/README.md.\n');
  process.exit(2);
}

ensureBuilt();
// Called as a drop-in is: by the name of what it replaces, which the process title shows.
const folder = mkdtempSync(join(tmpdir(), 'understudy-outside-'));
const program = join(folder, 'redis-server');
symlinkSync(join(root, 'build', 'src', 'cli', 'understudy-server.js'), program);
process.exitCode = exitCode(process.execPath, [
  runner,
  '--server',
  `${process.execPath} ${program}`,
  '--skip',
  join(root, 'tests', 'outside', 'not-applicable.tsv'),
  ...process.argv.slice(2),
]);
rmSync(folder, { recursive: true });
