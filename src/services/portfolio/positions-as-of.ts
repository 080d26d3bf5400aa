import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { isOnPaper, ownedBy } from '../platform/owner-filter.ts';
import type { PageRequest } from '../platform/page.ts';
import { Prisma, type Position } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { PositionFilter } from './portfolio-pages.ts';

/** A position as it stood at a time. Its id is that of the position, at every time. */
export interface PastPosition extends Position {
  readonly asOf: Date;
}

export interface PastPositionFilter extends PositionFilter {
  /** A time that has not come yet is taken for now. */
  readonly asOf: Date;
}

export interface PositionsAsOf {
  /**
   * The viewer's positions that were opened by then, the latest opened first, each as the last
   * trade by then left it, and one past the page. What was closed by then is final. One statement,
   * which reads one trade for each position of the page that has changed since.
   */
  list(viewer: Viewer, page: PageRequest, filter: PastPositionFilter): Promise<PastPosition[]>;
  count(viewer: Viewer, filter: PastPositionFilter): Promise<number>;
}

export function createPositionsAsOf({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: Clock;
}): PositionsAsOf {
  const notInFuture = (filter: PastPositionFilter): PastPositionFilter => {
    const now = clock.now();
    return filter.asOf > now ? { ...filter, asOf: now } : filter;
  };

  return {
    async list(viewer, page, filter) {
      const past = notInFuture(filter);
      const rows = await db.snapshot(viewer, (tx) =>
        tx.$queryRaw<Position[]>(pageQuery(viewer, page, past)),
      );
      if (page.isBackward) rows.reverse();
      return rows.map((row) => ({ ...row, asOf: past.asOf }));
    },

    async count(viewer, filter) {
      const [row] = await db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<{ count: number }[]>`
          SELECT count(*)::int AS count FROM positions p
          WHERE ${Prisma.join(conditionsOf(viewer, notInFuture(filter)), ' AND ')}`,
      );
      return row?.count ?? 0;
    },
  };
}

/**
 * The page first, in the order of its index, and then the past of its rows alone. A position that
 * has not changed since then is as it was; of one that has, the newest trade by then tells, since
 * no more than one position of an instrument is open in an account.
 */
function pageQuery(viewer: Viewer, page: PageRequest, filter: PastPositionFilter): Prisma.Sql {
  const { asOf } = filter;
  const order = page.isBackward ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const conditions = [...conditionsOf(viewer, filter), ...boundsOf(page)];
  return Prisma.sql`
    SELECT p.id, p.owner_id AS "ownerId", p.account_id AS "accountId",
      p.instrument_id AS "instrumentId", p.opened_at AS "openedAt",
      CASE WHEN p.closed_at <= ${asOf} THEN p.closed_at END AS "closedAt",
      CASE WHEN p.is_final THEN p.quantity ELSE t.position_quantity END AS quantity,
      CASE WHEN p.is_final THEN p.total_cost ELSE t.position_cost END AS "totalCost",
      CASE WHEN p.is_final THEN p.realized_pnl ELSE t.position_realized END AS "realizedPnl",
      CASE WHEN p.is_final THEN p.updated_at ELSE t.executed_at END AS "updatedAt"
    FROM (
      SELECT p.*, p.updated_at <= ${asOf} AS is_final FROM positions p
      WHERE ${Prisma.join(conditions, ' AND ')}
      ORDER BY p.opened_at ${order}, p.id ${order} LIMIT ${page.limit + 1}
    ) p
    LEFT JOIN LATERAL (
      SELECT position_quantity, position_cost, position_realized, executed_at FROM trades
      WHERE NOT p.is_final AND account_id = p.account_id AND instrument_id = p.instrument_id
        AND executed_at <= ${asOf}
      ORDER BY executed_at DESC, id DESC LIMIT 1
    ) t ON true
    ORDER BY p.opened_at ${order}, p.id ${order}`;
}

function conditionsOf(viewer: Viewer, filter: PastPositionFilter): Prisma.Sql[] {
  const { accountId, symbol, status, asOf } = filter;
  return [
    Prisma.sql`p.owner_id = ${ownedBy(viewer).ownerId}::uuid`,
    ...(isOnPaper(viewer)
      ? [Prisma.sql`p.account_id IN (SELECT id FROM accounts WHERE kind = 'PAPER')`]
      : []),
    Prisma.sql`p.opened_at <= ${asOf}`,
    ...(accountId === undefined ? [] : [Prisma.sql`p.account_id = ${accountId}::uuid`]),
    ...(symbol === undefined
      ? []
      : [Prisma.sql`p.instrument_id = (SELECT id FROM instruments WHERE symbol = ${symbol})`]),
    ...(status === 'OPEN' ? [Prisma.sql`(p.closed_at IS NULL OR p.closed_at > ${asOf})`] : []),
    ...(status === 'CLOSED' ? [Prisma.sql`p.closed_at <= ${asOf}`] : []),
  ];
}

function boundsOf({ after, before }: PageRequest): Prisma.Sql[] {
  return [
    ...(after
      ? [Prisma.sql`(p.opened_at, p.id) < (${after.value}::timestamptz, ${after.id}::uuid)`]
      : []),
    ...(before
      ? [Prisma.sql`(p.opened_at, p.id) > (${before.value}::timestamptz, ${before.id}::uuid)`]
      : []),
  ];
}
