import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { addActivity, addModels } from '../support/bulk.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { addPerson } from '../support/people.ts';
import { rowsReadBy } from '../support/rows-read.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const MANY = 20_000;
const PAGE = 5;

let database: TestDatabase;
let graph: Graph;
let token: string;
let account: string;
let rareSymbol: string;

/** How many of the oldest orders are not filled, and have had the rare symbol. */
const OLD = { ACCEPTED: 6, DENIED: 8, CANCELED: 10, rare: 7 };

beforeAll(async () => {
  database = await createTestDatabase();
  graph = await openGraph(database, { variables: { DATABASE_POOL_SIZE: '1' } });
  afterAll(() => graph.app.stop());
  const { id, ...person } = await addPerson(graph, database, { username: 'ada', role: 'USER' });
  token = await graph.logIn(person);
  const [model] = await addModels(database, { ownerIds: [id], count: 1 });
  if (!model) throw new Error('No model was made.');
  account = encodeGlobalId('Account', model.accountId);
  const floor = createTradingFloor(database);
  const [usual, rare] = [await floor.addInstrument(), await floor.addInstrument()];
  rareSymbol = rare.symbol;
  const accountIds = [model.accountId];
  await addActivity(database, { accountIds, instrumentId: usual.id, count: MANY });
  const { ACCEPTED, DENIED, CANCELED } = OLD;
  await database.query(
    `WITH old AS (SELECT id, row_number() OVER (ORDER BY created_at) AS place FROM orders)
     UPDATE orders o SET status = CASE WHEN place <= $1 THEN 'ACCEPTED'::order_status
       WHEN place <= $2 THEN 'DENIED' ELSE 'CANCELED' END
     FROM old WHERE old.id = o.id AND place <= $3`,
    [ACCEPTED, ACCEPTED + DENIED, ACCEPTED + DENIED + CANCELED],
  );
  // Their times begin where those of the others begin.
  await addActivity(database, { accountIds, instrumentId: rare.id, count: OLD.rare });
  await database.query('VACUUM ANALYZE');
}, 120_000);

type List = (filter: string) => string;
const ofAccount = () => `accountId: "${account}", `;
const LISTS: Readonly<Record<string, List>> = {
  'orders of an account': (filter) => ordersOf(ofAccount(), filter),
  'all orders': (filter) => ordersOf('', filter),
  'trades of an account': (filter) => tradesOf(ofAccount(), filter),
  'all trades': (filter) => tradesOf('', filter),
};
const ordersOf = (of: string, filter: string) =>
  `orders(${of}first: 5, filter: { ${filter} }) { nodes { id } }`;
const tradesOf = (of: string, filter: string) =>
  `trades(${of}first: 5, filter: { ${filter} }) { nodes { id } }`;

const WORKING =
  '[PENDING, SUBMITTED, ACCEPTED, PARTIALLY_FILLED, TRIGGERED, CANCEL_PENDING, UNKNOWN]';
const STATUSES = [WORKING, '[DENIED]', '[CANCELED]', '[CANCELED, EXPIRED, REPLACED]'];

const rowsOf = (document: string) =>
  rowsReadBy({ database, db: graph.app.db }, async () => {
    const { data, errors } = await graph.ask(`{ ${document} }`, token);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).match(/"id"/g)).toHaveLength(PAGE);
  });

/** An entry of an index and its row, of the five that are shown and the one that tells of more. */
const READ_MAX = 2 * (PAGE + 1);

describe('a page of five among 20,000', () => {
  it.each(Object.entries(LISTS).slice(0, 2))(
    'of %s by a rare status reads these alone',
    async (_name, list) => {
      // What PostgreSQL keeps of a statement that it has planned often may not fit another status.
      for (let asked = 0; asked < 12; asked += 1) await rowsOf(list('status: [FILLED]'));
      for (const statuses of STATUSES) {
        const read = await rowsOf(list(`status: ${statuses}`));
        expect(Math.max(...Object.values(read)), statuses).toBeLessThanOrEqual(READ_MAX);
      }
    },
  );

  it.each(Object.entries(LISTS))(
    'of %s by a rare symbol reads these alone',
    async (_name, list) => {
      const read = await rowsOf(list(`symbol: "${rareSymbol}"`));
      expect(Math.max(...Object.values(read))).toBeLessThanOrEqual(READ_MAX);
    },
  );
});

it('refuses a status that there is not as before', async () => {
  await expect(database.query(`SELECT 'LOST'::text::order_status`)).rejects.toThrow(
    'invalid input value for enum order_status: "LOST"',
  );
});
