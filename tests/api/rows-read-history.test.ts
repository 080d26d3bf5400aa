import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { addModels } from '../support/bulk.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { addPerson } from '../support/people.ts';
import { rowsReadBy } from '../support/rows-read.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const FEW = 10;
const MANY = 10_000;
const LINES = 100_000;
const POSITIONS = 8;

/** What is read about a person who has so many lines of log, and so many trades behind each position. */
interface Holdings {
  readonly token: string;
  readonly account: string;
  readonly model: string;
}

let database: TestDatabase;
let graph: Graph;
let few: Holdings;
let many: Holdings;
let most: Holdings;

beforeAll(async () => {
  database = await createTestDatabase();
  graph = await openGraph(database, { variables: { DATABASE_POOL_SIZE: '1' } });
  afterAll(() => graph.app.stop());
  const floor = createTradingFloor(database);
  const instruments = await Promise.all(
    Array.from({ length: POSITIONS }, () => floor.addInstrument()),
  );
  const ids = instruments.map(({ id }) => id);
  few = await settle('few', { lines: FEW, trades: FEW, instruments: ids });
  many = await settle('many', { lines: MANY, trades: MANY / POSITIONS, instruments: ids });
  most = await settle('most', { lines: LINES, trades: 0, instruments: [] });
  await addNews(MANY);
  await database.query('UPDATE agent_log SET is_indexed = true');
  await database.query('VACUUM ANALYZE');
}, 240_000);

interface Amounts {
  readonly lines: number;
  /** Of each instrument. */
  readonly trades: number;
  readonly instruments: readonly string[];
}

const TIME = `timestamptz '2026-01-01' + n * interval '1 second'`;

async function settle(username: string, amounts: Amounts): Promise<Holdings> {
  const { lines, trades, instruments } = amounts;
  const { id: ownerId, ...person } = await addPerson(graph, database, { username, role: 'USER' });
  const [model] = await addModels(database, { ownerIds: [ownerId], count: 1 });
  if (!model) throw new Error('No model was made.');
  // All lines have two words, six the word "hydrogen", and every tenth one the word "tenth".
  await database.query(
    `INSERT INTO agent_log (id, owner_id, model_id, run_id, sequence, date, occurred_at, kind, content)
     SELECT gen_random_uuid(), $1, $2, gen_random_uuid(), 0, '2026-01-01', ${TIME}, 'ASSISTANT',
       'Thinking aloud about ' || md5(n::text)
       || CASE WHEN n % ($3 / 6 + 1) = 1 OR $3 < 20 AND n <= 6 THEN ' hydrogen' ELSE '' END
       || CASE WHEN n % 10 = 0 THEN ' tenth' ELSE '' END
     FROM generate_series(1, $3::int) n`,
    [ownerId, model.modelId, lines],
  );
  // Each trade buys one at 1.
  await database.query(
    `INSERT INTO trades (id, owner_id, account_id, instrument_id, import_key, source, side, quantity, price,
       fee, cash_amount, realized_gross, position_quantity, position_cost, position_realized,
       executed_at, recorded_at)
     SELECT gen_random_uuid(), $1, $2, i, i || ' ' || n, 'IMPORTED', 'BUY', 1, 1, 0, -1, 0, n, n, 0, ${TIME},
       ${TIME}
     FROM unnest($4::uuid[]) i, generate_series(1, $3::int) n`,
    [ownerId, model.accountId, trades, instruments],
  );
  await database.query(
    `INSERT INTO positions (id, owner_id, account_id, instrument_id, quantity, total_cost, realized_pnl,
       opened_at, updated_at)
     SELECT gen_random_uuid(), $1, $2, i, n, n, 0, timestamptz '2026-01-01 00:00:01', ${TIME}
     FROM unnest($4::uuid[]) i, LATERAL (SELECT $3::int AS n) x`,
    [ownerId, model.accountId, trades, instruments],
  );
  return {
    token: await graph.logIn(person),
    account: encodeGlobalId('Account', model.accountId),
    model: encodeGlobalId('Model', model.modelId),
  };
}

async function addNews(count: number): Promise<void> {
  await database.query(
    `INSERT INTO news_articles (id, known_at, title, url, summary, source, symbols)
     SELECT gen_random_uuid(), ${TIME}, 'Markets today ' || md5(n::text), 'https://news.example', '', '',
       CASE WHEN n % 2000 = 0 THEN '{RARE}'::text[] ELSE '{COMMON}' END
     FROM generate_series(1, $1::int) n`,
    [count],
  );
}

const logOf = (args: string) => (of: Holdings) =>
  `agentLogs(modelId: "${of.model}", ${args}) { nodes { id } pageInfo { hasNextPage } }`;
/** The fifth of ten trades was made then. */
const positions = ({ account }: Holdings) =>
  `positions(first: 5, accountId: "${account}", asOf: "2026-01-01T00:00:05Z") { nodes { id quantity } }`;

const rowsOf = (document: (of: Holdings) => string, of: Holdings, entries: number) =>
  rowsReadBy({ database, db: graph.app.db }, async () => {
    const { data, errors } = await graph.ask(`{ ${document(of)} }`, of.token);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).match(/"id"/g)).toHaveLength(entries);
    if (document === positions) expect(JSON.stringify(data).match(/"5"/g)).toHaveLength(entries);
  });

/** An entry of an index and its row, of the five that are shown and the one that tells of more. */
const READ_MAX = 2 * 6;

describe('a page of five', () => {
  it.each([
    ['first', logOf('first: 5, search: "thinking aloud"')],
    ['last', logOf('last: 5, search: "thinking aloud"')],
  ])('of the %s lines reads as much of 10 as of 10,000 that are found', async (_where, list) => {
    const ofMany = await rowsOf(list, many, 5);
    expect(ofMany).toEqual(await rowsOf(list, few, 5));
    // A loop of the database fetches ten lines at first; what is found is read once more, by its id.
    expect(Math.max(...Object.values(ofMany))).toBeLessThanOrEqual(2 * 10 + READ_MAX);
  });

  it('of past positions reads as much of 10 as of 10,000 trades behind them', async () => {
    const ofMany = await rowsOf(positions, many, 5);
    expect(ofMany).toEqual(await rowsOf(positions, few, 5));
    expect(ofMany['trades']).toBeLessThanOrEqual(READ_MAX);
    // All of them were opened at one moment, so that an index may have to be read to its end.
    expect(ofMany['positions']).toBeLessThanOrEqual(2 * POSITIONS);
  });

  it.each([
    ['all', 'news(first: 5) { nodes { id } }', 5],
    ['what most are about', 'news(first: 5, symbols: ["COMMON"]) { nodes { id } }', 5],
    ['words that all have', 'news(first: 5, search: "market today") { nodes { id } }', 5],
    ['what five are about', 'news(first: 10, symbols: ["RARE"]) { nodes { id } }', 5],
  ])('of the news about %s reads few of 10,000', async (_what, document, entries) => {
    const read = await rowsOf(() => document, many, entries);
    // The newest articles are looked through, twice the page, and then the index finds the rest. Each article
    // is asked for a newer form of itself.
    expect(Math.max(...Object.values(read))).toBeLessThanOrEqual(3 * 2 * 2 * 11);
  });
});

describe('a rare word among 100,000 lines', () => {
  const LINES_FOUND = 6;
  const rare = logOf('first: 20, search: "hydrogen"');

  it('is found by the index, without reading the lines that do not have it', async () => {
    const read = await rowsOf(rare, most, LINES_FOUND);
    // Two pages of 21 lines are looked through, and then those that the index finds.
    expect(Math.max(...Object.values(read))).toBeLessThanOrEqual(2 * (2 * 21 + 2 * LINES_FOUND));
    const plan = await database.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT id FROM agent_log l WHERE is_indexed AND agent_log_words(l.model_id, l.content)
         @@ (searched_words('hydrogen') && quote_literal(' ' || (SELECT max(model_id::text) FROM agent_log))::tsquery)`,
    );
    expect(JSON.stringify(plan)).toContain('agent_log_words_idx');
  });

  it('is counted', async () => {
    const { data } = await graph.ask(
      `{ agentLogs(modelId: "${most.model}", search: "hydrogen") { totalCount } }`,
      most.token,
    );
    expect(data).toEqual({ agentLogs: { totalCount: LINES_FOUND } });
  });
});
