import { createQuoteBook } from '../../../../src/services/market/quote-book.ts';
import { createDatabase } from '../../../../src/services/platform/database.ts';
import { systemTimers } from '../../../../src/services/platform/timers.ts';
import { userViewer } from '../../../../src/services/platform/viewer.ts';
import { createBrokerDesk } from '../../../../src/services/trading/brokers/broker-desk.ts';
import { createBrokerQuotes } from '../../../../src/services/trading/brokers/broker-quotes.ts';
import { createOpenBroker } from '../../../../src/services/trading/brokers/open-broker.ts';
import { createOrders } from '../../../../src/services/trading/orders.ts';
import { createTradingFloor, decimal } from '../../../support/trading-floor.ts';
import type { Placing } from './dying-process.ts';

// Places one order at a broker, as a server does, and waits for an answer until it is killed.
const placing = JSON.parse(process.argv[2] ?? '') as Placing;
const limits = { acquireTimeoutMs: 25_000, transactionTimeoutMs: 25_000 };
const databaseOf = (url: string) =>
  createDatabase({ url, poolSize: 2, ...limits, statementTimeoutMs: 25_000 });
const server = databaseOf(placing.serverUrl);
const workerDb = databaseOf(placing.workerUrl);
const startedAt = performance.now();
const clock = {
  now: () => new Date(placing.nowMs + Math.floor(performance.now() - startedAt)),
};
const query = () => Promise.reject(new Error('Nothing is made here.'));
const { ids, booking } = createTradingFloor({ server, worker: workerDb, query }, clock);
const tell = (fields: object, message: string): void => {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
};
const logger = { warn: tell, error: tell };
const desk = createBrokerDesk({
  ...{ workerDb, booking, clock, ids, logger, timers: systemTimers, isLiveTrading: false },
  vault: {
    open: () => Promise.resolve(placing.keys),
    openProvider: () => Promise.resolve(null),
  },
  openBroker: createOpenBroker({ clock, timers: systemTimers, ...placing.venue }),
  reconcileMs: 60_000,
});
const quotes = createQuoteBook();
const brokerQuotes = createBrokerQuotes({ ...desk, quotes, clock });
const orders = createOrders({
  ...{ db: server, clock, ids, quotes, isLiveTrading: false, firstNewsMs: 60_000 },
  beforePlacing: (viewer, order) => brokerQuotes.refresh(viewer, order),
  onAccepted: (order) => desk.accept(order),
  onCanceled: () => undefined,
});
const { accountId, symbol, clientOrderId, userId } = placing;
const order = await orders.place(userViewer({ userId, role: 'USER' }), {
  ...{ accountId, symbol, clientOrderId, side: 'BUY', type: 'LIMIT' },
  ...{ quantity: decimal(10), limitPrice: decimal(150) },
});
throw new Error(`It was answered, and is ${order.status}.`);
