import { systemTimers, type Timers } from '../platform/timers.ts';
import { createDeskRenewal } from './desk-renewal.ts';
import type { DirectDesk } from './direct-desk.ts';
import { createDesks } from './desks.ts';
import { remainingOf } from './engine/order-state.ts';
import { createFillBatches } from './fill-batches.ts';
import { fillOrder } from './fill.ts';
import { createLeases } from './leases.ts';
import { createOrderFetches } from './order-fetches.ts';
import type { Placement } from './placement.ts';
import {
  minuteVolume,
  quoteToFillAt,
  QUOTE_FRESHNESS_MS,
  type QuoteSource,
} from './quote-source.ts';
import { createTrailRecords } from './trail-records.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Booking } from '../portfolio/booking.ts';

export interface PaperEnginePorts {
  /** The worker's: the engine sees everybody's orders. */
  readonly workerDb: Database;
  readonly quotes: QuoteSource;
  readonly booking: Pick<Booking, 'prepare'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'error'>;
  readonly timers?: Timers;
  readonly quoteFreshnessMs?: number;
  /** How long a lease lasts without renewal: a dead process is followed after that. */
  readonly leaseMs?: number;
  readonly renewMs?: number;
  /** Fill transactions at once, over all instruments: each takes a connection. */
  readonly concurrentFillsMax?: number;
}

export interface PaperEngine {
  /**
   * Takes the leases that are free, reads the open orders of these instruments and begins to fill
   * them. Leases that another process holds, and instruments and orders that appear later, are
   * picked up with the renewals.
   */
  start(): Promise<void>;
  /**
   * Takes an order that was just accepted, and answers with it after the first try to fill it; with
   * undefined when another process fills it, or nothing could be done now. Never rejects.
   */
  accept(order: Order): Promise<Order | undefined>;
  /** Where an order that is being placed can be filled with that; undefined where it waits its turn. */
  directDesk(order: Placement): DirectDesk | undefined;
  /** Whether this process fills the orders of the instrument. */
  holds(instrumentId: string): boolean;
  /**
   * Takes an order that another process accepted, and resolves after the first try to fill it. Reads
   * it, some at once. Never rejects.
   */
  fetch(order: Pick<Order, 'id' | 'instrumentId'>): Promise<void>;
  /** Looks for free instruments now: a holder has let some go. */
  renewSoon(): void;
  /** An order was canceled: nothing is kept of it. */
  drop(order: Pick<Order, 'id' | 'instrumentId'>): void;
  /** Finishes the fills in flight, begins no others, and lets the leases go. */
  stop(): Promise<void>;
}

/** A process that falls is followed after both at most; two renewals may fail before. */
const LEASE_MS = 5_000;
const RENEW_MS = 1_500;
const CONCURRENT_FILLS_MAX = 2;
/** A process that falls takes no more of a trailing stop with it than it moved in this time. */
const TRAILS_MS = 1_000;

/**
 * Our own venue for simulated instruments: fills orders at the newest fresh quote, or at the next one
 * that reaches them (DOMAIN, "Paper fills"). Each instrument has a desk, and only the holder of its lease
 * fills at it (ARCHITECTURE, "Who fills"). The database decides in every fill; memory only knows
 * where to look, so that it may be lost at any time.
 */
export function createPaperEngine(ports: PaperEnginePorts): PaperEngine {
  const { workerDb, quotes, booking, clock, ids, logger } = ports;
  const { timers = systemTimers } = ports;
  const { quoteFreshnessMs: freshnessMs = QUOTE_FRESHNESS_MS } = ports;
  const { leaseMs = LEASE_MS, renewMs = RENEW_MS } = ports;
  const leases = createLeases({ workerDb, holder: ids.next(), leaseMs });
  const fill = createFillBatches({
    workerDb,
    fillOrder: (pipeline, command) => fillOrder(pipeline, { booking, clock }, command),
    runningMax: ports.concurrentFillsMax ?? CONCURRENT_FILLS_MAX,
  });
  const desks = createDesks(() => ({
    clock,
    timers,
    logger,
    quote: (instrument) => quoteToFillAt(quotes, instrument, { now: clock.now(), freshnessMs }),
    minuteVolume: (quote) => minuteVolume(quotes, quote),
    fill,
  }));
  const renewal = createDeskRenewal({ leases, desks, workerDb, clock, logger });
  const trails = createTrailRecords({ workerDb, logger });
  const keepTrails = (): Promise<void> => trails.keep(() => desks.trailed());
  const ends: (() => void)[] = [];
  const fetches = createOrderFetches(workerDb, logger);

  return {
    holds: (instrumentId) => desks.of(instrumentId)?.isOpen === true,
    renewSoon: renewal.ask,

    async fetch({ id, instrumentId }) {
      const order = await fetches.read(id);
      if (order) await desks.of(instrumentId)?.accept(order);
    },

    async start() {
      await renewal.start();
      ends.push(quotes.onQuote((quote) => desks.of(quote.instrumentId)?.work()));
      ends.push(timers.every(renewMs, renewal.ask));
      ends.push(timers.every(TRAILS_MS, () => void keepTrails()));
      // Quotes may have come in before they were listened to.
      for (const id of desks.read()) desks.of(id)?.work();
    },

    async accept(order) {
      const desk = desks.of(order.instrumentId);
      return desk?.accept({ ...order, remaining: remainingOf(order) });
    },

    directDesk({ symbol, orderClass, ...terms }) {
      return orderClass === 'SIMPLE' ? desks.ofSymbol(symbol)?.direct(terms) : undefined;
    },

    drop({ id, instrumentId }) {
      desks.of(instrumentId)?.drop(id);
    },

    async stop() {
      for (const end of ends.splice(0)) end();
      await renewal.stop();
      await trails.finish(() => desks.trailed());
      await desks.close();
      await leases.release();
    },
  };
}
