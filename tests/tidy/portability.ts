// Nothing in the repository may name a machine it was written on or a host that packages came from.
// The patterns are put together from parts, or this file would find itself.

import type { SourceFile } from '../support/project.ts';
import { lineAt } from './code.ts';
import type { Violation } from './violation.ts';

const homes = ['ho' + 'me/[a-z]', 'Us' + 'ers/[A-Za-z]', 'ro' + 'ot/', 'wo' + 'rk/(?:main|shared)'];
const machinePath = new RegExp(`(?<![\\w./~$}*-])/(${homes.join('|')})`, 'g');
const drivePath = new RegExp(`\\b[A-Z]:\\\\{1,2}(Us${''}ers|Windows|Program)`, 'g');
const host = 'regis' + 'try';
const registryHost = new RegExp(
  [
    `https?://[^\\s"')]*${host}`,
    // A source file of that name is no host.
    `${host}\\.(?!(test\\.)?m?[tj]s\\b)[a-z]`,
    `${host}=http`,
  ].join('|'),
  'gi',
);

/** No absolute path of a machine, no host of a package index. */
export function checkPortability(files: readonly SourceFile[]): readonly Violation[] {
  return files.flatMap((file) => [
    ...found(file, machinePath, 'a path of one machine: compute it from the project folder'),
    ...found(file, drivePath, 'a path of one machine: compute it from the project folder'),
    ...found(
      file,
      registryHost,
      'the host of a package index: .npmrc keeps hosts out of the lock file; run npm install again',
    ),
  ]);
}

function found(file: SourceFile, pattern: RegExp, remedy: string): readonly Violation[] {
  return [...file.text.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: lineAt(file.text, match.index),
    message: `"${match[0]}" is ${remedy}`,
  }));
}
