// Where the project's files are, for tests that read them: sources, documents, built programs. The
// tests run compiled, so their own location says little about the sources'.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A text file of the project, its path relative to the root with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The folder of package.json. */
export const projectRoot: string = findRoot();

/** The text of one file; the path is relative to the root. */
export function readProjectFile(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8');
}

/** Every text file under version control or about to be. */
export function projectFiles(): readonly SourceFile[] {
  return projectPaths()
    .filter((path) => existsSync(join(projectRoot, path)))
    .map((path) => ({ path, text: readProjectFile(path) }))
    .filter((file) => !file.text.includes('\0'));
}

/** Files that Git ignores are nobody's concern; without Git (a source archive) all others are read. */
function projectPaths(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const git = spawnSync('git', args, { cwd: projectRoot, encoding: 'utf8' });
  if (git.status === 0) return git.stdout.split('\0').filter((path) => path !== '');
  return readdirSync(projectRoot, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)))
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !/^(node_modules|build|\.git)\//.test(path));
}

function findRoot(): string {
  for (const start of [process.cwd(), dirname(fileURLToPath(import.meta.url))]) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (isRoot(folder)) return folder;
      if (dirname(folder) === folder) break;
    }
  }
  throw new Error('The folder with the package.json of understudy-server was not found.');
}

function isRoot(folder: string): boolean {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return false;
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return (
    typeof content === 'object' &&
    content !== null &&
    'name' in content &&
    content.name === 'understudy-server'
  );
}
