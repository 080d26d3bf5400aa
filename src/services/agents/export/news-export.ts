import { Prisma } from '../../platform/prisma/client.ts';
import { streamRows } from '../../platform/row-stream.ts';
import type { Tx } from '../../platform/database.ts';

interface ArticleRow {
  readonly known_at: Date;
  readonly title: string;
  readonly url: string;
  readonly summary: string;
  readonly source: string;
  readonly sentiment: Prisma.Decimal | null;
  readonly mentions: Prisma.JsonValue;
}

/** news.json: every article, in the provider's format. Undefined when there is none. */
export async function newsText(tx: Tx): Promise<AsyncIterable<string> | undefined> {
  const rows = streamRows<ArticleRow>(
    tx,
    'exported_news',
    Prisma.sql`SELECT known_at, title, url, summary, source, sentiment, mentions FROM news_articles
      ORDER BY known_at, id`,
  );
  const first = await rows.next();
  return first.done === true ? undefined : feedText(first.value, rows);
}

async function* feedText(
  first: ArticleRow,
  rows: AsyncIterable<ArticleRow>,
): AsyncGenerator<string> {
  yield `{\n    "feed": [\n        ${articleText(first)}`;
  for await (const row of rows) yield `,\n        ${articleText(row)}`;
  yield '\n    ]\n}\n';
}

function articleText({ known_at, sentiment, mentions, ...article }: ArticleRow): string {
  return JSON.stringify({
    ...article,
    time_published: known_at.toISOString().replaceAll(/[-:]|\.\d+Z$/g, ''),
    ...(sentiment && { overall_sentiment_score: sentiment.toNumber() }),
    ticker_sentiment: mentions,
  });
}
