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
import { WAYS, type Orders, type Report, type Request } from './messages.ts';

/*
 * The program that is killed: quotes, clients, gate and engine, on the real services. It is told what
 * to do in one message, tells what it does, and ends in good order on a second message.
 */

const CLIENTS = 8;
/** One in sixteen ids begins so: these orders are canceled as soon as they are answered. */
const CANCEL_MARK = '7';
/** These are replaced then, and the last of them canceled in the same moment. */
const REPLACE_MARKS = ['8', '9', 'a', 'b'];
const BOTH_MARK = 'b';
/** Prices that are quoted, in cents: from 99.00 to 101.00. */
const MIDDLE_CENTS = 10_000;
const SPREAD_CENTS = 100;
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
    try {
      const order = await exchange.orders.place(viewer, commandOf(request));
      tell({ kind: 'answered', clientOrderId, orderId: order.id, answer: order.status });
      const [mark = ''] = clientOrderId;
      const isReplaced = REPLACE_MARKS.includes(mark);
      await Promise.all([
        ...(isReplaced ? [replace(request, order.id)] : []),
        ...(mark === CANCEL_MARK || mark === BOTH_MARK ? [cancel(order.id)] : []),
      ]);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const orderId = error instanceof OrderDenied ? error.orderId : null;
      tell({ kind: 'answered', clientOrderId, orderId, answer: error.code });
    }
  };
  /** A fill may come first, or a cancel; and what stands in a group is not for another quantity. */
  const replace = async (request: Request, orderId: string): Promise<void> => {
    const viewer = userViewer({ userId: orders.ownerId, role: 'USER' });
    const clientOrderId = `${request.clientOrderId}:again`;
    const change = changeOf(request);
    if (!change) return;
    try {
      const order = await exchange.orders.replace(viewer, { orderId, clientOrderId, ...change });
      tell({ kind: 'answered', clientOrderId, orderId: order.id, answer: order.status });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
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
      const cents = MIDDLE_CENTS - SPREAD_CENTS + Math.floor(random.next() * 2 * SPREAD_CENTS);
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
    way: pick(WAYS),
    apart: Math.floor(random() * SPREAD_CENTS) - SPREAD_CENTS / 2,
  };
}

type Command = Parameters<ReturnType<typeof createExchange>['orders']['place']>[1];

/** The same command for the same request. Sales that nothing is held for are an answer as well. */
function commandOf({ way, apart, quantity: count, ...request }: Request): Command {
  const at = (cents: number) => decimal(MIDDLE_CENTS + cents).dividedBy(100);
  const up = request.side === 'BUY' ? 1 : -1;
  const quantity = decimal(count);
  const order = { ...request, quantity };
  const [beyond, before] = [at(up * (SPREAD_CENTS - 20)), at(-up * (SPREAD_CENTS - 20))];
  switch (way) {
    case 'MARKET':
      return order;
    case 'IOC':
    case 'FOK':
      return { ...order, timeInForce: way };
    case 'NOTIONAL':
      return { ...request, notional: quantity.times(120) };
    case 'LIMIT':
      return { ...order, type: way, limitPrice: at(apart) };
    case 'STOP':
      return { ...order, type: way, stopPrice: at(apart) };
    case 'STOP_LIMIT':
      return { ...order, type: way, stopPrice: at(apart), limitPrice: at(apart + up * 20) };
    case 'TRAILING_STOP':
      return { ...order, type: way, trailAmount: decimal(20 + Math.abs(apart)).dividedBy(100) };
    case 'BRACKET': {
      const legs = { takeProfit: { limitPrice: beyond }, stopLoss: { stopPrice: before } };
      return { ...order, type: 'LIMIT', limitPrice: at(apart), orderClass: way, ...legs };
    }
    case 'OCO': {
      const legs = { takeProfit: { limitPrice: before }, stopLoss: { stopPrice: beyond } };
      return { ...order, orderClass: way, ...legs };
    }
  }
}

/** Another price, or another quantity; undefined where neither can be otherwise. */
function changeOf({ way, apart, quantity }: Request) {
  const at = (cents: number) => decimal(MIDDLE_CENTS + cents).dividedBy(100);
  switch (way) {
    case 'LIMIT':
      return { limitPrice: at(-apart), quantity: decimal(quantity).plus(1) };
    case 'BRACKET':
      return { limitPrice: at(-apart) };
    case 'STOP':
      return { stopPrice: at(-apart) };
    case 'MARKET':
      return { quantity: decimal(quantity).plus(2) };
    case 'TRAILING_STOP':
      return { trailAmount: decimal('0.25') };
    default:
      return undefined;
  }
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
