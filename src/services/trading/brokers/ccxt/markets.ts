import { ZERO } from '../../../platform/money.ts';
import { instrumentOf } from './mapper.ts';
import { ccxtFeatures, ccxtMarkets, ccxtOrderBook, ccxtTicker, type CcxtMarket } from './parser.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Broker } from '../broker.ts';
import type { CcxtClient } from './client.ts';
import type { CcxtExchange } from './exchange.ts';

/** Whether a call wants the name of a market, and cannot tell of all at once. */
export const wantsMarket = (
  { features }: CcxtExchange,
  call: 'fetchMyTrades' | 'fetchOpenOrders',
): boolean => {
  const known = ccxtFeatures.safeParse(features);
  return known.success && known.data.spot[call]?.symbolRequired === true;
};

/** The spot markets of an exchange as they were read last. */
export interface Markets {
  known(): Promise<ReadonlyMap<string, CcxtMarket>>;
  reload(): Promise<ReadonlyMap<string, CcxtMarket>>;
}

export function marketsOf(client: CcxtClient): Markets {
  let read: Promise<ReadonlyMap<string, CcxtMarket>> | undefined;
  const load = async (isAgain: boolean): Promise<ReadonlyMap<string, CcxtMarket>> => {
    const markets = await client.read(ccxtMarkets, (exchange) => exchange.loadMarkets(isAgain));
    return new Map(markets.map((market) => [market.symbol, market]));
  };
  const keep = (loading: Promise<ReadonlyMap<string, CcxtMarket>>) => {
    read = loading;
    loading.catch(() => {
      read = undefined;
    });
    return loading;
  };
  return { known: () => read ?? keep(load(false)), reload: () => keep(load(true)) };
}

export interface MarketPorts {
  readonly client: CcxtClient;
  readonly currency: string;
  readonly markets: Markets;
}

export function marketAt({
  client,
  clock,
  currency,
  markets,
}: MarketPorts & { readonly clock: Clock }): Pick<Broker, 'quote' | 'instruments'> {
  return {
    async quote(symbol) {
      if (!(await markets.known()).has(symbol)) return null;
      const now = clock.now();
      if (client.exchange.has['fetchTicker'] === true) {
        const ticker = await client.read(ccxtTicker, (exchange) => exchange.fetchTicker(symbol));
        const { bid, ask, bidVolume, askVolume, timestamp: time } = ticker;
        const sizes = { bidSize: bidVolume ?? ZERO, askSize: askVolume ?? ZERO };
        if (bid && ask && !bid.isZero()) return { bid, ask, ...sizes, time: time ?? now };
      }
      const book = await client.read(ccxtOrderBook, (exchange) => exchange.fetchOrderBook(symbol));
      const [[bid, bidSize] = [], [ask, askSize] = []] = [book.bids[0], book.asks[0]];
      if (!bid || !ask || !bidSize || !askSize) return null;
      return { bid, ask, bidSize, askSize, time: book.timestamp ?? now };
    },
    async instruments() {
      const { precisionMode } = client.exchange;
      return [...(await markets.reload()).values()]
        .filter(({ quote }) => quote === currency)
        .map((market) => instrumentOf(market, precisionMode));
    },
  };
}
