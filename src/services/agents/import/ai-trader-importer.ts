import { ImportError } from '../../market/import/errors.ts';
import { readNews } from '../../market/import/news-articles.ts';
import { findNewsFiles, type NewsFile } from '../../market/import/news-files.ts';
import { importNews } from '../../market/import/news-importer.ts';
import { findPriceFiles, readPriceSeries } from '../../market/import/price-files.ts';
import { createPriceImporter } from '../../market/import/price-importer.ts';
import { systemViewer } from '../../platform/viewer.ts';
import type { Database, Tx } from '../../platform/database.ts';
import { findOwnerId } from '../records-owner.ts';
import { recomputeOtherEquity } from './other-equity.ts';
import {
  summaryOf,
  type ImportProgress,
  type ImportSummary,
  type NewsSummary,
  type OnRead,
  type TraderSummary,
} from './summary.ts';
import { findTraderFolders } from './trader-folders.ts';
import { createTraderImport, type TraderImportPorts } from './trader-import.ts';

export interface AiTraderImporterPorts extends TraderImportPorts {
  /**
   * The worker's, with time enough for one transaction to hold a whole import: minutes, where a
   * request has seconds.
   */
  readonly workerDb: Database;
}

export interface ImportOptions {
  /** Who will own the models and accounts. */
  readonly ownerUsername: string;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/**
 * Brings in the public records of AI-Trader: prices, news and, for each trader, its account,
 * trades, positions and conversations; US stocks, A-shares and coins, by day or by hour.
 */
export function createAiTraderImporter(ports: AiTraderImporterPorts) {
  const { workerDb, clock, ids, equityHistory } = ports;
  const prices = createPriceImporter({ clock, ids });
  const traderImport = createTraderImport(ports);

  const importAll = async (tx: Tx, found: FoundRecords, options: ImportOptions) => {
    // A second import at the same time waits here, and then finds everything in place.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('import records', 0))`;
    const ownerId = await findOwnerId(tx, options.ownerUsername);
    const { priceFiles, traders } = found;
    const onReadIn = createProgress(found.sizeBytes, options.onProgress);
    const onPrices = onReadIn('PRICES');
    const priceSummary = await prices.importSeries(tx, readPriceSeries(priceFiles), (sizeBytes) => {
      onPrices('prices', sizeBytes);
    });
    const news = await importNewsFiles(tx, found.newsFiles, onReadIn('NEWS'));
    const summaries: TraderSummary[] = [];
    const filesByKey = new Map<string, string>();
    for (const trader of traders) {
      const onRead = onReadIn('TRADERS');
      summaries.push(await traderImport.importTrader(tx, { trader, ownerId, onRead, filesByKey }));
    }
    onReadIn('EQUITY')('earlier traders', 0);
    const accountIds = summaries.map(({ accountId }) => accountId);
    return summaryOf({
      prices: priceSummary,
      ignoredFiles: priceFiles.ignoredFiles,
      news,
      traders: summaries,
      otherEquityPointsChanged:
        priceSummary.barsAdded > 0 ? await recomputeOtherEquity(tx, equityHistory, accountIds) : 0,
      sizeBytes: found.sizeBytes,
    });
  };

  return {
    /**
     * Imports what lies below `directory` and is not here yet; the same again changes nothing, and
     * a longer history adds what is new in it. All of it is one transaction: everything is
     * imported, or nothing is. What does not follow from one row to the next is booked as a
     * correction and told.
     *
     * Throws NotFound for the owner, and ImportError, with file and line, for records that are
     * broken or contradict what was imported before, and when there are no records.
     */
    async import(directory: string, options: ImportOptions): Promise<ImportSummary> {
      const found = await findRecords(directory);
      return workerDb.withViewer(systemViewer(), (tx) => importAll(tx, found, options));
    },
  };
}

type FoundRecords = Awaited<ReturnType<typeof findRecords>>;

async function findRecords(directory: string) {
  const priceFiles = await findPriceFiles(directory);
  const newsFiles = await findNewsFiles(directory);
  const traders = await findTraderFolders(directory);
  const all = [...priceFiles.raw, ...priceFiles.merged, ...newsFiles, ...traders];
  if (all.length === 0) {
    const reason =
      'There are no records here: no prices, no news, and no <trader>/position/position.jsonl.';
    throw new ImportError({ file: directory }, reason);
  }
  const sizeBytes = all.reduce((sum, one) => sum + one.sizeBytes, 0);
  return { priceFiles, newsFiles, traders, sizeBytes };
}

async function importNewsFiles(
  tx: Tx,
  files: readonly NewsFile[],
  onRead: OnRead,
): Promise<NewsSummary> {
  const total = { articles: 0, articlesAdded: 0 };
  for (const { file, sizeBytes } of files) {
    const articles = await readNews(file);
    total.articles += articles.length;
    total.articlesAdded += await importNews(tx, articles);
    onRead('news', sizeBytes);
  }
  return { files: files.length, ...total };
}

function createProgress(
  totalBytes: number,
  onProgress: (progress: ImportProgress) => void = () => undefined,
) {
  let doneBytes = 0;
  return (step: ImportProgress['step']) => (label: string, sizeBytes: number) => {
    doneBytes += sizeBytes;
    onProgress({ step, label, doneBytes, totalBytes });
  };
}
