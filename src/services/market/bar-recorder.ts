import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { Decimal } from '../platform/money.ts';
import type { Bar } from '../platform/prisma/client.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import { createMinuteBars, minuteOf, type MinuteBarRow } from './minute-bars.ts';
import type { QuoteBook } from './quote-book.ts';

export interface BarRecorderPorts {
  readonly workerDb: Database;
  readonly quotes: QuoteBook;
  /** Whose quotes become bars; those of others are left alone. */
  readonly instrumentIds: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: Timers;
}

export interface BarRecorder {
  /** Call it before the feed starts. */
  start(): Promise<void>;
  /** Resolves when all that is known is stored, or could not be and was logged. */
  stop(): Promise<void>;
}

/** How often a silent minute is looked for, and an INSERT that failed is tried again. */
const CHECK_MS = 1_000;
/** Rows that wait for a database that does not answer: four hours of ten instruments. */
const PENDING_MAX = 5_000;

/**
 * Records bars of one minute from the quotes of a feed; see {@link createMinuteBars} for what opens
 * and closes them. At the turn of a minute one INSERT takes the whole bars of the old and the opens
 * of the new, for all instruments. Rows are only ever added: what is there already stays.
 *
 * A minute cut by an orderly stop is stored as far as it went, known at the stop, and goes on from
 * there if the next start is within it. After a crash it goes on from its stored open, so its high,
 * low and volume lack what came before the crash. A minute whose end nobody saw keeps what was
 * known of it.
 */
export function createBarRecorder(ports: BarRecorderPorts): BarRecorder {
  const { workerDb, quotes, clock, logger, timers = systemTimers } = ports;
  const instrumentIds = new Set(ports.instrumentIds);
  const minutes = createMinuteBars();
  const writer = createWriter(workerDb, logger);
  let endings: (() => void)[] = [];

  return {
    async start() {
      if (endings.length > 0) throw new Error('The bar recorder runs already.');
      const stored = await readMinute(
        workerDb,
        [...instrumentIds],
        new Date(minuteOf(clock.now())),
      );
      for (const row of stored) minutes.resume(row);
      endings = [
        quotes.onQuote((quote) => {
          if (instrumentIds.has(quote.instrumentId)) writer.add(minutes.take(quote));
        }),
        timers.every(CHECK_MS, () => {
          writer.add(minutes.roll(clock.now()));
          void writer.flush();
        }),
      ];
    },
    async stop() {
      if (endings.length === 0) return;
      for (const end of endings) end();
      endings = [];
      const now = clock.now();
      writer.add([...minutes.roll(now), ...minutes.soFar(now)]);
      await writer.flush();
    },
  };
}

/**
 * Stores rows in the background, in order, many at once; keeps those that failed for the next try.
 */
function createWriter(workerDb: Database, logger: Logger) {
  let pending: MinuteBarRow[] = [];
  let writing = Promise.resolve();
  let isScheduled = false;

  const write = async (): Promise<void> => {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await workerDb.withViewer(systemViewer(), (tx) =>
          tx.bar.createMany({ data: batch, skipDuplicates: true }),
        );
      } catch (err) {
        pending = [...batch, ...pending].slice(-PENDING_MAX);
        logger.error({ err, waiting: pending.length }, 'bars could not be stored');
        return;
      }
    }
  };
  // One write after the other: two at once could store the close of a bar before its open.
  const flush = (): Promise<void> => (writing = writing.then(write));

  return {
    flush,
    add(rows: readonly MinuteBarRow[]): void {
      pending = [...pending, ...rows].slice(-PENDING_MAX);
      if (rows.length === 0 || isScheduled) return;
      isScheduled = true;
      // A tick comes as one call for each instrument; after them all, its rows go in one INSERT.
      queueMicrotask(() => {
        isScheduled = false;
        void flush();
      });
    },
  };
}

/** The newest row of each bar of the minute that began at `openTime`. */
async function readMinute(
  workerDb: Database,
  instrumentIds: readonly string[],
  openTime: Date,
): Promise<MinuteBarRow[]> {
  const rows = await workerDb.snapshot(systemViewer(), (tx) =>
    tx.bar.findMany({
      where: { instrumentId: { in: [...instrumentIds] }, interval: 'MINUTE_1', openTime },
      orderBy: { knownAt: 'asc' },
    }),
  );
  // Of one bar's rows the last stays in the map.
  return [...new Map(rows.map((row) => [row.instrumentId, inOurDecimals(row)])).values()];
}

function inOurDecimals(row: Bar): MinuteBarRow {
  const ours = (value: Bar['high']) => (value ? new Decimal(value.toFixed()) : null);
  return {
    ...row,
    interval: 'MINUTE_1',
    open: new Decimal(row.open.toFixed()),
    high: ours(row.high),
    low: ours(row.low),
    close: ours(row.close),
    volume: ours(row.volume),
  };
}
