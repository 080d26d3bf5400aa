import { ZERO, type Decimal } from '../../../platform/money.ts';
import { ccxtBalance } from './parser.ts';
import type { MarketPorts } from './markets.ts';

/** What an account at an exchange has: cash in its own currency, and all else as positions. */
export function accountAt({ client, currency, markets }: MarketPorts) {
  const held = async (): Promise<readonly (readonly [string, Decimal])[]> => {
    const { total } = await client.read(ccxtBalance, (exchange) => exchange.fetchBalance());
    return Object.entries(total).flatMap(([code, amount]) =>
      amount && !amount.isZero() ? [[code, amount] as const] : [],
    );
  };
  const positions = async () =>
    (await held())
      .filter(([code]) => code !== currency)
      .map(([code, quantity]) => ({ symbol: `${code}/${currency}`, quantity, averagePrice: null }));
  return {
    positions,
    cash: async () => (await held()).find(([code]) => code === currency)?.[1] ?? ZERO,
    markets: async (): Promise<readonly string[]> => {
      const known = await markets.known();
      return (await positions()).map(({ symbol }) => symbol).filter((symbol) => known.has(symbol));
    },
  };
}
