import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { createDisconnectSweeper } from '../../src/services/trading/disconnect-sweeper.ts';
import { createDisconnectSwitches } from '../../src/services/trading/disconnect-switches.ts';
import { openTestApp, PASSWORD } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { collect } from '../support/collected.ts';
import { connectBySocket } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const { url } = await serve(house);
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const viewer = userViewer({ userId: ada.id, role: 'USER' });
const { orders, sessions } = house.app.services;

/** So long that a busy machine is late in nothing: what is pushed ahead is pushed in time. */
const GRACE_SECONDS = 4;
const GRACE_MS = GRACE_SECONDS * 1_000;
const LONGER_THAN_GRACE_MS = 1.25 * GRACE_MS;

const ARM = `mutation ($input: CancelOnDisconnectInput!) {
  cancelOnDisconnect(input: $input) {
    __typename
    ... on CancelOnDisconnectSuccess { disconnectSwitch { isArmed graceSeconds } }
    ... on Error { code }
  }
}`;

const inputOf = (accountId: string, given: object = {}) => ({
  input: { accountId: encodeGlobalId('Account', accountId), graceSeconds: GRACE_SECONDS, ...given },
});

/** A socket of the person's that has sent this; closed or not as the test wants. */
async function arm(accountId: string, given: object = {}, token = ada.token) {
  const connection = connectBySocket({ url, token });
  // Its client closes a socket on which nothing runs.
  collect(connection.iterate({ query: 'subscription { quotes(symbols: ["ACME.SIM"]) { bid } }' }));
  const results = connection.iterate<{ cancelOnDisconnect: object }>({
    query: ARM,
    variables: { ...inputOf(accountId, given) },
  });
  const { value } = (await results.next()) as {
    value: { data?: { cancelOnDisconnect: object }; errors?: unknown };
  };
  return { ...connection, answer: value.data?.cancelOnDisconnect, errors: value.errors };
}

/** An account with two orders that wait for a price. */
async function openOrders() {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '10000');
  for (const price of [90, 91]) {
    await orders.place(viewer, {
      ...{ accountId: account.id, symbol: 'ACME.SIM', side: 'BUY', quantity: decimal(1) },
      ...{ type: 'LIMIT', limitPrice: decimal(price), clientOrderId: randomUUID() },
    });
  }
  return account.id;
}

const statesOf = async (accountId: string) =>
  (await orders.list(viewer, {}, { accountId })).map(
    ({ status, reasonCode }) => `${status} ${String(reasonCode)}`,
  );
const CANCELED = ['CANCELED CANCEL_ON_DISCONNECT', 'CANCELED CANCEL_ON_DISCONNECT'];
const WORKING = ['ACCEPTED null', 'ACCEPTED null'];
const untilCanceled = (accountId: string) =>
  eventually('they are canceled', async () =>
    (await statesOf(accountId)).every((state) => CANCELED.includes(state)),
  );

test.concurrent('the orders go once the socket has ended and the grace is over', async () => {
  const accountId = await openOrders();
  const socket = await arm(accountId);
  expect(socket.answer).toEqual({
    __typename: 'CancelOnDisconnectSuccess',
    disconnectSwitch: { isArmed: true, graceSeconds: GRACE_SECONDS },
  });
  // An open socket keeps them, however long it is silent.
  await delay(LONGER_THAN_GRACE_MS);
  expect(await statesOf(accountId)).toEqual(WORKING);
  const endedMs = performance.now();
  socket.close();
  await untilCanceled(accountId);
  // The clock that ends it has whole milliseconds.
  expect(performance.now() - endedMs).toBeGreaterThan(GRACE_MS - 5);
  expect(await statesOf(accountId)).toEqual(CANCELED);
  const [account] = await floor.portfolios.list(viewer, { where: { id: accountId } });
  expect(String(account?.reserved)).toBe('0');
});

test.concurrent('who is back within the grace, and arms again, keeps them', async () => {
  const accountId = await openOrders();
  const { accessToken: token } = await sessions.logIn(viewer, {
    ...{ login: ada.username, password: PASSWORD },
  });
  const first = await arm(accountId, {}, token);
  first.close();
  await delay(500);
  const second = await arm(accountId, {}, token);
  await delay(LONGER_THAN_GRACE_MS);
  expect(await statesOf(accountId)).toEqual(WORKING);
  second.close();
  await untilCanceled(accountId);
});

test.concurrent('who disarms it may leave', async () => {
  const accountId = await openOrders();
  const socket = await arm(accountId);
  const connection = await arm(accountId, { isArmed: false });
  socket.close();
  connection.close();
  await delay(LONGER_THAN_GRACE_MS);
  expect(await statesOf(accountId)).toEqual(WORKING);
});

test.concurrent('a process that is killed takes them with it: any other sweeps', async () => {
  const accountId = await openOrders();
  // Another process, of which nothing is left from one moment to the next.
  const other = createDisconnectSwitches({
    ...{ db: house.database.server, workerDb: house.database.worker, clock: house.app.clock },
    ...{ portfolios: floor.portfolios, logger: house.log },
  });
  other.start();
  const socket = { onClose: () => undefined };
  await other.set(viewer, { accountId, isArmed: true, graceSeconds: GRACE_SECONDS }, socket);
  await delay(LONGER_THAN_GRACE_MS);
  expect(await statesOf(accountId)).toEqual(WORKING);
  await other.stop();
  await untilCanceled(accountId);
});

test('it is renewed and looked for so often that no order outlives the grace by a second', async () => {
  const intervalsMs: number[] = [];
  const timers = {
    every(intervalMs: number) {
      intervalsMs.push(intervalMs);
      return () => undefined;
    },
    after: () => () => undefined,
  };
  const common = { workerDb: house.database.worker, clock: house.app.clock, logger: house.log };
  const switches = createDisconnectSwitches({
    ...{ ...common, db: house.database.server, portfolios: floor.portfolios, timers },
  });
  const sweeper = createDisconnectSweeper({ ...common, timers });
  switches.start();
  sweeper.start();
  await Promise.all([switches.stop(), sweeper.stop()]);
  const [renewalMs = NaN, sweepMs = NaN] = intervalsMs;
  expect(renewalMs + sweepMs).toBeLessThan(1_000);
});

test('it is for a socket alone, for whose account it is, and for a minute at most', async () => {
  const accountId = await openOrders();
  const answer = await graph.data<object>(ARM, {
    variables: inputOf(accountId),
    token: ada.token,
  });
  expect(answer).toEqual({
    cancelOnDisconnect: { __typename: 'SocketRequiredError', code: 'SOCKET_REQUIRED' },
  });
  const ofBob = await arm(accountId, {}, bob.token);
  expect(ofBob.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  const tooLong = await arm(accountId, { graceSeconds: 61 });
  expect(tooLong.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  for (const { close } of [ofBob, tooLong]) close();
  // No switch, and therefore nothing that could fire.
  expect(await house.database.query('SELECT 1 FROM disconnect_switches')).toEqual([]);
  expect(await statesOf(accountId)).toEqual(WORKING);
});
