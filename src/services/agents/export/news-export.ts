import { toText } from '../../platform/money.ts';
import { Prisma } from '../../platform/prisma/client.ts';
import { streamRows } from '../../platform/row-stream.ts';
import type { NewsMention } from '../../market/import/news-articles.ts';
import type { Tx } from '../../platform/database.ts';
import { consecutive } from './consecutive.ts';
import type { ExportFile } from './export-folder.ts';

interface ArticleRow {
  /** From 0, over all files. */
  readonly number: number;
  readonly known_at: Date;
  readonly title: string;
  readonly url: string;
  readonly summary: string;
  readonly source: string;
  readonly sentiment: Prisma.Decimal | null;
  readonly mentions: readonly NewsMention[];
}

/** A file of news is read whole when it is imported. */
const FILE_ARTICLES = 5_000;

/**
 * Every article, in the provider's format: news.json, and news-2.json and so on when there are
 * many.
 */
export async function* newsFiles(tx: Tx): AsyncGenerator<ExportFile> {
  const rows = streamRows<ArticleRow>(
    tx,
    'exported_news',
    Prisma.sql`SELECT (row_number() OVER order_of_time)::int - 1 AS number, known_at, title, url,
        summary, source, sentiment, mentions
      FROM news_articles WINDOW order_of_time AS (ORDER BY known_at, id) ORDER BY known_at, id`,
  );
  const fileOf = ({ number }: ArticleRow): number => Math.floor(number / FILE_ARTICLES);
  for await (const { first, all } of consecutive(rows, (a, b) => fileOf(a) === fileOf(b))) {
    const file = fileOf(first);
    yield { path: file === 0 ? 'news.json' : `news-${String(file + 1)}.json`, text: feedText(all) };
  }
}

async function* feedText(articles: AsyncIterable<ArticleRow>): AsyncGenerator<string> {
  yield '{\n    "feed": [';
  let isFirst = true;
  for await (const article of articles) {
    yield `${isFirst ? '' : ','}\n        ${articleText(article)}`;
    isFirst = false;
  }
  yield '\n    ]\n}\n';
}

function articleText({ known_at, sentiment, mentions, ...article }: ArticleRow): string {
  const { title, url, summary, source } = article;
  return JSON.stringify({
    ...{ title, url, summary, source },
    time_published: known_at.toISOString().replaceAll(/[-:]|\.\d+Z$/g, ''),
    ...(sentiment && { overall_sentiment_score: toText(sentiment) }),
    ticker_sentiment: mentions.map((mention) => ({
      ticker: mention.ticker,
      relevance_score: mention.relevance,
      ticker_sentiment_score: mention.sentiment,
    })),
  });
}
