import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, PASSWORD, type TestPerson } from '../support/app.ts';
import { openChromium } from '../support/chromium.ts';
import { serve } from '../support/served.ts';
import { openOrigin } from './pages/page-host.ts';
import {
  callBlindly,
  callByEventSource,
  callBySocket,
  callWithCookies,
  embed,
  sendForms,
} from './pages/page-scripts.ts';

const OURS = await openOrigin('localhost');
/** Of the same site as the API, so that SameSite keeps no cookie back; of another origin all the same. */
const NEIGHBOUR = await openOrigin('localhost');
const STRANGER = await openOrigin('127.0.0.1');
const house = await openTestApp({
  variables: { AUTH_COOKIES: 'true', CORS_ALLOWED_ORIGINS: OURS },
});
// As in production, which serves no page of its own.
const { url } = await serve({
  app: house.app,
  config: { ...house.config, environment: 'production' },
});
const { browser, context } = await openChromium();
afterAll(() => browser.close());

let ada: TestPerson;
let ours: Page;
beforeAll(async () => {
  ada = await house.addPerson('ada');
  ours = await context.newPage();
  await ours.goto(OURS);
});

const WHO = '{ viewer { user { username } } }';
const LOG_OUT = 'mutation { logOut { __typename } }';
const LOG_IN = `mutation { logIn(input: { login: "ada", password: "${PASSWORD}" }) { __typename } }`;
const REFRESH = 'mutation { refreshSession { __typename } }';
const CREATE = `mutation { createModel(input: {
  name: "Mallory", prompt: "", universe: ["ACME.SIM"], startingCash: "1", intervalSeconds: 86400, idempotencyKey: "m"
}) { __typename } }`;

const asOurs = (query: string) => ours.evaluate(callWithCookies, { url, query });
const stored = () =>
  house.database.query(
    `SELECT (SELECT count(*)::int FROM sessions WHERE revoked_at IS NULL) AS open,
       (SELECT count(*)::int FROM models) AS models, (SELECT count(*)::int FROM users) AS users`,
  );

describe('a page of a listed origin', () => {
  it('logs in, and is known without ever seeing a token', async () => {
    expect(JSON.parse(await asOurs(WHO))).toMatchObject({ data: { viewer: null } });
    const answer = await asOurs(LOG_IN);
    expect(answer).toContain('LogInSuccess');
    expect(answer).not.toContain('eyJ');
    expect(await ours.evaluate(() => document.cookie)).toBe('');
    expect(await asOurs(WHO)).toContain('"ada"');
    const kept = await context.cookies();
    expect(
      kept.map(({ name, httpOnly, secure, sameSite }) => [name, httpOnly, secure, sameSite]),
    ).toEqual([
      ['__Host-tradegraph-access', true, true, 'Strict'],
      ['__Host-tradegraph-refresh', true, true, 'Strict'],
    ]);
  });

  it('is known over a socket and an event stream too', async () => {
    expect(await ours.evaluate(callBySocket, { url, query: WHO })).toContain('"ada"');
    expect(await ours.evaluate(callByEventSource, { url, query: WHO })).toContain('"ada"');
  });

  it('goes on with its session', async () => {
    const before = await context.cookies();
    expect(await asOurs(REFRESH)).toContain('RefreshSessionSuccess');
    const after = await context.cookies();
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    expect(after.map(({ value }) => value)).not.toEqual(before.map(({ value }) => value));
    expect(await asOurs(WHO)).toContain('"ada"');
  });
});

describe.each([
  ['of the same site', NEIGHBOUR],
  ['of another site', STRANGER],
])('a page %s, while its reader is logged in', (_name, origin) => {
  it('reads nothing and changes nothing', async () => {
    const page = await context.newPage();
    await page.goto(origin);
    const before = await stored();
    const cookies = await context.cookies();
    for (const query of [WHO, LOG_OUT, CREATE, REFRESH]) {
      const call = { url, query };
      expect(await page.evaluate(callWithCookies, call)).toBe('blocked');
      expect(await page.evaluate(callBlindly, call)).toBe('');
      expect(await page.evaluate(sendForms, call)).toBe('');
      expect(await page.evaluate(embed, call)).toBe('');
      expect(await page.evaluate(callBySocket, call)).toBe('closed');
      expect(await page.evaluate(callByEventSource, call)).toBe('closed');
    }
    expect(await stored()).toEqual(before);
    expect(await context.cookies()).toEqual(cookies);
    expect(await asOurs(WHO)).toContain('"ada"');
  });

  it('cannot log its reader in as somebody else', async () => {
    const page = await context.newPage();
    await page.goto(origin);
    await house.addPerson(`mallory_${origin === NEIGHBOUR ? 'near' : 'far'}`);
    const query = LOG_IN.replace('"ada"', '"mallory_near"');
    for (const attack of [callWithCookies, callBlindly, sendForms]) {
      await page.evaluate(attack, { url, query });
    }
    expect(await asOurs(WHO)).toContain('"ada"');
  });

  it('gets no more by taking a person along to us', async () => {
    const page = await context.newPage();
    await page.goto(origin);
    const address = `${url}?query=${encodeURIComponent(WHO)}`;
    await page.evaluate((to) => {
      document.location.href = to;
    }, address);
    await page.waitForURL(address);
    expect(await page.content()).not.toContain(`"${ada.username}"`);
  });
});

it('a log-out leaves no cookie behind', async () => {
  expect(await asOurs(LOG_OUT)).toContain('LogOutSuccess');
  expect(await context.cookies()).toEqual([]);
  expect(JSON.parse(await asOurs(WHO))).toMatchObject({ data: { viewer: null } });
});
