import { Decimal } from '../../platform/money.ts';
import type { OrderSide, OrderType } from '../../platform/prisma/enums.ts';
import { isTouched, isWithinLimit } from './order-terms.ts';

/** Prices of a whole bar. */
export interface BarPrices {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
}

/** What of an order decides what a bar makes of it. */
export interface BarOrder {
  readonly type: Exclude<OrderType, 'TRAILING_STOP'>;
  readonly side: OrderSide;
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
  /** Whether an earlier bar has set its stop off. */
  readonly isTriggered: boolean;
}

/** Price of the fill, null when the bar fills nothing; and whether its stop is set off by now. */
export interface BarMatch {
  readonly price: Decimal | null;
  readonly isTriggered: boolean;
}

/**
 * What a replayed bar does to an order that was there before it began (DOMAIN, "Paper fills"): a
 * market order fills at the open of the first bar at or after it; a limit at the limit, or at the
 * open when that is better; a stop at the stop, or at the open when that gapped through. Of the bar
 * that sets off a stop-limit only the close is tested, since nobody knows what came after the
 * trigger but that. Slippage, fees and sizes are not its business.
 */
export function matchBar(order: BarOrder, bar: BarPrices): BarMatch {
  const { type, isTriggered } = order;
  switch (type) {
    case 'MARKET':
      return { price: bar.open, isTriggered };
    case 'LIMIT':
      return { price: limitFill(order, bar), isTriggered };
    case 'STOP':
      if (isTriggered) return { price: bar.open, isTriggered };
      return stopFill(order, bar);
    case 'STOP_LIMIT': {
      if (isTriggered) return { price: limitFill(order, bar), isTriggered };
      const stop = stopFill(order, bar);
      const isFilled = stop.isTriggered && isWithinLimit(order, bar.close);
      return { price: isFilled ? bar.close : null, isTriggered: stop.isTriggered };
    }
  }
}

function limitFill({ side, limitPrice }: BarOrder, { open, high, low }: BarPrices): Decimal | null {
  if (limitPrice === null || isWithinLimit({ side, limitPrice }, open)) return open;
  const best = side === 'BUY' ? low : high;
  return isWithinLimit({ side, limitPrice }, best) ? limitPrice : null;
}

function stopFill({ side, stopPrice }: BarOrder, { open, high, low }: BarPrices): BarMatch {
  const reached = side === 'BUY' ? Decimal.max(open, high) : Decimal.min(open, low);
  const touches = (price: Decimal) => isTouched({ side, stopPrice }, { bid: price, ask: price });
  if (!touches(reached)) return { price: null, isTriggered: false };
  return { price: touches(open) ? open : stopPrice, isTriggered: true };
}
