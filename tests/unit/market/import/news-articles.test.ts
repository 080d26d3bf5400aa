import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../../src/services/market/import/errors.ts';
import { readNews } from '../../../../src/services/market/import/news-articles.ts';
import { findNewsFiles } from '../../../../src/services/market/import/news-files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const FIXTURE = resolve(import.meta.dirname, '../../../fixtures/ai-trader-variants/data/news.json');

describe('a file of news', () => {
  test('has articles with times of UTC and symbols of our instruments', async () => {
    const [works, coins, nothing, ...others] = await readNews(FIXTURE);
    expect(others).toEqual([]);
    expect(works).toMatchObject({
      title: 'AAA opens a second works',
      url: 'https://news.example/aaa-works',
      publishedAt: new Date('2025-10-15T14:30:00Z'),
      summary: 'It doubles what it makes.',
      source: 'Example News',
      symbols: ['AAA'],
      mentions: [{ symbol: 'AAA', ticker: 'AAA', relevance: '0.912345', sentiment: '0.402' }],
    });
    // 0.3512344 to six decimals.
    expect(works?.sentiment?.toFixed()).toBe('0.351234');
    expect(coins).toMatchObject({
      publishedAt: new Date('2025-11-03T00:15:00Z'),
      symbols: ['BTC-USDT', 'FOREX:USD'],
      mentions: [
        { symbol: 'BTC-USDT', ticker: 'CRYPTO:BTC', relevance: '0.5', sentiment: '-0.25' },
        { symbol: 'FOREX:USD', ticker: 'FOREX:USD', relevance: '0.068896', sentiment: '0.0' },
      ],
    });
    expect(coins?.sentiment?.toFixed()).toBe('-0.1');
    expect(nothing).toMatchObject({ summary: '', symbols: [], sentiment: undefined, mentions: [] });
  });

  test('gives the same article the same id, and others others', async () => {
    const [first, second] = [await readNews(FIXTURE), await readNews(FIXTURE)];
    expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    expect(new Set(first.map(({ id }) => id)).size).toBe(3);
  });
});

/** One field a line: title is in line 6, the mentions begin in line 12. */
const articleOf = (change: Readonly<Record<string, unknown>>) => {
  const article = {
    title: 'A title',
    url: 'https://news.example/1',
    time_published: '20251014T211802',
    summary: 'A summary',
    source: 'News',
    overall_sentiment_score: '0.1',
    ticker_sentiment: [{ ticker: 'AAA', relevance_score: '1', ticker_sentiment_score: '-1' }],
    ...change,
  };
  return `{\n"feed": [\n{"title": "First { ] \\"", "url": "https://a.b", "time_published": "20251014T211801"},\n\n{\n${Object.entries(
    article,
  )
    .map(([key, value]) => `"${key}": ${JSON.stringify(value)}`)
    .join(',\n')}}]}`;
};

describe('a file of news is refused in the line of the item:', () => {
  const mention = (change: object) => ({
    ticker_sentiment: [
      { ticker: 'AAA', relevance_score: '1', ticker_sentiment_score: '1', ...change },
    ],
  });
  test.each<[string, Readonly<Record<string, unknown>>, number, RegExp]>([
    ['a letter of code 0', { title: 'a\0b' }, 6, /title": There is a letter of code 0/],
    ['half a letter', { summary: 'a\ud800b' }, 9, /half a letter/],
    ['a title too long', { title: 'x'.repeat(1_001) }, 6, /longer than 1000/],
    ['no title', { title: '' }, 6, /has a title/],
    ['a title that is a number', { title: 7 }, 6, /A text is expected/],
    ['an address of another kind', { url: 'javascript:alert(1)' }, 7, /address of a page/],
    ['a day that is none', { time_published: '20250230T120000' }, 8, /not a time such as/],
    ['an hour that is none', { time_published: '20251014T250000' }, 8, /not a time such as/],
    ['a time in another form', { time_published: '2025-10-14' }, 8, /not a time such as/],
    ['no time', { time_published: undefined }, 5, /A time is expected/],
    ['a sentiment above 1', { overall_sentiment_score: '1.01' }, 11, /A number from -1 to 1/],
    [
      'a sentiment that is a word',
      { overall_sentiment_score: 'high' },
      11,
      /A number from -1 to 1/,
    ],
    ['a relevance below 0', mention({ relevance_score: '-0.1' }), 12, /A number from 0 to 1/],
    [
      'a sentiment of a symbol that is NaN',
      mention({ ticker_sentiment_score: 'NaN' }),
      12,
      /A number/,
    ],
    ['mentions that are no list', { ticker_sentiment: 'AAA' }, 12, /ticker_sentiment/],
  ])('%s', async (_what, change, line, reason) => {
    const text = articleOf(change).replace('"time_published": undefined,\n', '');
    const folder = await temporaryFolder({ 'news.json': text });
    const reading = readNews(join(folder, 'news.json'));
    await expect(reading).rejects.toThrow(ImportError);
    await expect(reading).rejects.toThrow(`news.json:${String(line)}: `);
    await expect(reading).rejects.toThrow(reason);
  });

  test.each(['1e-999999999', '-1e-999999999', '1e999999999', '1e400', '1e99999999999999999999'])(
    'a sentiment of %s, whose digits would be endless',
    async (number) => {
      const text = articleOf({}).replace('_score": "0.1"', `_score": ${number}`);
      const folder = await temporaryFolder({ 'news.json': text });
      await expect(readNews(join(folder, 'news.json'))).rejects.toThrow(
        /news\.json:11: "feed \/ 1 \/ overall_sentiment_score": A number from -1 to 1 is expected/,
      );
    },
  );

  test.each<[string, string, number]>([
    ['cut off', articleOf({}).slice(0, -4), 12],
    ['without a feed', '{"items": "0"}', 1],
    ['with an article that is a list', '{"feed": [\n[]\n]}', 1],
  ])('one that is %s', async (_what, text, line) => {
    const folder = await temporaryFolder({ 'news.json': text });
    await expect(readNews(join(folder, 'news.json'))).rejects.toThrow(
      `news.json:${String(line)}: `,
    );
  });
});

test('files of news are found by name and by what they hold', async () => {
  const folder = await temporaryFolder({
    'news.json': '{"feed": []}',
    'data/news_2025-10.json': '{"items": "0", "feed": []}',
    'data/news-cut.json': '{"ite',
    'data/news_settings.json': '{"topics": ["ai"]}',
    'data/other.json': '{"feed": []}',
    'agent_data/a/log/2025-10-01/news.json': '{"feed": []}',
  });
  const files = await findNewsFiles(folder);
  expect(files.map(({ file }) => file.slice(folder.length + 1))).toEqual([
    'data/news-cut.json',
    'data/news_2025-10.json',
    'news.json',
  ]);
  expect(files.map(({ sizeBytes }) => sizeBytes)).toEqual([5, 26, 12]);
  await expect(findNewsFiles(join(folder, 'nowhere'))).rejects.toThrow(/no such directory/);
});
