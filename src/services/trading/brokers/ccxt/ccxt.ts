import { systemTimers, type Timers } from '../../../platform/timers.ts';
import { accountAt } from './account.ts';
import { createCcxtClient } from './client.ts';
import { createCcxtFills } from './fills.ts';
import { marketAt, marketsOf, wantsMarket } from './markets.ts';
import { ordersAt } from './orders.ts';
import { pollExchange } from './polling.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Broker } from '../broker.ts';
import type { CcxtExchange } from './exchange.ts';

export interface CcxtPorts {
  readonly exchange: CcxtExchange;
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly pollMs?: number;
}

const POLL_MS = 5_000;
/** Where money is dollars; elsewhere it is USDT. */
const IN_DOLLARS: readonly string[] = ['kraken', 'coinbase', 'bitstamp', 'gemini', 'bitfinex'];
/**
 * Spot markets of one exchange, through ccxt. Our account there is its balance in one currency, and
 * what else it holds are positions. It listens by asking: streams are not used.
 */
export function createCcxt(ports: CcxtPorts): Broker {
  const { exchange, clock, timers = systemTimers, pollMs = POLL_MS } = ports;
  const client = createCcxtClient(exchange, timers);
  const markets = marketsOf(client);
  const currency = IN_DOLLARS.includes(exchange.id) ? 'USD' : 'USDT';
  // Markets of orders that went through here: some exchanges tell fills by market alone.
  const touched = new Set<string>();
  const account = accountAt({ client, currency, markets });
  const orders = ordersAt({ client, clock, touched, markets, heldMarkets: account.markets });
  const { quote, instruments } = marketAt({ client, clock, currency, markets });
  const fills = createCcxtFills({
    ...{ client, currency, quote },
    fromMs: clock.now().getTime(),
    async markets() {
      if (!wantsMarket(exchange, 'fetchMyTrades')) return undefined;
      for (const symbol of await account.markets()) touched.add(symbol);
      return [...touched].sort();
    },
  });
  const { positions, cash } = account;
  const broker = { currency, ...orders, ...fills, positions, cash, quote, instruments };
  return { ...broker, follow: (listener) => pollExchange(broker, { timers, pollMs }, listener) };
}
