import { z } from 'zod';
import { ZERO } from '../../../platform/money.ts';
import { BrokerRefused, BrokerUnreachable } from '../errors.ts';
import { clientIdThere, exchangeIdOf, reportOf, toCcxtOrder, type CcxtRequest } from './mapper.ts';
import { wantsMarket, type Markets } from './markets.ts';
import { ccxtOrder } from './parser.ts';
import { requireTerms } from './terms.ts';
import type { Clock } from '../../../platform/clock.ts';
import { replacesAtExchange } from '../replaceable-venues.ts';
import type { Broker, BrokerOrder, OrderReport } from '../broker.ts';
import type { CcxtClient } from './client.ts';
import type { CcxtExchange } from './exchange.ts';

/** These find an order by our id; elsewhere it is looked for in the lists. */
const BY_CLIENT_ID: readonly string[] = ['binance', 'binanceus'];
const SIDES = { symbol: '', side: 'BUY', quantity: ZERO } as const;

interface OrdersPorts {
  readonly client: CcxtClient;
  readonly clock: Clock;
  readonly markets: Markets;
  readonly touched: Set<string>;
  readonly heldMarkets: () => Promise<readonly string[]>;
}

export function ordersAt({
  client,
  clock,
  markets,
  touched,
  heldMarkets,
}: OrdersPorts): Pick<
  Broker,
  'submit' | 'replace' | 'cancel' | 'find' | 'findByClientOrderId' | 'openOrders'
> {
  const { id: exchangeId } = client.exchange;
  const findBy = async (
    symbol: string,
    ask: (exchange: CcxtExchange) => Promise<unknown>,
  ): Promise<OrderReport | null> => {
    touched.add(symbol);
    try {
      return reportOf(await client.read(ccxtOrder, ask), { ...SIDES, symbol }, clock.now());
    } catch (error) {
      if (error instanceof BrokerRefused && error.reasonCode === 'OrderNotFound') return null;
      throw error;
    }
  };
  return {
    ...submissionsAt({ client, clock, markets, touched }),
    async cancel(order) {
      touched.add(order.symbol);
      await client.write(z.unknown(), (exchange) =>
        exchange.cancelOrder(exchangeIdOf(order), order.symbol),
      );
    },
    find: (order) =>
      findBy(order.symbol, (exchange) => exchange.fetchOrder(exchangeIdOf(order), order.symbol)),
    async findByClientOrderId({ clientOrderId, symbol }) {
      // What is not traded there was never sent there.
      if (!(await markets.known()).has(symbol)) return null;
      if (!BY_CLIENT_ID.includes(exchangeId)) {
        touched.add(symbol);
        return findInLists({ client, clock }, { clientOrderId, symbol });
      }
      const named = { clientOrderId: clientIdThere(exchangeId, clientOrderId) };
      return findBy(symbol, (exchange) => exchange.fetchOrder('', symbol, named));
    },
    async openOrders() {
      const isByMarket = wantsMarket(client.exchange, 'fetchOpenOrders');
      const asked = isByMarket
        ? new Set([...touched, ...(await heldMarkets())])
        : new Set([undefined]);
      const open: OrderReport[] = [];
      for (const symbol of asked) {
        const orders = await client.read(z.array(ccxtOrder), (exchange) =>
          exchange.fetchOpenOrders(symbol),
        );
        const known = { ...SIDES, symbol: symbol ?? '' };
        open.push(...orders.map((order) => reportOf(order, known, clock.now())));
      }
      return open;
    },
  };
}

/** Orders on their way there: placed anew, or in the place of another. */
function submissionsAt({
  client,
  clock,
  markets,
  touched,
}: Omit<OrdersPorts, 'heldMarkets'>): Pick<Broker, 'submit' | 'replace'> {
  const { id: exchangeId } = client.exchange;
  /** Sends an order in one way or another, once it is known that the exchange takes such. */
  const write = async (
    order: BrokerOrder,
    work: (exchange: CcxtExchange, request: CcxtRequest) => Promise<unknown>,
  ): Promise<OrderReport> => {
    requireTerms(order, (await markets.known()).get(order.symbol), client.exchange);
    touched.add(order.symbol);
    const request = toCcxtOrder(order, exchangeId);
    const taken = await client.write(ccxtOrder, (exchange) => work(exchange, request));
    return { ...reportOf(taken, order, clock.now()), clientOrderId: order.clientOrderId };
  };
  return {
    submit: (order) =>
      write(order, (exchange, { symbol, type, side, amount, price, params }) =>
        exchange.createOrder(symbol, type, side, amount, price, params),
      ),
    async replace(standing, order) {
      if (!replacesAtExchange(exchangeId) || client.exchange.has['editOrder'] !== true) {
        throw new BrokerRefused('UNSUPPORTED_TERMS', `${exchangeId} replaces no orders from here.`);
      }
      const id = exchangeIdOf(standing);
      return write(order, (exchange, { symbol, type, side, amount, price, params }) =>
        exchange.editOrder(id, symbol, type, side, amount, price, params),
      );
    },
  };
}

/** All lists of orders that the exchange has, the newest of each. */
async function findInLists(
  { client, clock }: Pick<OrdersPorts, 'client' | 'clock'>,
  { clientOrderId, symbol }: { readonly clientOrderId: string; readonly symbol: string },
): Promise<OrderReport | null> {
  const names = [
    'fetchOpenOrders',
    'fetchOrders',
    'fetchCanceledAndClosedOrders',
    'fetchClosedOrders',
    'fetchCanceledOrders',
  ] as const;
  const lists = names.filter((name) => client.exchange.has[name] === true);
  let isCertain = lists.length > 1;
  for (const name of lists) {
    const orders = await client.read(z.array(ccxtOrder), (exchange) => exchange[name](symbol));
    const reports = orders.map((order) => reportOf(order, { ...SIDES, symbol }, clock.now()));
    const found = reports.find((report) => report.clientOrderId === clientOrderId);
    if (found) return found;
    isCertain &&= reports.every((report) => report.clientOrderId !== null);
  }
  if (isCertain) return null;
  // One without a name may be the one that is meant: nobody may call it lost.
  throw new BrokerUnreachable(`${client.exchange.id} has orders that cannot be told apart.`);
}
