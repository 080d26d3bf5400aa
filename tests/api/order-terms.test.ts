import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const house = await openTestApp();
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');

const orderFor = (accountId: string, given: Record<string, unknown>) => ({
  accountId: Buffer.from(`Account:${accountId}`).toString('base64url'),
  ...{ symbol: 'ACME.SIM', side: 'BUY', quantity: '10', clientOrderId: randomUUID() },
  ...given,
});

describe('an order with a price', () => {
  const TERMS = `mutation ($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on PlaceOrderSuccess { order {
        status type timeInForce limitPrice stopPrice expiresAt reserved
      } }
      ... on InvalidPriceError { code field tickSize }
      ... on PriceOutOfRangeError { code price worst }
    }
  }`;
  const placeWith = async (given: Record<string, unknown>) => {
    const viewer = userViewer({ userId: ada.id, role: 'USER' });
    const { id } = await floor.openAccount(viewer, '10000');
    house.quote({ bid: '99', ask: '101' });
    const variables = { input: orderFor(id, given) };
    return (await graph.ask(TERMS, { variables, token: ada.token })).body;
  };

  test('says its terms, and holds its limit back', async () => {
    const terms = { type: 'LIMIT', limitPrice: '90.5', timeInForce: 'DAY' };
    expect(await placeWith(terms)).toMatchObject({
      data: {
        placeOrder: {
          order: { ...terms, status: 'ACCEPTED', stopPrice: null, reserved: '905' },
        },
      },
    });
    const expiresAt = '2036-01-01T00:00:00.000Z';
    const until = { type: 'STOP', stopPrice: '120', timeInForce: 'GTD', expiresAt };
    expect(await placeWith(until)).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  test('is refused by name where its prices are off', async () => {
    expect(await placeWith({ type: 'LIMIT', limitPrice: '90.005' })).toMatchObject({
      data: { placeOrder: { code: 'INVALID_PRICE', field: 'limitPrice', tickSize: '0.01' } },
    });
    expect(await placeWith({ type: 'LIMIT', limitPrice: '130' })).toMatchObject({
      data: { placeOrder: { code: 'PRICE_OUT_OF_RANGE', price: '130', worst: '121.2' } },
    });
  });

  test.each([
    [{ type: 'LIMIT' }, 'limitPrice'],
    [{ limitPrice: '90' }, 'limitPrice'],
    [{ type: 'STOP', stopPrice: '120', timeInForce: 'IOC' }, 'timeInForce'],
    [{ timeInForce: 'GTD' }, 'expiresAt'],
  ])('with terms that cannot be is bad input that names the field: %j', async (given, field) => {
    const { errors } = await placeWith(given);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
  });
});

describe('previewOrder', () => {
  const PREVIEW = `query ($input: PreviewOrderInput!) {
    previewOrder(input: $input) {
      isAllowed price fee reserve buyingPowerAfter
      refusal { __typename code message orderId ... on InsufficientFundsError { required } }
    }
  }`;
  const preview = async (given: Record<string, unknown>) => {
    const viewer = userViewer({ userId: ada.id, role: 'USER' });
    const { id } = await floor.openAccount(viewer, '10000');
    house.quote({ bid: '99', ask: '101' });
    const { clientOrderId: _none, ...input } = orderFor(id, given);
    return (await graph.ask(PREVIEW, { variables: { input }, token: ada.token })).body;
  };

  test('reckons what an order would cost', async () => {
    expect(await preview({})).toMatchObject({
      data: { previewOrder: { isAllowed: true, refusal: null, price: '101', reserve: '1060.5' } },
    });
  });

  test('names what stands against it, with its numbers', async () => {
    expect(await preview({ quantity: '1000' })).toMatchObject({
      data: {
        previewOrder: {
          isAllowed: false,
          refusal: {
            ...{ __typename: 'InsufficientFundsError', code: 'INSUFFICIENT_FUNDS', orderId: null },
            required: '106050', // 1,000 × 101 × 1.05
          },
          buyingPowerAfter: '10000',
        },
      },
    });
  });
});
