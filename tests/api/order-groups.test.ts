import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const house = await openTestApp();
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const viewer = userViewer({ userId: ada.id, role: 'USER' });

const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on PlaceOrderSuccess { order {
      id status type quantity notional stopPrice trailPercent orderClass leg
      group { leg status quantity side limitPrice stopPrice }
    } }
    ... on PriceOnWrongSideError { code field price where reference }
    ... on NotionalTooSmallError { code notional minimum }
  }
}`;
const REPLACE = `mutation ($input: ReplaceOrderInput!) {
  replaceOrder(input: $input) {
    __typename
    ... on ReplaceOrderSuccess { order {
      id status quantity limitPrice replaces { id status replacedBy { id } }
    } }
    ... on OrderNotReplaceableError { code status filledQuantity orderId }
    ... on InsufficientFundsError { code required orderId }
  }
}`;
interface Answer {
  readonly data?: Readonly<Record<string, { readonly order?: { readonly id: string } }>>;
}
const send = async (document: string, input: object): Promise<Answer> => {
  const answer = await graph.ask(document, { variables: { input }, token: ada.token });
  return answer.body as Answer;
};
const openAccount = async () => {
  const { id } = await floor.openAccount(viewer, '10000');
  house.quote({ bid: '99', ask: '101' });
  return Buffer.from(`Account:${id}`).toString('base64url');
};
const orderFor = (accountId: string, given: object) => ({
  ...{ accountId, symbol: 'ACME.SIM', side: 'BUY', clientOrderId: randomUUID(), ...given },
});

test('a bracket is placed with its legs, which are seen as its group', async () => {
  const legs = {
    takeProfit: { limitPrice: '120' },
    stopLoss: { stopPrice: '70', limitPrice: null },
  };
  const order = orderFor(await openAccount(), {
    ...{ quantity: '10', type: 'LIMIT', limitPrice: '90', orderClass: 'BRACKET' },
  });
  const waiting = { status: 'PENDING', quantity: '10', side: 'SELL' };
  expect(await send(PLACE, { ...order, ...legs })).toMatchObject({
    data: {
      placeOrder: {
        order: {
          ...{ status: 'ACCEPTED', orderClass: 'BRACKET', leg: 'ENTRY' },
          group: expect.arrayContaining([
            expect.objectContaining({ leg: 'ENTRY', status: 'ACCEPTED' }),
            expect.objectContaining({ leg: 'TAKE_PROFIT', limitPrice: '120', ...waiting }),
            expect.objectContaining({ leg: 'STOP_LOSS', stopPrice: '70', ...waiting }),
          ]) as unknown,
        },
      },
    },
  });
});

test('what the gate has against legs, trails and notionals is told with its numbers', async () => {
  const accountId = await openAccount();
  const bracket = { quantity: '10', orderClass: 'BRACKET', stopLoss: { stopPrice: '70' } };
  expect(
    await send(PLACE, orderFor(accountId, { ...bracket, takeProfit: { limitPrice: '101' } })),
  ).toMatchObject({
    data: {
      placeOrder: {
        ...{ code: 'PRICE_ON_WRONG_SIDE', field: 'takeProfit.limitPrice' },
        ...{ price: '101', where: 'ABOVE', reference: '101' },
      },
    },
  });
  expect(await send(PLACE, orderFor(accountId, { notional: '100' }))).toMatchObject({
    data: { placeOrder: { code: 'NOTIONAL_TOO_SMALL', notional: '100', minimum: '101' } },
  });
  expect(await send(PLACE, orderFor(accountId, { notional: '100', quantity: '1' }))).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT', field: 'quantity' } }],
  });
  // 101 × 1.05 = 106.05
  const trailing = { quantity: '10', type: 'TRAILING_STOP', trailPercent: '5' };
  expect(await send(PLACE, orderFor(accountId, trailing))).toMatchObject({
    data: { placeOrder: { order: { status: 'ACCEPTED', stopPrice: '106.05', trailPercent: '5' } } },
  });
});

test('an order is replaced, and refused by name where it cannot be', async () => {
  const limited = { quantity: '10', type: 'LIMIT', limitPrice: '90' };
  const placed = await send(PLACE, orderFor(await openAccount(), limited));
  const orderId = placed.data?.['placeOrder']?.order?.id;
  const replaced = await send(REPLACE, {
    ...{ orderId, limitPrice: '91', quantity: '12', clientOrderId: randomUUID() },
  });
  const id = replaced.data?.['replaceOrder']?.order?.id;
  expect(replaced).toMatchObject({
    data: {
      replaceOrder: {
        order: {
          ...{ status: 'ACCEPTED', quantity: '12', limitPrice: '91' },
          replaces: { id: orderId, status: 'REPLACED', replacedBy: { id } },
        },
      },
    },
  });
  const again = { orderId, limitPrice: '92', clientOrderId: randomUUID() };
  expect(await send(REPLACE, again)).toMatchObject({
    data: {
      replaceOrder: {
        ...{ code: 'ORDER_NOT_REPLACEABLE', status: 'REPLACED', filledQuantity: '0', orderId },
      },
    },
  });
  // 200 × 91
  const tooMuch = { orderId: id, quantity: '200', clientOrderId: randomUUID() };
  expect(await send(REPLACE, tooMuch)).toMatchObject({
    data: { replaceOrder: { code: 'INSUFFICIENT_FUNDS', required: '18200', orderId: null } },
  });
});
