import { z } from 'zod';
import { ZERO } from '../../../platform/money.ts';
import { BrokerRefused, BrokerUnreachable } from '../errors.ts';
import { clientIdThere, exchangeIdOf, reportOf, toCcxtOrder } from './mapper.ts';
import { wantsMarket, type Markets } from './markets.ts';
import { ccxtOrder } from './parser.ts';
import { requireTerms } from './terms.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Broker, OrderReport } from '../broker.ts';
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
}: OrdersPorts): Pick<Broker, 'submit' | 'cancel' | 'find' | 'findByClientOrderId' | 'openOrders'> {
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
    async submit(order) {
      requireTerms(order, (await markets.known()).get(order.symbol), client.exchange);
      touched.add(order.symbol);
      const { symbol, type, side, amount, price, params } = toCcxtOrder(order, exchangeId);
      const taken = await client.write(ccxtOrder, (exchange) =>
        exchange.createOrder(symbol, type, side, amount, price, params),
      );
      const report = reportOf(taken, order, clock.now());
      return { ...report, clientOrderId: order.clientOrderId };
    },
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
