import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import { buyingPowerOf } from './events.ts';
import { averageCostOf } from './position.ts';
import type { Clock } from '../platform/clock.ts';
import type { Account, Order, Position, Trade } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { LastPrice, LastPrices } from '../market/last-prices.ts';

/** The price at which a position is valued. */
export interface PositionMark extends LastPrice {
  /**
   * Too old to fill an order at; a stale mark is shown as such and not hidden. Of the past, where
   * only bars are known: older than the last close of a market that trades can be.
   */
  readonly isStale: boolean;
}

/**
 * Figures that are derived from rows and kept nowhere. A quotient has as many decimals as a column.
 */
export interface Valuation {
  /** Cash that no open order holds back. */
  buyingPower(account: Pick<Account, 'cash' | 'reserved'>): Decimal;
  /** Average cost of one; null for a closed position. */
  averageCost(position: Pick<Position, 'quantity' | 'totalCost'>): Decimal | null;
  /** Average price of what is filled; null when nothing is. */
  averageFillPrice(order: Pick<Order, 'filledQuantity' | 'filledNotional'>): Decimal | null;
  /** Profit that a trade booked, after its fee. */
  realizedNet(trade: Pick<Trade, 'realizedGross' | 'fee'>): Decimal;
  /** Quantity × price − booked cost; the fee of selling is not taken off. */
  unrealizedPnl(position: Pick<Position, 'quantity' | 'totalCost'>, mark: PositionMark): Decimal;
  /** Quantity × price. */
  marketValue(position: Pick<Position, 'quantity'>, mark: PositionMark): Decimal;
  /** A value's part of an account's equity, such as 0.25; null when there is no equity. */
  share(value: Decimal, equity: Decimal): Decimal | null;
  /**
   * The mark of each instrument, now or as it was known at `asOf`; those that had no price by then
   * are left out.
   */
  marks(
    viewer: Viewer,
    instrumentIds: readonly string[],
    asOf?: Date,
  ): Promise<Map<string, PositionMark>>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Minute bars come every minute; a restart takes a few. */
const MINUTE_MARK_MAX_AGE_MS = 10 * MINUTE_MS;
/**
 * From a Friday's close to the close of the Tuesday after a holiday, and an hour of summer time.
 */
const SESSION_MARK_MAX_AGE_MS = 4 * DAY_MS + 60 * MINUTE_MS;

function maxAgeOf({ interval }: LastPrice): number {
  return interval === 'MINUTE_1' ? MINUTE_MARK_MAX_AGE_MS : SESSION_MARK_MAX_AGE_MS;
}

export function createValuation({
  lastPrices,
  clock,
  quoteFreshnessMs,
}: {
  readonly lastPrices: LastPrices;
  readonly clock: Clock;
  /** A price that is older is stale. */
  readonly quoteFreshnessMs: number;
}): Valuation {
  const isStale = (price: LastPrice, asOf: Date | undefined): boolean => {
    const ageMs = (asOf ?? clock.now()).getTime() - price.time.getTime();
    return ageMs > (asOf ? maxAgeOf(price) : quoteFreshnessMs);
  };

  return {
    buyingPower: buyingPowerOf,
    averageCost(position) {
      const average = averageCostOf(position);
      return average ? toColumn(average) : null;
    },
    averageFillPrice: ({ filledQuantity, filledNotional }) =>
      filledQuantity.isZero()
        ? null
        : toColumn(new Decimal(filledNotional).dividedBy(filledQuantity)),
    realizedNet: ({ realizedGross, fee }) => new Decimal(realizedGross).minus(fee),
    unrealizedPnl: ({ quantity, totalCost }, { price }) =>
      new Decimal(quantity).times(price).minus(totalCost),
    marketValue: ({ quantity }, { price }) => new Decimal(quantity).times(price),
    share: shareOf,
    async marks(viewer, instrumentIds, asOf) {
      const prices = await lastPrices.of(viewer, instrumentIds, asOf);
      return new Map(
        [...prices].map(([id, price]) => [id, { ...price, isStale: isStale(price, asOf) }]),
      );
    },
  };
}

/**
 * A part of the equity to as many decimals as a column keeps; null when there is none to be a part
 * of.
 */
export function shareOf(value: Decimal, equity: Decimal): Decimal | null {
  return equity.greaterThan(ZERO) ? toColumn(new Decimal(value).dividedBy(equity)) : null;
}
