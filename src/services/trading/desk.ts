import { remainingOf } from './engine/order-state.ts';
import { LeaseLost, type FillCommand, type FillOutcome } from './fill.ts';
import { createOffers } from './offers.ts';
import { createOrderQueue, type OpenOrder } from './order-queue.ts';
import { createSerialWork } from './serial-work.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Decimal } from '../platform/money.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { Quote } from '../market/quote.ts';
import type { SlippageModel } from './engine/matching.ts';
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

/** Fills the open orders of one instrument, one after the other, the oldest first. */
export interface Desk {
  readonly lease: Lease;
  /** False once it was closed, or found that its instrument was taken over. */
  readonly isOpen: boolean;
  /** The same lease for longer, with the instrument as it is now. */
  prolong(lease: Lease): void;
  /** Takes an order, unless it is known or was given up. */
  add(order: OpenOrder): void;
  /** Takes an order and answers with it after the first try to fill it. */
  accept(order: OpenOrder): Promise<Order | undefined>;
  /** Tries all open orders against the newest quote. */
  work(): void;
  /** No further fill begins. Resolves when the one in flight is done. */
  close(): Promise<void>;
}

export function createDesk(first: Lease, ports: DeskPorts): Desk {
  const queue = createOrderQueue(ports);
  const offers = createOffers(ports);
  const state = { lease: first, isOpen: true };

  const match = (side: OrderSide, remaining: Decimal) =>
    offers.match({ side, remaining, lotSize: state.lease.instrument.lotSize });

  const settle = (outcome: FillOutcome): void => {
    const { order } = outcome;
    if (outcome.kind === 'FILLED') offers.take(order.side, outcome.quantity);
    if (outcome.kind === 'CLOSED' || order.status === 'FILLED') queue.remove(order.id, order);
    else queue.tried(order.id, { order, remaining: remainingOf(order) });
  };

  /** An error of one order is its own: the others are tried all the same. */
  const attempt = async ({ id, accountId, side, remaining }: OpenOrder): Promise<void> => {
    try {
      // What the quote has nothing for costs no transaction.
      if (!match(side, remaining)) {
        queue.tried(id, undefined);
        return;
      }
      const rematch = (order: Order) => match(order.side, remainingOf(order));
      const command = { orderId: id, accountId, lease: state.lease, match: rematch };
      settle(await ports.fill(command));
    } catch (error) {
      // The next renewal tells who has the lease; until then nothing from here can be written.
      if (error instanceof LeaseLost) state.isOpen = false;
      else queue.failed(id, error);
    }
  };

  const serial = createSerialWork(async () => {
    for (const order of queue.due()) {
      if (state.isOpen) await attempt(order);
    }
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
      if (!state.isOpen || !queue.add(order)) return undefined;
      const news = queue.newsOf(order.id);
      serial.ask();
      return news;
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
