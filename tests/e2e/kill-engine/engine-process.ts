import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../../src/services/platform/database.ts';
import { DomainError } from '../../../src/services/platform/errors.ts';
import { roleUrl } from '../../../src/services/platform/migrations/roles.ts';
import { createRandom } from '../../../src/services/platform/random.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { OrderDenied } from '../../../src/services/trading/errors.ts';
import { createExchange } from '../../support/exchange.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Orders, Report, Request } from './messages.ts';

/*
 * The program that is killed: quotes, clients, gate and engine, on the real services. It is told what
 * to do in one message, tells what it does, and ends in good order on a second message.
 */

const CLIENTS = 8;
/** One in sixteen ids begins so: these orders are canceled as soon as they are answered. */
const CANCEL_MARK = '7';
const TICK_MS = 10;
const OPTIONS = {
  poolSize: 8,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 60_000,
  statementTimeoutMs: 60_000,
};

const tell = (report: Report): void => void process.send?.(report);

async function run(orders: Orders): Promise<() => Promise<void>> {
  const connect = (role: 'tradegraph_server' | 'tradegraph_worker') =>
    createDatabase({ ...OPTIONS, url: roleUrl(orders.ownerUrl, role) });
  const server = connect('tradegraph_server');
  const worker = connect('tradegraph_worker');
  const query = () => Promise.reject(new Error('This process has no superuser.'));
  const floor = createTradingFloor({ server, worker, query });
  const exchange = createExchange({ server, worker }, floor, {
    engine: { leaseMs: 600, renewMs: 150, concurrentFillsMax: 6 },
  });
  const state = { isEnding: false };
  const endQuotes = streamQuotes(exchange, orders);
  await exchange.engine.start();
  tell({ kind: 'ready' });

  const place = async (request: Request): Promise<void> => {
    const { clientOrderId } = request;
    const viewer = userViewer({ userId: orders.ownerId, role: 'USER' });
    const command = { ...request, quantity: decimal(request.quantity) };
    try {
      const order = await exchange.orders.place(viewer, command);
      tell({ kind: 'answered', clientOrderId, orderId: order.id, answer: order.status });
      if (clientOrderId.startsWith(CANCEL_MARK)) await cancel(order.id);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const orderId = error instanceof OrderDenied ? error.orderId : null;
      tell({ kind: 'answered', clientOrderId, orderId, answer: error.code });
    }
  };
  /** A fill may come first, or another cancel. */
  const cancel = async (orderId: string): Promise<void> => {
    const viewer = userViewer({ userId: orders.ownerId, role: 'USER' });
    await exchange.orders
      .cancel(viewer, { orderId, idempotencyKey: randomUUID() })
      .catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
      });
  };
  const trade = async (client: number): Promise<void> => {
    const random = createRandom(orders.seed * CLIENTS + client);
    while (orders.isTrading && !state.isEnding) {
      const request = newRequest(orders, () => random.next());
      tell({ kind: 'sent', request });
      await place(request);
    }
  };
  const work = (async () => {
    await Promise.all(orders.unanswered.map(place));
    await Promise.all(Array.from({ length: CLIENTS }, (_, client) => trade(client)));
  })();
  work.catch((error: unknown) => {
    tell({ kind: 'failed', message: String(error) });
  });

  return async () => {
    state.isEnding = true;
    await work;
    endQuotes();
    await exchange.engine.stop();
    for (const { fields, message } of exchange.errors) {
      tell({ kind: 'failed', message: `${message} ${JSON.stringify(fields)}` });
    }
    await Promise.all([server.close(), worker.close()]);
  };
}

/** Small offers while orders come in, so that they fill in parts; enough for all at the end. */
function streamQuotes(
  exchange: ReturnType<typeof createExchange>,
  { instruments, isTrading, seed }: Orders,
): () => void {
  const random = createRandom(seed);
  return systemTimers.every(TICK_MS, () => {
    for (const instrument of instruments) {
      const cents = 9_900 + Math.floor(random.next() * 200);
      const size = isTrading ? String(Math.floor(random.next() * 6)) : '1000000';
      exchange.quote(instrument, {
        bid: decimal(cents).dividedBy(100).toFixed(),
        ask: decimal(cents + 2)
          .dividedBy(100)
          .toFixed(),
        bidSize: size,
        askSize: size,
      });
    }
  });
}

function newRequest({ accountIds, instruments }: Orders, random: () => number): Request {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
  return {
    clientOrderId: randomUUID(),
    accountId: pick(accountIds),
    symbol: pick(instruments).symbol,
    side: random() < 0.6 ? 'BUY' : 'SELL',
    quantity: String(1 + Math.floor(random() * 9)),
  };
}

let end: Promise<() => Promise<void>> | undefined;
process.on('message', (orders: Orders) => {
  if (!end) {
    end = run(orders);
    end.catch((error: unknown) => {
      tell({ kind: 'failed', message: String(error) });
    });
    return;
  }
  void end.then(async (finish) => {
    await finish();
    process.disconnect();
  });
});
// Its parent is gone: a process that nobody can kill any more must not trade on.
process.on('disconnect', () => process.exit());
