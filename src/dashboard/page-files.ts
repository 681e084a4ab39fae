// The page's files, as scripts/page.mjs bundled them into the build folder. Read once: they do not
// change while a server runs, and a missing one is said at the start and not to the browser.

import { readFileSync } from 'node:fs';

export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type PageFiles = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

/** By request path; throws when the page was not built. */
export function readPageFiles(folder: URL = new URL('./page/', import.meta.url)): PageFiles {
  const files = new Map<string, PageFile>();
  for (const [name, type] of Object.entries(types)) {
    const body = new Uint8Array(readFileSync(new URL(name, folder)));
    files.set(name === 'index.html' ? '/' : `/${name}`, { type, body });
  }
  return files;
}
