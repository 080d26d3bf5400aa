import { Decimal } from '../platform/money.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { Tx } from '../platform/database.ts';

/** A public model with its daily equity. */
export interface EquityHistory {
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
  /** At the end of the last day; the starting balance before the first one ends. */
  readonly equity: Decimal;
  /**
   * The starting balance, then the equity at the end of each day; the last may still run. In floating
   * point, for statistics alone.
   */
  readonly series: readonly number[];
  /** End of the last day; undefined before the first one ends. */
  readonly lastAt: Date | undefined;
  /** Whether something is held at the end of the last day. */
  readonly holds: boolean;
  /** Time of the oldest price in it; undefined when there is no price of something that is held. */
  readonly oldestMarkAt: Date | undefined;
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
  readonly last_at: Date | null;
  readonly equity: Prisma.Decimal;
  readonly equities: readonly number[];
  readonly holds: boolean;
  readonly oldest_mark_at: Date | null;
}

/**
 * The daily equity of all public models as it was known at `asOf`, whoever asks: the database's function
 * `leaderboard_equity` sees what belongs to public models and nothing else, and describes the days.
 */
export async function readEquityHistories(tx: Tx, asOf: Date): Promise<readonly EquityHistory[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT model_id, model_name, version, owner_id, account_id, currency, opened_at, starting_cash,
      keeps_sessions, last_at, equity, equities, holds, oldest_mark_at
    FROM leaderboard_equity(${asOf})`;
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
    equity: new Decimal(row.equity),
    series: [row.starting_cash.toNumber(), ...row.equities],
    lastAt: row.last_at ?? undefined,
    holds: row.holds,
    oldestMarkAt: row.oldest_mark_at ?? undefined,
  }));
}
