import { Decimal, toColumn } from '../platform/money.ts';
import { buyingPowerOf } from './events.ts';
import { averageCostOf } from './position.ts';
import type { Clock } from '../platform/clock.ts';
import type { Account, Order, Position, Trade } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { LastPrice, LastPrices } from '../market/last-prices.ts';

/** The price at which a position is valued. */
export interface PositionMark extends LastPrice {
  /** Too old to fill an order at; a stale mark is shown as such and not hidden. */
  readonly isStale: boolean;
}

/** Figures that are derived from rows and kept nowhere. A quotient has as many decimals as a column. */
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
  /** The mark of each instrument; those that never had a price are left out. */
  marks(viewer: Viewer, instrumentIds: readonly string[]): Promise<Map<string, PositionMark>>;
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
  const isStale = ({ time }: LastPrice): boolean =>
    clock.now().getTime() - time.getTime() > quoteFreshnessMs;

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
    async marks(viewer, instrumentIds) {
      const prices = await lastPrices.of(viewer, instrumentIds);
      return new Map([...prices].map(([id, price]) => [id, { ...price, isStale: isStale(price) }]));
    },
  };
}
