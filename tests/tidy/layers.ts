// The architecture as a table, and the check that holds the imports to it. Arrows go down only: a
// layer may import itself and what stands in its row, types included. Between the files of one layer
// only imports that exist at run time must be free of cycles; two types may know each other.

import { posix } from 'node:path';
import type { SourceFile } from '../support/project.ts';
import { importsOf } from './code.ts';
import type { Violation } from './violation.ts';

/** Every layer with the layers it may import; `src/index.ts` is the layer `index`. */
export const layerTable: Readonly<Record<string, readonly string[]>> = {
  util: [],
  env: ['util'],
  'env/node': ['util', 'env'],
  'env/simulated': ['util', 'env'],
  protocol: ['util'],
  engine: ['util'],
  rdb: ['util', 'engine'],
  dispatch: ['util', 'protocol'],
  'commands/shared': ['util', 'protocol', 'dispatch'],
  commands: ['util', 'protocol', 'engine', 'dispatch', 'commands/shared', 'rdb'],
  replication: ['util', 'protocol'],
  persistence: ['util', 'env', 'engine', 'rdb', 'replication'],
  net: ['util', 'env', 'protocol', 'dispatch'],
  server: [
    ...['util', 'env', 'protocol', 'engine', 'rdb', 'dispatch', 'commands/shared', 'commands'],
    ...['replication', 'persistence', 'net'],
  ],
  'sentinel/core': ['util', 'protocol'],
  sentinel: [...['util', 'env', 'protocol', 'dispatch', 'commands/shared', 'net', 'sentinel/core']],
  simulator: [
    ...['util', 'env', 'env/simulated', 'protocol', 'engine', 'dispatch', 'commands', 'net'],
    ...['replication', 'server', 'sentinel', 'sentinel/core'],
  ],
  fleet: ['util', 'env', 'env/node', 'protocol', 'net', 'server', 'sentinel'],
  follow: ['util', 'env', 'env/node', 'protocol', 'rdb', 'replication', 'net'],
  index: ['util', 'env', 'env/node', 'protocol', 'server', 'sentinel', 'fleet'],
  dashboard: ['util', 'fleet', 'index'],
  cli: [
    ...['util', 'env', 'env/node', 'server', 'sentinel', 'fleet', 'dashboard', 'index'],
    'simulator',
  ],
};

/** What a test file may import beyond its layer's row. */
const testsMayImport = ['util', 'env', 'env/node', 'env/simulated', 'protocol'];

/** The same for tests of one layer: MULTI is a family of its own, and ACL and pub/sub behave in it. */
const testsOfLayerMayImport: Readonly<Record<string, readonly string[]>> = {
  'commands/shared': ['commands'],
};

/** Folders and files that may use Node's own modules. */
const nodeModuleUsers = [
  'src/env/node/',
  'src/cli/',
  'src/dashboard/',
  'src/fleet/process-starter.ts',
];

/** Packages that sources (not tests) may import, by the only folder that may. */
const packageUsers: Readonly<Record<string, string>> = {
  commander: 'src/cli/',
  hono: 'src/dashboard/',
  '@hono/node-server': 'src/dashboard/',
  'prom-client': 'src/dashboard/',
  preact: 'src/dashboard/page/',
  uplot: 'src/dashboard/page/',
};

/** Packages for tests only. */
const testPackages = ['fast-check'];

/** Sources import only what the table, the list of packages and the list of Node users allow. */
export function checkLayers(files: readonly SourceFile[]): readonly Violation[] {
  return files.filter(isSource).flatMap((file) => {
    const layer = layerOf(file.path);
    if (layer === undefined) {
      const message =
        'belongs to no layer; put it into a folder of the table in tests/tidy/layers.ts, or add ' +
        'a row there, to DESIGN section 2 and to ARCHITECTURE.md';
      return [{ path: file.path, line: 1, message }];
    }
    return importsOf(file.text).flatMap(({ specifier, line, typeOnly }) => {
      const message = specifier.startsWith('.')
        ? relativeProblem(file.path, layer, specifier, typeOnly)
        : packageProblem(file.path, specifier);
      return message === undefined ? [] : [{ path: file.path, line, message }];
    });
  });
}

/** No circle of imports that exist at run time. */
export function checkCycles(files: readonly SourceFile[]): readonly Violation[] {
  const graph = new Map(files.filter(isSource).map((file) => [file.path, loadedBy(file)]));
  const finished = new Set<string>();
  const violations: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      const circle = [...trail.slice(start), path].join(' -> ');
      const message = `import cycle ${circle}; move what both need into a file of its own`;
      violations.push({ path, line: 1, message });
      return;
    }
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return violations;
}

/** The layer a source file belongs to: the longest name in the table that its folder begins with. */
export function layerOf(path: string): string | undefined {
  if (path === 'src/index.ts') return 'index';
  const folder = `${posix.dirname(path).replace(/^src\/?/, '')}/`;
  return Object.keys(layerTable)
    .filter((layer) => layer !== 'index' && folder.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function isSource(file: SourceFile): boolean {
  return /^src\/.*\.tsx?$/.test(file.path);
}

/** Tests, and the fixtures that several of them share. */
export function isTest(path: string): boolean {
  return /(\.test|-fixture)\.ts$/.test(path);
}

function loadedBy(file: SourceFile): readonly string[] {
  return importsOf(file.text)
    .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
    .map(({ specifier }) => resolve(file.path, specifier));
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function relativeProblem(
  path: string,
  layer: string,
  specifier: string,
  typeOnly: boolean,
): string | undefined {
  const target = resolve(path, specifier);
  if (target.endsWith('.test.ts') || (isTest(target) && !isTest(path))) {
    return `imports ${target}, which is for tests; move what is shared into a file of its own`;
  }
  const targetLayer = target.startsWith('src/') ? layerOf(target) : undefined;
  if (targetLayer === undefined) {
    return `imports ${target}, which is outside the layers; sources depend on nothing beside src/`;
  }
  if (targetLayer === layer) return undefined;
  const allowed = isTest(path)
    ? [...layerTable[layer], ...testsMayImport, ...(testsOfLayerMayImport[layer] ?? [])]
    : layerTable[layer];
  if (!allowed.includes(targetLayer)) {
    return (
      `${layer}/ must not import ${targetLayer}/ (${specifier}); it may import ` +
      `${layerTable[layer].join(', ') || 'nothing'}: declare an interface in ${layer}/ and let the ` +
      'layer above pass the implementation in'
    );
  }
  if (layer === 'sentinel/core' && targetLayer === 'protocol' && !typeOnly && !isTest(path)) {
    return 'sentinel/core/ may import only types from protocol/; write `import type`';
  }
  return undefined;
}

function packageProblem(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) {
    if (isTest(path) || isNodeModuleUser(path)) return undefined;
    return (
      `imports ${specifier}; only ${nodeModuleUsers.join(', ')} and tests may: take a Clock, ` +
      'Timers, Network, Files, Random or Log of src/env/ as an argument'
    );
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (isTest(path) && testPackages.includes(name)) return undefined;
  const user = packageUsers[name];
  if (user !== undefined && path.startsWith(user)) return undefined;
  return (
    `imports the package ${name}; the server has no dependency beyond the list in ` +
    'tests/tidy/layers.ts (Node\'s own modules are written with "node:")'
  );
}

/** True for the few places that touch the machine. */
export function isNodeModuleUser(path: string): boolean {
  return nodeModuleUsers.some((user) => path.startsWith(user));
}
