// npm run docs: writes the pages that are made from objects. tests/tidy compares them with the tree.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../tests/support/project.ts';
import { generatedPages } from './generated-pages.ts';

for (const { path, text } of generatedPages()) {
  writeFileSync(join(projectRoot, path), text);
  process.stdout.write(`${path}\n`);
}
