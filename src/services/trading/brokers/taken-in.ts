import { Decimal, toBookedCash, ZERO } from '../../platform/money.ts';
import { BrokerUnreachable } from './errors.ts';
import type { Broker, BrokerPosition } from './broker.ts';

/** What is held at a broker, and what it cost. */
export interface TakenIn extends Pick<BrokerPosition, 'symbol' | 'quantity'> {
  readonly price: Decimal;
}

/** The state of an account at a broker at one moment. */
export interface OpeningBalance {
  readonly cash: Decimal;
  readonly positions: readonly TakenIn[];
  /** After the newest fill that is in it. */
  readonly cursor: string;
}

const LOOKS_MAX = 3;

/**
 * Reads it in a moment in which nothing was filled; throws BrokerUnreachable when there is none.
 */
export async function readOpeningBalance(broker: Broker): Promise<OpeningBalance> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const cursor = await broker.newestFill();
    const [held, cash] = [await broker.positions(), await broker.cash()];
    if ((await broker.newestFill()) !== cursor) continue;
    const positions = [];
    for (const position of held) {
      const price = await costOf(broker, position);
      if (price) positions.push({ ...position, price });
    }
    return { cash, positions, cursor };
  }
  throw new BrokerUnreachable('The account trades too fast to be taken in now.');
}

/**
 * For one; the price of now where the venue keeps none. What has neither is left out, and flagged
 * later.
 */
async function costOf(broker: Broker, position: BrokerPosition): Promise<Decimal | undefined> {
  const { averagePrice, symbol, quantity } = position;
  if (averagePrice?.greaterThan(ZERO)) return averagePrice;
  const quote = await broker.quote(symbol);
  return quote === null ? undefined : quantity.isNegative() ? quote.ask : quote.bid;
}

/**
 * The starting cash that leaves the broker's cash once all of it was taken in at its cost, each
 * rounded as its trade will be.
 */
export function startingCashOf(
  { cash, positions }: Pick<OpeningBalance, 'cash' | 'positions'>,
  currency: string,
): Decimal {
  return positions.reduce(
    (sum, { quantity, price }) => sum.plus(toBookedCash(quantity.times(price), currency)),
    new Decimal(toBookedCash(cash, currency)),
  );
}
