import type { Random } from '../../../src/services/platform/random.ts';
import type { WantedOrder } from '../../support/paper-accounts.ts';

export type Prices = ReadonlyMap<string, { readonly bid: number; readonly ask: number }>;

type Terms = Omit<WantedOrder, 'accountId' | 'symbol' | 'quantity' | 'clientOrderId'>;
interface Situation {
  readonly bid: string;
  readonly ask: string;
  /** Beyond the prices, so that it waits. */
  readonly below: string;
  readonly above: string;
  readonly farBelow: string;
}

/** Every kind of order; buys are more than sells, and what cannot be sold is an answer as well. */
const KINDS: readonly ((situation: Situation) => Terms)[] = [
  () => ({ side: 'BUY' }),
  () => ({ side: 'BUY' }),
  () => ({ side: 'SELL' }),
  ({ ask }) => ({ side: 'BUY', type: 'LIMIT', limitPrice: ask }),
  ({ below }) => ({ side: 'BUY', type: 'LIMIT', limitPrice: below }),
  ({ above }) => ({ side: 'SELL', type: 'LIMIT', limitPrice: above }),
  ({ ask }) => ({ side: 'BUY', type: 'LIMIT', limitPrice: ask, timeInForce: 'IOC' }),
  ({ below }) => ({ side: 'BUY', type: 'LIMIT', limitPrice: below, timeInForce: 'FOK' }),
  ({ above }) => ({ side: 'BUY', type: 'STOP', stopPrice: above }),
  ({ below }) => ({ side: 'SELL', type: 'STOP', stopPrice: below }),
  ({ above }) => ({ side: 'BUY', type: 'STOP_LIMIT', stopPrice: above, limitPrice: above }),
  () => ({ side: 'SELL', type: 'TRAILING_STOP', trailPercent: '0.05' }),
  ({ above, farBelow }) => ({
    ...{ side: 'BUY', orderClass: 'BRACKET' },
    takeProfit: { limitPrice: above },
    stopLoss: { stopPrice: farBelow },
  }),
  ({ ask, farBelow }) => ({
    ...{ side: 'BUY', type: 'LIMIT', limitPrice: ask, orderClass: 'OTO' },
    stopLoss: { stopPrice: farBelow },
  }),
  ({ above, below }) => ({
    ...{ side: 'SELL', orderClass: 'OCO' },
    ...{ takeProfit: { limitPrice: above }, stopLoss: { stopPrice: below } },
  }),
  () => ({ side: 'BUY', notional: '700' }),
];
const QUANTITY_MAX = 3;

/** An order of any kind for any of the symbols, at the prices of a while ago. */
export function wantOrder(
  prices: Prices,
  { accountId, clientOrderId }: Pick<WantedOrder, 'accountId' | 'clientOrderId'>,
  random: Random,
): WantedOrder {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random.next() * items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
  const [symbol, { bid, ask }] = pick([...prices]);
  const terms = pick(KINDS)({
    ...{ bid: bid.toFixed(2), ask: ask.toFixed(2) },
    ...{ below: (bid * 0.9995).toFixed(2), above: (ask * 1.0005).toFixed(2) },
    farBelow: (bid * 0.99).toFixed(2),
  });
  const quantity = String(1 + Math.floor(random.next() * QUANTITY_MAX));
  const size = terms.notional === undefined ? { quantity } : {};
  return { accountId, symbol, ...size, clientOrderId, ...terms };
}
