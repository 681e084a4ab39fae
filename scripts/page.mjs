// Bundles the dashboard's page: its sources are written for a browser, so the library's compiler
// leaves them alone. `node scripts/page.mjs FOLDER` writes into another build folder.

import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Writes index.html, page.js and page.css to where the server looks for them in `build`. */
export function buildPage(build) {
  const from = join(root, 'src', 'dashboard', 'page');
  const to = join(build, 'src', 'dashboard', 'page');
  mkdirSync(to, { recursive: true });
  buildSync({
    absWorkingDir: root,
    entryPoints: [
      { in: join(from, 'page.tsx'), out: 'page' },
      { in: join(from, 'styles', 'page.css'), out: 'page' },
    ],
    outdir: to,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  });
  copyFileSync(join(from, 'index.html'), join(to, 'index.html'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  buildPage(process.argv[2] ?? join(root, 'build'));
}
