import { Decimal } from '../../platform/money.ts';
import type { Account } from '../../platform/prisma/client.ts';
import type { Tx } from '../../platform/database.ts';

/** What an account was worth at the last close that the prices know, before what happens at it. */
export interface EquityProof {
  readonly at: Date;
  readonly cash: Decimal;
  readonly realized: Decimal;
  readonly unrealized: Decimal;
  /** Cash that came from nowhere, with what was taken in or given away for nothing. */
  readonly corrections: Decimal;
  readonly equity: Decimal;
  /** Equity is starting cash + corrections + realized + unrealized, to the last digit. */
  readonly identityHolds: boolean;
}

interface EquityRow {
  readonly at: Date;
  readonly cash: string;
  readonly cost: string;
  readonly equity: string;
  readonly realized: string;
  readonly corrections: string;
}

/**
 * Reads trades, ledger and equity, each by itself. Null while there is no close since it opened.
 */
export async function proveEquity(tx: Tx, account: Account): Promise<EquityProof | null> {
  const [row] = await tx.$queryRaw<EquityRow[]>`
    SELECT p.at, p.cash::text, p.cost::text, p.equity::text,
      (SELECT coalesce(sum(realized_gross), 0)::text FROM trades
        WHERE account_id = p.account_id AND executed_at < p.at) AS realized,
      (SELECT coalesce(sum(e.amount), 0)::text
        FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
        WHERE e.account_id = p.account_id AND t.cause = 'CORRECTION' AND e.occurred_at < p.at)
        AS corrections
    FROM equity_points p WHERE p.account_id = ${account.id}::uuid ORDER BY p.at DESC LIMIT 1`;
  if (!row) return null;
  const [cash, equity] = [new Decimal(row.cash), new Decimal(row.equity)];
  const [realized, corrections] = [new Decimal(row.realized), new Decimal(row.corrections)];
  const unrealized = equity.minus(cash).minus(row.cost);
  const sum = new Decimal(account.startingCash).plus(corrections).plus(realized).plus(unrealized);
  const identityHolds = sum.equals(equity);
  return { at: row.at, cash, realized, unrealized, corrections, equity, identityHolds };
}
