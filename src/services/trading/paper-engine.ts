import { createLimiter } from '../platform/limiter.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import { createDesks } from './desks.ts';
import { remainingOf } from './engine/order-state.ts';
import { noSlippage, type SlippageModel } from './engine/matching.ts';
import { fillOrder, type FillCommand } from './fill.ts';
import { createLeases } from './leases.ts';
import { readOpenOrders } from './open-orders.ts';
import { freshQuote, QUOTE_FRESHNESS_MS, type QuoteSource } from './quote-source.ts';
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
  readonly booking: Booking;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'error'>;
  readonly timers?: Timers;
  readonly slippage?: SlippageModel;
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
  /** An order was canceled: nothing is kept of it. */
  drop(order: Pick<Order, 'id' | 'instrumentId'>): void;
  /** Finishes the fills in flight, begins no others, and lets the leases go. */
  stop(): Promise<void>;
}

const LEASE_MS = 6_000;
const RENEW_MS = 2_000;
const CONCURRENT_FILLS_MAX = 4;
/** Orders placed this long before the last look are looked for again: their commit may be late. */
const OVERLAP_MS = 60_000;
const INSTRUMENTS_MAX = 10_000;
const BEGINNING = new Date(0);

/**
 * Our own venue for simulated instruments: fills orders at the newest fresh quote, or at the next one
 * that reaches them (DOMAIN, "Paper fills"). Each instrument has a desk, and only the holder of its lease
 * fills at it (ARCHITECTURE, "Who fills"). The database decides in every fill; memory only knows
 * where to look, so that it may be lost at any time.
 */
export function createPaperEngine(ports: PaperEnginePorts): PaperEngine {
  const { workerDb, quotes, booking, clock, ids, logger } = ports;
  const { timers = systemTimers, slippage = noSlippage } = ports;
  const { quoteFreshnessMs: freshnessMs = QUOTE_FRESHNESS_MS } = ports;
  const { leaseMs = LEASE_MS, renewMs = RENEW_MS } = ports;
  const leases = createLeases({ workerDb, clock, holder: ids.next(), leaseMs });
  const fills = createLimiter({
    runningMax: ports.concurrentFillsMax ?? CONCURRENT_FILLS_MAX,
    waitingMax: INSTRUMENTS_MAX,
  });
  const fill = (command: FillCommand) =>
    fills.run(() =>
      workerDb.withViewer(systemViewer(), (tx) => fillOrder(tx, { booking, clock }, command)),
    );
  const desks = createDesks(({ instrument: { id } }) => ({
    clock,
    logger,
    slippage,
    quote: () => freshQuote(quotes, id, { now: clock.now(), freshnessMs }),
    fill,
  }));
  const ends: (() => void)[] = [];
  let renewal: Promise<void> | undefined;
  let lastLook = BEGINNING;

  const look = async (instrumentIds: readonly string[], since: Date): Promise<void> => {
    desks.give(instrumentIds, await readOpenOrders(workerDb, { instrumentIds, since }));
  };

  const renew = async (): Promise<void> => {
    const now = clock.now();
    await desks.arrange(await leases.renew());
    const [read, unread] = [desks.read(), desks.unread()];
    await look(unread, BEGINNING);
    await look(read, new Date(lastLook.getTime() - OVERLAP_MS));
    lastLook = now;
  };

  /** One renewal at a time. One that fails is told, and the next tries again. */
  const renewInTurn = (): void => {
    renewal ??= renew()
      .catch((error: unknown) => {
        logger.error({ err: error }, 'The leases of the paper engine could not be renewed.');
      })
      .finally(() => {
        renewal = undefined;
      });
  };

  return {
    async start() {
      await renew();
      ends.push(quotes.onQuote((quote) => desks.of(quote.instrumentId)?.work()));
      ends.push(timers.every(renewMs, renewInTurn));
      // Quotes may have come in before they were listened to.
      for (const id of desks.read()) desks.of(id)?.work();
    },

    async accept(order) {
      const desk = desks.of(order.instrumentId);
      return desk?.accept({ ...order, remaining: remainingOf(order) });
    },

    drop({ id, instrumentId }) {
      desks.of(instrumentId)?.drop(id);
    },

    async stop() {
      for (const end of ends.splice(0)) end();
      await renewal;
      await desks.close();
      await leases.release();
    },
  };
}
