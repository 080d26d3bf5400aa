import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { openChromium } from '../support/chromium.ts';
import { until } from '../support/until.ts';
import { openLiveHouse } from './live-house.ts';

/** Where a person may look at what the test saw. */
const SCREENSHOTS = path.resolve(import.meta.dirname, '../../.data/screenshots');
const CURSOR = /"cursor": "(?<cursor>[^"]+)"/;

const { browser, context } = await openChromium();
afterAll(() => browser.close());
await mkdir(SCREENSHOTS, { recursive: true });
const house = await openLiveHouse();

it('shows live trades in GraphiQL, from this server alone', async () => {
  const requests: string[] = [];
  const problems: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('weberror', (error) => problems.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  const page = await context.newPage();
  await page.goto(house.url);
  await openTab(page, 'Live');
  await setHeaders(page, `{ "Authorization": "Bearer ${house.token}" }`);
  await page.getByRole('button', { name: /^execute/i }).click();

  const answer = page.locator('.result-window');
  const cursors = new Set<string>();
  await until('two trades are shown', async () => {
    await house.trade();
    const cursor = CURSOR.exec(await textOf(answer))?.groups?.['cursor'];
    if (cursor !== undefined) cursors.add(cursor);
    return cursors.size >= 2;
  });
  await page.screenshot({ path: path.join(SCREENSHOTS, 'graphiql-live.png') });
  await page.getByRole('button', { name: /documentation explorer/i }).click();
  await page.locator('.graphiql-doc-explorer').waitFor();
  await page.screenshot({ path: path.join(SCREENSHOTS, 'graphiql-docs.png') });
  await page.locator('.graphiql-doc-explorer').getByText('Subscription', { exact: true }).click();
  await page.locator('.graphiql-doc-explorer').getByText('tradeExecuted').first().waitFor();
  await page.screenshot({ path: path.join(SCREENSHOTS, 'graphiql-docs-subscription.png') });

  const { host } = new URL(house.url);
  const elsewhere = requests.filter(
    (url) => /^(https?|wss?):/.test(url) && new URL(url).host !== host,
  );
  expect(elsewhere).toEqual([]);
  expect(requests.length).toBeGreaterThan(1);
  expect(problems).toEqual([]);
}, 120_000);

/** GraphiQL answers to no click before its editors are there. */
async function openTab(page: Page, name: string): Promise<void> {
  const tab = page.getByRole('tab', { name });
  await until(`the tab ${name} is open`, async () => {
    await tab.click();
    return (await page.locator('.graphiql-query-editor').innerText()).includes(name);
  });
}

/** Puts them where a person would: into the tab "Headers" below the query. */
async function setHeaders(page: Page, headers: string): Promise<void> {
  await page.getByRole('button', { name: 'Headers' }).click();
  const editor = page.locator('.graphiql-editor-tool .graphiql-editor:visible');
  await until('the headers are there', async () => {
    await editor.click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(headers);
    return (await textOf(editor)).includes(headers.slice(-20));
  });
}

/** The editors show spaces that do not break. */
async function textOf(editor: Locator): Promise<string> {
  return (await editor.innerText()).replaceAll('\u00a0', ' ');
}
