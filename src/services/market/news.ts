import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { InvalidInput } from '../platform/errors.ts';
import { Decimal } from '../platform/money.ts';
import type { PageRequest } from '../platform/page.ts';
import { Prisma, type NewsArticle } from '../platform/prisma/client.ts';
import { parseSearch, searched } from '../platform/search.ts';
import { assertTimeRange } from '../platform/time-range.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface NewsFilter {
  /** About any of these, of 40 characters at most. All when left out; none when it is empty. */
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
  /**
   * Newest first, and one past the page. Throws InvalidInput for a search or symbol that
   * is too long, and for a time that ends before it begins.
   */
  list(viewer: Viewer, page: PageRequest, filter: NewsFilter): Promise<NewsArticle[]>;
  count(viewer: Viewer, filter: NewsFilter): Promise<number>;
  /** Null in the place of each that is not there. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<(NewsArticle | null)[]>;
  /** What the article says of each symbol. */
  mentionsOf(article: Pick<NewsArticle, 'mentions'>): Mention[];
}

/** More than the symbols of any exchange have. */
const SYMBOL_CHARACTERS_MAX = 40;

export function createNews({ db, clock }: { readonly db: Database; readonly clock: Clock }): News {
  return {
    async list(viewer, page, filter) {
      const { limit, isBackward, after, before } = page;
      const conditions = conditionsOf(filter);
      const found = db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<NewsArticle[]>`
          SELECT ${COLUMNS} FROM news_articles JOIN find_news(${clock.now()}::timestamptz, ${conditions},
            ${after?.value ?? null}::timestamptz, ${after?.id ?? null}::uuid,
            ${before?.value ?? null}::timestamptz, ${before?.id ?? null}::uuid, ${limit + 1}::int,
            ${isBackward}::boolean) USING (id, known_at)
          ORDER BY known_at DESC, id DESC`,
      );
      return searched(found);
    },

    async count(viewer, filter) {
      const conditions = conditionsOf(filter);
      const counted = db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<{ count: number }[]>`
          SELECT count_news(${clock.now()}::timestamptz, ${conditions}) AS count`,
      );
      const [row] = await searched(counted);
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
function conditionsOf(filter: NewsFilter): Prisma.Sql {
  const { symbols, from, to, search } = filter;
  assertTimeRange(filter);
  for (const symbol of symbols ?? []) {
    if (symbol.length > SYMBOL_CHARACTERS_MAX) {
      const most = `at most ${String(SYMBOL_CHARACTERS_MAX)} characters`;
      throw new InvalidInput('symbols', `A symbol has ${most}.`);
    }
  }
  // The database has no such character, in symbols or anywhere.
  const known = symbols?.filter((symbol) => !symbol.includes('\0'));
  const words = search === undefined ? undefined : parseSearch(search).phrases;
  return Prisma.sql`${known ?? null}::text[], ${words ?? null}::text,
    ${from ?? null}::timestamptz, ${to ?? null}::timestamptz`;
}
