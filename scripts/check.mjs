// npm run check: everything a change must pass, cheapest first. Stops at the first step that fails,
// because what follows would only repeat it. `npm run check -- format lint` runs only the steps named.

import { join } from 'node:path';
import { ensureInstalled, exitCode, root } from './setup.mjs';

const node = process.execPath;
const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const knip = join(root, 'node_modules', 'knip', 'bin', 'knip.js');
const tests = join(root, 'scripts', 'test.mjs');

const steps = {
  format: [[biome, 'format', '.']],
  lint: [[biome, 'check', '--formatter-enabled=false', '--error-on-warnings', '.']],
  types: [
    [compiler, '--project', root, '--noEmit'],
    // The page is written for a browser: other globals, and checked on its own.
    [compiler, '--project', join(root, 'src', 'dashboard', 'page', 'tsconfig.json')],
  ],
  tidy: [[knip], [tests, 'tests/tidy']],
  unit: [[tests, 'src']],
  scenarios: [[tests, 'tests/conformance', 'tests/hostile', 'tests/interop', 'tests/scenarios']],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  process.stderr.write(
    `Unknown step: ${unknown.join(', ')}. Steps: ${Object.keys(steps).join(', ')}.\n`,
  );
  process.exit(2);
}

ensureInstalled();
const began = Date.now();
for (const [name, commands] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const start = Date.now();
  for (const args of commands) {
    if (exitCode(node, args) !== 0) {
      process.stderr.write(`check: ${name} failed\n`);
      process.exit(1);
    }
  }
  process.stdout.write(`check: ${name} ok (${seconds(start)})\n`);
}
process.stdout.write(`check: all ok in ${seconds(began)}\n`);

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
