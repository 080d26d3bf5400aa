import { directDeskOf, isMarketable, type DirectDesk, type DirectTerms } from './direct-desk.ts';
import type { BestPrices } from './engine/order-terms.ts';
import { LeaseLost, type FillCommand } from './fill.ts';
import type { FillOutcome } from './fill-decision.ts';
import { createDeskAlarm } from './desk-alarm.ts';
import { createOffers, type OffersPorts } from './offers.ts';
import { createOrderAttempts, type OrderAttempts } from './order-attempts.ts';
import { createOrderQueue, type OrderQueue } from './order-queue.ts';
import type { OpenOrder } from './resting-orders.ts';
import { createSerialWork } from './serial-work.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Timers } from '../platform/timers.ts';
import type { Instrument, Order } from '../platform/prisma/client.ts';
import type { Quote } from '../market/quote.ts';
import type { Lease } from './leases.ts';

export interface DeskPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Pick<Logger, 'error'>;
  /** The newest quote of an instrument, if orders fill at it now. */
  readonly quote: (instrument: Instrument) => Quote | undefined;
  readonly minuteVolume: OffersPorts['minuteVolume'];
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
  /** Where an order that is being placed can be filled with that; undefined while others come first. */
  direct(terms: DirectTerms): DirectDesk | undefined;
  /** Takes an order, unless it is known. */
  add(order: OpenOrder): void;
  /** Takes an order and answers with it after the first try to fill it. */
  accept(order: OpenOrder): Promise<Order | undefined>;
  /** An order is over by what somebody else did. */
  drop(orderId: string): void;
  /** Tries the orders that the newest quote reaches, and ends those whose time is over. */
  work(): void;
  /** Trailing stops that may have moved since this was last asked, each with its stop as it stands. */
  trailed(): readonly OpenOrder[];
  /** No further fill begins. Resolves when the one in flight is done. */
  close(): Promise<void>;
}

export function createDesk(first: Lease, ports: DeskPorts): Desk {
  const queue = createOrderQueue({ ...ports, tickSize: first.instrument.tickSize });
  const state = { lease: first, isOpen: true };
  const offers = createOffers({ ...ports, quote: () => ports.quote(state.lease.instrument) });

  const attempts = createOrderAttempts({ ...ports, queue, offers });

  /** Stops follow every price or go off by it, also by those that come while an order is tried. */
  const see = (): BestPrices | undefined => {
    const seen = offers.prices();
    if (seen) queue.see(seen);
    return seen;
  };

  const attempt = createAttempt(attempts, queue, state);
  const serial = createSerialWork(async () => {
    const thatIsAll = queue.waiting();
    for (const order of queue.due(see())) {
      if (state.isOpen) await attempt(order);
    }
    thatIsAll();
    if (!state.isOpen) queue.clear();
    alarm.set(state.isOpen ? queue.wakesAtMs() : undefined);
  });

  const wake = (): void => {
    serial.ask();
  };
  const alarm = createDeskAlarm({ ...ports, wake });

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
    direct(terms) {
      const prices = state.isOpen && !serial.isRunning ? see() : undefined;
      if (!prices || !isMarketable(terms, prices) || queue.due(prices).length > 0) return undefined;
      return directDeskOf(state.lease, offers, attempts);
    },
    add(order) {
      if (state.isOpen) queue.add(order);
    },
    async accept(order) {
      if (!state.isOpen) return undefined;
      queue.add(order);
      see();
      const news = queue.newsOf(order.id);
      serial.ask();
      return news;
    },
    drop(orderId) {
      queue.remove(orderId, undefined);
    },
    work() {
      if (!state.isOpen) return;
      see();
      serial.ask();
    },
    trailed: () => queue.moved(),
    async close() {
      state.isOpen = false;
      await serial.rest();
      alarm.set(undefined);
      queue.clear();
    },
  };
}

/** An error of one order is its own: the others are tried all the same. */
function createAttempt(
  attempts: Pick<OrderAttempts, 'attempt'>,
  queue: Pick<OrderQueue, 'failed'>,
  state: { readonly lease: Lease; isOpen: boolean },
) {
  return async (open: OpenOrder): Promise<void> => {
    try {
      await attempts.attempt(open, state.lease);
    } catch (error) {
      // The next renewal tells who has the lease; until then nothing from here can be written.
      if (error instanceof LeaseLost) state.isOpen = false;
      else queue.failed(open.id, error);
    }
  };
}
