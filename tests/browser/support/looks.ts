// What can be measured of how a page looks: nothing overlaps, sticks out or is cut off. Screenshots
// are for eyes; they are kept where UNDERSTUDY_SCREENSHOTS names a folder.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

// The functions given to `evaluate` run in the browser. The compiler knows no browser here, and should
// not: its global names would be there for the server's sources too. So they are declared as far as
// they are used.
interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface PageElement {
  readonly textContent: string | null;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): Box;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

declare const document: PageElement & {
  readonly documentElement: PageElement;
  readonly body: PageElement;
  readonly activeElement: PageElement | null;
};
declare function getComputedStyle(element: PageElement): {
  readonly display: string;
  readonly fontSize: string;
};

export const sizes = {
  phone: { width: 390, height: 844 },
  laptop: { width: 1440, height: 900 },
  wall: { width: 2560, height: 1440 },
} as const;

export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.UNDERSTUDY_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Settles when the drawing has the width of its place, which it learns a moment after a change. */
export async function drawnAnew(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const svg = document.querySelector('.topology-svg');
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const drawn = Number(svg?.getAttribute('viewBox')?.split(' ')[2]);
    return Math.abs((drawn / 16) * rem - (svg?.clientWidth ?? 0)) < 3;
  });
  // Charts are drawn in the next frames.
  await page.waitForFunction(() => {
    const places = [...document.querySelectorAll('.chart-place')];
    return places.every((place) => {
      const plot = place.querySelector('.uplot');
      return plot !== null && Math.abs(plot.clientWidth - place.clientWidth) < 3;
    });
  });
}

/** In words, empty when all is well. */
export function layoutProblems(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const problems: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth)
      problems.push(`wider than the screen by ${scrollWidth - clientWidth}`);
    const name = (element: PageElement): string =>
      element.getAttribute('data-node') ?? (element.getAttribute('class') ?? '').slice(0, 30);
    const overlaps = (selector: string): void => {
      const found = [...document.querySelectorAll(selector)];
      for (const [index, one] of found.entries()) {
        const a = one.getBoundingClientRect();
        for (const other of found.slice(index + 1)) {
          const b = other.getBoundingClientRect();
          const apart =
            a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
          if (!apart) problems.push(`${name(one)} lies on ${name(other)}`);
        }
      }
    };
    overlaps('.card');
    overlaps('.node .face, .link-label rect');
    overlaps('.node text, .node .verdict');
    for (const node of document.querySelectorAll('.node')) {
      const face = node.querySelector('.face')!.getBoundingClientRect();
      for (const text of node.querySelectorAll('text')) {
        const box = text.getBoundingClientRect();
        if (box.left < face.left || box.right > face.right || box.bottom > face.bottom) {
          problems.push(`"${text.textContent}" sticks out of ${name(node)}`);
        }
      }
    }
    for (const element of document.querySelectorAll('button, h1, h2, dt, dd, .choice span')) {
      if (
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).display !== 'inline'
      ) {
        problems.push(`"${element.textContent}" is cut off`);
      }
    }
    return problems;
  });
}

/** What has the focus, by the name that a screen reader would say first. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return '';
    const name = element.getAttribute('aria-label') ?? element.getAttribute('name');
    return (name ?? element.textContent ?? '').trim();
  });
}
