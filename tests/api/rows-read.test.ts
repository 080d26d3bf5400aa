import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import {
  addAccounts,
  addActivity,
  addCrowd,
  addFills,
  addModels,
  addSessions,
} from '../support/bulk.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { addPerson } from '../support/people.ts';
import { rowsReadBy } from '../support/rows-read.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const FEW = 10;
const MANY = 10_000;
const CROWD = 5_000;

/** Ids of a person who has so many of everything, in one account and one model. */
interface Holdings {
  readonly token: string;
  readonly account: string;
  readonly model: string;
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
  await settleCrowd();
  // The planner decides by the size of tables, and both persons stand in the same ones.
  await database.query('VACUUM ANALYZE');
});

async function settle(username: string, count: number): Promise<Holdings> {
  const { id: ownerId, ...person } = await addPerson(graph, database, { username, role: 'USER' });
  const [model] = await addModels(database, { ownerIds: [ownerId], count });
  if (!model) throw new Error('No model was made.');
  await addAccounts(database, { modelId: model.modelId, count });
  const instrument = await createTradingFloor(database).addInstrument();
  const activity = { instrumentId: instrument.id, count };
  await addActivity(database, { ...activity, accountIds: [model.accountId] });
  await addSessions(database, { ownerId, count });
  const [order] = await database.query<{ id: string }>(
    'SELECT id FROM orders WHERE account_id = $1 ORDER BY id LIMIT 1',
    [model.accountId],
  );
  if (!order) throw new Error('No order was made.');
  await addFills(database, { orderId: order.id, count });
  return {
    token: await graph.logIn(person),
    account: encodeGlobalId('Account', model.accountId),
    model: encodeGlobalId('Model', model.modelId),
    order: encodeGlobalId('Order', order.id),
  };
}

/** People with little each: what most lists are like is not what the longest is like. */
async function settleCrowd(): Promise<void> {
  const instrument = await createTradingFloor(database).addInstrument();
  const people = await addCrowd(database, CROWD);
  const models = await addModels(database, { ownerIds: people, count: 1 });
  const accountIds = models.map(({ accountId }) => accountId);
  await addActivity(database, { accountIds, instrumentId: instrument.id, count: 1 });
}

const page = '(first: 5) { nodes { id } pageInfo { hasNextPage } }';
/** The positions of the people here are closed. */
const closed = page.replace('(', '(status: CLOSED, ');
const last = '(last: 5) { nodes { id } }';
const of = (typeName: string, id: string, fields: string) =>
  `node(id: "${id}") { ... on ${typeName} { ${fields} } }`;

const LISTS: Readonly<Record<string, (holdings: Holdings) => string>> = {
  'trades of an account': ({ account }) => of('Account', account, `trades${page}`),
  'the last trades of an account': ({ account }) => of('Account', account, `trades${last}`),
  'orders of an account': ({ account }) => of('Account', account, `orders${page}`),
  'positions of an account': ({ account }) => of('Account', account, `positions${closed}`),
  'trades of an order': ({ order }) => of('Order', order, `trades${page}`),
  'the log of a model': ({ model }) => of('Model', model, `log${page}`),
  'accounts of a model': ({ model }) => of('Model', model, `accounts${page}`),
  'accounts of a viewer': () => `viewer { accounts${page} }`,
  'models of a viewer': () => `viewer { models${page} }`,
  'open sessions of a viewer': () => `viewer { sessions${page} }`,
  'all orders': () => `orders${page}`,
  'all trades': () => `trades${page}`,
  'all positions': () => `positions${closed}`,
  'all models': () => `models${page}`,
  'a log': ({ model }) => `agentLogs(first: 5, modelId: "${model}") { nodes { id } }`,
};

/** An entry of an index and its row, of the five that are shown and the one that tells of more. */
const READ_MAX = 2 * 6;

describe('a page of five', () => {
  it.each(Object.keys(LISTS))('of %s reads as much of 10 as of 10,000', async (name) => {
    const read = (holdings: Holdings) =>
      rowsReadBy({ database, db: graph.app.db }, async () => {
        const document = `{ ${String(LISTS[name]?.(holdings))} }`;
        const { data, errors } = await graph.ask(document, holdings.token);
        expect(errors).toBeUndefined();
        expect(JSON.stringify(data).match(/"id"/g)).toHaveLength(5);
      });
    const ofMany = await read(many);
    expect(ofMany).toEqual(await read(few));
    expect(Math.max(...Object.values(ofMany))).toBeLessThanOrEqual(READ_MAX);
  });
});
