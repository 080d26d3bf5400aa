import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readNews } from '../../../src/services/market/import/news-articles.ts';
import { importNews } from '../../../src/services/market/import/news-importer.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';

const NEWS = resolve(import.meta.dirname, '../../fixtures/ai-trader-variants/data/news.json');
const database = await createTestDatabase();

const importFile = async () => {
  const articles = await readNews(NEWS);
  return database.worker.withViewer(systemViewer(), (tx) => importNews(tx, articles));
};

test('news are stored once, as known from their publication on', async () => {
  expect(await importFile()).toBe(3);
  const stored = () =>
    database.query(`SELECT known_at, title, url, summary, source, symbols,
      trim_scale(sentiment) AS sentiment, mentions FROM news_articles ORDER BY known_at`);
  const rows = await stored();
  expect(rows).toEqual([
    {
      known_at: new Date('2025-10-15T14:30:00Z'),
      title: 'AAA opens a second works',
      url: 'https://news.example/aaa-works',
      summary: 'It doubles what it makes.',
      source: 'Example News',
      symbols: ['AAA'],
      sentiment: '0.351234',
      mentions: [{ symbol: 'AAA', ticker: 'AAA', relevance: '0.912345', sentiment: '0.402' }],
    },
    {
      known_at: new Date('2025-10-16T00:00:00Z'),
      title: 'Nothing happened',
      url: 'https://news.example/nothing',
      summary: '',
      source: 'Example News',
      symbols: [],
      sentiment: null,
      mentions: [],
    },
    {
      known_at: new Date('2025-11-03T00:15:00Z'),
      title: 'Coins fall: "a bad day" {and} [worse]',
      url: 'https://coins.example/btc?id=1',
      summary: '',
      source: 'Example Coins',
      symbols: ['BTC-USDT', 'FOREX:USD'],
      sentiment: '-0.1',
      mentions: [
        { symbol: 'BTC-USDT', ticker: 'CRYPTO:BTC', relevance: '0.5', sentiment: '-0.25' },
        { symbol: 'FOREX:USD', ticker: 'FOREX:USD', relevance: '0.068896', sentiment: '0.0' },
      ],
    },
  ]);
  expect(await importFile()).toBe(0);
  expect(await stored()).toEqual(rows);
});

test('news of several statements, and an article that is there twice, add up', async () => {
  const [article] = await readNews(NEWS);
  if (!article) throw new Error('The fixture has an article.');
  const many = Array.from({ length: 1_234 }, (_, n) => ({
    ...article,
    id: `00000000-0000-8000-8000-${String(n % 1_200).padStart(12, '0')}`,
  }));
  const added = await database.worker.withViewer(systemViewer(), (tx) => importNews(tx, many));
  expect(added).toBe(1_200);
});
