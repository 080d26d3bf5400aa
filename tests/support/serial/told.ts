import type { TestDatabase } from '../database.ts';

/** An order as an event tells it. */
export interface ToldOrder {
  readonly id: string;
  readonly instrumentId: string;
  readonly clientOrderId: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: string;
  readonly timeInForce: string;
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
  readonly orderClass: string;
  readonly leg: string | null;
  readonly groupId: string | null;
  readonly replacesId: string | null;
  readonly status: string;
  readonly filledQuantity: string;
  readonly reserved: string;
  readonly reasonCode: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ToldTrade {
  readonly id: string;
  readonly instrumentId: string;
  readonly orderId: string | null;
  readonly fillSequence: number | null;
  readonly source: string;
  readonly side: 'BUY' | 'SELL';
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly cashAmount: string;
  readonly realizedGross: string;
  readonly quoteBid: string | null;
  readonly quoteAsk: string | null;
  readonly quoteTime: string | null;
  readonly executedAt: string;
}

export interface ToldPosition {
  readonly instrumentId: string;
  readonly quantity: string;
  readonly totalCost: string;
}

export interface ToldBalance {
  readonly cash: string;
  readonly reserved: string;
}

/** The part of an account in a corporate action. */
export interface ToldEffect {
  readonly kind: 'SPLIT' | 'DIVIDEND';
  readonly instrumentId: string;
  readonly ratioFrom: string | null;
  readonly ratioTo: string | null;
  readonly amount: string | null;
  readonly effectiveAt: Date;
  readonly before: string;
}

/** Money that was moved without a trade. */
export interface ToldTransfer {
  readonly cause: string;
  readonly amount: string;
}

/** What one transaction told of one account, each kind in its order. */
export interface ToldTransaction {
  readonly id: string;
  readonly orders: readonly ToldOrder[];
  readonly trades: readonly ToldTrade[];
  readonly positions: readonly ToldPosition[];
  readonly balances: readonly ToldBalance[];
  readonly transfers: readonly ToldTransfer[];
  readonly effects: readonly ToldEffect[];
}

interface EventRow {
  readonly tx: string;
  readonly type: string;
  readonly payload: unknown;
}

/**
 * The transactions of an account in the order in which they were made: each takes the account's lock
 * before it writes, and keeps it until it is over, so that the numbers that its events draw from the
 * sequence are all higher than those of the one before. Fails when money moved that no event told of.
 */
export async function toldOf(
  { query }: Pick<TestDatabase, 'query'>,
  accountId: string,
): Promise<readonly ToldTransaction[]> {
  const events = await query<EventRow & Record<string, unknown>>(
    `SELECT xmin::text AS tx, type, payload FROM outbox WHERE topic = 'account:' || $1 ORDER BY id`,
    [accountId],
  );
  const transfers = await query<ToldTransfer & { tx: string }>(
    `SELECT t.xmin::text AS tx, t.cause, trim_scale(e.amount)::text AS amount
     FROM ledger_transfers t JOIN ledger_entries e ON e.transfer_id = t.id
     WHERE e.account_id = $1 AND t.cause NOT IN ('FILL', 'FEE') AND t.cause_id <> $1
       AND e.amount <> 0`,
    [accountId],
  );
  const effects = await query<ToldEffect & { tx: string }>(
    `SELECT e.xmin::text AS tx, a.kind, a.instrument_id AS "instrumentId",
       trim_scale(a.ratio_from)::text AS "ratioFrom", trim_scale(a.ratio_to)::text AS "ratioTo",
       trim_scale(a.amount)::text AS amount, a.effective_at AS "effectiveAt",
       trim_scale(e.quantity_before)::text AS before
     FROM corporate_action_effects e JOIN corporate_actions a ON a.id = e.action_id
     WHERE e.account_id = $1`,
    [accountId],
  );
  const ids = [...new Set(events.map(({ tx }) => tx))];
  const untold = transfers.find(({ tx }) => !ids.includes(tx));
  if (untold) throw new Error(`${untold.cause} of ${untold.amount} was not told.`);
  return ids.map((id) => {
    const of = (type: string): readonly unknown[] =>
      events.filter((event) => event.tx === id && event.type === type).map(payloadOf);
    return {
      id,
      orders: of('OrderChanged') as readonly ToldOrder[],
      trades: of('TradeExecuted') as readonly ToldTrade[],
      positions: of('PositionChanged') as readonly ToldPosition[],
      balances: of('BalanceChanged') as readonly ToldBalance[],
      transfers: transfers.filter(({ tx }) => tx === id),
      effects: effects.filter(({ tx }) => tx === id),
    };
  });
}

const payloadOf = ({ payload }: EventRow): unknown => payload;
