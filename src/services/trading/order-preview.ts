import { NotFound } from '../platform/errors.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import { accountsOf } from '../platform/owner-filter.ts';
import { askOf, type Query } from '../platform/query.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Viewer } from '../platform/viewer.ts';
import { requireCapability } from '../accounts/capabilities.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { feeOf } from './engine/fees.ts';
import { farPrice } from './engine/order-terms.ts';
import { reckon } from './engine/reckoning.ts';
import type { OrderDenied } from './errors.ts';
import { judge } from './gate.ts';
import { circumstancesFrom, circumstancesOf } from './order-rows.ts';
import { expiryOf } from './placement-terms.ts';
import type { ReckonedPlacement } from './new-orders.ts';
import { parsePlacement, type PlaceOrder, type Placement } from './placement.ts';
import { quoteToJudgeBy, QUOTE_FRESHNESS_MS, type QuoteSource } from './quote-source.ts';
import { denialOf } from './refusal.ts';
import { readRisk } from './risk/standing.ts';
import type { Clock } from '../platform/clock.ts';
import type { Account, Instrument } from '../platform/prisma/client.ts';
import type { Quote } from '../market/quote.ts';

/** What would come of an order now. Nothing is stored, and nothing is promised. */
export interface OrderPreview {
  /** What the gate would say against it; null if it would pass. */
  readonly refusal: OrderDenied | null;
  /** Price that it is reckoned with: its limit, or the far side of the quote; null when there is none. */
  readonly price: Decimal | null;
  /** Price × quantity; null without a price. */
  readonly notional: Decimal | null;
  readonly fee: Decimal | null;
  /** Cash that it would hold back until it fills. */
  readonly reserve: Decimal;
  /** What is free now, and after it was placed. */
  readonly buyingPower: Decimal;
  readonly buyingPowerAfter: Decimal;
}

export interface OrderPreviews {
  /**
   * Asks the gate without placing. Throws what {@link parsePlacement} throws, NotFound for an account that
   * is not the viewer's and for a symbol that is not there, and Forbidden for a viewer below USER.
   */
  preview(viewer: Viewer, command: Omit<PlaceOrder, 'clientOrderId'>): Promise<OrderPreview>;
}

/** No order has it: the look at the account asks whether one does. */
const NO_CLIENT_ORDER_ID = 'preview';

export function createOrderPreviews({
  db,
  clock,
  quotes,
  quoteFreshnessMs: freshnessMs = QUOTE_FRESHNESS_MS,
}: {
  readonly db: Database;
  readonly clock: Clock;
  readonly quotes: Pick<QuoteSource, 'latest'>;
  readonly quoteFreshnessMs?: number;
}): OrderPreviews {
  return {
    async preview(viewer, command) {
      requireCapability(viewer, 'TRADE');
      const order = parsePlacement({ ...command, clientOrderId: NO_CLIENT_ORDER_ID });
      const now = clock.now();
      const { account, circumstances, risk } = await db.snapshot(viewer, (tx) =>
        look(tx, { viewer, order, quotes, now }),
      );
      const { instrument, holding } = circumstances;
      expiryOf(order, { timetable: instrument, now });
      const quote = quoteToJudgeBy(quotes, instrument, { now, freshnessMs });
      const reckoned = reckon(order, quote, instrument);
      const verdict = judge({ account, instrument, order: reckoned, quote, holding, risk, now });
      const reserve = verdict.isAllowed ? verdict.reserve : ZERO;
      const buyingPower = buyingPowerOf(account);
      return {
        refusal: verdict.isAllowed ? null : denialOf(verdict.refusal, null),
        ...costOf(reckoned, { instrument, quote, account }),
        ...{ reserve, buyingPower, buyingPowerAfter: buyingPower.minus(reserve) },
      };
    },
  };
}

/** What the gate judges by, as one state of the database. */
async function look(
  tx: Tx,
  {
    viewer,
    order,
    ...ports
  }: {
    readonly viewer: Viewer;
    readonly order: Placement;
    readonly quotes: Pick<QuoteSource, 'latest'>;
    readonly now: Date;
  },
) {
  const where = { id: order.accountId, ...accountsOf(viewer) };
  const account = await tx.account.findFirst({ where });
  if (!account) throw new NotFound('Account');
  const [row] = await askOf(tx, circumstancesOf(order));
  if (!row) throw new NotFound('Instrument');
  const circumstances = circumstancesFrom(row);
  const ask = <Row extends object>(query: Query<Row>) => askOf(tx, query);
  const risk = await readRisk(account, { circumstances, ask, ...ports });
  return { account, circumstances, risk };
}

function costOf(
  { side, quantity, limitPrice }: ReckonedPlacement,
  {
    instrument,
    quote,
    account,
  }: {
    readonly instrument: Instrument;
    readonly quote: Quote | undefined;
    readonly account: Account;
  },
): Pick<OrderPreview, 'price' | 'notional' | 'fee'> {
  const price = limitPrice ?? (quote ? farPrice(side, quote) : null);
  if (!price) return { price: null, notional: null, fee: null };
  const notional = new Decimal(price).times(quantity);
  return { price, notional, fee: feeOf({ quantity, price }, instrument, account) };
}
