// The page in a real browser over a real fleet, each node a process: what a person would do, and what
// she would see.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { createDashboard, type Dashboard } from '../../src/dashboard/dashboard.ts';
import { createFleet, type Fleet } from '../../src/index.ts';
import { launchBrowser, noBrowser, openPage, type WatchedPage } from './support/browser.ts';
import { drawnAnew, focusedName, keepScreenshot, layoutProblems, sizes } from './support/looks.ts';

/** Generous: machines that run tests do more than that. */
const LIMIT_MS = 120_000;

describe('the page', { skip: noBrowser }, () => {
  let fleet: Fleet;
  let dashboard: Dashboard;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  before(async () => {
    fleet = await createFleet({ processes: true, downAfterMs: 1000 });
    dashboard = await createDashboard({ fleet });
    browser = await launchBrowser();
    watched = await openPage(browser, dashboard.url, { viewport: sizes.laptop });
    page = watched.page;
    page.setDefaultTimeout(LIMIT_MS);
  });

  after(async () => {
    await browser?.close();
    await dashboard?.close();
    await fleet?.stop();
  });

  const card = (name: string): Locator => page.locator(`[data-node="${name}"]`);
  const heading = (): Locator => page.getByRole('heading', { level: 1 });
  const panel = (name: string): Locator => page.getByRole('region', { name, exact: true });

  test('shows who leads and who follows', async () => {
    await heading().getByText('server1 leads').waitFor();
    assert.match(await label(card('server1')), /^server1, master on port \d+, up, offset/);
    assert.match(await label(card('server2')), /^server2, replica/);
    for (const name of ['sentinel1', 'sentinel2', 'sentinel3']) await card(name).waitFor();
    await page.getByText('sentinel1, sentinel2 and sentinel3 name server1 master.').waitFor();
  });

  test('every control can be reached by the keyboard, the first one skips to the drawing', async () => {
    await page.keyboard.press('Tab');
    assert.equal(await focusedName(page), 'Skip to the topology');
    const reached = await focusOrder(page);
    const order = [
      'Fail over',
      'all',
      'sentinel1, sentinel',
      'server1, master',
      'Kill',
      'Stop or Start',
    ];
    const positions = [
      /^Fail over/,
      /^viewer/,
      /^sentinel1, sentinel/,
      /^server1, master/,
      /^Kill/,
      /^Start$/,
    ];
    const found = positions.map((pattern) => reached.findIndex((name) => pattern.test(name)));
    for (const [index, at] of found.entries()) {
      assert.notEqual(at, -1, `${order[index]} in ${reached.join(' | ')}`);
      if (index > 0) assert.ok(at > found[index - 1], `${order[index]} comes too early`);
    }
    await card('server2').focus();
    await page.keyboard.press('Enter');
    await panel('server2').waitFor();
    await card('server1').focus();
    await page.keyboard.press(' ');
    await panel('server1').waitFor();
  });

  test('a killed master is replaced before your eyes, and comes back as a replica', async () => {
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('Writing to server1.').waitFor();
    await card('server1').click();
    await panel('server1').getByRole('button', { name: 'Kill' }).click();
    await page.locator('[data-node="server1"].tone-bad').waitFor();
    await keepScreenshot(page, 'failing-over');
    await page.locator('.phases').getByText('done').waitFor();
    const { master } = await fleet.until(({ servers, master: now }) =>
      servers.some(({ name, role }) => name === now && name !== 'server1' && role === 'master'),
    );
    assert.ok(master);
    await page.locator(`[data-node="${master}"].node-master.tone-good`).waitFor();
    await page.getByText(`server1 → ${master}`).waitFor();
    for (const phase of ['detection', 'election', 'promotion']) {
      const text = await page
        .locator('.phases li', { has: page.getByText(phase, { exact: true }) })
        .textContent();
      assert.match(text ?? '', /\d/);
    }
    await page
      .getByRole('list', { name: 'Events, newest first' })
      .getByText(`names ${master} master, no longer server1`)
      .first()
      .waitFor();
    await page.getByText(`Writing to ${master}.`).waitFor();
    await keepScreenshot(page, 'failed-over');

    await page.getByRole('button', { name: 'Heal everything' }).click();
    await page.locator('[data-node="server1"].node-replica.tone-good').waitFor();
    await page.getByRole('button', { name: 'Fail over' }).waitFor();
    const lost = page.locator('.counters div', { hasText: 'lost' }).locator('dd');
    assert.match((await lost.textContent()) ?? '', /^\d+$/);
  });

  test('each sentinel has a view of its own', async () => {
    const viewer = page.getByRole('group', { name: 'As seen by' });
    await viewer.getByRole('radio', { name: 'sentinel2' }).check();
    await page.getByText(/^sentinel2 names server\d master since epoch \d+\.$/).waitFor();
    await page.locator('[data-node="sentinel2"].viewer').waitFor();
    await keepScreenshot(page, 'one-view');
    await viewer.getByRole('radio', { name: 'all' }).check();
    await page.getByText(/name server\d master\.$/).waitFor();
  });

  test('frozen and thawed', async () => {
    await card('sentinel3').click();
    await panel('sentinel3').getByRole('button', { name: 'Freeze' }).click();
    await page.locator('[data-node="sentinel3"].tone-warn').waitFor();
    await panel('sentinel3').getByRole('button', { name: 'Thaw' }).click();
    await page.locator('[data-node="sentinel3"].tone-good').waitFor();
  });

  test('a link is cut, slowed and healed', async () => {
    const { master, servers } = await fleet.refresh();
    const replica = servers.find(({ role }) => role === 'replica')?.name ?? '';
    await card(replica).click();
    const link = page.getByRole('group', { name: `Link between ${replica} and ${master}` });
    await link.getByRole('radio', { name: 'cut' }).click();
    await page.locator('.link-label', { hasText: 'cut' }).waitFor();
    assert.ok(fleet.view.faults.some(({ fault }) => fault.kind === 'cut'));
    await keepScreenshot(page, 'cut');
    await page.setViewportSize(sizes.phone);
    await drawnAnew(page);
    assert.deepEqual(await layoutProblems(page), []);
    await page.setViewportSize(sizes.laptop);
    await link.getByRole('radio', { name: 'slow' }).click();
    await page.locator('.link-label', { hasText: '300' }).waitFor();
    await link.getByRole('radio', { name: 'open' }).click();
    await page.locator('.link-slow').waitFor({ state: 'detached' });
    assert.deepEqual((await fleet.refresh()).faults, []);
  });

  test('looks right from a phone to a wall, light and dark', async () => {
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await drawnAnew(page);
        assert.deepEqual(await layoutProblems(page), [], `${size}, ${colorScheme}`);
        await keepScreenshot(page, `${size}-${colorScheme}`);
      }
    }
    await page.setViewportSize(sizes.laptop);
  });

  test('nothing was complained about, and no request left the machine', () => {
    assert.deepEqual(watched.complaints, []);
  });

  test('a wrong token is told what to do', async () => {
    const { page: other } = await openPage(browser, `${dashboard.origin}/#token=wrong`);
    await other.getByRole('heading', { name: 'This page needs its link' }).waitFor();
    await other.goto(dashboard.url);
    await other.getByRole('heading', { name: 'Topology' }).waitFor();
    await other.close();
  });

  test('a server that is gone is said, and found again', async () => {
    const { port, token } = dashboard;
    await dashboard.close();
    await page.getByText('connection lost').waitFor();
    dashboard = await createDashboard({ fleet, port, token });
    await page.getByText('live', { exact: true }).waitFor();
  });
});

async function label(locator: Locator): Promise<string> {
  return (await locator.getAttribute('aria-label')) ?? '';
}

/** The names of what Tab reaches, in order, until it comes round. */
async function focusOrder(page: Page): Promise<readonly string[]> {
  const names: string[] = [];
  while (names.length < 80) {
    await page.keyboard.press('Tab');
    const name = await focusedName(page);
    if (name === '') break;
    names.push(name);
  }
  return names;
}
