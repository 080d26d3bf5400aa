import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import { readPriceSeries, type PriceFiles } from '../../market/import/price-files.ts';
import { systemViewer } from '../../platform/viewer.ts';
import type { Calendar } from '../../market/import/exchange.ts';
import type { Database } from '../../platform/database.ts';
import { readLogMessages } from './logs.ts';
import { readPositionSteps } from './positions.ts';
import type { LogFile, TraderFolder } from './trader-folders.ts';

/** What is to be imported, found and not read yet. */
export interface Records {
  readonly priceFiles: PriceFiles;
  readonly traders: readonly TraderFolder[];
  readonly calendar: Calendar;
}

export type OnRead = (label: string, sizeBytes: number) => void;

/**
 * Reads everything once before anything is written, so that a fault in the last line of the last file
 * leaves no part of the import behind. Throws ImportError at the first fault.
 */
export async function checkRecords(
  workerDb: Database,
  { priceFiles, traders, calendar }: Records,
  onRead: OnRead,
): Promise<void> {
  const priced = new Set<string>();
  for await (const { symbol, sizeBytes } of readPriceSeries(priceFiles, calendar)) {
    priced.add(symbol);
    onRead('prices', sizeBytes);
  }
  const unpriced = new Map<string, FilePlace>();
  for (const trader of traders) {
    const file = trader.positionFile;
    for await (const step of readPositionSteps(file, calendar)) {
      onRead(trader.name, step.sizeBytes);
      if (step.kind !== 'TRADE' || priced.has(step.symbol) || unpriced.has(step.symbol)) continue;
      unpriced.set(step.symbol, { file, line: step.line });
    }
    for (const log of trader.logs) {
      sessionOfLog(calendar, log);
      for await (const { sizeBytes } of readLogMessages(log.file)) onRead(trader.name, sizeBytes);
    }
  }
  await refuseUnpriced(workerDb, unpriced);
}

/** The session that a day's log belongs to; throws ImportError when its folder names no day. */
export function sessionOfLog(calendar: Calendar, { date, file }: LogFile) {
  const session = calendar.sessionOf(date);
  if (!session) throw new ImportError({ file }, `There is no day ${date}.`);
  return session;
}

/** A traded symbol has its prices in these files, or in an import before. */
async function refuseUnpriced(
  workerDb: Database,
  unpriced: ReadonlyMap<string, FilePlace>,
): Promise<void> {
  if (unpriced.size === 0) return;
  const known = await workerDb.snapshot(systemViewer(), (tx) =>
    tx.instrument.findMany({ where: { symbol: { in: [...unpriced.keys()] }, source: 'IMPORTED' } }),
  );
  const knownSymbols = new Set(known.map(({ symbol }) => symbol));
  for (const [symbol, place] of unpriced) {
    if (!knownSymbols.has(symbol)) {
      throw new ImportError(place, `${symbol} is traded here, and there are no prices of it.`);
    }
  }
}
