import type { QuoteBook } from '../services/market/quote-book.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { Order } from '../services/platform/prisma/client.ts';
import {
  createBrokerConnections,
  type BrokerConnections,
} from '../services/trading/brokers/broker-connections.ts';
import { createBrokerDesk, type BrokerDesk } from '../services/trading/brokers/broker-desk.ts';
import {
  createBrokerQuotes,
  type BrokerQuotes,
} from '../services/trading/brokers/broker-quotes.ts';
import { createOpenBroker, type OpenBroker } from '../services/trading/brokers/open-broker.ts';
import type { Foundation } from './foundation.ts';

export interface Brokers {
  readonly desk: BrokerDesk;
  readonly quotes: BrokerQuotes;
  readonly connections: BrokerConnections;
}

interface Venue {
  accept(order: Order): Promise<Order | undefined>;
  drop(order: Order): void;
}

/** What has to do with brokers. `openBroker`: other brokers than the real ones, for tests. */
export function createBrokers(
  foundation: Foundation,
  {
    config: { trading },
    quotes,
    openBroker = createOpenBroker(foundation),
  }: { readonly config: Config; readonly quotes: QuoteBook; readonly openBroker?: OpenBroker },
): Brokers {
  const desk = createBrokerDesk({ ...foundation, ...trading, openBroker });
  const { sessions, instruments } = desk;
  return {
    desk,
    quotes: createBrokerQuotes({ ...foundation, sessions, instruments, quotes }),
    connections: createBrokerConnections({ ...foundation, openBroker, instruments }),
  };
}

/** Where an order goes once it is stored: to our own venue, or to the broker that it waits for. */
export function createRouting(paper: Venue, { desk }: Brokers): Venue {
  return {
    accept: (order) => (order.status === 'PENDING' ? desk.accept(order) : paper.accept(order)),
    drop(order) {
      if (order.status === 'CANCEL_PENDING') void desk.cancel(order);
      else paper.drop(order);
    },
  };
}
