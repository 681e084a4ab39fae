// A node's first configuration file, readable by its owner alone: it may hold a password.

import type { Files } from '../env/files.ts';

export function writeConfiguration(files: Files, path: string, lines: readonly string[]): void {
  const file = files.open(path, 'write', 0o600);
  try {
    file.writeNow(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
  } finally {
    file.close();
  }
}
