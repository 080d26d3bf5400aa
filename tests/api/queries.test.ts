import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { leaveBroken } from '../support/books-left.ts';
import { openTestApp, type TestPerson } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { eventually } from '../support/outbox.ts';
import { createTradingFloor } from '../support/trading-floor.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';

const house = await openTestApp();
// Rows of orders are put there without what leads to them.
leaveBroken(house.database, 'histories-lead-to-the-state', 'states-fit-what-is-filled');
const graph = openGraph(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');

const asViewer = ({ id }: TestPerson) => userViewer({ userId: id, role: 'USER' });
const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64url');
const account = await floor.openAccount(asViewer(ada), '10000');
const bobsAccount = await floor.openAccount(asViewer(bob), '10000');

/** Orders as the database holds them, a second apart; the last two at the same moment. */
const orderIds = Array.from({ length: 7 }, () => randomUUID());
for (const [index, id] of orderIds.entries()) {
  await house.database.query(
    `INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
       time_in_force, quantity, status, filled_quantity, filled_notional, reserved, version,
       created_at, updated_at)
     VALUES ($1::uuid, $2, $3, $4, $1::text, $5::order_side, 'MARKET', 'GTC', 1, $6::order_status,
       0, 0, 0, 1, $7, $7)`,
    [
      id,
      ada.id,
      account.id,
      house.instrument.id,
      index % 2 === 0 ? 'BUY' : 'SELL',
      index < 3 ? 'CANCELED' : 'FILLED',
      new Date(Date.UTC(2026, 0, 1, 0, 0, Math.min(index, 5))),
    ],
  );
}
const newestFirst = orderIds
  .map((id, index) => ({ id, second: Math.min(index, 5) }))
  .sort((a, b) => b.second - a.second || (a.id < b.id ? 1 : -1))
  .map(({ id }) => globalId('Order', id));

interface OrdersPage {
  readonly orders: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly id: string }[];
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly hasPreviousPage: boolean;
      readonly startCursor: string;
      readonly endCursor: string;
    };
  };
}
const ORDERS = `query ($first: Int, $last: Int, $after: String, $before: String, $filter: OrderFilter) {
  orders(first: $first, last: $last, after: $after, before: $before, filter: $filter) {
    totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const ordersOf = async (variables: Record<string, unknown>): Promise<OrdersPage['orders']> =>
  (await graph.data<OrdersPage>(ORDERS, { variables, token: ada.token })).orders;
const idsOf = ({ nodes }: OrdersPage['orders']) => nodes.map(({ id }) => id);

describe('a list', () => {
  test('is read to its end page by page, each entry once, newest first', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 1; ; pages += 1) {
      const page: OrdersPage['orders'] = await ordersOf({ first: 3, after });
      seen.push(...idsOf(page));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) {
        expect(pages).toBe(3);
        break;
      }
    }
    expect(seen).toEqual(newestFirst);
  });

  test('is read from its end as well', async () => {
    const last = await ordersOf({ last: 3 });
    expect(idsOf(last)).toEqual(newestFirst.slice(-3));
    expect(last.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    const before = await ordersOf({ last: 3, before: last.pageInfo.startCursor });
    expect(idsOf(before)).toEqual(newestFirst.slice(-6, -3));
  });

  test('goes on behind its cursor when something new came before it', async () => {
    const page = await ordersOf({ first: 2 });
    const id = randomUUID();
    await house.database.query(
      `INSERT INTO orders SELECT $1::uuid, owner_id, account_id, instrument_id, $1::text, side, type,
         time_in_force, quantity, status, filled_quantity, filled_notional, reserved, reason_code,
         reason, run_id, version, '2026-02-01Z', '2026-02-01Z' FROM orders WHERE id = $2`,
      [id, orderIds[0]],
    );
    const next = await ordersOf({ first: 2, after: page.pageInfo.endCursor });
    expect(idsOf(next)).toEqual(newestFirst.slice(2, 4));
    await house.database.query('DELETE FROM orders WHERE id = $1', [id]);
  });

  test('counts what its filter lets through', async () => {
    const filtered = await ordersOf({ filter: { status: ['CANCELED'] } });
    expect(filtered.totalCount).toBe(3);
    expect((await ordersOf({ filter: { status: ['CANCELED'], side: 'SELL' } })).totalCount).toBe(1);
    expect((await ordersOf({ first: 1 })).totalCount).toBe(7);
  });

  test.each([
    [{ first: 101 }, 'first'],
    [{ last: 0 }, 'last'],
    [{ after: 'nonsense' }, 'after'],
    [{ first: 1, last: 1 }, 'last'],
  ])('with %o is refused, and says which argument it was', async (variables, field) => {
    const { body } = await graph.ask(ORDERS, { variables, token: ada.token });
    expect(body.data).toBeNull();
    expect(body.errors).toEqual([
      expect.objectContaining({
        path: ['orders'],
        extensions: { code: 'BAD_USER_INPUT', field },
      }),
    ]);
  });

  test('of an account has the same pages', async () => {
    const query = `query ($id: ID!, $after: String) { viewer { account(id: $id) {
      orders(first: 4, after: $after) { totalCount nodes { id } pageInfo { endCursor hasNextPage } }
    } } }`;
    const read = async (after: string | null) => {
      const variables = { id: globalId('Account', account.id), after };
      const { viewer } = await graph.data<{ viewer: { account: OrdersPage } }>(query, {
        variables,
        token: ada.token,
      });
      return viewer.account.orders;
    };
    const first = await read(null);
    const second = await read(first.pageInfo.endCursor);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(newestFirst);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(first.totalCount).toBe(7);
  });

  test("of someone else's account is as empty as that of one that never was", async () => {
    const query = `query ($id: ID!) { orders(accountId: $id) { totalCount nodes { id } }
      trades(accountId: $id) { totalCount } positions(accountId: $id) { totalCount } }`;
    const ask = (id: string) =>
      graph.ask(query, { variables: { id: globalId('Account', id) }, token: ada.token });
    const [foreign, never] = await Promise.all([ask(bobsAccount.id), ask(randomUUID())]);
    // What is left of the budget differs, and the answers do not.
    const answerOf = ({ data, errors }: typeof foreign.body) => ({ data, errors });
    expect(answerOf(foreign.body)).toEqual(answerOf(never.body));
    expect(foreign.body.data?.['orders']).toEqual({ totalCount: 0, nodes: [] });
  });
});

describe('node', () => {
  const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

  test("finds what is one's own by its id", async () => {
    const ids = [globalId('Account', account.id), newestFirst[0] ?? ''];
    const { nodes } = await graph.data<{ nodes: object[] }>(NODES, {
      variables: { ids },
      token: ada.token,
    });
    expect(nodes).toEqual([
      { __typename: 'Account', id: ids[0] },
      { __typename: 'Order', id: ids[1] },
    ]);
  });

  test('answers for a foreign id as for one that never was', async () => {
    const ids = [
      globalId('Account', bobsAccount.id),
      globalId('Account', randomUUID()),
      globalId('User', bob.id),
      globalId('User', randomUUID()),
    ];
    const { body } = await graph.ask(NODES, { variables: { ids }, token: ada.token });
    expect(body.errors).toBeUndefined();
    expect(body.data).toEqual({ nodes: [null, null, null, null] });
  });

  test.each([
    'nonsense',
    Buffer.from('PageInfo:0199f3a0-5b1c-7c3e-9d2f-1a2b3c4d5e6f').toString('base64url'),
    Buffer.from("Order:1' OR '1'='1").toString('base64url'),
  ])('refuses %s, which is no id', async (id) => {
    const { body } = await graph.ask(NODES, { variables: { ids: [id] }, token: ada.token });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'id' });
  });

  test('takes a hundred ids and no more', async () => {
    const ids = Array.from({ length: 101 }, () => globalId('Order', randomUUID()));
    const { body } = await graph.ask(NODES, { variables: { ids }, token: ada.token });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'ids' });
  });

  test('refuses the id of another type where one is meant', async () => {
    const { body } = await graph.ask('query ($id: ID!) { model(id: $id) { name } }', {
      variables: { id: globalId('Account', account.id) },
    });
    expect(body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
  });
});

describe('a query', () => {
  test('sees one state of the database, and leaves no transaction open', async () => {
    const query = '{ a: viewer { accounts { nodes { cash } } } b: orders { totalCount } }';
    await graph.data(query, { token: ada.token });
    const open = () =>
      house.database.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
           AND application_name = 'tradegraph' AND usename = 'tradegraph_server'
           AND state LIKE 'idle in transaction%'`,
      );
    // One that is left open stays so until its time-out of 25 s; others come and go behind the scenes.
    const isNoneOpen = async () => (await open()).length === 0;
    await eventually('no transaction is open', isNoneOpen, 10_000);
  });

  test('derives buying power, and shows a position without a price as such', async () => {
    const { viewer } = await graph.data<{ viewer: object }>(
      '{ viewer { accounts { nodes { cash reserved buyingPower startingCash currency } } } }',
      { token: ada.token },
    );
    const cash = { cash: '10000', reserved: '0', buyingPower: '10000', startingCash: '10000' };
    expect(viewer).toEqual({ accounts: { nodes: [{ ...cash, currency: 'USD' }] } });
  });

  test('with text that no database holds is refused in words', async () => {
    for (const symbol of ['a\0b', '\ud800']) {
      const query = 'query ($symbol: String!) { instrument(symbol: $symbol) { name } }';
      const { body } = await graph.ask(query, { variables: { symbol } });
      expect(body.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    }
  });
});
