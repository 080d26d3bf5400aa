import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import type { Account } from '../../src/services/platform/prisma/client.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const house = await openTestApp();
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const admin = await house.addPerson('operator', 'ADMIN');

let account: Account;
beforeEach(async () => {
  account = await floor.openAccount(userViewer({ userId: ada.id, role: 'USER' }), '10000');
  house.quote();
});
const accountId = () => encodeGlobalId('Account', account.id);

type Answer = Readonly<Record<string, unknown>>;
const ask = (document: string, variables: Answer = {}, { token } = ada) =>
  graph.data<Readonly<Record<string, Answer>>>(document, { variables, token });

const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on PlaceOrderSuccess { order { status } }
    ... on OrderDeniedError { code }
    ... on TradingHaltedError { scope haltReason isByAdministrator }
    ... on OrderValueTooHighError { value maximum }
    ... on TooManyOrdersError { most: maximum retryAfterSeconds }
  }
}`;
async function place(order: object): Promise<Answer> {
  const input = { symbol: 'ACME.SIM', side: 'BUY', quantity: '1', ...order };
  const { placeOrder = {} } = await ask(PLACE, {
    input: { accountId: accountId(), clientOrderId: randomUUID(), ...input },
  });
  return placeOrder;
}

const TURN = `mutation ($input: SetKillSwitchInput!) {
  setKillSwitch(input: $input) {
    __typename
    ... on SetKillSwitchSuccess { killSwitch { scope isOn reason isByAdministrator } }
    ... on HaltedByAdministratorError { code haltReason }
  }
}`;
async function turn(isOn: boolean, by = ada, given: object = {}): Promise<Answer> {
  const input = { scope: 'ACCOUNT', accountId: accountId(), isOn, ...given };
  const { setKillSwitch = {} } = await ask(
    TURN,
    { input: { ...input, idempotencyKey: randomUUID() } },
    by,
  );
  return setKillSwitch;
}

test('the worked example: 15 held at 15 and a sale of 20 at 12 leave −45 and a short of 5 at 12', async () => {
  await house.database.query('UPDATE accounts SET allows_short = true WHERE id = $1', [account.id]);
  let trades = 0;
  const trade = async (side: string, quantity: string, price: string) => {
    house.quote({ bid: price, ask: price });
    expect(await place({ side, quantity })).toMatchObject({ __typename: 'PlaceOrderSuccess' });
    trades += 1;
    const filled = async () => (await position()).trades.totalCount;
    await vi.waitFor(async () => expect(await filled()).toBe(trades), { timeout: 20_000 });
  };
  const position = async () => {
    const { viewer } = await ask(
      `query ($id: ID!) { viewer { account(id: $id) {
        cash reserved buyingPower
        positions(first: 5, status: ALL) { nodes { quantity averagePrice realizedPnl closedAt } }
        trades(first: 5) { totalCount nodes { realizedGross } }
      } } }`,
      { id: accountId() },
    );
    return viewer?.['account'] as {
      readonly positions: { readonly nodes: readonly Answer[] };
      readonly trades: { readonly totalCount: number; readonly nodes: readonly Answer[] };
    };
  };
  await trade('BUY', '10', '10');
  await trade('BUY', '10', '20');
  expect((await position()).positions.nodes).toMatchObject([
    { quantity: '20', averagePrice: '15' },
  ]);
  await trade('SELL', '5', '18');
  expect((await position()).trades.nodes[0]).toEqual({ realizedGross: '15' });
  await trade('SELL', '20', '12');
  // 10,000 − 100 − 200 + 90 + 240 = 10,030; the short of 60 holds back 120.
  expect(await position()).toMatchObject({
    ...{ cash: '10030', reserved: '120', buyingPower: '9910' },
    positions: {
      nodes: [
        { quantity: '-5', averagePrice: '12', realizedPnl: '0', closedAt: null },
        { quantity: '0', averagePrice: null, realizedPnl: '-30' },
      ],
    },
    trades: { nodes: [{ realizedGross: '-45' }, {}, {}, {}] },
  });
});

describe('limits', () => {
  const set = (limits: object, by = ada, target: object = {}) =>
    ask(
      `mutation ($input: SetRiskLimitsInput!) {
        setRiskLimits(input: $input) {
          ... on SetRiskLimitsSuccess { riskLimits { scope maxOrderValue ordersPerMinute } }
          ... on Error { code }
        }
      }`,
      {
        input: {
          ...{ scope: 'ACCOUNT', accountId: accountId(), ...target },
          ...{ limits, idempotencyKey: randomUUID() },
        },
      },
      by,
    );

  test('are set, shown with those of all scopes, and refuse an order by their name', async () => {
    await set({ maxOrderValue: '1009.99', ordersPerMinute: 2 });
    await set({ maxOrderValue: '5000', dailyLossLimit: '700' }, admin, {
      ...{ scope: 'USER', userId: encodeGlobalId('User', ada.id), accountId: null },
    });
    const { viewer } = await ask(
      `query ($id: ID!) { viewer {
        riskLimits { maxOrderValue } riskLimitsByAdministrator { maxOrderValue isByAdministrator }
        account(id: $id) {
        riskLimits { maxOrderValue dailyLossLimit allowedSymbols isByAdministrator }
        riskLimitsByAdministrator { scope }
        effectiveRiskLimits { maxOrderValue dailyLossLimit ordersPerMinute priceCollar }
      } } }`,
      { id: accountId() },
    );
    expect(viewer).toEqual({
      riskLimits: null,
      riskLimitsByAdministrator: { maxOrderValue: '5000', isByAdministrator: true },
      account: {
        riskLimits: {
          ...{ maxOrderValue: '1009.99', dailyLossLimit: null, allowedSymbols: null },
          isByAdministrator: false,
        },
        riskLimitsByAdministrator: null,
        effectiveRiskLimits: {
          ...{ maxOrderValue: '1009.99', dailyLossLimit: '700' },
          ...{ ordersPerMinute: 2, priceCollar: '0.2' },
        },
      },
    });
    expect(await place({ quantity: '10' })).toEqual({
      ...{ __typename: 'OrderValueTooHighError', code: 'ORDER_VALUE_TOO_HIGH' },
      ...{ value: '1010', maximum: '1009.99' },
    });
    expect(await place({})).toMatchObject({ __typename: 'PlaceOrderSuccess' });
    expect(await place({})).toMatchObject({ __typename: 'TooManyOrdersError', most: 2 });
    const taken = await set({ maxOrderValue: null, ordersPerMinute: null });
    expect(taken['setRiskLimits']).toEqual({
      riskLimits: { scope: 'ACCOUNT', maxOrderValue: null, ordersPerMinute: null },
    });
    expect(await place({ quantity: '10' })).toMatchObject({ __typename: 'PlaceOrderSuccess' });
  });
});

describe('a kill switch', () => {
  const statusOf = async () => {
    const { orders } = await ask(
      `query ($id: ID!) { orders(accountId: $id, first: 5) { nodes { status reasonCode } } }`,
      { id: accountId() },
    );
    return orders?.['nodes'];
  };

  test('cancels what is open within a second, and refuses what is new', async () => {
    await place({ type: 'LIMIT', limitPrice: '90' });
    expect(await turn(true, ada, { reason: 'A test' })).toEqual({
      __typename: 'SetKillSwitchSuccess',
      killSwitch: { scope: 'ACCOUNT', isOn: true, reason: 'A test', isByAdministrator: false },
    });
    await vi.waitFor(
      async () =>
        expect(await statusOf()).toEqual([{ status: 'CANCELED', reasonCode: 'TRADING_HALTED' }]),
      { timeout: 20_000, interval: 20 },
    );
    expect(await place({})).toEqual({
      ...{ __typename: 'TradingHaltedError', code: 'TRADING_HALTED' },
      ...{ scope: 'ACCOUNT', haltReason: 'A test', isByAdministrator: false },
    });
    await turn(false);
    expect(await place({})).toMatchObject({ __typename: 'PlaceOrderSuccess' });
  });

  test('of an administrator is theirs to turn off', async () => {
    await turn(true, admin, { reason: 'Under review' });
    expect(await turn(false)).toEqual({
      ...{ __typename: 'HaltedByAdministratorError', code: 'HALTED_BY_ADMINISTRATOR' },
      haltReason: 'Under review',
    });
    expect(await place({})).toMatchObject({
      ...{ __typename: 'TradingHaltedError', isByAdministrator: true },
    });
    await turn(true, ada, { reason: 'Mine' });
    const { viewer } = await ask(
      `query ($id: ID!) { viewer { account(id: $id) {
        killSwitch { isOn reason isByAdministrator }
        killSwitchByAdministrator { isOn reason isByAdministrator }
      } } }`,
      { id: accountId() },
    );
    expect(viewer?.['account']).toEqual({
      killSwitch: { isOn: true, reason: 'Mine', isByAdministrator: false },
      killSwitchByAdministrator: { isOn: true, reason: 'Under review', isByAdministrator: true },
    });
    expect(await turn(false)).toMatchObject({ killSwitch: { isOn: false } });
    expect(await turn(false, admin)).toMatchObject({ killSwitch: { isOn: false } });
  });

  test('of the deployment is told to everyone', async () => {
    const everybody = { scope: 'DEPLOYMENT', accountId: null };
    const status = async () =>
      (await ask('{ tradingStatus { isHalted reason } }'))['tradingStatus'];
    expect(await status()).toEqual({ isHalted: false, reason: null });
    await turn(true, admin, { ...everybody, reason: 'Maintenance' });
    expect(await status()).toEqual({ isHalted: true, reason: 'Maintenance' });
    expect(await place({})).toMatchObject({ scope: 'DEPLOYMENT', haltReason: 'Maintenance' });
    await turn(false, admin, everybody);
    expect(await status()).toEqual({ isHalted: false, reason: null });
  });
});
