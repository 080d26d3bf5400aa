import { Decimal, ZERO } from '../../platform/money.ts';
import type { OrderSide, OrderType } from '../../platform/prisma/enums.ts';
import { farPrice, type BestPrices } from './order-terms.ts';
import { stopBehind, trailedPrice, type Trail } from './trailing-stop.ts';

interface Reckonable extends Trail {
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly stopPrice: Decimal | null;
  readonly quantity: Decimal | null;
  readonly notional: Decimal | null;
}

/** With what only the market tells. */
type Reckoned<Order> = Omit<Order, 'quantity' | 'stopPrice'> & {
  readonly quantity: Decimal;
  readonly stopPrice: Decimal | null;
};

/**
 * What of an order only the market tells, filled in: the quantity that a notional buys or sells at
 * the far side of the quote, rounded down to the lot, and where the stop of a trailing stop begins.
 * Without a quote the quantity is zero and such a stop has no price yet. Fees come on top of a
 * notional.
 */
export function reckon<Order extends Reckonable>(
  order: Order,
  prices: BestPrices | undefined,
  { tickSize, lotSize }: { readonly tickSize: Decimal; readonly lotSize: Decimal },
): Reckoned<Order> {
  const quantity = order.quantity ?? quantityFor(order, prices, lotSize);
  if (order.type !== 'TRAILING_STOP' || order.stopPrice || !prices) return { ...order, quantity };
  const stopPrice = stopBehind(order, trailedPrice(order.side, prices), tickSize);
  return { ...order, quantity, stopPrice };
}

function quantityFor(
  { side, notional }: Pick<Reckonable, 'side' | 'notional'>,
  prices: BestPrices | undefined,
  lotSize: Decimal,
): Decimal {
  if (!notional || !prices) return ZERO;
  const quantity = new Decimal(notional).dividedBy(farPrice(side, prices));
  return quantity.minus(quantity.mod(lotSize));
}
