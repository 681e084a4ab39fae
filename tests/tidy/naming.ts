// Names and habits: one main export named like its file, nothing left for later, nothing switched
// off. The words looked for are put together from parts, or this file would find itself.

import { posix } from 'node:path';
import type { SourceFile } from '../support/project.ts';
import { blankText, lineAt } from './code.ts';
import type { Violation } from './violation.ts';

interface BannedCode {
  readonly pattern: RegExp;
  readonly message: string;
}

const bannedCode: readonly BannedCode[] = [
  {
    pattern: /\bexport\s+default\b/g,
    message: 'default export: name what is exported, so that every importer uses the same word',
  },
  {
    pattern: /(?<![.\w$])(?:const\s+)?enum\s+[A-Z]/g,
    message: 'enum: write a const object and a union type, which need no code of the compiler',
  },
  {
    pattern: /\b(?:test|it|describe|suite)\.(?:skip|todo|only)\b/g,
    message: 'a test that is left out or alone: make it pass or delete it',
  },
  {
    pattern: /\b(?:skip|todo|only):\s*true\b/g,
    message: 'a test that is left out or alone: make it pass or delete it',
  },
];

const leftOver = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`,
  'g',
);

// Files that a tool looks for under its own name.
const fixedNames = /^(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG|SECURITY|LICENSE)(\.md)?$/;

/** Code without default exports, enums, skipped tests or notes for later. */
export function checkHabits(files: readonly SourceFile[]): readonly Violation[] {
  return files.filter(isCode).flatMap((file) => {
    const code = blankText(file.text);
    // The test runner loads a reporter by its default export.
    const rules = file.path === 'scripts/test-reporter.mjs' ? bannedCode.slice(1) : bannedCode;
    const habits = rules.flatMap(({ pattern, message }) =>
      [...code.matchAll(pattern)].map((match) => ({
        path: file.path,
        line: lineAt(code, match.index),
        message,
      })),
    );
    const notes = [...file.text.matchAll(leftOver)].map((match) => ({
      path: file.path,
      line: lineAt(file.text, match.index),
      message: `${match[0]}: do it now, or open an issue and leave no note in the code`,
    }));
    return [...habits, ...notes];
  });
}

/** kebab-case names, and none that say nothing. */
export function checkFileNames(files: readonly SourceFile[]): readonly Violation[] {
  return files.flatMap(({ path }) => {
    const name = posix.basename(path);
    if (name.startsWith('.') || fixedNames.test(name)) return [];
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(name)) {
      return [{ path, line: 1, message: 'rename it to kebab-case' }];
    }
    if (/^(utils?|helpers?|misc|common)\.(ts|mjs)$/.test(name)) {
      return [{ path, line: 1, message: 'rename it after the noun it holds, or divide it' }];
    }
    return [];
  });
}

function isCode(file: SourceFile): boolean {
  return /\.(tsx?|mjs)$/.test(file.path);
}
