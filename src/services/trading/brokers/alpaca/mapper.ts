import { Decimal, isMultipleOf, toText, ZERO } from '../../../platform/money.ts';
import { BrokerRefused } from '../errors.ts';
import type {
  BrokerFill,
  BrokerInstrument,
  BrokerNews,
  BrokerOrder,
  OrderReport,
  ReportedStatus,
  StandingOrder,
} from '../broker.ts';
import type { OrderType, TimeInForce } from '../../../platform/prisma/enums.ts';
import type { AlpacaActivity, AlpacaAsset, AlpacaOrder, AlpacaUpdate } from './parser.ts';

const TYPES: Readonly<Record<OrderType, string>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP: 'stop',
  STOP_LIMIT: 'stop_limit',
  TRAILING_STOP: 'trailing_stop',
};

const TIMES_IN_FORCE: Readonly<Record<Exclude<TimeInForce, 'GTD'>, string>> = {
  DAY: 'day',
  GTC: 'gtc',
  IOC: 'ioc',
  FOK: 'fok',
};

/**
 * The body of an order. Throws BrokerRefused for what Alpaca does not have: nothing is sent then.
 */
export function toAlpacaOrder(order: BrokerOrder): Readonly<Record<string, string>> {
  const { timeInForce, limitPrice, stopPrice, trailAmount, trailPercent, type } = order;
  if (timeInForce === 'GTD') {
    throw new BrokerRefused(
      'UNSUPPORTED_TERMS',
      'Alpaca takes no orders with a date of their end.',
    );
  }
  for (const price of [limitPrice, type === 'TRAILING_STOP' ? null : stopPrice]) {
    if (!price || price.lessThan(DOLLAR) || isMultipleOf(price, CENT)) continue;
    const message = `From a dollar up Alpaca takes prices in cents, and not ${toText(price)}.`;
    throw new BrokerRefused('TICK_SIZE', message);
  }
  return {
    symbol: order.symbol,
    qty: toText(order.quantity),
    side: order.side === 'BUY' ? 'buy' : 'sell',
    type: TYPES[type],
    time_in_force: TIMES_IN_FORCE[timeInForce],
    client_order_id: order.clientOrderId,
    ...(limitPrice && { limit_price: toText(limitPrice) }),
    // Of a trailing stop the venue moves it by itself.
    ...(stopPrice && type !== 'TRAILING_STOP' && { stop_price: toText(stopPrice) }),
    ...(trailAmount && { trail_price: toText(trailAmount) }),
    ...(trailPercent && { trail_percent: toText(trailPercent) }),
  };
}

/**
 * The body of an order that takes the place of another. Its quantity is its own, and not the total
 * with what is filled of the other. Alpaca changes whole shares alone, so that one that stays as it
 * is is not named.
 */
export function toAlpacaReplacement(
  { quantity, filledQuantity }: StandingOrder,
  order: BrokerOrder,
): Readonly<Record<string, string>> {
  const placed = toAlpacaOrder(order);
  const isSame = filledQuantity.isZero() && order.quantity.equals(quantity);
  const trail = placed['trail_price'] ?? placed['trail_percent'];
  return {
    ...(!isSame && { qty: toText(order.quantity) }),
    ...pick(placed, ['time_in_force', 'limit_price', 'stop_price', 'client_order_id']),
    ...(trail !== undefined && { trail }),
  };
}

const pick = (body: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)));

/**
 * What is not here works: `new`, `accepted`, `pending_new`, `held`, `done_for_day` and their like.
 */
const STATUSES: Readonly<Partial<Record<string, ReportedStatus>>> = {
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  replaced: 'REPLACED',
  rejected: 'REJECTED',
  pending_cancel: 'CANCEL_PENDING',
};

export function reportOf(order: AlpacaOrder): OrderReport {
  const working = order.filled_qty.isZero() ? 'ACCEPTED' : 'PARTIALLY_FILLED';
  return {
    brokerOrderId: order.id,
    clientOrderId: order.client_order_id,
    symbol: order.symbol,
    side: sideOf(order),
    status: STATUSES[order.status] ?? working,
    // Of an order for an amount of money it is known when that is spent.
    quantity: order.qty ?? order.filled_qty,
    filledQuantity: order.filled_qty,
    reason: order.status === 'rejected' ? 'Alpaca rejected the order.' : null,
    time: order.updated_at ?? order.created_at,
  };
}

export function fillOf(activity: AlpacaActivity): BrokerFill {
  return {
    brokerTradeId: tradeIdOf(activity.order_id, activity.cum_qty),
    brokerOrderId: activity.order_id,
    symbol: activity.symbol,
    side: sideOf(activity),
    quantity: activity.qty,
    price: activity.price,
    ...FREE,
    executedAt: activity.transaction_time,
  };
}

export function newsOf({ event, order, price, qty, timestamp }: AlpacaUpdate): BrokerNews {
  const report = { ...reportOf(order), ...(timestamp && { time: timestamp }) };
  const isFill = (event === 'fill' || event === 'partial_fill') && price && qty;
  if (!isFill) return { report, fill: null };
  return {
    report,
    fill: {
      brokerTradeId: tradeIdOf(order.id, order.filled_qty),
      brokerOrderId: order.id,
      symbol: order.symbol,
      side: report.side,
      quantity: qty,
      price,
      ...FREE,
      executedAt: report.time,
    },
  };
}

/**
 * Alpaca takes no commission on stocks; what regulators charge comes later, as cash, and not by
 * fill.
 */
const FREE = { fee: ZERO, feeQuantity: ZERO, feeElsewhere: null, liquidity: null } as const;

/**
 * The stream and the list of activities have no id of a fill in common, but both say how much of
 * the order was filled with it, and that is told of one fill alone.
 */
function tradeIdOf(orderId: string, filledSoFar: Decimal): string {
  return `${orderId}/${toText(filledSoFar)}`;
}

const sideOf = ({ side }: { readonly side: string }) => (side === 'buy' ? 'BUY' : 'SELL');

const DOLLAR = new Decimal(1);
const CENT = new Decimal('0.01');
/**
 * Below a dollar. The gate knows one tick of an instrument; what is dearer is looked at as it is
 * sent.
 */
const FINEST_TICK = new Decimal('0.0001');
const WHOLE = new Decimal(1);
/** Alpaca takes nine decimals of a share. */
const FRACTION = new Decimal('0.000000001');

/** Only stocks and funds in dollars; whether one is a fund is not told. */
export function instrumentOf(asset: AlpacaAsset): BrokerInstrument {
  return {
    symbol: asset.symbol,
    name: asset.name || asset.symbol,
    assetClass: 'STOCK',
    currency: 'USD',
    zone: 'America/New_York',
    tickSize: FINEST_TICK,
    lotSize: asset.fractionable ? FRACTION : WHOLE,
    isTradable: asset.tradable && asset.status === 'active',
    calendar: 'US_STOCKS',
  };
}
