import type { BrokerConnection } from '../../platform/prisma/client.ts';

/**
 * Exchanges of ccxt whose `editOrder` puts another order in the place of one, with a quantity of
 * its own and under the name that we give it. Others change an order where it stands, and each
 * counts differently what is filled of it: what is asked for there could be bought twice.
 */
const REPLACING: readonly string[] = ['binance', 'binanceus'];

export const replacesAtExchange = (exchangeId: string): boolean => REPLACING.includes(exchangeId);

/** Whether a venue puts one order in the place of another. */
export function replacesOrders({
  broker,
  exchange,
}: Pick<BrokerConnection, 'broker' | 'exchange'>): boolean {
  switch (broker) {
    case 'ALPACA':
      return true;
    case 'CCXT':
      return replacesAtExchange(exchange ?? '');
  }
}
