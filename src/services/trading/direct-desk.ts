import { farPrice, isWithinLimit, type BestPrices } from './engine/order-terms.ts';
import type { Decimal } from '../platform/money.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { FillCommand } from './fill.ts';
import type { Lease } from './leases.ts';
import type { FillModels, Offers } from './offers.ts';
import type { OrderAttempts } from './order-attempts.ts';
import type { OpenOrder } from './resting-orders.ts';

/** What of an order that is being placed tells whether it can be filled at once. */
export type DirectTerms = Pick<OpenOrder, 'side' | 'type' | 'limitPrice'>;

/** A desk as an order finds it that is filled while it is placed. */
export interface DirectDesk
  extends Pick<FillCommand, 'lease' | 'prices' | 'match'>, Pick<OrderAttempts, 'learn'> {
  /** What a fill took is not offered to others any more. The answer gives it back. */
  readonly take: (
    models: FillModels,
    fill: { readonly order: Order; readonly quantity: Decimal },
  ) => () => void;
}

export const directDeskOf = (
  lease: Lease,
  offers: Pick<Offers, 'prices'>,
  { match, take, learn }: Pick<OrderAttempts, 'match' | 'take' | 'learn'>,
): DirectDesk => ({
  ...{ lease, take, learn, prices: () => offers.prices() },
  match: (order, by) => match(order, by, lease),
});

/** Whether the prices fill an order of these terms now. */
export function isMarketable({ side, type, limitPrice }: DirectTerms, prices: BestPrices): boolean {
  if (type === 'MARKET') return true;
  return type === 'LIMIT' && isWithinLimit({ side, limitPrice }, farPrice(side, prices));
}
