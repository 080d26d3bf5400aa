import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeGlobalId, encodeGlobalId } from '../../src/schema/global-ids.ts';
import { circumstancesOf } from '../../src/services/trading/order-rows.ts';
import { addActivity, addModels } from '../support/bulk.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { addPerson } from '../support/people.ts';
import { rowsReadBy } from '../support/rows-read.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const FEW = 10;
const MANY = 10_000;
const PAGE = 5;
/** An entry of an index and its row, of the five that are shown and the one that tells of more. */
const READ_MAX = 2 * (PAGE + 1);
/** How many of the oldest orders of an account stand there; all others are filled. */
const OLD = ['ACCEPTED', 'DENIED', 'CANCELED'];
const OF_EACH = 7;

interface Holdings {
  readonly token: string;
  /** Ids in the graph. */
  readonly account: string;
  readonly order: string;
}

let database: TestDatabase;
let graph: Graph;
let few: Holdings;
let many: Holdings;

beforeAll(async () => {
  database = await createTestDatabase();
  graph = await openGraph(database, { variables: { DATABASE_POOL_SIZE: '1' } });
  afterAll(() => graph.app.stop());
  few = await settle('few', FEW);
  many = await settle('many', MANY);
  await database.query('VACUUM ANALYZE');
}, 240_000);

/** A person with so much beneath an account, and as many orders of each rare state in another one. */
async function settle(username: string, count: number): Promise<Holdings> {
  const { id: ownerId, ...person } = await addPerson(graph, database, { username, role: 'USER' });
  const [model, other] = await addModels(database, { ownerIds: [ownerId], count: 2 });
  if (!model || !other) throw new Error('No models were made.');
  const { id: instrumentId } = await createTradingFloor(database).addInstrument();
  const accountIds = [model.accountId];
  await addActivity(database, { accountIds, instrumentId, count: 3 * OF_EACH + count });
  await setStatuses(model.accountId, OF_EACH);
  const others = [other.accountId];
  await addActivity(database, { accountIds: others, instrumentId, count: 3 * count });
  await setStatuses(other.accountId, count);
  const [order] = await database.query<{ id: string }>(
    'SELECT id FROM orders WHERE account_id = $1 ORDER BY created_at DESC LIMIT 1',
    [model.accountId],
  );
  if (!order) throw new Error('No order was made.');
  await addHeld(model.accountId);
  await addSteps(order.id, count);
  await addReplaced(order.id, { accountId: other.accountId, count });
  await addEntries(ownerId, model.accountId, count);
  return {
    token: await graph.logIn(person),
    account: encodeGlobalId('Account', model.accountId),
    order: encodeGlobalId('Order', order.id),
  };
}

async function setStatuses(accountId: string, each: number): Promise<void> {
  await database.query(
    `WITH old AS (
       SELECT id, row_number() OVER (ORDER BY created_at, id) AS place FROM orders WHERE account_id = $1)
     UPDATE orders o SET status = ($2::order_status[])[(place - 1) / $3::int + 1]
     FROM old WHERE old.id = o.id AND place <= 3 * $3::int`,
    [accountId, OLD, each],
  );
}

/** A few that are held, opened before all those that were closed. */
const addHeld = async (accountId: string) => {
  const floor = createTradingFloor(database);
  for (let opened = 0; opened < OF_EACH; opened += 1) {
    const { id } = await floor.addInstrument();
    await database.query(
      `INSERT INTO positions (id, owner_id, account_id, instrument_id, quantity, total_cost,
         realized_pnl, opened_at, updated_at)
       SELECT gen_random_uuid(), owner_id, id, $2, 1, 1, 0, '2025-12-01', now()
       FROM accounts WHERE id = $1`,
      [accountId, id],
    );
  }
};

/** So many steps in the life of an order, as if each had filled a part. */
const addSteps = (orderId: string, count: number) =>
  database.query(
    `INSERT INTO order_events (order_id, sequence, owner_id, to_status, occurred_at, recorded_at)
     SELECT id, n, owner_id, 'PARTIALLY_FILLED', now(), now()
     FROM orders, generate_series(1, $2::int) n WHERE id = $1`,
    [orderId, count],
  );

/** A group of the order, in which one took the place of the other so many times. */
const addReplaced = async (
  orderId: string,
  { accountId, count }: { readonly accountId: string; readonly count: number },
) => {
  await database.query(
    `INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
       time_in_force, quantity, status, filled_quantity, filled_notional, reserved, version, order_class,
       leg, group_id, replaced_by_id, created_at, updated_at)
     SELECT gen_random_uuid(), owner_id, $3, instrument_id, gen_random_uuid()::text, side, type,
       time_in_force, 1, 'REPLACED', 0, 0, 0, 1, 'BRACKET', 'TAKE_PROFIT', id, id, created_at, created_at
     FROM orders, generate_series(1, $2::int) n WHERE id = $1`,
    [orderId, count, accountId],
  );
  await database.query(
    `UPDATE orders SET group_id = id, order_class = 'BRACKET', leg = 'ENTRY' WHERE id = $1`,
    [orderId],
  );
};

/** So many deposits. */
const addEntries = (ownerId: string, accountId: string, count: number) =>
  database.query(
    `WITH made AS (
       INSERT INTO ledger_transfers (id, owner_id, cause, cause_id, currency, occurred_at, recorded_at)
       SELECT gen_random_uuid(), $1, 'DEPOSIT', gen_random_uuid(), 'USD',
         timestamptz '2026-01-01' + n * interval '1 second', now()
       FROM generate_series(1, $3::int) n RETURNING *)
     INSERT INTO ledger_entries (transfer_id, line, owner_id, ledger_account, account_id, amount,
       occurred_at)
     SELECT id, line, owner_id, name::ledger_account_kind, account_id, amount, occurred_at
     FROM made, (VALUES (1, 'CASH', $2::uuid, 1), (2, 'EXTERNAL', NULL, -1))
       AS part (line, name, account_id, amount)`,
    [ownerId, accountId, count],
  );

const of = (typeName: string, id: string, fields: string) =>
  `node(id: "${id}") { ... on ${typeName} { ${fields} } }`;
const page = (status: string) =>
  `orders(first: ${String(PAGE)}, status: ${status}) { nodes { id } }`;

const WORKING =
  '[PENDING, SUBMITTED, ACCEPTED, PARTIALLY_FILLED, TRIGGERED, CANCEL_PENDING, UNKNOWN]';
const STATUSES = [WORKING, '[ACCEPTED]', '[DENIED]', '[CANCELED]', '[CANCELED, EXPIRED, REPLACED]'];

async function rowsOf(document: string, { token }: Holdings, lines = PAGE) {
  return rowsReadBy({ database, db: graph.app.db }, async () => {
    const { data, errors } = await graph.ask(`{ ${document} }`, token);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).match(/"id"|"status"|"cause"/g)).toHaveLength(lines);
  });
}

describe('a page of five orders of an account', () => {
  it('by a rare status reads these alone, with 10,000 filled ones and as many in another account', async () => {
    // What PostgreSQL keeps of a statement that it has planned often may not fit another status.
    const filled = of('Account', many.account, page('[FILLED]'));
    for (let asked = 0; asked < 12; asked += 1) await rowsOf(filled, many);
    for (const status of STATUSES) {
      const { orders } = await rowsOf(of('Account', many.account, page(status)), many);
      expect({ status, isFew: Number(orders) <= READ_MAX, orders }).toMatchObject({ isFew: true });
    }
  });
});

const LISTS: Readonly<Record<string, (holdings: Holdings) => string>> = {
  'trades of an account': ({ account }) =>
    of('Account', account, 'trades(first: 5) { nodes { id realizedNet } }'),
  'the ledger of an account': ({ account }) =>
    of('Account', account, 'ledger(first: 5) { nodes { cause amount } }'),
  'positions with their figures': ({ account }) =>
    of(
      'Account',
      account,
      'positions(first: 5, status: ALL) { nodes { id weight mark { price } unrealizedPnl } }',
    ),
  'positions that are held': ({ account }) =>
    of('Account', account, 'positions(first: 5) { nodes { id } }'),
  'all positions of a person that are held': () => 'positions(first: 5) { nodes { id } }',
  'a group in which orders were replaced': ({ order }) =>
    of('Order', order, 'group { status replaces { status } }'),
};

/** Of a small table PostgreSQL reads all, or an entry: the account itself is no part of the list. */
const withoutAccounts = ({ accounts: _few, ...read }: Record<string, number>) => read;

it.each(Object.entries(LISTS))('%s: reads as much of 10 as of 10,000', async (name, list) => {
  const lines = name.startsWith('a group') ? 1 : PAGE;
  // A statement is planned once, and the ends of indexes are looked at for that.
  await rowsOf(list(few), few, lines);
  const ofMany = withoutAccounts(await rowsOf(list(many), many, lines));
  expect(ofMany).toEqual(withoutAccounts(await rowsOf(list(few), few, lines)));
  // An entry of the ledger is read with its transfer.
  expect(Math.max(...Object.values(ofMany))).toBeLessThanOrEqual(3 * (PAGE + 1));
});

it('a timeline reads the hundred steps of each end alone', async () => {
  const timeline = ({ order }: Holdings) => of('Order', order, 'timeline { status }');
  // Each step is an entry of the index and its row, and of a short life each is read from both ends.
  const { order_events: ofFew } = await rowsOf(timeline(few), few, FEW);
  const { order_events: ofMany } = await rowsOf(timeline(many), many, 200);
  expect(Number(ofFew)).toBeLessThanOrEqual(2 * 2 * FEW);
  expect(Number(ofMany)).toBeLessThanOrEqual(2 * 200);
});

it('what the gate asks for passes no open orders of others', async () => {
  const [row] = await database.query<{ accountId: string; symbol: string }>(
    `SELECT o.account_id AS "accountId", i.symbol FROM orders o JOIN instruments i ON i.id = instrument_id
     WHERE o.id = $1`,
    [decodeGlobalId(many.order).id],
  );
  if (!row) throw new Error('The order is gone.');
  const { text, values } = circumstancesOf({ ...row, clientOrderId: 'another' });
  // Of none that was read nothing is told.
  const { orders = 0 } = await rowsReadBy({ database, db: graph.app.db }, () =>
    database.query(text, values),
  );
  expect(orders).toBeLessThanOrEqual(2 * OF_EACH + 2);
});
