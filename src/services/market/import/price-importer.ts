import { toText } from '../../platform/money.ts';
import { systemViewer } from '../../platform/viewer.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database.ts';
import type { Ids } from '../../platform/ids.ts';
import { ImportError } from './errors.ts';
import type { DailyBar } from './daily-series.ts';
import type { Exchange } from './exchange.ts';
import type { SourcedSeries } from './price-files.ts';

/** What an import did to the market's tables. */
export interface PriceSummary {
  readonly symbols: number;
  readonly bars: number;
  readonly instrumentsAdded: number;
  readonly barsAdded: number;
  /**
   * Bars that were stored before with other figures. Bars are append-only and an imported one is known
   * at its close, so that the stored one stays.
   */
  readonly barsDiffering: number;
}

/**
 * Enough for a statement to be worth its trip, and small, since Prisma keeps the last hundred statements
 * together with what they carried.
 */
const BATCH_BARS = 2_000;

export interface PriceImporterPorts {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Writes imported instruments and daily bars. */
export function createPriceImporter({ workerDb, clock, ids }: PriceImporterPorts) {
  const writeBatch = async (batch: readonly SourcedSeries[], exchange: Exchange) => {
    if (batch.length === 0) return { instrumentsAdded: 0, barsAdded: 0, barsDiffering: 0 };
    return workerDb.withViewer(systemViewer(), async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('import prices', 0))`;
      const symbols = [...new Set(batch.map(({ symbol }) => symbol))];
      const instrumentsAdded = await insertInstruments(tx, symbols, exchange);
      await refuseForeignSymbols(tx, batch);
      return { instrumentsAdded, ...(await insertBars(tx, batch)) };
    });
  };

  const insertInstruments = (tx: Tx, symbols: readonly string[], exchange: Exchange) =>
    tx.$executeRaw`
      INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
        is_tradable, source, fee_bps, created_at)
      SELECT id::uuid, symbol, symbol, asset_class::asset_class, ${exchange.currency},
        ${exchange.zone}, ${toText(exchange.tickSize)}::numeric,
        ${toText(exchange.lotSize)}::numeric, false, 'IMPORTED', 0, ${clock.now()}
      FROM unnest(${symbols.map(() => ids.next())}::text[], ${symbols}::text[],
        ${symbols.map((symbol) => exchange.assetClassOf(symbol))}::text[])
        AS given (id, symbol, asset_class)
      ON CONFLICT (symbol) DO NOTHING`;

  return {
    /**
     * Stores each bar once, whatever the number of imports and of files it is in: batches in one
     * transaction each. An open that is known alone is stored only while there is nothing fuller.
     * `onRead` is called with the size of each series that was written.
     */
    async importSeries(
      series: AsyncIterable<SourcedSeries>,
      exchange: Exchange,
      onRead: (sizeBytes: number) => void = () => undefined,
    ): Promise<PriceSummary> {
      const symbols = new Set<string>();
      const total = { bars: 0, instrumentsAdded: 0, barsAdded: 0, barsDiffering: 0 };
      let batch: SourcedSeries[] = [];
      let batchBars = 0;
      const flush = async () => {
        const written = await writeBatch(batch, exchange);
        total.instrumentsAdded += written.instrumentsAdded;
        total.barsAdded += written.barsAdded;
        total.barsDiffering += written.barsDiffering;
        for (const { sizeBytes } of batch) onRead(sizeBytes);
        [batch, batchBars] = [[], 0];
      };
      for await (const one of series) {
        symbols.add(one.symbol);
        total.bars += one.bars.length;
        batch.push(one);
        batchBars += one.bars.length;
        if (batchBars >= BATCH_BARS) await flush();
      }
      await flush();
      return { symbols: symbols.size, ...total };
    },
  };
}

/** Prices of two sources under one symbol would be taken for one history. */
async function refuseForeignSymbols(tx: Tx, batch: readonly SourcedSeries[]): Promise<void> {
  const foreign = await tx.instrument.findMany({
    where: { symbol: { in: batch.map(({ symbol }) => symbol) }, source: { not: 'IMPORTED' } },
  });
  const symbols = new Set(foreign.map(({ symbol }) => symbol));
  const met = batch.find(({ symbol }) => symbols.has(symbol));
  if (met)
    throw new ImportError(met.place, `${met.symbol} is an instrument with live prices here.`);
}

/** The whole bars of a batch go in before its opens, which look whether there is anything fuller. */
async function insertBars(tx: Tx, batch: readonly SourcedSeries[]) {
  const rows = batch.flatMap(({ symbol, bars }) => bars.map((bar) => ({ symbol, bar })));
  const whole = rows.filter(({ bar }) => bar.rest !== undefined);
  const opens = rows.filter(({ bar }) => bar.rest === undefined);
  const { added, differing } = await insertRows(tx, whole);
  const { added: opensAdded } = await insertRows(tx, opens);
  return { barsAdded: added + opensAdded, barsDiffering: differing };
}

async function insertRows(
  tx: Tx,
  rows: readonly { readonly symbol: string; readonly bar: DailyBar }[],
): Promise<{ added: number; differing: number }> {
  if (rows.length === 0) return { added: 0, differing: 0 };
  const columns = {
    symbols: rows.map(({ symbol }) => symbol),
    openTimes: rows.map(({ bar }) => bar.session.openTime.toISOString()),
    closeTimes: rows.map(({ bar }) => bar.session.closeTime.toISOString()),
    opens: rows.map(({ bar }) => toText(bar.open)),
    highs: rows.map(({ bar }) => (bar.rest ? toText(bar.rest.high) : null)),
    lows: rows.map(({ bar }) => (bar.rest ? toText(bar.rest.low) : null)),
    closes: rows.map(({ bar }) => (bar.rest ? toText(bar.rest.close) : null)),
    volumes: rows.map(({ bar }) => (bar.rest ? toText(bar.rest.volume) : null)),
  };
  // `known_at`: the close of a whole bar, the open of one that is not.
  const counts = await tx.$queryRaw<{ added: number; differing: number }[]>`
    WITH given AS MATERIALIZED (
      SELECT i.id, v.open_time, CASE WHEN v.close IS NULL THEN v.open_time ELSE v.close_time END
        AS known_at, v.close_time, v.open, v.high, v.low, v.close, v.volume
      FROM unnest(${columns.symbols}::text[], ${columns.openTimes}::text[]::timestamptz[],
        ${columns.closeTimes}::text[]::timestamptz[], ${columns.opens}::text[]::numeric[],
        ${columns.highs}::text[]::numeric[], ${columns.lows}::text[]::numeric[],
        ${columns.closes}::text[]::numeric[], ${columns.volumes}::text[]::numeric[])
        AS v (symbol, open_time, close_time, open, high, low, close, volume)
      JOIN instruments i ON i.symbol = v.symbol
    ), added AS (
      INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
        close, volume, source)
      SELECT g.id, 'DAY_1', g.open_time, g.known_at, g.close_time, g.open, g.high, g.low, g.close,
        g.volume, 'IMPORTED'
      FROM given g
      WHERE g.close IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM bars b
        WHERE b.instrument_id = g.id AND b.interval = 'DAY_1' AND b.open_time = g.open_time)
      ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*)::int FROM added) AS added, (
      SELECT count(*)::int FROM given g JOIN bars b ON b.instrument_id = g.id
        AND b.interval = 'DAY_1' AND b.open_time = g.open_time AND b.known_at = g.known_at
      WHERE (b.open, b.high, b.low, b.close, b.volume)
        IS DISTINCT FROM (g.open, g.high, g.low, g.close, g.volume)) AS differing`;
  return counts[0] ?? { added: 0, differing: 0 };
}
