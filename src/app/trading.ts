import type { QuoteBook } from '../services/market/quote-book.ts';
import { createLastPrices } from '../services/market/last-prices.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { Order } from '../services/platform/prisma/client.ts';
import { createActionApplier } from '../services/portfolio/action-applier.ts';
import type { BrokerConnections } from '../services/trading/brokers/broker-connections.ts';
import { createDirectFills } from '../services/trading/direct-fills.ts';
import { createDisconnectSweeper } from '../services/trading/disconnect-sweeper.ts';
import {
  createDisconnectSwitches,
  type DisconnectSwitches,
} from '../services/trading/disconnect-switches.ts';
import { createOrderClearance } from '../services/trading/order-clearance.ts';
import { createOrderCourier, type OrderCourier } from '../services/trading/order-courier.ts';
import { createOrderInbox } from '../services/trading/order-inbox.ts';
import { createOrders, type Orders, type OrdersPorts } from '../services/trading/orders.ts';
import { createPaperEngine } from '../services/trading/paper-engine.ts';
import { createHaltedOrders } from '../services/trading/risk/halted-orders.ts';
import { createBrokers, createRouting } from './brokers.ts';
import type { Foundation } from './foundation.ts';
import type { Part } from './lifecycle.ts';

export interface Trading {
  readonly orders: Orders;
  /** What is traded at a broker is judged by the price there. */
  readonly beforePlacing: NonNullable<OrdersPorts['beforePlacing']>;
  readonly brokerConnections: BrokerConnections;
  readonly disconnectSwitches: DisconnectSwitches & Part;
  /** Carries orders to where they are filled. */
  readonly courier: OrderCourier;
  /** What fills, follows, cancels and applies by itself, in the order in which it starts. */
  readonly parts: readonly Part[];
  /** Hears of each canceled order after the commit. */
  readonly onCanceled: (order: Order) => void;
  /** Hears of each switch that halts trading, after the commit. */
  readonly onHalted: () => void;
}

/** Orders, from those who place them to those who fill them. */
export function createTrading(
  foundation: Foundation,
  { config, quotes, isApi }: { config: Config; quotes: QuoteBook; isApi: boolean },
): Trading {
  const { quoteFreshnessMs } = config.market;
  const engine = createPaperEngine({ ...foundation, quotes, quoteFreshnessMs });
  const isAlone = config.redisUrl === undefined;
  const courier = createOrderCourier({
    ...foundation,
    ...{ isAlone, engine: isApi ? undefined : engine },
  });
  const brokers = createBrokers(foundation, { config, quotes });
  const routing = createRouting(courier, brokers);
  const onCanceled = (order: Order): void => {
    routing.drop(order);
  };
  const haltedOrders = createHaltedOrders({ ...foundation, onCanceled });
  const actionApplier = createActionApplier({
    ...foundation,
    lastPrices: createLastPrices({ db: foundation.workerDb, quotes, clock: foundation.clock }),
    clearance: createOrderClearance({ ...foundation, onCanceled }),
  });
  // Few, of several orders each, do more than many of one; the rest is for who fills, relays and looks after things.
  const runningMax = Math.ceil(config.database.poolSize / 5);
  const beforePlacing: Trading['beforePlacing'] = (viewer, order) =>
    brokers.quotes.refresh(viewer, order);
  return {
    ...{ courier, onCanceled, beforePlacing },
    orders: createOrders({
      ...{ ...foundation, quotes, quoteFreshnessMs, onCanceled, beforePlacing },
      onAccepted: (order) => routing.accept(order),
      isLiveTrading: config.trading.isLiveTrading,
      ...(!isApi && { directFills: createDirectFills({ ...foundation, engine, runningMax }) }),
    }),
    brokerConnections: brokers.connections,
    disconnectSwitches: createDisconnectSwitches(foundation),
    parts: [
      ...[createOrderInbox({ ...foundation, engine }), engine, brokers.desk, haltedOrders],
      ...[createDisconnectSweeper({ ...foundation, onCanceled }), actionApplier],
    ],
    onHalted() {
      // Where the workers are other processes, they look by themselves each second.
      if (!isApi) haltedOrders.look();
    },
  };
}
