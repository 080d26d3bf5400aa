import { isFillable, remainingOf } from './engine/order-state.ts';
import { isArmed, isImmediate, type BestPrices } from './engine/order-terms.ts';
import { LeaseLost, type FillCommand, type FillOutcome } from './fill.ts';
import { createDeskAlarm } from './desk-alarm.ts';
import { createOffers, type FillModels, type OffersPorts } from './offers.ts';
import { createOrderQueue } from './order-queue.ts';
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
  const { minuteVolume } = ports;
  const offers = createOffers({ quote: () => ports.quote(state.lease.instrument), minuteVolume });

  /** How accounts fill, since a transaction told: memory saves others that would find nothing. */
  const models = new Map<string, FillModels>();

  const prices = () => offers.prices();

  const settle = (outcome: FillOutcome): void => {
    const { order } = outcome;
    if (models.size >= MODELS_MAX) models.clear();
    if (outcome.models) models.set(order.accountId, outcome.models);
    if (outcome.kind === 'FILLED' && outcome.models?.liquidityModel !== 'UNLIMITED') {
      offers.take(order.side, outcome.quantity);
    }
    if (outcome.kind === 'CLOSED' || !isFillable(order.status)) queue.remove(order.id, order);
    else queue.tried(order.id, { order, remaining: remainingOf(order) });
    for (const other of outcome.others ?? []) {
      if (isFillable(other.status)) queue.put({ ...other, remaining: remainingOf(other) });
      else queue.remove(other.id, other);
    }
  };

  /** Trailing stops follow every price, also those that come while an order is tried. */
  const see = (): BestPrices | undefined => {
    const seen = prices();
    if (seen) queue.see(seen);
    return seen;
  };

  /** Whether a transaction would find something to fill it with; true where only that can tell. */
  const isOffered = (open: OpenOrder): boolean => {
    const known = models.get(open.accountId);
    return !known || offers.isOffered({ ...demandOf(open, state.lease), ...known });
  };

  /** Puts an order off that has not arrived: what is sent takes the latency of its account. */
  const isUnderWay = ({ id, accountId, createdAt }: OpenOrder, now: Date): boolean => {
    const arrivesMs = createdAt.getTime() + (models.get(accountId)?.latencyMs ?? 0);
    if (arrivesMs <= now.getTime()) return false;
    queue.postpone(id, arrivesMs);
    return true;
  };

  /** An error of one order is its own: the others are tried all the same. */
  const attempt = async (open: OpenOrder): Promise<void> => {
    const { id, accountId } = open;
    try {
      const now = ports.clock.now();
      if (!isOver(open, now)) {
        if (isUnderWay(open, now)) return;
        // What the quote has nothing for costs no transaction.
        if (!isOwedAChange(open) && !isOffered(open)) {
          queue.tried(id, undefined);
          return;
        }
      }
      const { lease } = state;
      const match = (order: Order, by: FillModels) =>
        offers.match(demandOf({ ...order, remaining: remainingOf(order) }, lease), by);
      const { stopPrice } = open;
      const command = { orderId: id, accountId, lease, prices, stopPrice, match };
      settle(await ports.fill(command));
      isUnderWay(open, ports.clock.now());
    } catch (error) {
      // The next renewal tells who has the lease; until then nothing from here can be written.
      if (error instanceof LeaseLost) state.isOpen = false;
      else queue.failed(id, error);
    }
  };

  const serial = createSerialWork(async () => {
    const thatIsAll = queue.waiting();
    for (const order of queue.due(see())) {
      if (state.isOpen) await attempt(order);
    }
    thatIsAll();
    if (!state.isOpen) queue.clear();
    alarm.set(state.isOpen ? queue.wakesAtMs() : undefined);
  });

  const alarm = createDeskAlarm({
    ...ports,
    wake: () => {
      serial.ask();
    },
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

/** Accounts of which a desk remembers how they fill; it forgets all of them when there are more. */
const MODELS_MAX = 10_000;

const isOver = ({ expiresAt }: OpenOrder, now: Date): boolean =>
  expiresAt !== null && expiresAt <= now;

/** Whether its row changes with this try, even if nothing fills it: its stop goes off, or it ends. */
const isOwedAChange = (order: OpenOrder): boolean =>
  isArmed(order) || isImmediate(order.timeInForce);

type Terms = Pick<OpenOrder, 'side' | 'limitPrice' | 'timeInForce' | 'remaining'>;

function demandOf(
  { side, limitPrice, timeInForce, remaining }: Terms,
  { instrument: { lotSize, tickSize } }: Lease,
) {
  const isAllOrNone = timeInForce === 'FOK';
  return { side, remaining, lotSize, tickSize, limitPrice, isAllOrNone };
}
