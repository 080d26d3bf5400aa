import { Decimal, ZERO } from '../platform/money.ts';
import type { Account, Order } from '../platform/prisma/client.ts';
import type { Holding } from './engine/exposure.ts';
import { remainingOf } from './engine/order-state.ts';
import type { GateInput } from './gate.ts';
import type { ReckonedPlacement } from './new-orders.ts';

interface Given {
  readonly account: Account;
  readonly holding: Holding;
  /** The order whose place is taken. */
  readonly order: Order;
  /** The others of its group that work. */
  readonly others: readonly Order[];
  /** The order that takes it. */
  readonly placement: ReckonedPlacement;
}

/**
 * What the gate judges an order by that takes the place of another: the account without what that
 * one holds back, and what is held without what that one sells or buys. A leg is judged like one of
 * OCO: it closes what it is for, and holds no cash back, since what it costs is asked when it
 * fills.
 */
export function withoutOrder({
  account,
  holding,
  order,
  others,
  placement,
}: Given): Pick<GateInput, 'account' | 'holding' | 'order'> {
  const reserved = new Decimal(account.reserved).minus(order.reserved);
  const legs = pricesOf(order, others, placement);
  if (order.leg === null || order.leg === 'ENTRY') {
    const { orderClass } = order;
    return {
      account: { ...account, reserved },
      holding: without(holding, order),
      order: { ...placement, ...legs, orderClass },
    };
  }
  const held = order.side === 'SELL' ? placement.quantity : placement.quantity.negated();
  const waiting = { held, buying: ZERO, selling: ZERO, shortReserve: ZERO };
  return {
    account: { ...account, cash: ENOUGH, reserved: ZERO },
    holding: order.status === 'PENDING' ? waiting : without(holding, order),
    order: { ...placement, ...legs, orderClass: 'OCO' },
  };
}

const ENOUGH = new Decimal('1e30');

function without(holding: Holding, order: Order): Holding {
  const left = remainingOf(order);
  return order.side === 'SELL'
    ? { ...holding, selling: new Decimal(holding.selling).minus(left) }
    : { ...holding, buying: new Decimal(holding.buying).minus(left) };
}

/** The prices of the legs of its group, with its own as they are to be. */
function pricesOf(
  { leg }: Order,
  others: readonly Order[],
  { limitPrice, stopPrice }: ReckonedPlacement,
): Pick<ReckonedPlacement, 'takeProfit' | 'stopLoss'> {
  const all = [...others, { leg, limitPrice, stopPrice }];
  const profit = all.find((one) => one.leg === 'TAKE_PROFIT');
  const loss = all.find((one) => one.leg === 'STOP_LOSS');
  return {
    takeProfit: profit?.limitPrice ? { limitPrice: profit.limitPrice } : null,
    stopLoss: loss?.stopPrice ? { stopPrice: loss.stopPrice, limitPrice: loss.limitPrice } : null,
  };
}
