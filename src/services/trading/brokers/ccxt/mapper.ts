import { Decimal, toText, ZERO } from '../../../platform/money.ts';
import type {
  BrokerFill,
  BrokerInstrument,
  BrokerOrder,
  BrokerOrderRef,
  FeeElsewhere,
  OrderReport,
  ReportedStatus,
} from '../broker.ts';
import type { CcxtMarket, CcxtOrder, CcxtTrade } from './parser.ts';

/**
 * Exchanges number orders market by market, and two markets may have the same number: the name of
 * the market makes it the only one.
 */
const brokerIdOf = (id: string, symbol: string): string => `${id}@${symbol}`;

export const exchangeIdOf = ({ brokerOrderId }: Pick<BrokerOrderRef, 'brokerOrderId'>): string =>
  brokerOrderId.slice(0, brokerOrderId.lastIndexOf('@'));

/** These take letters and digits alone. */
const WITHOUT_DASHES: readonly string[] = ['okx', 'okxus', 'myokx', 'htx'];
const BARE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** Our id of an order as an exchange takes it. */
export const clientIdThere = (exchangeId: string, id: string): string =>
  WITHOUT_DASHES.includes(exchangeId) ? id.replaceAll('-', '') : id;

const clientIdHere = (id: string): string => id.replace(BARE, '$1-$2-$3-$4-$5');

const STATUSES: Readonly<Partial<Record<string, ReportedStatus>>> = {
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
  canceling: 'CANCEL_PENDING',
};

type Known = Pick<OrderReport, 'symbol' | 'side' | 'quantity'>;

/** `known` is what was asked for: some exchanges answer an order with its id alone. */
export function reportOf(order: CcxtOrder, known: Known, now: Date): OrderReport {
  const symbol = order.symbol ?? known.symbol;
  const filledQuantity = order.filled ?? ZERO;
  const quantity = order.amount ?? known.quantity;
  return {
    brokerOrderId: brokerIdOf(order.id, symbol),
    clientOrderId: order.clientOrderId === null ? null : clientIdHere(order.clientOrderId),
    symbol,
    side: order.side ? sideOf({ side: order.side }) : known.side,
    status: statusOf(order.status, filledQuantity, quantity),
    quantity,
    filledQuantity,
    reason: order.status === 'rejected' ? 'The exchange rejected the order.' : null,
    time: order.lastUpdateTimestamp ?? order.lastTradeTimestamp ?? order.timestamp ?? now,
  };
}

/** What is closed with a rest left was ended: the rest will not be filled. */
function statusOf(status: string | null, filled: Decimal, quantity: Decimal): ReportedStatus {
  if (status === 'closed') return filled.lessThan(quantity) ? 'CANCELED' : 'FILLED';
  const working = filled.isZero() ? 'ACCEPTED' : 'PARTIALLY_FILLED';
  return STATUSES[status ?? ''] ?? working;
}

/** What one unit of each currency that fees were taken in is worth in the account's. */
export interface FeePrices {
  /** The account's. */
  readonly currency: string;
  readonly prices: ReadonlyMap<string, Decimal>;
}

export function fillOf(trade: CcxtTrade, worth: FeePrices): BrokerFill {
  const { id, order, symbol } = trade;
  return {
    // Both sides of a trade with oneself have one id.
    brokerTradeId: `${id}/${brokerIdOf(order, symbol)}`,
    brokerOrderId: brokerIdOf(order, symbol),
    symbol,
    side: sideOf(trade),
    quantity: trade.amount,
    price: trade.price,
    fee: feeOf(trade, worth),
    feeQuantity: feeQuantityOf(trade),
    feeElsewhere: feeElsewhereOf(trade, worth),
    liquidity: trade.takerOrMaker === 'maker' ? 'MAKER' : trade.takerOrMaker ? 'TAKER' : null,
    executedAt: trade.timestamp,
  };
}

/** What was taken in money. A rebate counts as none: it shows as cash that the books lack. */
function feeOf({ fees, symbol }: CcxtTrade, { currency: own }: FeePrices): Decimal {
  const [base, quote] = symbol.split('/');
  const sum = fees.reduce((total, { cost, currency }) => {
    const isMoney = currency !== base && (currency === quote || currency === own);
    return cost && isMoney ? total.plus(cost) : total;
  }, ZERO);
  return Decimal.max(sum, ZERO);
}

/**
 * What was taken in a third coin: one at most, as exchanges do. Null where nothing tells its worth,
 * since it has no market in the account's currency: what is held of it is no position of ours then
 * either, and is flagged.
 */
function feeElsewhereOf(
  { fees, symbol }: CcxtTrade,
  { currency: own, prices }: FeePrices,
): FeeElsewhere | null {
  for (const { cost, currency } of fees) {
    if (!cost?.greaterThan(ZERO) || currency === null || currency === own) continue;
    const price = symbol.split('/').includes(currency) ? undefined : prices.get(currency);
    if (price) return { symbol: `${currency}/${own}`, quantity: cost, price };
  }
  return null;
}

/**
 * What was taken of the coin itself: Binance takes it of what is bought unless it is told
 * otherwise.
 */
function feeQuantityOf({ fees, symbol }: CcxtTrade): Decimal {
  const [base] = symbol.split('/');
  const sum = fees.reduce(
    (total, { cost, currency }) => (cost && currency === base ? total.plus(cost) : total),
    ZERO,
  );
  return Decimal.max(sum, ZERO);
}

const sideOf = ({ side }: { readonly side: 'buy' | 'sell' }) => (side === 'buy' ? 'BUY' : 'SELL');

/** Of ccxt: what the precision of a market counts. */
const DECIMAL_PLACES = 2;
const TICK_SIZE = 4;
/**
 * The finest that the books keep, where an exchange has no step, or one that goes with the price.
 */
const FINEST = new Decimal('0.00000001');

/** The step of prices or quantities; null where there is no fixed one. */
export function stepOf(precision: Decimal | null, precisionMode: number): Decimal | null {
  if (precision === null) return null;
  if (precisionMode === TICK_SIZE) return precision.isZero() ? null : precision;
  return precisionMode === DECIMAL_PLACES
    ? new Decimal(10).pow(precision.negated().toNumber())
    : null;
}

export function instrumentOf(market: CcxtMarket, precisionMode: number): BrokerInstrument {
  const { symbol, base, quote, precision, active } = market;
  return {
    symbol,
    name: `${base} in ${quote}`,
    assetClass: 'CRYPTO',
    currency: quote,
    zone: 'UTC',
    tickSize: stepOf(precision.price, precisionMode) ?? FINEST,
    lotSize: stepOf(precision.amount, precisionMode) ?? FINEST,
    // Some exchanges do not tell; they refuse then what is not traded.
    isTradable: active !== false,
    calendar: 'ALWAYS',
  };
}

export interface CcxtRequest {
  readonly symbol: string;
  readonly type: 'market' | 'limit';
  readonly side: 'buy' | 'sell';
  readonly amount: string;
  readonly price: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}

/** The order as ccxt is asked for it, once terms.ts has let it pass. */
export function toCcxtOrder(order: BrokerOrder, exchangeId: string): CcxtRequest {
  const { limitPrice, stopPrice, timeInForce, type } = order;
  const isLimit = type === 'LIMIT' || type === 'STOP_LIMIT';
  const isImmediate = timeInForce === 'IOC' || timeInForce === 'FOK';
  return {
    symbol: order.symbol,
    type: isLimit ? 'limit' : 'market',
    side: order.side === 'BUY' ? 'buy' : 'sell',
    amount: toText(order.quantity),
    price: limitPrice && isLimit ? toText(limitPrice) : undefined,
    params: {
      clientOrderId: clientIdThere(exchangeId, order.clientOrderId),
      ...(stopPrice && { triggerPrice: toText(stopPrice) }),
      ...(isLimit && isImmediate && { timeInForce }),
    },
  };
}
