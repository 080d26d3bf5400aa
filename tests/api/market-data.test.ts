import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const open = await openTestApp();
const closed = await openTestApp({ variables: { PUBLIC_MARKET_DATA: 'false' } });
open.quote();
closed.quote();
const ada = await closed.addPerson('ada');

const instrumentId = Buffer.from(`Instrument:${closed.instrument.id}`).toString('base64url');
const QUESTIONS = [
  ['instruments', '{ instruments { nodes { symbol } } }'],
  ['an instrument', '{ instrument(symbol: "ACME.SIM") { name quote { bid } } }'],
  ['an instrument by its id', `{ node(id: "${instrumentId}") { ... on Instrument { symbol } } }`],
  ['quotes', '{ quotes(symbols: ["ACME.SIM"]) { bid } }'],
  ['bars', '{ bars(symbol: "ACME.SIM", interval: DAY_1) { nodes { open } } }'],
] as const;

describe('without PUBLIC_MARKET_DATA', () => {
  test.each(QUESTIONS)('%s are for those who are logged in', async (_name, query) => {
    const graph = openGraph(closed);
    const { body } = await graph.ask(query);
    expect(JSON.stringify(body.data ?? null)).not.toMatch(/ACME|99/);
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await graph.ask(query, { token: ada.token })).body.errors).toBeUndefined();
  });

  test('what is not of the market is as public as before', async () => {
    const { body } = await openGraph(closed).ask(
      '{ health { status } models { totalCount } leaderboard { metric } }',
    );
    expect(body.errors).toBeUndefined();
  });
});

describe('with it', () => {
  test.each(QUESTIONS)('%s are for everyone', async (_name, query) => {
    expect((await openGraph(open).ask(query)).body.errors).toBeUndefined();
  });
});

describe('a bar', () => {
  const BARS = `query ($first: Int, $after: String, $last: Int) {
    bars(symbol: "ACME.SIM", interval: DAY_1, first: $first, after: $after, last: $last) {
      totalCount nodes { openTime open close } pageInfo { endCursor hasNextPage } } }`;
  interface Bars {
    readonly bars: {
      readonly totalCount: number;
      readonly nodes: readonly { openTime: string; open: string; close: string | null }[];
      readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
    };
  }

  test('comes in pages, newest first; one that is not over has its open alone', async () => {
    const day = (n: number) => new Date(Date.UTC(2026, 0, n));
    for (const n of [1, 2, 3]) {
      await open.database.query(
        `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
           close, volume, source) VALUES ($1, 'DAY_1', $2, $3, $3, $4, 20, 1, 10, 5, 'IMPORTED')`,
        [open.instrument.id, day(n), day(n + 1), n],
      );
    }
    const later = new Date(open.app.clock.now().getTime() + 3_600_000);
    await open.database.query(
      `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, source)
       VALUES ($1, 'DAY_1', $2::timestamptz - interval '2 hours', $2::timestamptz - interval '2 hours',
         $2, 4, 'IMPORTED')`,
      [open.instrument.id, later],
    );
    const graph = openGraph(open);
    const read = async (variables: object) =>
      (await graph.data<Bars>(BARS, { variables: { ...variables } })).bars;
    const first = await read({ first: 2 });
    const rest = await read({ first: 2, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...rest.nodes].map(({ open: price, close }) => [price, close])).toEqual(
      [
        ['4', null],
        ['3', '10'],
        ['2', '10'],
        ['1', '10'],
      ],
    );
    expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(first.totalCount).toBe(4);
    expect((await read({ last: 1 })).nodes.map((bar) => bar.open)).toEqual(['1']);
  });

  test('of a symbol that nobody knows is not found', async () => {
    const { body } = await openGraph(open).ask(
      '{ bars(symbol: "NO", interval: DAY_1) { totalCount } }',
    );
    expect(body.errors?.[0]).toMatchObject({
      message: 'Instrument not found.',
      extensions: { code: 'NOT_FOUND' },
    });
  });
});
