import { setTimeout as delay } from 'node:timers/promises';
import { TOTP } from 'otpauth';
import { describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { anonymousViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp, PASSWORD } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { connectBySocket, connectBySse } from '../support/live-connection.ts';
import { openRawSocket, type SocketOptions } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp({ variables: { CORS_ALLOWED_ORIGINS: 'https://app.example.com' } });
const { url, port } = await serve(house);
const graph = openGraph(house);
const TRADES = 'subscription { tradeExecuted { __typename } }';
/** Begins with what is known, so that a test sees that it has begun. */
const QUOTES = 'subscription { quotes(symbols: ["ACME.SIM"]) { symbol } }';
const LOG_OUT = 'mutation { logOut { __typename } }';

const openSocket = (options: SocketOptions = {}) => openRawSocket(port, options);

describe('a socket', () => {
  test('closes with 4403 when its token expires, so that its client comes again', async () => {
    const ada = await house.addPerson('ada');
    const token = await house.logIn(ada, 2);
    const connection = connectBySocket({ url, token });
    const results = connection.iterate({ query: TRADES });
    const next = results.next().catch((error: unknown) => error);
    expect(await connection.closed).toMatchObject({ code: 4403 });
    await next;
  });

  test('closes with 4401 after a log-out, and not that of another session', async () => {
    const bob = await house.addPerson('bob');
    const [leaving, staying] = [await house.logIn(bob), await house.logIn(bob)];
    const [gone, kept] = [await openSocket(), await openSocket()];
    await gone.init({ accessToken: leaving });
    await kept.init({ accessToken: staying });
    await graph.data(LOG_OUT, { token: leaving });
    expect(await gone.closed).toBe(4401);
    kept.subscribe('{ viewer { user { username } } }');
    expect(await kept.next()).toMatchObject({
      payload: { data: { viewer: { user: { username: 'bob' } } } },
    });
  });

  test('closes with 4401 when its session is ended from another device', async () => {
    const nina = await house.addPerson('nina');
    const [desk, phone] = [await house.logIn(nina), await house.logIn(nina)];
    const socket = await openSocket();
    await socket.init({ accessToken: phone });
    const { viewer } = await graph.data<{ viewer: { sessions: { nodes: { id: string }[] } } }>(
      '{ viewer { sessions(first: 1) { nodes { id isCurrent userAgent } } } }',
      { token: phone },
    );
    // Both last as long; of those, the newest comes first.
    const [session] = viewer.sessions.nodes;
    expect(session).toMatchObject({ isCurrent: true });
    const { endSession } = await graph.data<{ endSession: object }>(
      `mutation ($sessionId: ID!) {
        endSession(input: { sessionId: $sessionId, idempotencyKey: "1" }) {
          ... on EndSessionSuccess { session { id isCurrent endedAt } }
        }
      }`,
      { token: desk, variables: { sessionId: session?.id } },
    );
    expect(endSession).toMatchObject({
      session: { id: session?.id, isCurrent: false, endedAt: expect.any(String) as string },
    });
    expect(await socket.closed).toBe(4401);
  });

  test('closes with 4401 after a log-out everywhere, whatever its session', async () => {
    const olga = await house.addPerson('olga');
    const sockets = [await openSocket(), await openSocket()];
    for (const socket of sockets) await socket.init({ accessToken: await house.logIn(olga) });
    await graph.data('mutation { logOut(input: { everywhere: true }) { __typename } }', {
      token: olga.token,
    });
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4401, 4401]);
  });

  test('closes with 4401 when a refresh token of its session comes a second time', async () => {
    await house.addPerson('mallory');
    const { sessions } = house.app.services;
    const visitor = anonymousViewer();
    const { accessToken, refreshToken } = await sessions.logIn(visitor, {
      ...{ login: 'mallory', password: PASSWORD },
    });
    const socket = await openSocket();
    await socket.init({ accessToken });
    const { refreshToken: second } = await sessions.refresh(visitor, { refreshToken });
    await sessions.refresh(visitor, { refreshToken: second });
    await expect(sessions.refresh(visitor, { refreshToken })).rejects.toThrow();
    expect(await socket.closed).toBe(4401);
  });

  test('closes with 4403 when the role changes', async () => {
    const carol = await house.addPerson('carol');
    const socket = await openSocket();
    await socket.init({ Authorization: `Bearer ${carol.token}` });
    await house.changeRole(carol, 'PREMIUM');
    expect(await socket.closed).toBe(4403);
  });

  test('closes with 4401 when its person is disabled, and 4403 when the role is set', async () => {
    const admin = await house.addPerson('administrator', 'ADMIN');
    const [pat, quinn] = [await house.addPerson('pat'), await house.addPerson('quinn')];
    const sockets = [await openSocket(), await openSocket()];
    await sockets[0]?.init({ accessToken: pat.token });
    await sockets[1]?.init({ accessToken: quinn.token });
    const ids = [pat, quinn].map(({ id }) => encodeGlobalId('User', id));
    await graph.data(
      `mutation ($pat: ID!, $quinn: ID!) {
        disableUser(input: { userId: $pat, idempotencyKey: "1" }) { __typename }
        setUserRole(input: { userId: $quinn, role: VIEWER, idempotencyKey: "1" }) { __typename }
      }`,
      { token: admin.token, variables: { pat: ids[0], quinn: ids[1] } },
    );
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4401, 4403]);
  });

  test('closes with 4403 when a factor goes that it had shown, in the other sessions', async () => {
    const rita = await house.addPerson('rita');
    const [desk, phone] = [await house.logIn(rita), await house.logIn(rita)];
    const tablet = await house.logIn(rita);
    const change = <Data>(mutation: string, token: string, variables = {}): Promise<Data> =>
      graph.data(mutation, { token, variables });
    const { enableTotp } = await change<{ enableTotp: { secret: string } }>(
      `mutation ($password: String!) {
        enableTotp(input: { password: $password }) { ... on EnableTotpSuccess { secret } }
      }`,
      desk,
      { password: PASSWORD },
    );
    const { confirmTotp } = await change<{ confirmTotp: { recoveryCodes: string[] } }>(
      `mutation ($code: String!) {
        confirmTotp(input: { code: $code }) { ... on ConfirmTotpSuccess { recoveryCodes } }
      }`,
      desk,
      { code: new TOTP({ secret: enableTotp.secret }).generate() },
    );
    await change(
      'mutation ($code: String!) { confirmSecondFactor(input: { code: $code }) { __typename } }',
      phone,
      { code: confirmTotp.recoveryCodes[0] },
    );
    const sockets = await Promise.all(
      [desk, phone, tablet].map(async (accessToken) => {
        const socket = await openSocket();
        await socket.init({ accessToken });
        return socket;
      }),
    );
    const gone = await change(
      'mutation { disableTotp(input: { idempotencyKey: "1" }) { __typename } }',
      desk,
    );
    expect(gone).toEqual({ disableTotp: { __typename: 'DisableTotpSuccess' } });
    expect(await sockets[1]?.closed).toBe(4403);
    // The session that took it away goes on, and one that had shown nothing.
    for (const socket of [sockets[0], sockets[2]]) {
      socket?.subscribe('{ viewer { user { username } } }');
      expect(await socket?.next()).toMatchObject({
        payload: { data: { viewer: { user: { username: 'rita' } } } },
      });
    }
  });

  test('lives on with a fresh token that comes as a Ping, which is not sent back', async () => {
    const dave = await house.addPerson('dave');
    const socket = await openSocket();
    const [first, fresh] = [await house.logIn(dave, 5), await house.logIn(dave, 60)];
    const madeMs = performance.now();
    await socket.init({ accessToken: first });
    socket.send({ type: 'ping', payload: { accessToken: fresh } });
    expect(await socket.next()).toEqual({ type: 'pong' });
    await delay(5_500 - (performance.now() - madeMs));
    socket.subscribe('{ viewer { user { username } } }');
    expect(await socket.next()).toMatchObject({
      payload: { data: { viewer: { user: { username: 'dave' } } } },
    });
  });

  test.each([
    ['of someone else', async () => (await house.addPerson('eve')).token],
    ['that is none', async () => 'nonsense'],
  ])('closes with 4403 when the fresh token is one %s', async (_name, tokenOf) => {
    const socket = await openSocket();
    const [dave] = await house.database.query<{ id: string }>(
      `SELECT id FROM users WHERE username = 'dave'`,
    );
    await socket.init({ accessToken: await house.logIn({ id: dave?.id ?? '' }) });
    socket.send({ type: 'ping', payload: { accessToken: await tokenOf() } });
    expect(await socket.closed).toBe(4403);
  });

  test('with a token that is not good does not open', async () => {
    const socket = await openSocket();
    socket.send({ type: 'connection_init', payload: { accessToken: 'nonsense' } });
    expect(await socket.closed).toBe(4403);
  });

  test('takes queries and mutations too, as the person behind it', async () => {
    const grace = await house.addPerson('grace');
    const socket = await openSocket();
    await socket.init({ accessToken: grace.token });
    socket.subscribe(
      'query ($n: Int!) { viewer { user { username } models(first: $n) { totalCount } } }',
      {
        n: 3,
      },
    );
    expect(await socket.next()).toMatchObject({
      type: 'next',
      payload: {
        data: { viewer: { user: { username: 'grace' }, models: { totalCount: 0 } } },
        extensions: {
          cost: expect.objectContaining({ requested: expect.any(Number) as number }) as object,
        },
      },
    });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  });
});

describe('the origin of a socket', () => {
  test.each([
    ['https://evil.example.com', 403],
    ['null', 403],
    ['https://app.example.com', 'open'],
    [`http://localhost:${port}`, 'open'],
    [undefined, 'open'],
  ])('%s: %s', async (origin, outcome) => {
    const socket = await openSocket(origin === undefined ? {} : { origin });
    expect(socket.outcome).toBe(outcome);
  });

  test('no other path takes sockets', async () => {
    expect((await openSocket({ path: '/other' })).outcome).toBe(404);
  });
});

describe('a stream of server-sent events', () => {
  test('ends with a word of it after a log-out', async () => {
    const heidi = await house.addPerson('heidi');
    const connection = connectBySse({ url, token: heidi.token });
    house.quote();
    const results = connection.iterate({ query: QUOTES });
    // It must be open before the session ends.
    expect((await results.next()).value).toEqual({ data: { quotes: { symbol: 'ACME.SIM' } } });
    await graph.data(LOG_OUT, { token: heidi.token });
    expect((await results.next()).value).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect((await results.next()).done).toBe(true);
    connection.close();
  });

  test('ends when its token expires', async () => {
    const ivan = await house.addPerson('ivan');
    const connection = connectBySse({ url, token: await house.logIn(ivan, 5) });
    const results = connection.iterate({ query: TRADES });
    expect((await results.next()).value).toMatchObject({
      errors: [{ message: 'The access token has expired.' }],
    });
    connection.close();
  });
});
