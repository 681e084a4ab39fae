// Documents that must match the tree: files they name exist, pages can be reached, and generated
// pages say what the objects say.

import { posix } from 'node:path';
import type { SourceFile } from '../support/project.ts';
import { lineAt } from './code.ts';
import type { Violation } from './violation.ts';

/** Every path in backquotes below a folder of the project, and every relative link, exists. */
export function checkMentionedPaths(files: readonly SourceFile[]): readonly Violation[] {
  const paths = new Set(files.map((file) => file.path));
  const folders = new Set(files.flatMap((file) => parents(file.path)));
  const exists = (path: string): boolean => paths.has(path) || folders.has(path.replace(/\/$/, ''));
  return files.filter(isDocument).flatMap((file) =>
    [
      ...mentions(file).filter(({ target }) => !exists(target)),
      ...links(file).filter(({ target }) => !exists(target)),
    ].map(({ target, index }) => ({
      path: file.path,
      line: lineAt(file.text, index),
      message: `names ${target}, which does not exist: correct the name or remove the sentence`,
    })),
  );
}

/** Every page of docs/ is linked from README.md or ARCHITECTURE.md. */
export function checkReachablePages(files: readonly SourceFile[]): readonly Violation[] {
  const linked = new Set(
    files
      .filter(({ path }) => path === 'README.md' || path === 'ARCHITECTURE.md')
      .flatMap((file) => links(file).map(({ target }) => target)),
  );
  return files
    .filter(({ path }) => /^docs\/[^/]+\.md$/.test(path) && !linked.has(path))
    .map(({ path }) => ({
      path,
      line: 1,
      message: `nobody finds it: link ${path} from README.md or ARCHITECTURE.md`,
    }));
}

/** A generated page equals what the generator would write now. */
export function checkGenerated(
  files: readonly SourceFile[],
  generated: readonly SourceFile[],
): readonly Violation[] {
  return generated.flatMap(({ path, text }) => {
    const stored = files.find((file) => file.path === path)?.text;
    if (stored === text) return [];
    const line = stored === undefined ? 1 : firstDifference(stored, text);
    return [{ path, line, message: 'differs from the objects it describes: run npm run docs' }];
  });
}

interface Mention {
  readonly target: string;
  readonly index: number;
}

function isDocument(file: SourceFile): boolean {
  return file.path.endsWith('.md');
}

function parents(path: string): readonly string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...parents(folder)];
}

function mentions(file: SourceFile): readonly Mention[] {
  const pattern = /`((?:src|tests|scripts|bench|docs|\.ci)\/[\w./-]*)`/g;
  return [...file.text.matchAll(pattern)].map((match) => ({
    target: match[1],
    index: match.index,
  }));
}

function links(file: SourceFile): readonly Mention[] {
  return [...file.text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .filter((match) => !/^[a-z]+:/.test(match[1]))
    .map((match) => ({
      target: posix.join(posix.dirname(file.path), match[1]),
      index: match.index,
    }));
}

function firstDifference(a: string, b: string): number {
  const left = a.split('\n');
  const right = b.split('\n');
  const line = left.findIndex((text, i) => text !== right[i]);
  return line === -1 ? left.length : line + 1;
}
