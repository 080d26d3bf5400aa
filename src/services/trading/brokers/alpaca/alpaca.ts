import { z } from 'zod';
import { systemTimers, type Timers } from '../../../platform/timers.ts';
import { BrokerRefused, BrokerUnreachable } from '../errors.ts';
import { createPace } from '../pace.ts';
import {
  createAlpacaClient,
  type AlpacaClient,
  type AlpacaHosts,
  type AlpacaKeys,
  type AlpacaRequest,
} from './client.ts';
import { fillOf, instrumentOf, reportOf, toAlpacaOrder, toAlpacaReplacement } from './mapper.ts';
import {
  alpacaAccount,
  alpacaActivity,
  alpacaAsset,
  alpacaOrder,
  alpacaPosition,
  alpacaQuote,
} from './parser.ts';
import { followAlpaca } from './stream.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Broker, OrderReport } from '../broker.ts';

export interface AlpacaPorts {
  readonly hosts: AlpacaHosts;
  readonly keys: AlpacaKeys;
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly timeoutMs?: number;
  readonly reconnectMs?: number;
}

/** Alpaca allows an account 200 requests a minute. */
const PER_MINUTE = 200;
const BURST = 50;
const PAGE_MAX = 100;
const OPEN_ORDERS_MAX = 500;
const NOT_FOUND = /^404/;
const FILLS = '/v2/account/activities/FILL';

type Query = Readonly<Record<string, string>>;

/**
 * Stocks at Alpaca, for play or for real: the hosts decide (docs.alpaca.markets, Trading API v2).
 */
export function createAlpaca(ports: AlpacaPorts): Broker {
  const { clock, timers = systemTimers } = ports;
  const pace = createPace({ clock, timers, perMinute: PER_MINUTE, burst: BURST });
  const client = createAlpacaClient({ ...ports, timers, pace });
  return {
    currency: 'USD',
    ...ordersAt(client),
    ...accountAt(client),
    ...marketAt(client),
    follow: (listener) => followAlpaca({ ...ports, timers }, listener),
  };
}

/** The answer, as it is documented. */
async function ask<Schema extends z.ZodType>(
  client: AlpacaClient,
  schema: Schema,
  request: AlpacaRequest,
): Promise<z.output<Schema>> {
  const { success, data, error } = schema.safeParse(await client.ask(request));
  if (success) return data;
  const { method, path } = request;
  throw new BrokerUnreachable(`Alpaca's answer to ${method} ${path} is not as documented.`, {
    cause: error,
  });
}

function ordersAt(
  client: AlpacaClient,
): Pick<Broker, 'submit' | 'replace' | 'cancel' | 'find' | 'findByClientOrderId' | 'openOrders'> {
  const pathOf = (id: string): string => `/v2/orders/${encodeURIComponent(id)}`;
  const findAt = async (path: string, query: Query = {}): Promise<OrderReport | null> => {
    try {
      return reportOf(await ask(client, alpacaOrder, { method: 'GET', path, query }));
    } catch (error) {
      if (error instanceof BrokerRefused && NOT_FOUND.test(error.reasonCode)) return null;
      throw error;
    }
  };
  return {
    async submit(order) {
      const body = toAlpacaOrder(order);
      return reportOf(await ask(client, alpacaOrder, { method: 'POST', path: '/v2/orders', body }));
    },
    async replace(standing, order) {
      const body = toAlpacaReplacement(standing, order);
      const path = pathOf(standing.brokerOrderId);
      return reportOf(await ask(client, alpacaOrder, { method: 'PATCH', path, body }));
    },
    async cancel({ brokerOrderId }) {
      await client.ask({ method: 'DELETE', path: pathOf(brokerOrderId) });
    },
    findByClientOrderId: ({ clientOrderId }) =>
      findAt('/v2/orders:by_client_order_id', { client_order_id: clientOrderId }),
    find: ({ brokerOrderId }) => findAt(pathOf(brokerOrderId)),
    async openOrders() {
      const query = { status: 'open', limit: String(OPEN_ORDERS_MAX), nested: 'false' };
      const request = { method: 'GET', path: '/v2/orders', query } as const;
      return (await ask(client, z.array(alpacaOrder), request)).map(reportOf);
    },
  };
}

function accountAt(
  client: AlpacaClient,
): Pick<Broker, 'newestFill' | 'fillsAfter' | 'positions' | 'cash'> {
  const fills = (query: Query) =>
    ask(client, z.array(alpacaActivity), { method: 'GET', path: FILLS, query });
  return {
    async newestFill() {
      const [newest] = await fills({ direction: 'desc', page_size: '1' });
      return newest?.id ?? '';
    },
    async fillsAfter(cursor) {
      const page = await fills({
        direction: 'asc',
        page_size: String(PAGE_MAX),
        ...(cursor !== '' && { page_token: cursor }),
      });
      const hasMore = page.length === PAGE_MAX;
      return { fills: page.map(fillOf), cursor: page.at(-1)?.id ?? cursor, hasMore };
    },
    async positions() {
      const request = { method: 'GET', path: '/v2/positions' } as const;
      const positions = await ask(client, z.array(alpacaPosition), request);
      return positions.map(({ symbol, qty, avg_entry_price }) => ({
        symbol,
        quantity: qty,
        averagePrice: avg_entry_price,
      }));
    },
    cash: async () =>
      (await ask(client, alpacaAccount, { method: 'GET', path: '/v2/account' })).cash,
  };
}

function marketAt(client: AlpacaClient): Pick<Broker, 'quote' | 'instruments'> {
  return {
    async quote(symbol) {
      const path = `/v2/stocks/${encodeURIComponent(symbol)}/quotes/latest`;
      const { quote } = await ask(client, alpacaQuote, { method: 'GET', host: 'data', path });
      // A side that nobody offers is told as zero.
      if (!quote || quote.bp.isZero() || quote.ap.lessThan(quote.bp)) return null;
      return { bid: quote.bp, ask: quote.ap, bidSize: quote.bs, askSize: quote.as, time: quote.t };
    },
    async instruments() {
      const query = { status: 'active', asset_class: 'us_equity' };
      const request = { method: 'GET', path: '/v2/assets', query } as const;
      return (await ask(client, z.array(alpacaAsset), request)).map(instrumentOf);
    },
  };
}
