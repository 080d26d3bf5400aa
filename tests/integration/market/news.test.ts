import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createNews, type NewsFilter } from '../../../src/services/market/news.ts';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { searched } from '../../../src/services/platform/search.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import {
  answeredOrRefused,
  hostileSearch,
  LONGEST_SEARCHES,
} from '../../support/hostile-search.ts';

const database = await createTestDatabase();
const clock = createFixedClock('2026-01-10T00:00:00Z');
const news = createNews({ db: database.server, clock });
const viewer = anonymousViewer();
const PAGE = { limit: 20, isBackward: false };

interface Written {
  readonly id?: string;
  /** Day of January. */
  readonly day: number;
  readonly title: string;
  readonly symbols?: readonly string[];
  readonly summary?: string;
  readonly mentions?: readonly object[];
}

const write = ({ id = randomUUID(), day, title, ...given }: Written) =>
  database.query(
    `INSERT INTO news_articles (id, known_at, title, url, summary, source, symbols, sentiment, mentions)
     VALUES ($1, $2, $3, 'https://news.example', $4, 'Example', $5, 0.1, $6)`,
    [
      ...[id, new Date(Date.UTC(2026, 0, day)), title, given.summary ?? ''],
      ...[given.symbols ?? [], JSON.stringify(given.mentions ?? [])],
    ],
  );
const titles = async (filter: NewsFilter = {}): Promise<string[]> => {
  const rows = await news.list(viewer, PAGE, filter);
  expect(await news.count(viewer, filter)).toBe(rows.length);
  return rows.map(({ title }) => title);
};
const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const corrected = randomUUID();

beforeAll(async () => {
  await write({ day: 1, title: 'Chips soar', symbols: ['NVDA', 'AMD'], summary: 'Record demand.' });
  await write({ day: 2, title: 'Apple sued', symbols: ['AAPL'] });
  await write({ id: corrected, day: 3, title: 'Coins fell', symbols: ['BTC-USDT'] });
  await write({ id: corrected, day: 4, title: 'Coins rose', symbols: ['BTC-USDT', "A'B"] });
  await write({ day: 5, title: '贵州茅台上涨', symbols: ['600519.SH'] });
  await write({ day: 6, title: 'Nothing in particular', symbols: [] });
  await write({ id: corrected, day: 20, title: 'Coins vanished', symbols: ['BTC-USDT'] });
});

describe('the news', () => {
  test('are what is known by now, newest first, of each article its newest form', async () => {
    expect(await titles()).toEqual([
      ...['Nothing in particular', '贵州茅台上涨', 'Coins rose', 'Apple sued', 'Chips soar'],
    ]);
    const [found, missing] = await news.byIds(viewer, [corrected, randomUUID()]);
    expect([found?.title, missing]).toEqual(['Coins rose', null]);
  });

  test.each<[string, NewsFilter, string[]]>([
    ['a symbol', { symbols: ['AMD'] }, ['Chips soar']],
    ['any of some symbols', { symbols: ['AAPL', 'NVDA', 'X'] }, ['Apple sued', 'Chips soar']],
    ['a symbol with signs', { symbols: ["A'B"] }, ['Coins rose']],
    ['a symbol that is no word of the text', { symbols: ['APPLE', 'Apple'] }, []],
    ['no symbol', { symbols: [] }, []],
    ['words of the summary', { search: 'demand soaring' }, ['Chips soar']],
    ['either word', { search: 'apple or coin' }, ['Coins rose', 'Apple sued']],
    ['words of an older form', { search: 'fell' }, []],
    ['a symbol, as a word', { search: 'NVDA' }, []],
    ['Chinese', { search: '茅台' }, ['贵州茅台上涨']],
    ['Chinese in another order', { search: '台茅' }, []],
    ['a symbol and a word', { symbols: ['NVDA', 'AAPL'], search: 'sued' }, ['Apple sued']],
    ['a symbol and no word', { symbols: ['NVDA'], search: 'the' }, []],
    ['no word', { search: '"' }, []],
    ['a time', { from: day(2), to: day(4) }, ['Apple sued']],
    ['a time that is not yet', { from: day(10) }, []],
  ])('are found by %s', async (_what, filter, expected) => {
    expect(await titles(filter)).toEqual(expected);
  });

  test('are paged from both ends', async () => {
    const [, second, third, fourth, last] = await news.list(viewer, PAGE, {});
    if (!second || !third || !fourth || !last) throw new Error('Five are known.');
    const ids = async (page: object, filter: NewsFilter) =>
      (await news.list(viewer, { limit: 1, isBackward: false, ...page }, filter)).map(
        ({ id }) => id,
      );
    const keyOf = ({ knownAt: value, id }: typeof second) => ({ value, id });
    for (const filter of [{}, { search: 'coins or apple or chips or 茅台' }]) {
      expect(await ids({ after: keyOf(second) }, filter)).toEqual([third.id, fourth.id]);
      expect(await ids({ isBackward: true }, filter)).toEqual([fourth.id, last.id]);
      const [before] = (await ids({ isBackward: true, before: keyOf(third) }, filter)).slice(-1);
      expect(before).toBe(second.id);
    }
  });

  test('say of each symbol what an article says of it, digit for digit', () => {
    const mentions = [
      { symbol: 'NVDA', ticker: 'NVDA', relevance: '0.35', sentiment: '-0.123456' },
    ];
    const [mention] = news.mentionsOf({ mentions });
    expect(mention?.symbol).toBe('NVDA');
    expect(mention?.relevance.toFixed()).toBe('0.35');
    expect(mention?.sentiment.toFixed()).toBe('-0.123456');
  });

  test('are not asked for a symbol that is none', async () => {
    const symbols = ['NVDA', 'A'.repeat(41)];
    await expect(news.list(viewer, PAGE, { symbols })).rejects.toThrow(InvalidInput);
    await expect(news.count(viewer, { symbols })).rejects.toThrow('at most 40 characters');
    expect(
      await titles({ symbols: ['A'.repeat(40), 'A\\B', "\\'", '\0', '', ' ', 'NVDA'] }),
    ).toEqual(['Chips soar']);
    expect(await titles({ symbols: ['\0'] })).toEqual([]);
  });

  test('are found or refused, whatever the search and the symbols', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(hostileSearch, { nil: undefined }),
        fc.option(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 100 }), {
          nil: undefined,
        }),
        async (search, symbols) => {
          const ask = { ...(search !== undefined && { search }), ...(symbols && { symbols }) };
          await answeredOrRefused(news.list(viewer, PAGE, ask));
          await answeredOrRefused(news.count(viewer, ask));
        },
      ),
      {
        numRuns: 100,
        examples: LONGEST_SEARCHES.map((search): [string, undefined] => [search, undefined]),
      },
    );
  });

  test('have an answer where the database itself refuses', async () => {
    const tooDeep = '-'.repeat(100);
    const refused = database.server.snapshot(
      viewer,
      (tx) => tx.$queryRaw`SELECT websearch_to_tsquery(${tooDeep})::text`,
    );
    await expect(searched(refused)).rejects.toThrow(InvalidInput);
    const other = new Error('The connection was lost.');
    await expect(searched(Promise.reject(other))).rejects.toBe(other);
  });

  test('are asked for no time that ends before it begins', async () => {
    const backwards = { from: day(4), to: day(2) };
    await expect(news.list(viewer, PAGE, backwards)).rejects.toThrow(InvalidInput);
    await expect(news.count(viewer, backwards)).rejects.toMatchObject({ field: 'to' });
  });

  test('are not looked through for a text without end', async () => {
    const search = 'x'.repeat(100_000);
    await expect(news.list(viewer, PAGE, { search })).rejects.toThrow(InvalidInput);
    await expect(news.count(viewer, { search })).rejects.toThrow(InvalidInput);
  });
});
