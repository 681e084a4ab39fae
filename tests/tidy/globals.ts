// Time, chance, the process and asynchrony arrive as arguments: that is what makes one seed replay a
// whole fleet. Here is the list of globals that would let them in by the back door.

import type { SourceFile } from '../support/project.ts';
import { blankText, lineAt } from './code.ts';
import { isNodeModuleUser, isTest, layerOf } from './layers.ts';
import type { Violation } from './violation.ts';

interface BannedWord {
  readonly pattern: RegExp;
  readonly remedy: string;
}

// A property of that name (`options.process`, `process: 1`) is something else.
const bannedGlobals: readonly BannedWord[] = [
  { pattern: /(?<![.\w$#])Date\.now\b/g, remedy: 'take a Clock of src/env/ as an argument' },
  { pattern: /(?<![.\w$#])new Date\(\s*\)/g, remedy: 'take a Clock of src/env/ as an argument' },
  { pattern: /(?<![.\w$#])Math\.random\b/g, remedy: 'take a Random of src/env/ as an argument' },
  { pattern: /(?<![.\w$#])performance\s*\./g, remedy: 'take a Clock of src/env/ as an argument' },
  {
    pattern: /(?<![.\w$#])(process\s*[.[]|=\s*process\b)/g,
    remedy: 'let the caller in src/cli/ or src/env/node/ pass the value in',
  },
  {
    pattern: /(?<![.\w$#])(setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/g,
    remedy: 'take Timers of src/env/ as an argument',
  },
  { pattern: /(?<![.\w$#])globalThis\b/g, remedy: 'name what is needed and pass it in' },
  { pattern: /(?<![.\w$#])require\s*\(/g, remedy: 'write a static import' },
];

const asynchrony: readonly BannedWord[] = [
  {
    pattern: /(?<![.\w$#])async\s*(\(|function\b|\*|[\w$#[\]]+\s*(\(|=>))/g,
    remedy: 'keep this layer synchronous: return a value that says "not yet" and let src/net/ wait',
  },
  {
    pattern: /(?<![.\w$#])await\s+[\w(`'"]/g,
    remedy: 'keep this layer synchronous: return a value that says "not yet" and let src/net/ wait',
  },
  {
    pattern: /(?<![.\w$#])Promise\b/g,
    remedy: 'keep this layer synchronous: return a value that says "not yet" and let src/net/ wait',
  },
];

const synchronousLayers = [
  ...['util', 'protocol', 'engine', 'rdb', 'dispatch', 'commands', 'commands/shared'],
  ...['replication', 'sentinel/core'],
];

/** Sources outside the places that touch the machine use none of the banned globals. */
export function checkGlobals(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isPlainSource(file.path) && !isNodeModuleUser(file.path))
    .flatMap((file) => wordsIn(file, bannedGlobals));
}

/** The synchronous layers know no promise. */
export function checkAsynchrony(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isPlainSource(file.path))
    .filter((file) => synchronousLayers.includes(layerOf(file.path) ?? ''))
    .flatMap((file) => wordsIn(file, asynchrony));
}

function isPlainSource(path: string): boolean {
  return /^src\/.*\.ts$/.test(path) && !isTest(path);
}

function wordsIn(file: SourceFile, words: readonly BannedWord[]): readonly Violation[] {
  const code = blankText(file.text);
  return words.flatMap(({ pattern, remedy }) =>
    [...code.matchAll(pattern)].map((match) => ({
      path: file.path,
      line: lineAt(code, match.index),
      message: `uses ${match[0].trim()}: ${remedy}`,
    })),
  );
}
