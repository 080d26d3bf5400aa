import { toText, type Decimal } from '../platform/money.ts';
import type { Tx } from '../platform/database.ts';
import type { Account, Position, Trade } from '../platform/prisma/client.ts';

/** A trade as it will be stored; its owner, its account and when it is recorded are its book's. */
export type PendingTrade = Omit<
  Trade,
  | 'ownerId'
  | 'accountId'
  | 'orderId'
  | 'fillSequence'
  | 'fee'
  | 'quoteBid'
  | 'quoteAsk'
  | 'quoteTime'
  | 'liquidity'
  | 'feeModel'
  | 'slippageModel'
  | 'liquidityModel'
  | 'slippage'
  | 'brokerTradeId'
  | 'recordedAt'
>;

export type PendingPosition = Omit<Position, 'ownerId' | 'accountId'>;

/** Money into the account, when the amount is positive, from the other side. */
export interface PendingTransfer {
  readonly id: string;
  readonly cause: 'FILL' | 'CORRECTION';
  readonly causeId: string;
  readonly amount: Decimal;
  readonly occurredAt: Date;
}

export async function insertTrades(
  tx: Tx,
  account: Account,
  trades: readonly PendingTrade[],
  recordedAt: Date,
): Promise<void> {
  if (trades.length === 0) return;
  const of = columnsOf(trades);
  await tx.$executeRaw`
    INSERT INTO trades (id, owner_id, account_id, instrument_id, import_key, source, side, quantity,
      price, fee, cash_amount, realized_gross, position_quantity, position_cost,
      position_realized, flags, executed_at, recorded_at)
    SELECT id, ${account.ownerId}::uuid, ${account.id}::uuid, instrument_id, import_key, source, side,
      quantity, price, 0, cash_amount, realized_gross, position_quantity, position_cost,
      position_realized, flags::trade_flag[], executed_at, ${recordedAt}
    FROM unnest(
      ${of((trade) => trade.id)}::uuid[],
      ${of((trade) => trade.instrumentId)}::uuid[],
      ${of((trade) => quoted(trade.importKey))}::text[],
      ${of((trade) => trade.source)}::trade_source[],
      ${of((trade) => trade.side)}::order_side[],
      ${of((trade) => toText(trade.quantity))}::numeric[],
      ${of((trade) => toText(trade.price))}::numeric[],
      ${of((trade) => toText(trade.cashAmount))}::numeric[],
      ${of((trade) => toText(trade.realizedGross))}::numeric[],
      ${of((trade) => toText(trade.positionQuantity))}::numeric[],
      ${of((trade) => toText(trade.positionCost))}::numeric[],
      ${of((trade) => toText(trade.positionRealized))}::numeric[],
      ${of((trade) => quoted(`{${trade.flags.join(',')}}`))}::text[],
      ${of((trade) => trade.executedAt.toISOString())}::timestamptz[]
    ) AS trade (id, instrument_id, import_key, source, side, quantity, price, cash_amount,
      realized_gross, position_quantity, position_cost, position_realized, flags, executed_at)`;
}

/** Of positions that are stored already. */
export async function updatePositions(
  tx: Tx,
  positions: readonly PendingPosition[],
): Promise<void> {
  if (positions.length === 0) return;
  const of = columnsOf(positions);
  await tx.$executeRaw`
    UPDATE positions p SET quantity = n.quantity, total_cost = n.total_cost,
      realized_pnl = n.realized_pnl, closed_at = n.closed_at, updated_at = n.updated_at
    FROM unnest(
      ${of((position) => position.id)}::uuid[],
      ${of((position) => toText(position.quantity))}::numeric[],
      ${of((position) => toText(position.totalCost))}::numeric[],
      ${of((position) => toText(position.realizedPnl))}::numeric[],
      ${of((position) => position.closedAt?.toISOString() ?? null)}::timestamptz[],
      ${of((position) => position.updatedAt.toISOString())}::timestamptz[]
    ) AS n (id, quantity, total_cost, realized_pnl, closed_at, updated_at)
    WHERE p.id = n.id`;
}

export async function insertPositions(
  tx: Tx,
  account: Account,
  positions: readonly PendingPosition[],
): Promise<void> {
  if (positions.length === 0) return;
  const of = columnsOf(positions);
  await tx.$executeRaw`
    INSERT INTO positions (id, owner_id, account_id, instrument_id, quantity, total_cost,
      realized_pnl, opened_at, closed_at, updated_at)
    SELECT id, ${account.ownerId}::uuid, ${account.id}::uuid, instrument_id, quantity, total_cost,
      realized_pnl, opened_at, closed_at, updated_at
    FROM unnest(
      ${of((position) => position.id)}::uuid[],
      ${of((position) => position.instrumentId)}::uuid[],
      ${of((position) => toText(position.quantity))}::numeric[],
      ${of((position) => toText(position.totalCost))}::numeric[],
      ${of((position) => toText(position.realizedPnl))}::numeric[],
      ${of((position) => position.openedAt.toISOString())}::timestamptz[],
      ${of((position) => position.closedAt?.toISOString() ?? null)}::timestamptz[],
      ${of((position) => position.updatedAt.toISOString())}::timestamptz[]
    ) AS position (id, instrument_id, quantity, total_cost, realized_pnl, opened_at, closed_at,
      updated_at)`;
}

/**
 * Through the posting function, which decides; each transfer is two entries, one after the other.
 */
export async function postTransfers(
  tx: Tx,
  account: Account,
  transfers: readonly PendingTransfer[],
  recordedAt: Date,
): Promise<void> {
  if (transfers.length === 0) return;
  const of = columnsOf(transfers);
  const ofEntries = columnsOf(transfers.flatMap(entriesOf));
  await tx.$executeRaw`SELECT post_transfers(${account.ownerId}::uuid, ${account.currency},
    ${recordedAt},
    ${of((transfer) => transfer.id)}::uuid[],
    ${of((transfer) => transfer.cause)}::transfer_cause[],
    ${of((transfer) => transfer.causeId)}::uuid[],
    ${of((transfer) => transfer.occurredAt.toISOString())}::timestamptz[],
    ${ofEntries((entry) => String(entry.transfer))}::int[],
    ${ofEntries((entry) => entry.ledgerAccount)}::ledger_account_kind[],
    ${ofEntries((entry) => (entry.ledgerAccount === 'CASH' ? account.id : null))}::uuid[],
    ${ofEntries((entry) => toText(entry.amount))}::numeric[])`;
}

function entriesOf({ cause, amount }: PendingTransfer, index: number) {
  const transfer = index + 1;
  const otherSide = cause === 'FILL' ? 'CLEARING' : 'EXTERNAL';
  return [
    { transfer, ledgerAccount: 'CASH', amount },
    { transfer, ledgerAccount: otherSide, amount: amount.negated() },
  ];
}

/**
 * One column of all rows, as the text of a PostgreSQL array: one parameter of one string is sent in
 * a fraction of the time that Prisma takes for a list. What may hold anything must be
 * {@link quoted}.
 */
function columnsOf<Row>(rows: readonly Row[]) {
  return (textOf: (row: Row) => string | null): string =>
    `{${rows.map((row) => textOf(row) ?? 'NULL').join(',')}}`;
}

/** As an element of the text of an array; null stays null. */
function quoted(text: string | null): string | null {
  return text === null ? null : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
