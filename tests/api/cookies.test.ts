import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer } from '../../src/server.ts';
import { openTestApp, PASSWORD, type TestPerson } from '../support/app.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';

const OURS = 'https://app.example.com';
const EVIL = 'https://evil.example.com';
const house = await openTestApp({
  variables: { AUTH_COOKIES: 'true', CORS_ALLOWED_ORIGINS: OURS, LOG_IN_LIMIT_PER_ADDRESS: '1000' },
});
const { url, port } = await serve(house);
let ada: TestPerson;
beforeAll(async () => {
  ada = await house.addPerson('ada');
});

const WHO = '{ viewer { user { username } } }';
const LOG_IN = `mutation { logIn(input: { login: "ada", password: "${PASSWORD}" }) { __typename } }`;
const REFRESH = 'mutation { refreshSession { __typename } }';
const LOG_OUT = 'mutation { logOut { __typename } }';
const ADA = { data: { viewer: { user: { username: 'ada' } } } };
const NOBODY = { data: { viewer: null } };
const OPEN_SESSIONS = 'SELECT id FROM sessions WHERE owner_id = $1 AND revoked_at IS NULL';

interface Sent {
  readonly origin?: string;
  readonly cookie?: string;
  readonly authorization?: string;
}

async function ask(query: string, headers: Sent = {}, at = url) {
  const response = await fetch(at, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  const lines = response.headers.getSetCookie();
  return { body, lines, jar: lines.map((line) => line.split(';', 1)[0]).join('; ') };
}
const logIn = async () => (await ask(LOG_IN, { origin: OURS })).jar;

const openSessions = async () => (await house.database.query(OPEN_SESSIONS, [ada.id])).length;

describe('the cookies of a log-in', () => {
  test('are for this host alone, out of reach of scripts and of other sites', async () => {
    const { lines } = await ask(LOG_IN, { origin: OURS });
    expect(lines).toEqual([
      expect.stringMatching(
        /^__Host-tradegraph-access=ey[\w.-]+; Path=\/; Max-Age=(900|8\d\d); HttpOnly; SameSite=Strict; Secure$/,
      ),
      // 7 days.
      expect.stringMatching(
        /^__Host-tradegraph-refresh=[\w-]+; Path=\/; Max-Age=(604800|6047\d\d); HttpOnly; SameSite=Strict; Secure$/,
      ),
    ]);
  });

  test('are not Secure in development, which has no TLS', async () => {
    const config = { ...house.config, environment: 'development' as const };
    const server = await startServer({ app: house.app, config });
    afterAll(() => server.stop());
    const { lines } = await ask(LOG_IN, { origin: OURS }, server.url);
    expect(lines[0]).toMatch(/^tradegraph-access=.*SameSite=Strict$/);
  });

  test.each([{}, { origin: EVIL }, { origin: 'null' }])('are not given to %j', async (headers) => {
    expect((await ask(LOG_IN, headers)).lines).toEqual([]);
  });

  test('are not given for a wrong password', async () => {
    const wrong = LOG_IN.replace(PASSWORD, 'another one, and wrong');
    const { lines, body } = await ask(wrong, { origin: OURS });
    expect(body).toMatchObject({ data: { logIn: { __typename: 'InvalidCredentialsError' } } });
    expect(lines).toEqual([]);
  });
});

describe('a request with the access cookie', () => {
  test('is of its person, from a listed origin alone', async () => {
    const cookie = await logIn();
    expect((await ask(WHO, { cookie, origin: OURS })).body).toMatchObject(ADA);
    for (const headers of [{ cookie }, { cookie, origin: EVIL }, { cookie, origin: 'null' }]) {
      expect((await ask(WHO, headers)).body).toMatchObject(NOBODY);
    }
  });

  test('that sends a token besides is of the token', async () => {
    const cookie = await logIn();
    const bob = await house.addPerson('bob');
    const both = { cookie, origin: OURS, authorization: `Bearer ${bob.token}` };
    expect((await ask(WHO, both)).body).toMatchObject({
      data: { viewer: { user: { username: 'bob' } } },
    });
    const wrong = { cookie, origin: OURS, authorization: 'Bearer nonsense' };
    expect(JSON.stringify((await ask(WHO, wrong)).body)).toContain('UNAUTHENTICATED');
  });

  test('that is not good, or comes twice, is of nobody', async () => {
    const cookie = await logIn();
    const [access = ''] = cookie.split('; ');
    for (const bad of [`${access}x`, `${access}; ${access}`, `${access.split('=', 1)[0] ?? ''}=`]) {
      expect((await ask(WHO, { cookie: bad, origin: OURS })).body).toMatchObject(NOBODY);
    }
  });

  test('changes nothing when a form sends it', async () => {
    const cookie = await logIn();
    const before = await openSessions();
    for (const type of ['application/x-www-form-urlencoded', 'text/plain']) {
      for (const origin of [OURS, EVIL]) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': type, cookie, origin },
          body: new URLSearchParams({ query: LOG_OUT }).toString(),
        });
        expect([403, 415]).toContain(response.status);
      }
    }
    const get = `${url}?query=${encodeURIComponent(LOG_OUT)}`;
    expect((await fetch(get, { headers: { cookie, origin: OURS } })).status).toBe(405);
    expect(await openSessions()).toBe(before);
  });
});

describe('the refresh cookie', () => {
  test('goes on with the session, and both cookies are new', async () => {
    const cookie = await logIn();
    const { body, jar } = await ask(REFRESH, { cookie, origin: OURS });
    expect(body).toMatchObject({
      data: { refreshSession: { __typename: 'RefreshSessionSuccess' } },
    });
    expect(jar).not.toBe(cookie);
    expect((await ask(WHO, { cookie: jar, origin: OURS })).body).toMatchObject(ADA);
  });

  test('does nothing for another page', async () => {
    const cookie = await logIn();
    for (const headers of [{ cookie }, { cookie, origin: EVIL }]) {
      const { body, lines } = await ask(REFRESH, headers);
      expect(body).toMatchObject({
        data: { refreshSession: { __typename: 'InvalidRefreshTokenError' } },
      });
      expect(lines).toEqual([]);
    }
    // It was not used up.
    expect((await ask(REFRESH, { cookie, origin: OURS })).body).toMatchObject({
      data: { refreshSession: { __typename: 'RefreshSessionSuccess' } },
    });
  });

  test('is dropped with the other when it is not good any more', async () => {
    const { lines } = await ask(REFRESH, { cookie: 'tradegraph=1', origin: OURS });
    expect(lines).toEqual([
      expect.stringMatching(/^__Host-tradegraph-access=; Path=\/; Max-Age=0;/),
      expect.stringMatching(/^__Host-tradegraph-refresh=; Path=\/; Max-Age=0;/),
    ]);
  });
});

test('a log-out ends the session and takes the cookies away', async () => {
  const cookie = await logIn();
  const { lines } = await ask(LOG_OUT, { cookie, origin: OURS });
  expect(lines.map((line) => /Max-Age=0/.test(line))).toEqual([true, true]);
  expect((await ask(WHO, { cookie, origin: OURS })).body).toMatchObject(NOBODY);
});

describe('a socket', () => {
  const whoBy = async (headers: Sent) => {
    const { outcome, init, subscribe, next } = await openRawSocket(port, headers);
    if (outcome !== 'open') return outcome;
    await init();
    subscribe(WHO);
    return (await next()).payload;
  };

  test('is of the cookie that opened it, for a page of ours', async () => {
    const cookie = await logIn();
    expect(await whoBy({ cookie, origin: OURS })).toMatchObject(ADA);
    expect(await whoBy({ cookie })).toMatchObject(NOBODY);
    expect(await whoBy({ cookie: `${cookie}x; nothing`, origin: OURS })).toMatchObject(ADA);
    expect(await whoBy({ cookie, origin: EVIL })).toBe(403);
    // A page that this server has served may open a socket, and is none of the listed ones.
    const served = `http://localhost:${String(port)}`;
    expect(await whoBy({ cookie, origin: served })).toMatchObject(NOBODY);
  });

  test('is closed when the session of its cookie ends', async () => {
    const cookie = await logIn();
    const socket = await openRawSocket(port, { cookie, origin: OURS });
    await socket.init();
    await ask(LOG_OUT, { cookie, origin: OURS });
    expect(await socket.closed).toBe(4401);
  });
});

test('an event stream is of the cookie', async () => {
  const cookie = await logIn();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...{ cookie, origin: OURS },
    },
    body: JSON.stringify({ query: WHO }),
  });
  expect(await response.text()).toContain('"username":"ada"');
});

describe('CORS', () => {
  test('lets the listed origins alone send cookies', async () => {
    for (const [origin, allowed, credentials] of [
      [OURS, OURS, 'true'],
      [EVIL, null, null],
    ] as const) {
      for (const method of ['OPTIONS', 'POST']) {
        const { headers } = await fetch(url, {
          ...{ method, headers: { origin, 'content-type': 'application/json' } },
          ...(method === 'POST' && { body: JSON.stringify({ query: WHO }) }),
        });
        expect(headers.get('access-control-allow-origin')).toBe(allowed);
        expect(headers.get('access-control-allow-credentials')).toBe(credentials);
        expect(headers.get('vary')).toMatch(/origin/i);
      }
    }
  });
});

test('without AUTH_COOKIES nothing is set and nothing counts', async () => {
  const config = { ...house.config, http: { ...house.config.http, authCookies: false } };
  const server = await startServer({ app: house.app, config });
  afterAll(() => server.stop());
  expect((await ask(LOG_IN, { origin: OURS }, server.url)).lines).toEqual([]);
  const cookie = await logIn();
  expect((await ask(WHO, { cookie, origin: OURS }, server.url)).body).toMatchObject(NOBODY);
});
