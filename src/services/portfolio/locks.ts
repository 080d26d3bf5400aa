import { Prisma, type Account, type Position } from '../platform/prisma/client.ts';
import type { Decimal } from '../platform/money.ts';
import type { Tx } from '../platform/database.ts';

/*
 * Row locks, by name. Every transaction takes them in one order, so that no two wait for each other:
 *
 *   idempotency key → account → order → position → lease of the instrument
 *
 * It may leave some out, and takes one row of each kind; orders, of which a cancellation of all takes many, leases, of which a renewal takes many, and the
 * positions of an account, of which an import takes all, in the order of their ids. An account's lock guards its cash, what is reserved of it, its positions and the
 * list of its orders: whoever reads these to decide takes it first, and reads in a later statement,
 * since a statement that waited for the lock sees the rest as it was before.
 */

const ACCOUNT_COLUMNS = Prisma.raw(`id, owner_id AS "ownerId", model_id AS "modelId", name, kind,
  status, currency, zone, starting_cash AS "startingCash", cash, reserved,
  allows_short AS "allowsShort", slippage_model AS "slippageModel", slippage_bps AS "slippageBps",
  fee_model AS "feeModel", liquidity_model AS "liquidityModel", latency_ms AS "latencyMs",
  created_at AS "createdAt"`);

const POSITION_COLUMNS = Prisma.raw(`id, owner_id AS "ownerId", account_id AS "accountId",
  instrument_id AS "instrumentId", quantity, total_cost AS "totalCost",
  realized_pnl AS "realizedPnl", opened_at AS "openedAt", closed_at AS "closedAt",
  updated_at AS "updatedAt"`);

/** Locks an account until the transaction ends. Undefined when there is none that may be changed. */
export async function lockAccount(tx: Tx, accountId: string): Promise<Account | undefined> {
  const [account] = await tx.$queryRaw<Account[]>`
    SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE id = ${accountId}::uuid FOR UPDATE`;
  return account;
}

/**
 * Locks an account and frees `amount` of the cash that its open orders hold back. The database
 * refuses to free more than is held.
 */
export async function lockAccountAndRelease(
  tx: Tx,
  accountId: string,
  amount: Decimal,
): Promise<Account | undefined> {
  if (amount.isZero()) return lockAccount(tx, accountId);
  const [account] = await tx.$queryRaw<Account[]>`
    UPDATE accounts SET reserved = reserved - ${amount.toFixed()}::numeric
    WHERE id = ${accountId}::uuid RETURNING ${ACCOUNT_COLUMNS}`;
  return account;
}

/** Locks what an account holds of an instrument. The account's lock is taken before. */
export async function lockOpenPosition(
  tx: Tx,
  { accountId, instrumentId }: { readonly accountId: string; readonly instrumentId: string },
): Promise<Position | undefined> {
  const [position] = await tx.$queryRaw<Position[]>`
    SELECT ${POSITION_COLUMNS} FROM positions
    WHERE account_id = ${accountId}::uuid AND instrument_id = ${instrumentId}::uuid
      AND closed_at IS NULL
    FOR UPDATE`;
  return position;
}

/** Locks all that an account holds. The account's lock is taken before. */
export function lockOpenPositions(tx: Tx, accountId: string): Promise<Position[]> {
  return tx.$queryRaw<Position[]>`
    SELECT ${POSITION_COLUMNS} FROM positions
    WHERE account_id = ${accountId}::uuid AND closed_at IS NULL
    ORDER BY id FOR UPDATE`;
}
