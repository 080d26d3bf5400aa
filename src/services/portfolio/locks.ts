import { parameterOf, type Query, askOf } from '../platform/query.ts';
import type { Account, Position } from '../platform/prisma/client.ts';
import type { Decimal } from '../platform/money.ts';
import type { Tx } from '../platform/database.ts';

/*
 * Row locks, by name. Every transaction takes them in one order, so that no two wait for each other:
 *
 *   idempotency key → account → order → turns → position → lease of the instrument
 *
 * It may leave some out, and takes one row of each kind; orders, of which a cancellation of all takes
 * many, leases, of which a renewal takes many, and the positions of an account, of which an import takes
 * all, in the order of their ids. An account's lock guards its cash, what is reserved of it, its
 * positions and the list of its orders: whoever reads these to decide takes it first, and reads in a
 * later statement, since a statement that waited for the lock sees the rest as it was before.
 *
 * A turn is an advisory lock, that of a person before that of the deployment. Only who judges an order
 * takes one, and only where orders a minute are limited over several accounts (`busy_since_in_turn`): one
 * account a transaction, since the turns of two people have no order among them.
 *
 * Each lock is a statement, which a pipeline sends with others, and a function for transactions of
 * Prisma's, which send one at a time.
 */

const ACCOUNT_COLUMNS = `id, owner_id AS "ownerId", model_id AS "modelId", name, kind,
  status, currency, zone, starting_cash AS "startingCash", cash, reserved,
  allows_short AS "allowsShort", slippage_model AS "slippageModel", slippage_bps AS "slippageBps",
  fee_model AS "feeModel", liquidity_model AS "liquidityModel", latency_ms AS "latencyMs",
  created_at AS "createdAt"`;

const POSITION_COLUMNS = `id, owner_id AS "ownerId", account_id AS "accountId",
  instrument_id AS "instrumentId", quantity, total_cost AS "totalCost",
  realized_pnl AS "realizedPnl", opened_at AS "openedAt", closed_at AS "closedAt",
  updated_at AS "updatedAt"`;

const ACCOUNT_LOCK = `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE id = $1::uuid FOR UPDATE`;
const POSITION_LOCK = `SELECT ${POSITION_COLUMNS} FROM positions
  WHERE account_id = $1::uuid AND instrument_id = $2::uuid AND closed_at IS NULL FOR UPDATE`;
const POSITIONS_LOCK = `SELECT ${POSITION_COLUMNS} FROM positions
  WHERE account_id = $1::uuid AND closed_at IS NULL ORDER BY id FOR UPDATE`;
const RESERVE = 'UPDATE accounts SET reserved = reserved + $2::numeric WHERE id = $1::uuid';

/** Locks an account until the transaction ends. No row when there is none that may be changed. */
export const accountLock = (accountId: string): Query<Account> => ({
  text: ACCOUNT_LOCK,
  values: [accountId],
});

/** Locks what an account holds of an instrument. The account's lock is taken before. */
export const openPositionLock = ({
  accountId,
  instrumentId,
}: {
  readonly accountId: string;
  readonly instrumentId: string;
}): Query<Position> => ({ text: POSITION_LOCK, values: [accountId, instrumentId] });

/**
 * Holds back so much more of an account's cash, or, if it is negative, frees so much: one statement, or
 * none for zero. The database refuses to free more than is held. The account's lock is taken before.
 */
export function reserveMore(accountId: string, amount: Decimal): readonly Query[] {
  if (amount.isZero()) return [];
  return [{ text: RESERVE, values: [accountId, parameterOf(amount)] }];
}

/** From here on, a statement of the transaction that waits for a lock for longer fails. */
export const lockPatience = (milliseconds: number): Query => ({
  text: "SELECT set_config('lock_timeout', $1, true)",
  values: [String(milliseconds)],
});

/** Locks an account until the transaction ends. Undefined when there is none that may be changed. */
export async function lockAccount(tx: Tx, accountId: string): Promise<Account | undefined> {
  const [account] = await askOf(tx, accountLock(accountId));
  return account;
}

/** Locks what an account holds of an instrument. The account's lock is taken before. */
export async function lockOpenPosition(
  tx: Tx,
  where: { readonly accountId: string; readonly instrumentId: string },
): Promise<Position | undefined> {
  const [position] = await askOf(tx, openPositionLock(where));
  return position;
}

/** Locks all that an account holds. The account's lock is taken before. */
export async function lockOpenPositions(tx: Tx, accountId: string): Promise<Position[]> {
  return [...(await askOf<Position>(tx, { text: POSITIONS_LOCK, values: [accountId] }))];
}
