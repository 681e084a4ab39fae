// Files and functions that fit into a reader's head. Line length is the formatter's.

import type { SourceFile } from '../support/project.ts';
import { functionsOf } from './functions.ts';
import type { LongFunction } from './long-functions.ts';
import type { Violation } from './violation.ts';

const MAX_FILE_LINES = 500;
const MAX_FUNCTION_LINES = 70;

/** No source, test or script is longer than the limit. */
export function checkFileLength(files: readonly SourceFile[]): readonly Violation[] {
  return files.filter(isCode).flatMap((file) => {
    const lines = file.text.split('\n').length - 1;
    if (lines <= MAX_FILE_LINES) return [];
    const message = `has ${lines} lines, at most ${MAX_FILE_LINES}: divide it by subject, each part named by its noun`;
    return [{ path: file.path, line: MAX_FILE_LINES + 1, message }];
  });
}

/** No function is longer than the limit, but for those listed with a reason; no entry is stale. */
export function checkFunctionLength(
  files: readonly SourceFile[],
  allowed: readonly LongFunction[],
): readonly Violation[] {
  const used = new Set<LongFunction>();
  const violations = files.filter(isTypeScript).flatMap((file) =>
    functionsOf(file.text).flatMap(({ name, line, lines }) => {
      if (lines <= MAX_FUNCTION_LINES) return [];
      const entry = allowed.find((known) => known.path === file.path && known.name === name);
      if (entry !== undefined) used.add(entry);
      const limit = entry?.maxLines ?? MAX_FUNCTION_LINES;
      if (lines <= limit) return [];
      const message =
        `${name} has ${lines} lines, at most ${limit}: let it decide and move the steps into ` +
        'functions of their own; a measured hot path goes into tests/tidy/long-functions.ts';
      return [{ path: file.path, line, message }];
    }),
  );
  const stale = allowed
    .filter((entry) => !used.has(entry))
    .map(({ path, name }) => ({
      path: 'tests/tidy/long-functions.ts',
      line: 1,
      message: `lists ${name} of ${path}, which is not long any more: remove the entry`,
    }));
  return [...violations, ...stale];
}

function isTypeScript(file: SourceFile): boolean {
  return /^(src|tests|bench|scripts)\/.*\.tsx?$/.test(file.path);
}

function isCode(file: SourceFile): boolean {
  return /^(src|tests|bench|scripts)\/.*\.(tsx?|mjs)$/.test(file.path);
}
