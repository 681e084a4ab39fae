// A browser for the tests of the page. playwright-core brings none: the system's own is used.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const places = [
  ...(process.env.CHROMIUM === undefined ? [] : [process.env.CHROMIUM]),
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const program = places.find((place) => existsSync(place));

/** Why the tests must be left out; false when there is a browser. With CI=true nothing may be. */
export const noBrowser: string | false =
  program !== undefined || process.env.CI === 'true'
    ? false
    : 'no chromium is installed (CHROMIUM names one elsewhere)';

export function launchBrowser(): Promise<Browser> {
  // Containers have no user namespaces for its sandbox; what it opens is our own page.
  return chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
}

/** A page with all that must not happen on it: errors, and requests to elsewhere. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(`${origin}/`) || request.url().startsWith('data:');
    if (!isOwn) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}
