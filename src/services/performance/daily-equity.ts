import { Decimal } from '../platform/money.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { Ask } from '../platform/read-transaction.ts';

/** A public model with its daily equity. */
export interface DailyEquity {
  readonly modelId: string;
  readonly modelName: string;
  readonly version: number;
  readonly ownerId: string;
  readonly accountId: string;
  readonly currency: string;
  readonly openedAt: Date;
  /** Whether its days are the sessions of an exchange; else they are days in UTC. */
  readonly keepsSessions: boolean;
  readonly startingEquity: Decimal;
  /**
   * What the window begins with: the last daily value by then, or the starting balance of an
   * account that has none yet, and of all in a window without a beginning.
   */
  readonly base: Decimal;
  /** At the end of the last day; the starting balance before the first one ends. */
  readonly equity: Decimal;
  /**
   * The base, then the equity at the end of each day of the window; the last may still run. In
   * floating point, for statistics alone.
   */
  readonly series: readonly number[];
  /** End of the last day; undefined before the first one ends. */
  readonly lastAt: Date | undefined;
  /** Time of the oldest price at the end of the last day; undefined when nothing is held then. */
  readonly oldestMarkAt: Date | undefined;
  /**
   * Cash that came from nowhere, since its imported records jump by it; negative for cash that
   * went.
   */
  readonly corrections: Decimal;
}

interface Row {
  readonly model_id: string;
  readonly model_name: string;
  readonly version: number;
  readonly owner_id: string;
  readonly account_id: string;
  readonly currency: string;
  readonly opened_at: Date;
  readonly starting_cash: Prisma.Decimal;
  readonly keeps_sessions: boolean;
  readonly base: Prisma.Decimal;
  readonly last_at: Date | null;
  readonly equity: Prisma.Decimal;
  readonly equities: readonly number[];
  readonly oldest_mark_at: Date | null;
  readonly corrections: Prisma.Decimal;
}

/** Models that are public, or all that the viewer may see: for administrators, everyone's. */
export type BoardScope = 'PUBLIC' | 'ALL';

/**
 * The daily equity of models from `since` (their opening, when it is left out) to `asOf`. Of public
 * ones, whoever asks: the database's function `leaderboard_equity` sees what belongs to public
 * models and nothing else, and describes the days.
 */
export async function readDailyEquities(
  ask: Ask,
  {
    asOf,
    since,
    scope,
  }: { readonly asOf: Date; readonly since: Date | undefined; readonly scope: BoardScope },
): Promise<readonly DailyEquity[]> {
  const source =
    scope === 'PUBLIC'
      ? 'leaderboard_equity($1, $2::timestamptz)'
      : 'board_equity($1, $2::timestamptz, false)';
  const rows = await ask<Row>({
    text: `SELECT model_id, model_name, version, owner_id, account_id, currency, opened_at,
  starting_cash, keeps_sessions, base, last_at, equity, equities, oldest_mark_at, corrections
FROM ${source}`,
    values: [asOf, since ?? null],
  });
  return rows.map((row) => ({
    modelId: row.model_id,
    modelName: row.model_name,
    version: row.version,
    ownerId: row.owner_id,
    accountId: row.account_id,
    currency: row.currency,
    openedAt: row.opened_at,
    keepsSessions: row.keeps_sessions,
    startingEquity: new Decimal(row.starting_cash),
    base: new Decimal(row.base),
    equity: new Decimal(row.equity),
    series: [row.base.toNumber(), ...row.equities],
    lastAt: row.last_at ?? undefined,
    oldestMarkAt: row.oldest_mark_at ?? undefined,
    corrections: new Decimal(row.corrections),
  }));
}
