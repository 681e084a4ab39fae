// Brings a checkout to the point where its programs run: packages installed as the lock file says,
// build/ as new as the sources. Needs nothing but Node, because it is what runs on a fresh clone.
// Both steps are skipped when there is nothing to do, so every other script may call them freely.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const SOURCE_FOLDERS = ['src', 'tests', 'bench', 'scripts'];
const STAMP = join(root, 'build', '.stamp');

/** Installs the packages of the lock file when they are missing or older than it. */
export function ensureInstalled() {
  const lock = join(root, 'package-lock.json');
  // npm writes this file last, so an interrupted installation counts as none.
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  note('installing the packages of package-lock.json');
  // The compiler is a development dependency: NODE_ENV=production must not leave it out.
  run(...npm('ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'));
}

/** Compiles when a source file was added, changed or removed since the last build. */
export function ensureBuilt() {
  ensureInstalled();
  const now = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === now) return;
  note('building');
  rmSync(STAMP, { force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [compiler, '--project', root, '--noEmitOnError', 'true']);
  prune();
  run(process.execPath, [join(root, 'scripts', 'page.mjs'), join(root, 'build')]);
  writeFileSync(STAMP, now);
}

/** Every file below `folder` (relative to the root) that `wanted` accepts; posix paths, sorted. */
export function filesBelow(folder, wanted) {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .map((path) => path.split(sep).join('/'))
    .filter(wanted)
    .sort();
}

/** Runs a program in the root with our own input and output; a failure ends this process with its code. */
export function run(program, args) {
  const code = exitCode(program, args);
  if (code !== 0) process.exit(code);
}

/** Like `run`, but a failure is only reported. */
export function exitCode(program, args) {
  const shell = process.platform === 'win32' && !program.endsWith('.exe');
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', shell });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** The compiled counterpart of a TypeScript source. */
export function builtPath(source) {
  return `build/${source.replace(/\.ts$/, '.js')}`;
}

function npm(...args) {
  // Under `npm start` this names the npm that runs us, which is also there when PATH has none.
  const self = process.env.npm_execpath;
  return self?.endsWith('.js') ? [process.execPath, [self, ...args]] : ['npm', args];
}

function fingerprint() {
  const hash = createHash('sha256');
  const isSource = (path) => /\.(tsx?|css|html)$/.test(path);
  const sources = SOURCE_FOLDERS.flatMap((folder) => filesBelow(folder, isSource));
  for (const path of [...sources, 'scripts/page.mjs', 'tsconfig.json', 'package.json']) {
    const { mtimeMs, size } = statSync(join(root, path));
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** Removes outputs whose source is gone: a deleted test must not go on passing. */
function prune() {
  for (const path of filesBelow('build', (p) => /\.(js|d\.ts)$/.test(p))) {
    const source = path.replace(/^build\//, '').replace(/(\.d\.ts|\.js)$/, '.ts');
    if (!existsSync(join(root, source))) rmSync(join(root, path));
  }
}

function note(text) {
  process.stderr.write(`understudy: ${text}\n`);
}
