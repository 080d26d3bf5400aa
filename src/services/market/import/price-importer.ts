import type { Clock } from '../../platform/clock.ts';
import type { Tx } from '../../platform/database.ts';
import type { Ids } from '../../platform/ids.ts';
import { insertBars, type BarsWritten } from './bar-rows.ts';
import { writeInstruments } from './imported-instruments.ts';
import type { SourcedSeries } from './price-files.ts';

/** What an import did to the market's tables. */
export interface PriceSummary {
  readonly symbols: number;
  readonly bars: number;
  readonly instrumentsAdded: number;
  /** Instruments that were called by their symbol, and got the name that the files give them. */
  readonly instrumentsNamed: number;
  readonly barsAdded: number;
  /**
   * Bars that were stored before with other figures. Bars are append-only and an imported one is
   * known at its close, so that the stored one stays.
   */
  readonly barsDiffering: number;
  /**
   * Bars with a high and a low of 0 in the files, which are stored with the span of open and close.
   */
  readonly barsWithoutRange: number;
}

/**
 * Enough for a statement to be worth its trip, and small, since Prisma keeps the last hundred
 * statements together with what they carried.
 */
const BATCH_BARS = 2_000;

export interface PriceImporterPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface PriceImporter {
  /**
   * Writes instruments and bars in the caller's transaction, each bar once, whatever the number of
   * imports and of files it is in. An open that is known alone is stored only while there is
   * nothing fuller. While the database takes one batch, the next is read. `onRead` is called with
   * the size of each series as it is handed on. Two imports at once take turns, until the end of
   * the transaction.
   */
  importSeries(
    tx: Tx,
    series: AsyncIterable<SourcedSeries>,
    onRead?: (sizeBytes: number) => void,
  ): Promise<PriceSummary>;
}

export function createPriceImporter(ports: PriceImporterPorts): PriceImporter {
  return {
    async importSeries(tx, series, onRead = () => undefined) {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('import prices', 0))`;
      await planByIndexes(tx, true);
      const writer = createWriter(tx, ports);
      const total = { bars: 0, barsWithoutRange: 0 };
      try {
        for await (const one of series) {
          await writer.add(one);
          total.bars += one.bars.length;
          total.barsWithoutRange += one.barsWithoutRange;
          onRead(one.sizeBytes);
        }
      } finally {
        // Nothing may be under way in a transaction that is about to be rolled back.
        await writer.settle();
      }
      const written = await writer.close();
      await planByIndexes(tx, false);
      return { ...total, ...written };
    },
  };
}

/**
 * The check of a foreign key keeps the plan of its first time: for a table that was small then, to
 * read all of it, once for each bar, however much it grows in this transaction. That took half of
 * the time.
 */
async function planByIndexes(tx: Tx, isOnly: boolean): Promise<void> {
  await tx.$executeRaw`SELECT set_config('enable_seqscan', ${isOnly ? 'off' : 'on'}, true)`;
}

/** Collects series into batches, and has one batch under way while it collects the next. */
function createWriter(tx: Tx, ports: PriceImporterPorts) {
  const instrumentIds = new Map<string, string>();
  const named = new Set<string>();
  const total = { instrumentsAdded: 0, instrumentsNamed: 0, barsAdded: 0, barsDiffering: 0 };
  let batch = new Map<string, SourcedSeries>();
  let batchBars = 0;
  let underWay: Promise<unknown> = Promise.resolve();

  const write = async (all: readonly SourcedSeries[]): Promise<void> => {
    const unknown = new Map<string, SourcedSeries>();
    for (const one of all) {
      const hasNews = !instrumentIds.has(one.symbol) || (one.name && !named.has(one.symbol));
      // Of a symbol's days and hours in one batch, those with its name tell more.
      if (hasNews && (one.name || !unknown.has(one.symbol))) unknown.set(one.symbol, one);
    }
    if (unknown.size > 0) {
      const written = await writeInstruments(tx, [...unknown.values()], ports);
      total.instrumentsAdded += written.added;
      total.instrumentsNamed += written.named;
      for (const [symbol, id] of written.ids) instrumentIds.set(symbol, id);
      for (const { symbol, name } of unknown.values()) if (name) named.add(symbol);
    }
    const { added, differing }: BarsWritten = await insertBars(tx, all, instrumentIds);
    total.barsAdded += added;
    total.barsDiffering += differing;
  };

  const flush = async (): Promise<void> => {
    await underWay;
    const all = [...batch.values()];
    batch = new Map();
    batchBars = 0;
    if (all.length === 0) return;
    underWay = write(all);
    // Its failure is met at the next wait, and is no unhandled one until then.
    underWay.catch(() => undefined);
  };

  return {
    async add(one: SourcedSeries): Promise<void> {
      const key = `${one.symbol} ${one.interval}`;
      let start = 0;
      do {
        // Of two series of one symbol the second must find what the first has stored.
        if (batch.has(key)) await flush();
        const bars = one.bars.slice(start, start + BATCH_BARS - batchBars);
        batch.set(key, { ...one, bars });
        batchBars += bars.length;
        start += bars.length;
        if (batchBars >= BATCH_BARS) await flush();
      } while (start < one.bars.length);
    },
    async settle(): Promise<void> {
      await Promise.allSettled([underWay]);
    },
    async close() {
      await flush();
      await underWay;
      return { symbols: instrumentIds.size, ...total };
    },
  };
}
