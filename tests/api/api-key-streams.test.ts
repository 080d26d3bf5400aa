import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { addApiKey } from '../support/api-keys.ts';
import { openTestApp, type TestPerson } from '../support/app.ts';
import { collect, type Collected } from '../support/collected.ts';
import { openGraph } from '../support/graph-call.ts';
import { connectBySocket, TRANSPORTS } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp();
const { app } = house;
const { url, port } = await serve(house);
const graph = openGraph(house);
const BALANCES = 'subscription { balanceChanged { ... on BalanceChanged { account { cash } } } }';
const CREATE_MODEL = `mutation ($key: String!) { createModel(input: { name: "M", universe: ["ACME.SIM"],
  startingCash: "1000", intervalSeconds: 60, idempotencyKey: $key }) { __typename } }`;

/**
 * Opens an account of the person's, which their streams of balances tell, and waits until the log holds
 * it: what a stream begins with after that comes to it only once.
 */
const act = async ({ token }: TestPerson) => {
  await graph.data(CREATE_MODEL, { token, variables: { key: randomUUID() } });
  await eventually('the relay has it', async () => {
    const rows = await house.database.query('SELECT 1 FROM outbox LIMIT 1');
    return rows.length === 0;
  });
};

const revoke = ({ id: userId }: TestPerson, apiKeyId: string) =>
  app.services.apiKeys.revoke(userViewer({ userId, role: 'USER' }), {
    apiKeyId,
    idempotencyKey: randomUUID(),
  });

/** The codes of the errors that ended a stream. */
const codesOf = ({ results }: Collected) =>
  results.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.['code']));
const dataOf = ({ results }: Collected) => results.filter(({ data }) => data);

describe.each(TRANSPORTS)('over $transport, a key', ({ transport, connect }) => {
  const isSocket = transport === 'WebSocket';
  const personOf = (name: string) => house.addPerson(`${name}_${isSocket ? 'socket' : 'sse'}`);
  const open = async (owner: TestPerson, token: string) => {
    await act(owner);
    const connection = connect({ url, token });
    const stream = collect(connection.iterate({ query: BALANCES }));
    await eventually('the stream has begun', () => dataOf(stream).length > 0);
    return stream;
  };

  test('follows what happens to its owner', async () => {
    const ada = await personOf('ada');
    const key = await addApiKey(app, ada);
    const stream = await open(ada, key.secret);
    const before = dataOf(stream).length;
    await act(ada);
    await eventually('the news came', () => dataOf(stream).length > before);
    await revoke(ada, key.id);
    await stream.ended;
  });

  test('hears nothing that came after it was revoked', async () => {
    const bob = await personOf('bob');
    const [key, other] = [await addApiKey(app, bob), await addApiKey(app, bob)];
    const stream = await open(bob, key.secret);
    const kept = await open(bob, other.secret);
    const [count, countKept] = [dataOf(stream).length, dataOf(kept).length];
    await revoke(bob, key.id);
    await act(bob);
    await stream.ended;
    await eventually('the other one goes on', () => dataOf(kept).length > countKept);
    expect(dataOf(stream)).toHaveLength(count);
    if (!isSocket) expect(codesOf(stream)).toEqual(['UNAUTHENTICATED']);
    await revoke(bob, other.id);
    await kept.ended;
  });

  test('ends when it runs out', async () => {
    const cat = await personOf('cat');
    await act(cat);
    const expiresAt = new Date(app.clock.now().getTime() + 5_000);
    const key = await addApiKey(app, cat, { expiresAt });
    const stream = collect(connect({ url, token: key.secret }).iterate({ query: BALANCES }));
    await stream.ended;
    expect(app.clock.now() >= expiresAt).toBe(true);
    expect(dataOf(stream).length).toBeGreaterThan(0);
  });

  test('does not follow without the scope for it', async () => {
    const dan = await personOf('dan');
    const key = await addApiKey(app, dan, { scopes: ['TRADE', 'AGENT'] });
    const connection = connect({ url, token: key.secret });
    const { results, ended } = collect(connection.iterate({ query: BALANCES }));
    await ended;
    expect(results.flatMap(({ data }) => data ?? [])).toEqual([]);
    expect(results[0]?.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    connection.close();
  });

  test('opens as many streams in a minute as it may', async () => {
    const eli = await personOf('eli');
    await act(eli);
    const key = await addApiKey(app, eli, { requestsPerMinute: 1 });
    const connection = connect({ url, token: key.secret });
    const first = collect(connection.iterate({ query: BALANCES }));
    await eventually('the stream has begun', () => dataOf(first).length > 0);
    const second = collect(connection.iterate({ query: BALANCES }));
    await second.ended;
    expect(dataOf(second)).toEqual([]);
    // Over HTTP it is the status that says so, before there is a stream.
    expect(codesOf(second)).toEqual(isSocket ? ['RATE_LIMITED'] : []);
    connection.close();
    await first.ended;
  });
});

describe('a socket with a key', () => {
  /** Runs `end` once the socket is open, and answers with how it closed. */
  const closedBy = async (
    owner: TestPerson,
    token: string,
    end: () => Promise<unknown> = () => Promise.resolve(),
  ) => {
    await act(owner);
    const connection = connectBySocket({ url, token });
    const stream = collect(connection.iterate({ query: BALANCES }));
    await eventually('the stream has begun', () => dataOf(stream).length > 0);
    await end();
    return connection.closed;
  };

  test('closes with 4401 when the key is revoked: it comes to nothing again', async () => {
    const fay = await house.addPerson('fay');
    const key = await addApiKey(app, fay);
    expect(await closedBy(fay, key.secret, () => revoke(fay, key.id))).toMatchObject({
      code: 4401,
    });
  });

  test('closes with 4401 when the key runs out', async () => {
    const gil = await house.addPerson('gil');
    await act(gil);
    const expiresAt = new Date(app.clock.now().getTime() + 5_000);
    const key = await addApiKey(app, gil, { expiresAt });
    expect(await closedBy(gil, key.secret)).toMatchObject({ code: 4401 });
  });

  test('closes with 4401 when its owner is disabled, and with 4403 for another role', async () => {
    const [root, hal, ivy] = [
      await house.addPerson('root', 'SUPER_ADMIN'),
      await house.addPerson('hal'),
      await house.addPerson('ivy'),
    ];
    const [ofHal, ofIvy] = [await addApiKey(app, hal), await addApiKey(app, ivy)];
    const admin = userViewer({ userId: root.id, role: 'SUPER_ADMIN' });
    const { userAdministration } = app.services;
    const disable = () =>
      userAdministration.change(admin, {
        ...{ userId: hal.id, change: { kind: 'DISABLE' }, idempotencyKey: randomUUID() },
      });
    const promote = () =>
      userAdministration.change(admin, {
        ...{ userId: ivy.id, change: { kind: 'SET_ROLE', role: 'PREMIUM' } },
        idempotencyKey: randomUUID(),
      });
    expect(await closedBy(hal, ofHal.secret, disable)).toMatchObject({ code: 4401 });
    expect(await closedBy(ivy, ofIvy.secret, promote)).toMatchObject({ code: 4403 });
    // The key is good for the new role.
    expect(await graph.data('{ viewer { user { role } } }', { token: ofIvy.secret })).toEqual({
      viewer: { user: { role: 'PREMIUM' } },
    });
  });

  test("stays open for an administrator's key without ADMIN that is told of no change of role", async () => {
    const joe = await house.addPerson('joe', 'ADMIN');
    const key = await addApiKey(app, { ...joe, role: 'ADMIN' });
    const socket = await openRawSocket(port);
    await socket.init({ Authorization: `Bearer ${key.secret}` });
    // A new token version voids access tokens; keys go by the role, which is the same.
    await house.changeRole(joe, 'ADMIN');
    socket.subscribe('{ viewer { user { username } } }');
    expect(await socket.next()).toMatchObject({
      payload: { data: { viewer: { user: { username: 'joe' } } } },
    });
  });

  test('is refused for a key that is no good', async () => {
    const socket = await openRawSocket(port);
    socket.send({ type: 'connection_init', payload: { accessToken: 'tg_live_made-up' } });
    expect(await socket.closed).toBe(4401);
  });
});
