import type { Tx } from '../../platform/database.ts';
import { toText } from '../../platform/money.ts';
import type { ImportedArticle } from './news-articles.ts';

const BATCH_ARTICLES = 500;

/**
 * Stores the articles that are not there yet, known from their publication on, in the caller's
 * transaction; answers with their number. An article stays as it was first stored.
 */
export async function importNews(tx: Tx, articles: readonly ImportedArticle[]): Promise<number> {
  let added = 0;
  for (let start = 0; start < articles.length; start += BATCH_ARTICLES) {
    added += await insertArticles(tx, articles.slice(start, start + BATCH_ARTICLES));
  }
  return added;
}

async function insertArticles(tx: Tx, batch: readonly ImportedArticle[]): Promise<number> {
  const rows = batch.map(({ publishedAt, sentiment, ...article }) => ({
    ...article,
    known_at: publishedAt.toISOString(),
    sentiment: sentiment ? toText(sentiment) : null,
  }));
  return tx.$executeRaw`
    INSERT INTO news_articles (id, known_at, title, url, summary, source, symbols, sentiment, mentions)
    SELECT id, known_at, title, url, summary, source, symbols, sentiment, mentions
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given (id uuid, known_at timestamptz,
      title text, url text, summary text, source text, symbols text[], sentiment numeric, mentions jsonb)
    ON CONFLICT DO NOTHING`;
}
