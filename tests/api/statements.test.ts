import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { addActivity, addModels } from '../support/bulk.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { addPerson, type Person } from '../support/people.ts';
import { statementsOf } from '../support/statement-watch.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const FEW = 2;
const MANY = 50;
const CHILDREN = 3;
/** Answers with thousands of objects. */
const TIMEOUT_MS = 120_000;

let database: TestDatabase;
let graph: Graph;
let owner: Person;
let instrumentId: string;
const parents: { modelId: string; accountId: string }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  owner = await addPerson(graph, database, { username: 'owner_ada', role: 'USER' });
  ({ id: instrumentId } = await createTradingFloor(database).addInstrument());
});

/** Until there are so many models, each with an account, orders, trades, positions and a log. */
async function growTo(count: number): Promise<void> {
  const made = await addModels(database, { ownerIds: [owner.id], count: count - parents.length });
  const accountIds = made.map(({ accountId }) => accountId);
  await addActivity(database, { accountIds, instrumentId, count: CHILDREN });
  parents.push(...made);
}

const page = (fields: string) => `(first: 4) { nodes { ${fields} } totalCount }`;
const whole = (fields: string) => `(first: 100) { nodes { ${fields} } totalCount }`;
/** The positions here are closed. */
const closed = (list: string) => list.replace('(', '(status: CLOSED, ');
const trades = `trades${page('price account { name } instrument { symbol quote { bid } }')}`;
const inAccount = `
  ${trades}
  positions${closed(page('quantity mark { price } instrument { symbol }'))}
  orders${page(`status filledAt timeline { status } replaces { id } instrument { symbol } ${trades}`)}
  model { name prompt } owner { email } buyingPower`;
const inModel = `name prompt costUsd owner { email } accounts${page(inAccount)} log${page('content')}`;

const QUERIES: Readonly<Record<string, () => string>> = {
  'the accounts of a viewer': () => `viewer { accounts${whole(inAccount)} }`,
  'the models of a viewer': () => `viewer { models${whole(inModel)} }`,
  'all models': () => `models${whole(inModel)}`,
  'all orders': () => `orders${whole(`account { ${inAccount} }`)}`,
  'all trades': () => `trades${whole('order { status account { name } } instrument { symbol }')}`,
  'all positions': () =>
    `positions${closed(whole('account { name } instrument { symbol } unrealizedPnl'))}`,
  'a leaderboard': () =>
    `leaderboard { entries${whole('model { name prompt accounts { nodes { cash } } }')} }`,
  'nodes by their ids': () => {
    const ids = parents.map(({ accountId }) => encodeGlobalId('Account', accountId));
    return `nodes(ids: ${JSON.stringify(ids)}) { ... on Account { name ${inAccount} } }`;
  },
};

it(
  'sends as many statements for 50 parents as for 2',
  async () => {
    const token = await graph.logIn(owner);
    const countAll = async () => {
      const counts: Record<string, number> = {};
      const sizes: number[] = [];
      for (const [name, query] of Object.entries(QUERIES)) {
        let size = 0;
        const statements = await statementsOf(async () => {
          const { data, errors } = await graph.ask(`{ ${query()} }`, token);
          expect({ name, errors }).toEqual({ name, errors: undefined });
          size = JSON.stringify(data).length;
        });
        counts[name] = statements.length;
        sizes.push(size);
      }
      return { counts, sizes };
    };
    await growTo(FEW);
    const few = await countAll();
    await growTo(MANY);
    const many = await countAll();
    expect(many.counts).toEqual(few.counts);
    // 25 times as many parents: each answer is much longer.
    expect(many.sizes.every((size, at) => size > 8 * Number(few.sizes[at]))).toBe(true);
  },
  TIMEOUT_MS,
);
