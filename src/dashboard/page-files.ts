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
  return new Map(
    Object.entries(types).map(([name, type]) => {
      const path = name === 'index.html' ? '/' : `/${name}`;
      return [path, { type, body: readPageFile(new URL(name, folder)) }];
    }),
  );
}

function readPageFile(url: URL): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(url));
  } catch (cause) {
    throw new Error(`the page was not built, ${url.pathname} is missing: run npm run build`, {
      cause,
    });
  }
}
