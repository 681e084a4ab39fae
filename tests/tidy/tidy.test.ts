// Holds the tree to its own rules. Each check is a pure function over {path, text}; whether it would
// catch a violation is tested beside it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectFiles } from '../support/project.ts';
import { checkMentionedPaths, checkReachablePages } from './documents.ts';
import { checkAsynchrony, checkGlobals } from './globals.ts';
import { checkCycles, checkLayers } from './layers.ts';
import { longFunctions } from './long-functions.ts';
import { checkFileNames, checkHabits } from './naming.ts';
import { checkPortability } from './portability.ts';
import { checkFileLength, checkFunctionLength } from './size.ts';
import { describe, type Violation } from './violation.ts';

const files = projectFiles();

function holds(violations: readonly Violation[]): void {
  assert.ok(violations.length === 0, `\n${describe(violations)}\n`);
}

test('sources import only what their layer may', () => holds(checkLayers(files)));
test('no file imports itself in a circle', () => holds(checkCycles(files)));
test('time, chance and the process arrive as arguments', () => holds(checkGlobals(files)));
test('synchronous layers know no promise', () => holds(checkAsynchrony(files)));
test('files are short', () => holds(checkFileLength(files)));
test('functions are short', () => holds(checkFunctionLength(files, longFunctions)));
test('file names are kebab-case nouns', () => holds(checkFileNames(files)));
test('nothing is exported by default, left for later or skipped', () => holds(checkHabits(files)));
test('no file names a machine or a package index', () => holds(checkPortability(files)));
test('documents name only what exists', () => holds(checkMentionedPaths(files)));
test('every page can be found', () => holds(checkReachablePages(files)));
