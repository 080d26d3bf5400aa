import { describe, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../support/app.ts';
import { openGraph, type CallOptions, type GraphAnswer } from '../support/graph-call.ts';
import { TRANSPORTS } from '../support/live-connection.ts';
import { serve } from '../support/served.ts';
import { until as eventually } from '../support/until.ts';

const KEEPING = { PUBLIC_ANSWERS_BYTES: '1000000' };
const house = await openTestApp({ variables: KEEPING });
const closed = await openTestApp({ variables: { ...KEEPING, PUBLIC_MARKET_DATA: 'false' } });
const graph = openGraph(house);
const ada = await house.addPerson('ada');
const NAMES = '{ instruments(first: 5) { nodes { symbol name } } }';

const until = (isTrue: () => Promise<boolean>) => eventually('It is so.', isTrue);

/**
 * Asks until the process hears of changes, and so keeps answers: those carry a tag. It hears of none
 * for a moment when the machine is busy.
 */
async function askKept(query = NAMES, options: CallOptions = {}, of = graph): Promise<GraphAnswer> {
  let answer: GraphAnswer | undefined;
  await until(async () => {
    answer = await of.ask(query, options);
    return answer.headers.has('etag');
  });
  if (!answer) throw new Error('There is no answer.');
  return answer;
}

/** Changes the name by hand. */
const rename = ({ database }: TestApp, name: string) =>
  database.query(`UPDATE instruments SET name = $1 WHERE symbol = 'ACME.SIM'`, [name]);

/** Changes it without a word, which shows what is kept: nothing else may do so. */
async function renameSilently(of: TestApp, name: string): Promise<void> {
  await of.database.query('ALTER TABLE instruments DISABLE TRIGGER public_change');
  await rename(of, name);
  await of.database.query('ALTER TABLE instruments ENABLE TRIGGER public_change');
}

const nameIn = (body: object): string | undefined =>
  /"name":"(?<n>[^"]*)"/.exec(JSON.stringify(body))?.[1];

describe('an answer that is the same for everyone', () => {
  test('is kept for all, whoever asked first, each with a cost of their own', async () => {
    let [nobody, person] = [await askKept(), await askKept(NAMES, { token: ada.token })];
    await until(async () => {
      await rename(house, 'One');
      await until(async () => nameIn((await askKept()).body) === 'One');
      await renameSilently(house, 'Two');
      [nobody, person] = [await askKept(), await askKept(NAMES, { token: ada.token })];
      return nameIn(nobody.body) === 'One' && nameIn(person.body) === 'One';
    });
    expect(nobody.headers.get('etag')).toBe(person.headers.get('etag'));
    const costs = [nobody, person].map(({ body }) => body.extensions?.['cost']);
    // The budget of a person is ten times that of an address.
    expect(costs).toMatchObject([{ requested: 16 }, { requested: 16 }]);
    const [one, two] = costs.map((cost) => (cost as { remaining: number }).remaining) as [
      number,
      number,
    ];
    expect(one).toBeLessThan(60_000);
    expect(two).toBeGreaterThan(500_000);
  });

  test('ends with a change, by whomever', async () => {
    await rename(house, 'Three');
    await until(async () => nameIn((await graph.ask(NAMES)).body) === 'Three');
  });

  test('is not that of other variables, another operation or other fields', async () => {
    const query = `query A($n: Int = 1) { instruments(first: $n) { nodes { symbol } } }
      query B($n: Int = 1) { instruments(first: $n) { totalCount } }`;
    const ask = async (operationName: string, variables: object) => {
      const response = await graph.send({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, operationName, variables }),
      });
      return (await response.json()) as { readonly data?: unknown; readonly errors?: unknown };
    };
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await ask('A', {})).data).toEqual({
        instruments: { nodes: [{ symbol: 'ACME.SIM' }] },
      });
      expect((await ask('B', {})).data).toEqual({ instruments: { totalCount: 1 } });
      // Null is not the same as the default: it means as many as there are by default.
      expect((await ask('A', { n: null })).errors).toBeUndefined();
      expect((await ask('A', { n: 0 })).errors).toBeDefined();
    }
  });

  test('is kept no longer than a second, where it depends on the time', async () => {
    const query = '{ leaderboard { computedAt } }';
    const first = (await askKept(query)).body.data;
    await until(async () => JSON.stringify(await graph.data(query)) !== JSON.stringify(first));
  });

  test('is not kept with an error, nor is the error', async () => {
    const query = '{ bars(symbol: "NEW.SIM", interval: DAY_1) { totalCount } }';
    const { body, headers } = await graph.ask(query);
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
    expect(headers.has('etag')).toBe(false);
    await house.database.query(
      `INSERT INTO instruments SELECT (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(),
         'symbol', 'NEW.SIM'))).* FROM instruments i WHERE symbol = 'ACME.SIM'`,
    );
    expect((await graph.ask(query)).body.data).toEqual({ bars: { totalCount: 0 } });
  });
});

describe('what depends on who asks', () => {
  test.each([
    [
      'beside what is public',
      `{ instruments(first: 5) { nodes { name } } viewer { user { id } } }`,
    ],
    ['within it', '{ instruments(first: 5) { nodes { name isOpen } } }'],
    ['behind a quote', '{ instrument(symbol: "ACME.SIM") { name quote { bid } } }'],
    ['of another kind', '{ models { totalCount } }'],
    ['of its owner', '{ leaderboard { entries { nodes { model { prompt owner { id } } } } } }'],
  ])('is not kept: %s', async (_where, query) => {
    for (const token of [ada.token, undefined]) {
      expect((await graph.ask(query, { token })).headers.has('etag')).toBe(false);
    }
  });

  test('a wall stands before a kept answer', async () => {
    const graphOfFew = openGraph(closed);
    const eva = await closed.addPerson('eva');
    for (let turn = 0; turn < 2; turn += 1) {
      const { body } = await askKept(NAMES, { token: eva.token }, graphOfFew);
      expect(nameIn(body)).toBeDefined();
      const refused = await graphOfFew.ask(NAMES);
      expect(refused.headers.has('etag')).toBe(false);
      expect(refused.body.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
      expect(nameIn(refused.body)).toBeUndefined();
    }
  });
});

describe('a tag', () => {
  const get = (tag?: string) =>
    graph.send(
      {
        headers: { accept: 'application/json', ...(tag !== undefined && { 'if-none-match': tag }) },
      },
      `/graphql?query=${encodeURIComponent(NAMES)}`,
    );

  test('spares a GET the answer that it has, and no other', async () => {
    await askKept();
    const whole = await get();
    const tag = whole.headers.get('etag') ?? '';
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    expect(whole.headers.get('cache-control')).toBe('private, no-cache');
    for (const known of [tag, tag.slice(2), `"other", ${tag}`, '*']) {
      let spared = await get(known);
      await until(async () => {
        spared = await get(known);
        return spared.status === 304;
      });
      expect(await spared.text()).toBe('');
      expect(spared.headers.get('etag')).toBe(tag);
      expect(spared.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect((await get('"other"')).status).toBe(200);
    await rename(house, 'Four');
    await until(async () => (await get(tag)).status === 200);
  });

  test('is on an answer over the port as on one through Yoga', async () => {
    const { url } = await serve(house);
    const send = () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'if-none-match': '*' },
        body: JSON.stringify({ query: NAMES }),
      });
    const theirs = await askKept();
    let ours = await send();
    await until(async () => {
      ours = await send();
      return ours.headers.has('etag');
    });
    expect([ours.status, ours.headers.get('etag')]).toEqual([200, theirs.headers.get('etag')]);
    expect(ours.headers.get('cache-control')).toBe('no-store');
    expect(((await ours.json()) as { readonly data: unknown }).data).toEqual(theirs.body.data);
  });
});

test.each(TRANSPORTS)(
  '$transport gives the same data, and its cost alone besides',
  async ({ connect }) => {
    const { url } = await serve(house);
    const connection = connect({ url });
    const kept = await askKept();
    for (let turn = 0; turn < 2; turn += 1) {
      for await (const result of connection.iterate({ query: NAMES })) {
        expect(result).toEqual({
          data: kept.body.data,
          extensions: { cost: expect.objectContaining({ requested: 16 }) as object },
        });
      }
    }
    connection.close();
  },
);

test('who changes a model reads of it at once, though the database were silent', async () => {
  const { token } = ada;
  const board = '{ leaderboard { entries { nodes { modelName model { name } } } } }';
  const listed = async () => JSON.stringify(await graph.data(board));
  const made = await graph.data<{ createModel: { model: { id: string } } }>(
    `mutation { createModel(input: { name: "Comet", universe: ["ACME.SIM"], startingCash: "1000",
       intervalSeconds: 60, visibility: PUBLIC, idempotencyKey: "a-model" }) {
       ... on CreateModelSuccess { model { id } } } }`,
    { token },
  );
  await askKept(board);
  await house.database.query('ALTER TABLE models DISABLE TRIGGER public_change');
  expect(await listed()).toContain('Comet');
  const { id } = made.createModel.model;
  const [hide, show] = ['PRIVATE', 'PUBLIC'].map(
    (visibility) => `mutation { updateModel(input: { id: "${id}", visibility: ${visibility},
      idempotencyKey: "${visibility}" }) { __typename ... on Error { message } } }`,
  );
  for (const [mutation = '', isListed] of [
    [hide, false],
    [show, true],
  ] as const) {
    expect(JSON.stringify(await graph.data(mutation, { token }))).toContain('UpdateModelSuccess');
    expect((await listed()).includes('Comet')).toBe(isListed);
  }
});
