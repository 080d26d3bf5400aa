import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { createBooks } from '../support/books.ts';
import { openGraph } from '../support/graph-call.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const house = await openTestApp();
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const books = createBooks(house.database);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const viewer = userViewer({ userId: ada.id, role: 'USER' });

const PLACE = `mutation ($input: PlaceOrdersInput!) {
  placeOrders(input: $input) {
    __typename
    ... on PlaceOrdersSuccess { order { id clientOrderId side } }
    ... on Error { code }
    ... on OrderDeniedError { orderId }
  }
}`;

const orderOf = (given: Record<string, unknown> = {}) => ({
  ...{ symbol: 'ACME.SIM', side: 'BUY', quantity: '1', clientOrderId: randomUUID(), ...given },
});

type Verdict = Readonly<Record<string, unknown>> | null;

const ask = async (accountId: string, orders: readonly object[], token = ada.token) => {
  const input = { accountId: encodeGlobalId('Account', accountId), orders };
  const { body } = await graph.ask(PLACE, { variables: { input }, token });
  const { data, errors = [], extensions } = body;
  const answers = (data?.['placeOrders'] ?? []) as readonly Verdict[];
  return { answers, errors, extensions };
};

test('each order has its own verdict, in the order in which they were sent', async () => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '1000');
  const first = orderOf();
  const { answers } = await ask(account.id, [
    first,
    orderOf({ quantity: '1000' }),
    orderOf({ type: 'LIMIT', limitPrice: '90' }),
    orderOf({ side: 'SELL', quantity: '50' }),
    first,
    { ...first, quantity: '2' },
  ]);
  expect(answers.map((answer) => answer?.['code'] ?? answer?.['__typename'])).toEqual([
    'PlaceOrdersSuccess',
    'INSUFFICIENT_FUNDS',
    'PlaceOrdersSuccess',
    'INSUFFICIENT_POSITION',
    'PlaceOrdersSuccess',
    'IDEMPOTENCY_CONFLICT',
  ]);
  expect(answers[4]).toEqual(answers[0]);
  // The refused are kept, and their answers say where.
  expect(answers[1]?.['orderId']).toEqual(expect.any(String));
  const statuses = (await books.orders(account)).map((row) => row['status']);
  expect(statuses.filter((status) => status === 'DENIED')).toHaveLength(2);
  expect(statuses).toHaveLength(4);
});

test('an order that cannot be judged is null with an error, and the others stand', async () => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '1000');
  const { answers, errors } = await ask(account.id, [
    orderOf({ symbol: 'NOTHING.SIM' }),
    orderOf(),
  ]);
  expect(answers.map((answer) => answer && answer['__typename'])).toEqual([
    null,
    'PlaceOrdersSuccess',
  ]);
  expect(errors).toEqual([
    expect.objectContaining({
      path: ['placeOrders', 0],
      extensions: expect.objectContaining({ code: 'NOT_FOUND' }) as object,
    }),
  ]);
});

test.each([
  ['none', () => []],
  ['51', () => Array.from({ length: 51 }, () => orderOf())],
  ['one that is no order', () => [orderOf(), orderOf({ type: 'LIMIT' })]],
])('a list with %s is refused whole', async (_name, orders) => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '100000');
  const { errors } = await ask(account.id, orders());
  expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(await books.orders(account)).toEqual([]);
});

test("an account of somebody else's is not found, and nothing is placed", async () => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '1000');
  const { errors } = await ask(account.id, [orderOf(), orderOf()], bob.token);
  expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  expect(await books.orders(account)).toEqual([]);
});

test('fifty orders cost what fifty cost', async () => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '100000');
  const costOf = async (count: number) => {
    const { extensions } = await ask(
      account.id,
      Array.from({ length: count }, () => orderOf()),
    );
    return (extensions as { cost: { requested: number } }).cost.requested;
  };
  const one = await costOf(1);
  expect(await costOf(50)).toBe(50 * one);
});
