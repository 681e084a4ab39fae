import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceFile } from '../support/project.ts';
import { checkCycles, checkLayers, layerOf, layerTable } from './layers.ts';

function problems(path: string, text: string): readonly string[] {
  return checkLayers([{ path, text }]).map(({ message }) => message);
}

function file(path: string, ...imports: readonly string[]): SourceFile {
  return { path, text: imports.map((name) => `import { x } from '${name}';\n`).join('') };
}

test('the table itself has no circle', () => {
  const reaches = (from: string, to: string): boolean =>
    layerTable[from].some((next) => next === to || reaches(next, to));
  for (const layer of Object.keys(layerTable)) {
    assert.ok(!reaches(layer, layer), `${layer} reaches itself`);
    for (const next of layerTable[layer]) assert.ok(next in layerTable, next);
  }
});

test('a file belongs to the innermost layer of the table', () => {
  assert.equal(layerOf('src/util/hash.ts'), 'util');
  assert.equal(layerOf('src/env/clock.ts'), 'env');
  assert.equal(layerOf('src/env/node/files.ts'), 'env/node');
  assert.equal(layerOf('src/commands/shared/acl/whoami.ts'), 'commands/shared');
  assert.equal(layerOf('src/commands/string/get.ts'), 'commands');
  assert.equal(layerOf('src/sentinel/core/step.ts'), 'sentinel/core');
  assert.equal(layerOf('src/index.ts'), 'index');
  assert.equal(layerOf('src/elsewhere/x.ts'), undefined);
});

test('an import upwards or sideways is caught, types included', () => {
  const upwards = "import type { Session } from '../dispatch/session.ts';";
  assert.match(
    problems('src/engine/database.ts', upwards)[0],
    /engine\/ must not import dispatch\//,
  );
  const sideways = "import { x } from '../sentinel/x.ts';";
  assert.match(problems('src/server/x.ts', sideways)[0], /server\/ must not import sentinel\//);
  const shared = "import { x } from '../../engine/engine.ts';";
  assert.match(problems('src/commands/shared/x.ts', shared)[0], /must not import engine/);
});

test('what the table allows passes', () => {
  assert.deepEqual(problems('src/commands/string/get.ts', "import '../../engine/engine.ts';"), []);
  assert.deepEqual(problems('src/commands/string/get.ts', "import '../context.ts';"), []);
  assert.deepEqual(problems('src/sentinel/x.ts', "import '../commands/shared/ping.ts';"), []);
  assert.deepEqual(problems('src/engine/a.test.ts', "import '../env/simulated/clock.ts';"), []);
});

test('sentinel/core takes only types from the protocol', () => {
  const path = 'src/sentinel/core/step.ts';
  assert.equal(problems(path, "import { x } from '../../protocol/errors.ts';").length, 1);
  assert.deepEqual(problems(path, "import type { X } from '../../protocol/errors.ts';"), []);
});

test('Node modules are for a few places and for tests', () => {
  const text = "import { readFileSync } from 'node:fs';";
  assert.match(problems('src/server/x.ts', text)[0], /imports node:fs/);
  assert.match(problems('src/env/simulated/x.ts', text)[0], /imports node:fs/);
  assert.deepEqual(problems('src/env/node/x.ts', text), []);
  assert.deepEqual(problems('src/cli/x.ts', text), []);
  assert.deepEqual(problems('src/server/x.test.ts', text), []);
  assert.match(problems('src/env/node/x.ts', "import { x } from 'fs';")[0], /package fs/);
});

test('packages, tests and files outside src/ are not imported', () => {
  assert.match(problems('src/net/x.ts', "import x from '@scope/name/sub';")[0], /@scope\/name/);
  assert.deepEqual(problems('src/net/x.test.ts', "import fc from 'fast-check';"), []);
  assert.match(problems('src/net/x.ts', "import './y.test.ts';")[0], /is for tests/);
  assert.match(problems('src/net/x.ts', "import './y-fixture.ts';")[0], /is for tests/);
  assert.deepEqual(problems('src/net/x.test.ts', "import './y-fixture.ts';"), []);
  assert.deepEqual(problems('src/net/y-fixture.ts', "import '../env/simulated/z.ts';"), []);
  assert.match(problems('src/net/x.ts', "import '../../tests/support/project.ts';")[0], /outside/);
  assert.match(problems('src/elsewhere/x.ts', '')[0], /no layer/);
});

test('a circle of files is caught once it exists at run time', () => {
  const a = file('src/util/a.ts', './b.ts');
  const b = file('src/util/b.ts', './c.ts');
  const c = file('src/util/c.ts', './a.ts');
  const found = checkCycles([a, b, c]);
  assert.equal(found.length, 1);
  assert.match(
    found[0].message,
    /a\.ts -> src\/util\/b\.ts -> src\/util\/c\.ts -> src\/util\/a\.ts/,
  );
  const types = { path: c.path, text: "import type { A } from './a.ts';" };
  assert.deepEqual(checkCycles([a, b, types]), []);
});
