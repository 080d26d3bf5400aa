import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { Decimal } from '../platform/money.ts';
import type { PageRequest } from '../platform/page.ts';
import { Prisma, type NewsArticle } from '../platform/prisma/client.ts';
import { parseSearch } from '../platform/search.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface NewsFilter {
  /** About any of these. All when it is left out; none when it is empty. */
  readonly symbols?: readonly string[];
  /** Published at or after. */
  readonly from?: Date;
  /** Published before. */
  readonly to?: Date;
  /** Words of the title or the summary, as platform/search.ts reads them. */
  readonly search?: string;
}

/** What an article says of one symbol. */
export interface Mention {
  readonly symbol: string;
  /** From 0 to 1. */
  readonly relevance: Decimal;
  /** From −1 (bearish) to 1 (bullish). */
  readonly sentiment: Decimal;
}

/**
 * The news as it is known now: never what is published later, and of an article that was corrected
 * the newest known form alone. Nobody's own: whether a viewer may read the market is decided in the
 * graph.
 */
export interface News {
  /** Newest first, and one past the page. Throws InvalidInput for a search that is too long. */
  list(viewer: Viewer, page: PageRequest, filter: NewsFilter): Promise<NewsArticle[]>;
  count(viewer: Viewer, filter: NewsFilter): Promise<number>;
  /** Null in the place of each that is not there. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<(NewsArticle | null)[]>;
  /** What the article says of each symbol. */
  mentionsOf(article: Pick<NewsArticle, 'mentions'>): Mention[];
}

export function createNews({ db, clock }: { readonly db: Database; readonly clock: Clock }): News {
  return {
    list(viewer, page, filter) {
      const { limit, isBackward, after, before } = page;
      return db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<NewsArticle[]>`
          SELECT ${COLUMNS} FROM news_articles JOIN find_news(${clock.now()}::timestamptz, ${conditionsOf(filter)},
            ${after?.value ?? null}::timestamptz, ${after?.id ?? null}::uuid,
            ${before?.value ?? null}::timestamptz, ${before?.id ?? null}::uuid, ${limit + 1}::int,
            ${isBackward}::boolean) USING (id, known_at)
          ORDER BY known_at DESC, id DESC`,
      );
    },

    async count(viewer, filter) {
      const [row] = await db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<{ count: number }[]>`
          SELECT count_news(${clock.now()}::timestamptz, ${conditionsOf(filter)}) AS count`,
      );
      return row?.count ?? 0;
    },

    async byIds(viewer, ids) {
      const rows = await db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<NewsArticle[]>`
          SELECT DISTINCT ON (id) ${COLUMNS} FROM news_articles
          WHERE id = ANY(${[...ids]}::uuid[]) AND known_at <= ${clock.now()}
          ORDER BY id, known_at DESC`,
      );
      const found = new Map(rows.map((article) => [article.id, article]));
      return ids.map((id) => found.get(id) ?? null);
    },

    mentionsOf: ({ mentions }) =>
      (mentions as unknown as readonly StoredMention[]).map(({ symbol, relevance, sentiment }) => ({
        symbol,
        relevance: new Decimal(relevance),
        sentiment: new Decimal(sentiment),
      })),
  };
}

/** As the importer stores it. */
interface StoredMention {
  readonly symbol: string;
  readonly relevance: string;
  readonly sentiment: string;
}

const COLUMNS = Prisma.sql`id, known_at AS "knownAt", title, url, summary, source, symbols, sentiment,
  mentions`;

/** Symbols, search and time, as the functions of the database take them. */
function conditionsOf({ symbols, from, to, search }: NewsFilter): Prisma.Sql {
  const words = search === undefined ? undefined : parseSearch(search).phrases;
  return Prisma.sql`${symbols ? [...symbols] : null}::text[], ${words ?? null}::text,
    ${from ?? null}::timestamptz, ${to ?? null}::timestamptz`;
}
