import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp, type TestPerson } from '../support/app.ts';
import { createBooks } from '../support/books.ts';
import { openGraph } from '../support/graph-call.ts';
import { eventually } from '../support/outbox.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const house = await openTestApp();
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const books = createBooks(house.database);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const viewerOf = ({ id }: TestPerson) => userViewer({ userId: id, role: 'USER' });
const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64url');
const openAccount = (person = ada, cash = '10000') => floor.openAccount(viewerOf(person), cash);

const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on PlaceOrderSuccess { order { id status account { cash reserved buyingPower } } }
    ... on Error { code message }
    ... on OrderDeniedError { orderId }
    ... on InsufficientFundsError { required available }
    ... on InsufficientPositionError { heldBack: required }
    ... on InvalidQuantityError { lotSize }
    ... on IdempotencyConflictError { key }
  }
}`;

interface Placed {
  readonly placeOrder: Readonly<Record<string, unknown>> & {
    readonly __typename: string;
    readonly order: { readonly id: string };
  };
}

const orderFor = (accountId: string, given: Record<string, unknown> = {}) => ({
  accountId: globalId('Account', accountId),
  symbol: 'ACME.SIM',
  side: 'BUY',
  quantity: '10',
  clientOrderId: randomUUID(),
  ...given,
});
const place = async (input: object, person = ada): Promise<Placed['placeOrder']> => {
  const options = { variables: { input }, token: person.token };
  return (await graph.data<Placed>(PLACE, options)).placeOrder;
};

const ORDER = `query ($id: ID!) { node(id: $id) { ... on Order {
  id status filledQuantity averageFillPrice reserved
  account { cash reserved buyingPower }
  trades { totalCount nodes { side quantity price fee realizedNet instrument { symbol } } }
} } }`;
const orderOf = async (id: string, { token }: TestPerson) =>
  (await graph.data<{ node: { id: string; status: string } }>(ORDER, { variables: { id }, token }))
    .node;
/** The order once it is filled: a busy machine takes longer than the answer to `placeOrder` waits. */
const placeAndFill = async (input: object, person = ada) => {
  const { order } = await place(input, person);
  const isFilled = async () => (await orderOf(order.id, person)).status === 'FILLED';
  await eventually('the order is filled', isFilled);
  return orderOf(order.id, person);
};

describe('placeOrder', () => {
  test('fills at the quote', async () => {
    const account = await openAccount();
    house.quote({ bid: '99', ask: '101' });
    expect(await placeAndFill(orderFor(account.id))).toEqual({
      id: expect.any(String) as string,
      status: 'FILLED',
      filledQuantity: '10',
      averageFillPrice: '101',
      reserved: '0',
      // 10000 − 10 × 101
      account: { cash: '8990', reserved: '0', buyingPower: '8990' },
      trades: {
        totalCount: 1,
        nodes: [
          {
            side: 'BUY',
            quantity: '10',
            price: '101',
            fee: '0',
            realizedNet: '0',
            instrument: { symbol: 'ACME.SIM' },
          },
        ],
      },
    });
  });

  test('answers with the order and its account as they are then', async () => {
    const account = await openAccount();
    house.quote({ bid: '99', ask: '101' });
    const { order } = (await place(orderFor(account.id))) as unknown as {
      readonly order: { readonly status: string; readonly account: object };
    };
    // Held back until it fills: 101 × 1.05 × 10 = 1060.5. Filled: 10000 − 10 × 101.
    const held = { cash: '10000', reserved: '1060.5', buyingPower: '8939.5' };
    const paid = { cash: '8990', reserved: '0', buyingPower: '8990' };
    // It may be filled after the order was read and before its account is.
    expect(order.status === 'FILLED' ? [paid] : [held, paid]).toContainEqual(order.account);
  });

  test('names what it was refused for, keeps the order as denied and moves nothing', async () => {
    const account = await openAccount(ada, '1000');
    house.quote({ bid: '99', ask: '101' });
    const before = await books.of(account);
    const input = orderFor(account.id);
    const refused = await place(input);
    expect(refused).toEqual({
      __typename: 'InsufficientFundsError',
      code: 'INSUFFICIENT_FUNDS',
      message: 'Order needs 1060.5; 1000 is free.',
      orderId: expect.any(String) as string,
      // 101 × 1.05 × 10 = 1060.5
      required: '1060.5',
      available: '1000',
    });
    expect(await place(input)).toEqual(refused);
    expect(await books.of(account)).toEqual(before);
    expect(await books.orders(account)).toEqual([
      expect.objectContaining({ status: 'DENIED', reason_code: 'INSUFFICIENT_FUNDS' }),
    ]);
  });

  test.each([
    [{ side: 'SELL' }, 'InsufficientPositionError'],
    [{ quantity: '0.5' }, 'InvalidQuantityError'],
    [{ quantity: '0' }, 'InvalidQuantityError'],
    [{ quantity: '-1' }, 'InvalidQuantityError'],
  ])('refuses %o with %s', async (given, typeName) => {
    const account = await openAccount();
    house.quote();
    const before = await books.of(account);
    expect((await place(orderFor(account.id, given))).__typename).toBe(typeName);
    expect(await books.of(account)).toEqual(before);
  });

  test('gives the same order for the same key and body, and refuses another body', async () => {
    const account = await openAccount();
    house.quote();
    const input = orderFor(account.id, { quantity: '1' });
    const first = { order: await placeAndFill(input) };
    const again = await place({ ...input, quantity: '1.0' });
    expect(again.order.id).toBe(first.order.id);
    const after = await books.of(account);
    expect(await place({ ...input, quantity: '2' })).toMatchObject({
      __typename: 'IdempotencyConflictError',
      code: 'IDEMPOTENCY_CONFLICT',
    });
    expect(await books.of(account)).toEqual(after);
  });

  test("answers for someone else's account as for one that never was, and does nothing", async () => {
    const account = await openAccount(bob);
    house.quote();
    const before = await books.of(account);
    const ask = (accountId: string) =>
      graph.ask(PLACE, { variables: { input: orderFor(accountId) }, token: ada.token });
    const [foreign, never] = [await ask(account.id), await ask(randomUUID())];
    expect(foreign.body.errors).toEqual(never.body.errors);
    expect(foreign.body.errors?.[0]).toMatchObject({
      message: 'Account not found.',
      path: ['placeOrder'],
      extensions: { code: 'NOT_FOUND' },
    });
    expect(await books.of(account)).toEqual(before);
    expect(await books.orders(account)).toEqual([]);
  });

  test('is for those who are logged in', async () => {
    const account = await openAccount();
    const { body } = await graph.ask(PLACE, { variables: { input: orderFor(account.id) } });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await books.orders(account)).toEqual([]);
  });

  test('names the field of a value that is none', async () => {
    const account = await openAccount();
    const ask = (input: object) => graph.ask(PLACE, { variables: { input }, token: ada.token });
    const wrong = await ask(orderFor(account.id, { quantity: 10 }));
    expect(wrong.body.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.quantity',
    });
    const blank = await ask(orderFor(account.id, { clientOrderId: '' }));
    expect(blank.body.errors?.[0]).toMatchObject({
      path: ['placeOrder'],
      extensions: { code: 'BAD_USER_INPUT', field: 'input.clientOrderId' },
    });
    expect(await books.orders(account)).toEqual([]);
  });

  test('twice in one operation shows each time what is true then', async () => {
    const account = await openAccount();
    house.quote({ bid: '99', ask: '101' });
    const query = `mutation ($a: PlaceOrderInput!, $b: PlaceOrderInput!) {
      a: placeOrder(input: $a) { ... on PlaceOrderSuccess { order { account { ...Funds } } } }
      b: placeOrder(input: $b) { ... on PlaceOrderSuccess { order { account { ...Funds } } } }
    }
    fragment Funds on Account { orders { totalCount } buyingPower }`;
    const variables = {
      a: orderFor(account.id, { quantity: '1' }),
      b: orderFor(account.id, { quantity: '2' }),
    };
    const answer = await graph.data<
      Record<'a' | 'b', { order: { account: { orders: object; buyingPower: string } } }>
    >(query, { variables, token: ada.token });
    const [first, second] = [answer.a.order.account, answer.b.order.account];
    expect([first.orders, second.orders]).toEqual([{ totalCount: 1 }, { totalCount: 2 }]);
    // Each takes something of what was free: 101 if it is filled by then, 101 × 1.05 if not.
    expect(Number(first.buyingPower)).toBeGreaterThan(Number(second.buyingPower));
  });
});

describe('a position', () => {
  test('has its average price, and a profit at the latest quote', async () => {
    const account = await openAccount();
    house.quote({ bid: '9', ask: '10' });
    await placeAndFill(orderFor(account.id, { quantity: '10' }));
    house.quote({ bid: '19', ask: '20' });
    await placeAndFill(orderFor(account.id, { quantity: '10' }));
    house.quote({ bid: '18', ask: '19' });
    await placeAndFill(orderFor(account.id, { quantity: '5', side: 'SELL' }));
    const query = `query ($id: ID!) { positions(accountId: $id) { nodes {
      quantity averagePrice totalCost realizedPnl unrealizedPnl
      mark { price isStale source } instrument { symbol } account { cash } } } }`;
    const { positions } = await graph.data<{ positions: { nodes: object[] } }>(query, {
      variables: { id: globalId('Account', account.id) },
      token: ada.token,
    });
    expect(positions.nodes).toEqual([
      {
        // 10 @ 10 and 10 @ 20 → 20 at 15; 5 sold @ 18 → 3 × 5 realized, 15 left that cost 225
        quantity: '15',
        averagePrice: '15',
        totalCost: '225',
        realizedPnl: '15',
        // The quote's last is its bid here: 15 × 18 − 225
        unrealizedPnl: '45',
        mark: { price: '18', isStale: false, source: 'SIMULATED' },
        instrument: { symbol: 'ACME.SIM' },
        // 10000 − 100 − 200 + 90
        account: { cash: '9790' },
      },
    ]);
  });
});

describe('cancelOrder', () => {
  const CANCEL = `mutation ($input: CancelOrderInput!) {
    cancelOrder(input: $input) {
      __typename
      ... on CancelOrderSuccess { order { status account { reserved } } }
      ... on OrderNotCancelableError { code status orderId }
      ... on IdempotencyConflictError { code }
    }
  }`;
  const cancel = (orderId: string, person = ada, idempotencyKey = randomUUID()) =>
    graph.ask(CANCEL, { variables: { input: { orderId, idempotencyKey } }, token: person.token });

  test('refuses an order that is filled, and says where it stands', async () => {
    const account = await openAccount();
    house.quote();
    const order = await placeAndFill(orderFor(account.id));
    const before = await books.of(account);
    expect((await cancel(order.id)).body.data).toEqual({
      cancelOrder: {
        __typename: 'OrderNotCancelableError',
        code: 'ORDER_NOT_CANCELABLE',
        status: 'FILLED',
        orderId: order.id,
      },
    });
    expect(await books.of(account)).toEqual(before);
  });

  test("does not find someone else's order", async () => {
    const account = await openAccount(bob);
    house.quote();
    const order = await placeAndFill(orderFor(account.id), bob);
    const before = await books.orders(account);
    const { body } = await cancel(order.id);
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND' });
    expect(await books.orders(account)).toEqual(before);
  });
});
