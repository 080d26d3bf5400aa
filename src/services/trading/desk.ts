import { isFillable, remainingOf } from './engine/order-state.ts';
import { isArmed, isImmediate } from './engine/order-terms.ts';
import { LeaseLost, type FillCommand, type FillOutcome } from './fill.ts';
import { createOffers } from './offers.ts';
import { createOrderQueue } from './order-queue.ts';
import type { OpenOrder } from './resting-orders.ts';
import { createSerialWork } from './serial-work.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Decimal } from '../platform/money.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Quote } from '../market/quote.ts';
import type { Demand, SlippageModel } from './engine/matching.ts';
import type { Lease } from './leases.ts';

export interface DeskPorts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  readonly slippage: SlippageModel;
  /** The newest quote of the desk's instrument, if it is fresh. */
  readonly quote: () => Quote | undefined;
  /** One fill transaction. */
  readonly fill: (command: FillCommand) => Promise<FillOutcome>;
}

/** Fills the open orders of one instrument, one after the other. */
export interface Desk {
  readonly lease: Lease;
  /** False once it was closed, or found that its instrument was taken over. */
  readonly isOpen: boolean;
  /** The same lease for longer, with the instrument as it is now. */
  prolong(lease: Lease): void;
  /** Takes an order, unless it is known. */
  add(order: OpenOrder): void;
  /** Takes an order and answers with it after the first try to fill it. */
  accept(order: OpenOrder): Promise<Order | undefined>;
  /** An order is over by what somebody else did. */
  drop(orderId: string): void;
  /** Tries the orders that the newest quote reaches, and ends those whose time is over. */
  work(): void;
  /** No further fill begins. Resolves when the one in flight is done. */
  close(): Promise<void>;
}

export function createDesk(first: Lease, ports: DeskPorts): Desk {
  const queue = createOrderQueue(ports);
  const offers = createOffers(ports);
  const state = { lease: first, isOpen: true };

  const prices = () => offers.prices();
  const match = (order: Terms) => offers.match(demandOf(order, state.lease.instrument.lotSize));

  const settle = (outcome: FillOutcome): void => {
    const { order } = outcome;
    if (outcome.kind === 'FILLED') offers.take(order.side, outcome.quantity);
    if (outcome.kind === 'CLOSED' || !isFillable(order.status)) queue.remove(order.id, order);
    else queue.tried(order.id, { order, remaining: remainingOf(order) });
  };

  /** An error of one order is its own: the others are tried all the same. */
  const attempt = async (open: OpenOrder): Promise<void> => {
    const { id, accountId } = open;
    try {
      // What the quote has nothing for costs no transaction.
      if (!isOwedAChange(open, ports.clock.now()) && !match(open)) {
        queue.tried(id, undefined);
        return;
      }
      const rematch = (order: Order) => match({ ...order, remaining: remainingOf(order) });
      const command = { orderId: id, accountId, lease: state.lease, prices, match: rematch };
      settle(await ports.fill(command));
    } catch (error) {
      // The next renewal tells who has the lease; until then nothing from here can be written.
      if (error instanceof LeaseLost) state.isOpen = false;
      else queue.failed(id, error);
    }
  };

  const serial = createSerialWork(async () => {
    const thatIsAll = queue.waiting();
    for (const order of queue.due(prices())) {
      if (state.isOpen) await attempt(order);
    }
    thatIsAll();
    if (!state.isOpen) queue.clear();
  });

  return {
    get lease() {
      return state.lease;
    },
    get isOpen() {
      return state.isOpen;
    },
    prolong(lease) {
      state.lease = lease;
    },
    add(order) {
      if (state.isOpen) queue.add(order);
    },
    async accept(order) {
      if (!state.isOpen) return undefined;
      queue.add(order);
      const news = queue.newsOf(order.id);
      serial.ask();
      return news;
    },
    drop(orderId) {
      queue.remove(orderId, undefined);
    },
    work() {
      if (state.isOpen) serial.ask();
    },
    async close() {
      state.isOpen = false;
      await serial.rest();
      queue.clear();
    },
  };
}

/** Whether its row changes with this try, even if nothing fills it: it ends, or its stop goes off. */
function isOwedAChange(order: OpenOrder, now: Date): boolean {
  const isOver = order.expiresAt !== null && order.expiresAt <= now;
  return isOver || isArmed(order) || isImmediate(order.timeInForce);
}

type Terms = Pick<OpenOrder, 'side' | 'limitPrice' | 'timeInForce' | 'remaining'>;

function demandOf({ side, limitPrice, timeInForce, remaining }: Terms, lotSize: Decimal): Demand {
  return { side, remaining, lotSize, limitPrice, isAllOrNone: timeInForce === 'FOK' };
}
